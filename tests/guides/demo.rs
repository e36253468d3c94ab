//! Commands for the running demo.

use std::fmt::Write as _;

use serde_json::Value;

use super::folder::with_configuration;
use super::table::{By, block, lines};
use crate::harness::demo::Demo;

/// The answer with ids that are not known before.
fn without_ids(answer: &str) -> Value {
    let mut answer: Value = serde_json::from_str(answer).unwrap_or_else(|_| panic!("{answer}"));
    for row in answer["results"].as_array_mut().unwrap() {
        row["inquiry_id"] = "inq_…".into();
    }
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_beside_the_demo_works_as_shown() {
    let demo = Demo::start().await;
    let somebody = with_configuration();
    let scans = block("docs/ads-and-events.md", "Badge ID;");
    // The answer is shown for a file with a second row, in which nobody can be reached.
    somebody.write("scans.csv", &format!("{}\n;;;;;;20.11.2026;14:05;2;\n", scans.trim_end()));
    somebody.write(
        "leads.ndjson",
        "{\"source\": \"form\", \"fields\": {\"contact.email\": \"ida@quillfeather.example\"}}\n",
    );
    somebody.write(".curlrc", "fail-with-body\nsilent\nshow-error\n");
    let runtime = demo.runtime_file();
    let running: Value = serde_json::from_slice(&std::fs::read(&runtime).unwrap()).unwrap();
    let mut around =
        format!("export CURL_HOME=$PWD LEAD_ROUTER_RUNTIME_FILE='{}'; ", runtime.display());
    // Whom people are to ask in the demo.
    let list = somebody.well(&format!("{around}lead-router worklists qualify"));
    let lead = list.split_whitespace().find(|word| word.starts_with("lead_")).expect("a lead");
    for (name, value) in [("URL", &running["url"]), ("API_KEY", &running["key"])] {
        write!(around, "export LEAD_ROUTER_{name}='{}'; ", value.as_str().unwrap()).unwrap();
    }
    write!(around, "export LEAD={lead}; ").unwrap();
    let typed = lines(By::Demo);
    assert!(typed.len() >= 5, "{typed:?}");
    for (page, line) in typed {
        let moved =
            line.replace("http://127.0.0.1:8080", &demo.public).replace("/v1/acme/", "/v1/demo/");
        let said = somebody.run(&format!("{around}{moved}"));
        assert_eq!(said.code, Some(0), "{page}: {line}\n{}{}", said.out, said.complained);
        if line.contains("@scans.csv") {
            let shown = block("docs/ads-and-events.md", "{\"summary\"");
            assert_eq!(without_ids(&said.out), without_ids(&shown), "{}", said.out);
        }
        if line.contains("--recorded") {
            let told: Value = serde_json::from_str(&said.out).unwrap();
            assert!(told["decided"].as_u64() > Some(5), "{}", said.out);
        }
    }
    // What the demo itself invites to.
    assert_eq!(demo.commands.len(), 5, "{:?}", demo.commands);
    for line in &demo.commands {
        let said = somebody.run(&format!("{around}{line}"));
        assert_eq!(said.code, Some(0), "{line}\n{}{}", said.out, said.complained);
        let found = !line.contains("/find") || said.out.contains("lead_");
        assert!(found, "{line}\n{}", said.out);
    }
}
