//! The page for whoever runs it: a machine set up by its commands, in their order.

use serde_json::Value;

use super::table::{By, block, lines};
use crate::firstuse::newcomer::Newcomer;
use crate::harness::receiver::Receiver;
use crate::journeys::desk::write_acme;

#[tokio::test(flavor = "multi_thread")]
async fn operations_works_as_it_stands() {
    let mut engineer = Newcomer::new();
    let (etc, var) = (engineer.path("etc"), engineer.path("var"));
    let receiver = Receiver::start();
    write_acme(&etc, &receiver, &[("form", "preset: html-form\n")]);
    let addresses =
        engineer.moved("public_address: 127.0.0.1:8080\nprivate_address: 127.0.0.1:8081\n");
    let server = engineer.read("etc/server.yaml");
    engineer.write("etc/server.yaml", &format!("{server}{addresses}"));
    let typed = lines(By::Deployment);
    assert!(typed.len() >= 6, "{typed:?}");
    for (page, line) in typed {
        assert_eq!(page, "docs/operations.md");
        let here = line
            .replace("/etc/lead-router", etc.to_str().unwrap())
            .replace("/var/lib/lead-router", var.to_str().unwrap());
        if line.starts_with("lead-router serve") {
            engineer.start(&here, "serve.log");
            engineer.until_ready().await;
            continue;
        }
        if line.starts_with("lead-router audit") {
            engineer.stop().await;
        }
        let said = engineer.run(&here);
        // Doctor ends with 1 if there is something to look at, with 2 if something is broken.
        let good = said.code == Some(0) || line.contains("doctor") && said.code == Some(1);
        assert!(good, "{line}\n{}{}", said.out, said.complained);
        if line.contains("--scope metrics") {
            let key = said.out.split_whitespace().find(|word| word.starts_with("lrk_")).unwrap();
            let private = engineer.moved("http://127.0.0.1:8081");
            let ask = format!("curl -sS -H 'authorization: Bearer {key}' {private}/metrics");
            engineer.until_well(&ask, "# EOF").await;
        }
    }
    // What Prometheus is told: the key's file, the private listener, and the usual path.
    let told: Value =
        serde_saphyr::from_str(&block("docs/operations.md", "scrape_configs:")).unwrap();
    let job = &told["scrape_configs"][0];
    assert!(job["authorization"]["credentials_file"].is_string() && job["metrics_path"].is_null());
    let target = job["static_configs"][0]["targets"][0].as_str().unwrap();
    assert!(target.ends_with(":8081"), "{target}");
}
