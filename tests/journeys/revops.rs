//! Revenue operations: a change of the rules that is wrong is refused with its place and a
//! suggestion, then mended, and is live without a restart.

use super::desk::{Desk, WITHIN};
use super::guide::command;
use crate::harness::receiver::Receiver;
use crate::harness::wait::eventually;

const GUIDE: &str = "docs/revops.md";
const ROUTING: &str = "workspaces/acme/routing.yaml";

impl Desk {
    async fn queue_of(&self, email: &str) -> String {
        let url = self.source_url("form");
        self.well(&format!("curl -sS {url} -d email={email}"), &[]).await;
        let found = self.find(email).await;
        let lead = found["found"][0]["id"].as_str().unwrap_or_else(|| panic!("{found}"));
        let lead = self.ask(&format!("/v1/acme/leads/{lead}")).await;
        lead["queue"].as_str().unwrap_or_default().to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_rule_is_refused_with_line_and_suggestion_and_a_mended_one_is_live() {
    let desk = Desk::sit(Receiver::start(), &[("form", "preset: html-form\n")]).await;
    let check = command(GUIDE, "lead-router check").replace("check config", "check configuration");
    assert!(desk.well(&check, &[]).await.contains("acme"));
    assert_eq!(desk.queue_of("ina@quillfeather.example").await, "sales");

    // Germany gets people of its own; the field's name is mistyped.
    let good = std::fs::read_to_string(desk.file(ROUTING)).unwrap();
    let rule = "rules:\n  - name: germany\n    when: { field: contact.contry, is: DE }\n    assign: { queue: germany, pool: reps }\n";
    let queue = "queues:\n  germany: { destinations: [crm] }\n";
    let wrong = good.replace("queues:\n", queue).replace("rules:\n", rule);
    desk.write(ROUTING, &wrong);
    let said = desk.shell(&check, &[]).await;
    assert!(!said.good, "{said:?}");
    let all = said.out + &said.err;
    let line = 1 + wrong.lines().position(|line| line.contains("contact.contry")).unwrap();
    assert!(all.contains(&format!("routing.yaml:{line}:")), "{all}");
    assert!(all.contains("contact.country"), "no suggestion: {all}");

    // The service has looked at it too: it says so, and goes on as before.
    eventually("the refusal", WITHIN, async || {
        let told = desk.ask("/v1/configuration").await;
        told["refused"].to_string().contains("contact.country").then_some(())
    })
    .await;
    assert_eq!(desk.queue_of("ida@quillfeather.example").await, "sales");

    let before = desk.ask("/v1/configuration").await["hash"].clone();
    desk.write(ROUTING, &wrong.replace("contact.contry", "contact.country"));
    desk.well(&check, &[]).await;
    eventually("the new configuration", WITHIN, async || {
        let told = desk.ask("/v1/configuration").await;
        (told["hash"] != before && told["refused"].is_null()).then_some(())
    })
    .await;
    let url = desk.source_url("form");
    let post = format!("curl -sS {url} -d email=iris@quillfeather.example -d country=Germany");
    desk.well(&post, &[]).await;
    let found = desk.find("iris@quillfeather.example").await;
    let lead = found["found"][0]["id"].as_str().unwrap();
    assert_eq!(desk.ask(&format!("/v1/acme/leads/{lead}")).await["queue"], "germany");
    assert_eq!(desk.queue_of("isa@quillfeather.example").await, "sales");
}
