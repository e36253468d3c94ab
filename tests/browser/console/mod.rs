//! The console in the browser: in and out, every page as people see it, work done by clicking and
//! without a mouse, and what strangers put into forms.

mod entering;
mod pages;
mod strangers;
mod working;

use super::chromium::Browser;
use crate::journeys::desk::{Desk, KEY};

/// Logs in with the key that may do everything.
async fn log_in(browser: &Browser, desk: &Desk) {
    browser.go(&format!("http://{}/console", desk.service.private)).await;
    browser.until_at("/console/login").await;
    browser.fill("#key", KEY).await;
    browser.click("[data-test=login] button").await;
    browser.until_at("/console/w/acme/").await;
}

/// Goes to a page of the workspace.
async fn visit(browser: &Browser, desk: &Desk, page: &str) {
    browser.go(&format!("http://{}/console/w/acme/{page}", desk.service.private)).await;
}
