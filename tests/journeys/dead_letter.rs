//! The CRM was away for too long: what was given up is found and run again, under its id.

use super::desk::{Desk, id};
use super::guide::command;
use crate::harness::receiver::{Receiver, Reply};

const GUIDE: &str = "docs/troubleshooting.md";

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_found_looked_at_and_replayed() {
    let desk = Desk::sit(Receiver::start(), &[("form", "preset: html-form\n")]).await;
    desk.receiver.always("crm", Reply::status(500));
    let url = desk.source_url("form");
    desk.well(&format!("curl -sS {url} -d email=ina@quillfeather.example"), &[]).await;

    let listed = desk
        .until_printed(&command(GUIDE, "lead-router worklists --workspace acme dead"), "dlv_")
        .await;
    let delivery = id("dlv_", &listed);
    let list = command(GUIDE, "lead-router deliveries --workspace acme list");
    let listed = desk.well(&list, &[]).await;
    assert!(listed.contains(&delivery) && listed.contains("500"), "{listed}");
    let values = [("DELIVERY", delivery.as_str())];
    let shown =
        desk.well(&command(GUIDE, "lead-router deliveries --workspace acme show"), &values).await;
    assert!(shown.contains("500"), "{shown}");
    let tried = desk.receiver.came("crm").len();
    assert_eq!(tried, 2, "as often as the destination's schedule says");

    // Meanwhile the criteria were rewritten: the brief keeps the words it was decided by.
    let path = "workspaces/acme/qualification.yaml";
    let words = std::fs::read_to_string(desk.file(path)).unwrap();
    let before = desk.ask("/v1/configuration").await["hash"].clone();
    desk.write(path, &words.replace("name: reachable", "name: can-be-reached"));
    crate::harness::wait::eventually("the new criteria", super::desk::WITHIN, async || {
        (desk.ask("/v1/configuration").await["hash"] != before).then_some(())
    })
    .await;
    desk.receiver.always("crm", Reply::status(204));
    desk.well(&command(GUIDE, "lead-router deliveries --workspace acme replay"), &values).await;
    desk.told(tried + 1).await;
    let came = desk.receiver.came("crm");
    assert_eq!(came[tried].header("webhook-id"), came[0].header("webhook-id"));
    let why = |at: usize| came[at].json()["data"]["brief"]["why"].clone();
    assert_eq!(why(tried), why(0));
    let first = why(tried).to_string();
    assert!(first.contains("reachable") && !first.contains("can-be"), "{first}");
    crate::harness::wait::eventually("an empty list", super::desk::WITHIN, async || {
        let left = desk.well(&list, &[]).await;
        (!left.contains("dlv_")).then_some(())
    })
    .await;
}
