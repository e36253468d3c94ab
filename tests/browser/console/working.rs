//! What people do in the console all day: by clicking, and without a mouse.

use super::{log_in, visit};
use crate::browser::chromium::Browser;
use crate::harness::receiver::{Receiver, Reply};
use crate::harness::wait::eventually;
use crate::journeys::desk::{Desk, KEY, WITHIN};

const SHIPPED: &str = include_str!("../../../config/presets/sources/scanner-batch.yaml");
const ROUTING: &str = "workspaces/acme/routing.yaml";
const ENTER: &str = "\u{E007}";
const TAB: &str = "\u{E004}";

/// Writes a file of the configuration and waits until the service runs with it.
async fn until_taken_over(desk: &Desk, path: &str, text: &str) {
    let before = desk.ask("/v1/configuration").await["hash"].clone();
    desk.write(path, text);
    eventually("the new configuration", WITHIN, async || {
        (desk.ask("/v1/configuration").await["hash"] != before).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_found_and_replayed_by_clicking() {
    let desk = Desk::sit(Receiver::start(), &[("form", "preset: html-form\n")]).await;
    desk.receiver.always("crm", Reply::status(500));
    let url = desk.source_url("form");
    let post =
        format!("curl -sS {url} -d email=ina@quillfeather.example -d name='Ina Quillfeather'");
    desk.well(&post, &[]).await;
    desk.until_printed("lead-router worklists --workspace acme dead", "dlv_").await;

    let browser = Browser::open().await;
    log_in(&browser, &desk).await;
    browser.click("[data-test=count-dead]").await;
    browser.until_said("1 waits").await;
    browser.click("[data-test=item] a").await;
    browser.until_said("Attempts").await;
    browser.until_said("500").await;
    browser.click_words("its page").await;
    browser.until_said("Ina Quillfeather").await;
    browser.back().await;

    let tried = desk.receiver.came("crm").len();
    desk.receiver.always("crm", Reply::status(204));
    browser.click_words("Replay").await;
    desk.told(tried + 1).await;
    let came = desk.receiver.came("crm");
    assert_eq!(came[tried].header("webhook-id"), came[0].header("webhook-id"));
    visit(&browser, &desk, "worklists/dead").await;
    browser.until_said("Nothing waits here").await;
    // Who did it is kept.
    browser.click("[data-test=nav-people]").await;
    browser.until_said("riva").await;
    assert_eq!(browser.complaints().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_body_is_found_read_again_and_routed_by_clicking() {
    let scanner = "preset: scanner-batch\nsecrets: [scanner-secret]\n";
    let desk = Desk::sit(Receiver::start(), &[("scanner", scanner)]).await;
    let url = desk.source_url("scanner");
    let body = r#"{"besucher_kontakt": "ina@quillfeather.example", "stand": "4B12"}"#;
    let post = format!(
        "curl -sS {url} -H 'authorization: Bearer scanner-secret' -H 'content-type: application/json' -d '{body}'"
    );
    desk.shell(&post, &[]).await;

    let browser = Browser::open().await;
    log_in(&browser, &desk).await;
    browser.click("[data-test=count-unreadable]").await;
    browser.click("[data-test=item] a").await;
    browser.until_said("besucher_kontakt").await;
    browser.click_words("Read again").await;
    browser.until_said("no contact").await;

    let mended =
        SHIPPED.replacen("contact.email:\n    [", "contact.email:\n    [besucher_kontakt, ", 1);
    until_taken_over(&desk, "presets/sources/scanner-batch.yaml", &mended).await;
    browser.click_words("Read again").await;
    assert_eq!(desk.told(1).await, ["lead.routed"]);

    browser.fill("#q", "ina@quillfeather.example").await;
    browser.click_words("Find").await;
    browser.click("[data-test=found] a").await;
    browser.until_at("/leads/lead_").await;
    browser.until_said("Why it went where it went").await;
    assert!(!browser.url().await.contains("quillfeather"), "a person stands in an address");
    visit(&browser, &desk, "worklists/unreadable").await;
    browser.until_said("Nothing waits here").await;
    assert_eq!(browser.complaints().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_that_waits_is_assigned_without_a_mouse() {
    let desk = Desk::sit(Receiver::start(), &[("form", "preset: html-form\n")]).await;
    let url = desk.source_url("form");
    let post =
        format!("curl -sS {url} -d name='Ina Quillfeather' -d email=ina@quillfeather.example");
    // Nobody thought of people from here.
    let routing = std::fs::read_to_string(desk.file(ROUTING)).unwrap();
    let narrow = routing.replace(
        "when: { field: category, is: sell }",
        "when: { all: [ { field: category, is: sell }, { field: contact.country, is: FR } ] }",
    );
    until_taken_over(&desk, ROUTING, &narrow).await;
    desk.well(&post, &[]).await;
    desk.until_printed("lead-router worklists --workspace acme triage", "lead_").await;

    let browser = Browser::open().await;
    browser.go(&format!("http://{}/console", desk.service.private)).await;
    browser.until_at("/console/login").await;
    browser.press(KEY).await;
    browser.press(ENTER).await;
    browser.until_at("/console/w/acme/live").await;
    browser.tab_to("Worklists").await;
    browser.press(ENTER).await;
    browser.until_at("/worklists").await;
    browser.tab_to("Triage").await;
    browser.press(ENTER).await;
    browser.until_at("/worklists/triage").await;
    browser.tab_to("Assign to").await;
    browser.press("ben").await;
    browser.press(TAB).await;
    browser.press(TAB).await;
    browser.press(ENTER).await;
    browser.until_said("Nothing waits here").await;
    let events = eventually("the assignment", WITHIN, async || {
        let came = desk.receiver.came("crm");
        let owners = came.iter().map(|came| came.json()["data"]["assignment"]["owner"].clone());
        let owners: Vec<_> = owners.collect();
        owners.last().is_some_and(|owner| owner.to_string().contains("ben")).then_some(owners)
    });
    events.await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_sent_off_and_comes_back_by_clicking() {
    let desk = Desk::sit(Receiver::start(), &[("form", "preset: html-form\n")]).await;
    let browser = Browser::open().await;
    log_in(&browser, &desk).await;
    visit(&browser, &desk, "pools").await;
    browser.click("[data-test=pause-ada] button").await;
    browser.until_said("Paused. ada gets nothing until resumed.").await;
    let url = desk.source_url("form");
    let post =
        format!("curl -sS {url} -d name='Ina Quillfeather' -d email=ina@quillfeather.example");
    desk.well(&post, &[]).await;
    desk.told(1).await;
    let owner = desk.receiver.came("crm")[0].json()["data"]["assignment"]["owner"].clone();
    assert_eq!(owner["name"].as_str().or(owner.as_str()), Some("ben"), "ada is paused: {owner}");
    browser.click("[data-test=resume-ada] button").await;
    browser.until_said("Resumed.").await;
    // How a date is typed depends on where the browser thinks it is.
    let days = "document.querySelector('#from-ben').value = '2999-08-01'; \
                document.querySelector('#to-ben').value = '2999-08-14';";
    browser.run(days).await;
    browser.click("[data-test=time-off-ben] button").await;
    browser.until_said("ben is off from 2999-08-01 to 2999-08-14.").await;
    browser.until_said("says riva").await;
    browser.click("[data-test=back-ben] button").await;
    browser.until_said("ben is back").await;
    browser.click("[data-test=nav-people]").await;
    browser.until_said("Back from days off").await;
    assert_eq!(browser.complaints().await, [""; 0]);
}
