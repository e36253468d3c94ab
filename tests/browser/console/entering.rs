//! In by key and by the demo's link, and out again.

use super::log_in;
use crate::browser::chromium::Browser;
use crate::harness::demo::Demo;
use crate::harness::receiver::Receiver;
use crate::journeys::desk::Desk;

#[tokio::test(flavor = "multi_thread")]
async fn a_key_lets_in_and_logging_out_ends_it() {
    let desk = Desk::sit(Receiver::start(), &[("form", "preset: html-form\n")]).await;
    let browser = Browser::open().await;
    browser.go(&format!("http://{}/console", desk.service.private)).await;
    browser.fill("#key", "lrk_not-a-key-of-this-place").await;
    browser.click("[data-test=login] button").await;
    browser.until_said("No such key").await;

    // Whoever asked for a page gets to it after the login.
    let page = format!("http://{}/console/w/acme/live", desk.service.private);
    browser.go(&page).await;
    browser.until_at("/console/login").await;
    browser.fill("#key", crate::journeys::desk::KEY).await;
    browser.click("[data-test=login] button").await;
    browser.until_at("/console/w/acme/live").await;
    let cookies = browser.run("return document.cookie").await;
    assert_eq!(cookies, "", "scripts can read the session");

    browser.click("[data-test=logout] button").await;
    browser.until_at("/console/login").await;
    browser.back().await;
    browser.go(&page).await;
    browser.until_at("/console/login").await;
    log_in(&browser, &desk).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demos_link_lets_in_once() {
    let demo = Demo::start().await;
    let browser = Browser::open().await;
    browser.go(&demo.link).await;
    browser.click("[data-test=enter] button").await;
    browser.until_at("/console/w/demo/live").await;
    browser.until_said("new things appear by themselves").await;
    let other = Browser::open().await;
    other.go(&demo.link).await;
    other.until_said("was used or is not known").await;
}
