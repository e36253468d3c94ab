//! Whatever a stranger puts into a form is text on every page, and nothing else.

use super::{log_in, visit};
use crate::browser::chromium::Browser;
use crate::harness::receiver::Receiver;
use crate::journeys::desk::{Desk, id};

const NAME: &str = "<script>window.broken=1</script>Ina Quillfeather";
const COMPANY: &str = "\"><img src=x onerror=window.broken=2> & Daughters";
const MESSAGE: &str = "</td><a href=javascript:window.broken=3>Click</a>{{7*7}}";

#[tokio::test(flavor = "multi_thread")]
async fn markup_in_an_inquiry_is_shown_as_it_was_typed() {
    let desk = Desk::sit(Receiver::start(), &[("form", "preset: html-form\n")]).await;
    let url = desk.source_url("form");
    let post = format!(
        "curl -sS {url} --data-urlencode email=ina@quillfeather.example --data-urlencode \"name=$NAME\" \
         --data-urlencode \"company=$COMPANY\" --data-urlencode \"message=$MESSAGE\" --data-urlencode \"<b>key</b>=$NAME\""
    );
    let values = [("NAME", NAME), ("COMPANY", COMPANY), ("MESSAGE", MESSAGE)];
    desk.well(&post, &values).await;
    let odd = format!("curl -sS {url} --data-urlencode \"<script>broken=4</script>=$NAME\"");
    desk.well(&odd, &values).await;
    desk.told(1).await;
    let found = desk.well("lead-router find --workspace acme ina@quillfeather.example", &[]).await;
    let lead = id("lead_", &found);

    let browser = Browser::open().await;
    log_in(&browser, &desk).await;
    for page in ["live", &format!("leads/{lead}")] {
        visit(&browser, &desk, page).await;
        browser.until_said("<script>window.broken=1</script>Ina").await;
        browser.until_said("<img src=x onerror=window.broken=2> & Daughters").await;
        assert_eq!(browser.run("return window.broken ?? null").await, serde_json::Value::Null);
        let made =
            "return document.querySelectorAll('main script, main img, a[href^=javascript]').length";
        assert_eq!(browser.run(made).await, 0, "{page}");
    }
    // It is also what arrives while somebody looks.
    visit(&browser, &desk, "live").await;
    browser.until_said("new things appear by themselves").await;
    let again = format!(
        "curl -sS {url} -d email=ida@quillfeather.example --data-urlencode \"name=$COMPANY\""
    );
    desk.well(&again, &values).await;
    browser.until_said("\"><img src=x onerror=window.broken=2>").await;
    assert_eq!(browser.run("return window.broken ?? null").await, serde_json::Value::Null);
    assert_eq!(browser.complaints().await, [""; 0]);
}
