//! A web developer's form, on a page of another origin, as the guide has it.

use std::time::Duration;

use super::chromium::{Browser, WITHIN};
use super::looks::faults;
use crate::harness::receiver::{Receiver, Reply};
use crate::harness::redis::Server;
use crate::harness::wait::eventually;
use crate::journeys::desk::Desk;
use crate::journeys::guide::block;

const GUIDE: &str = "docs/web-developer.md";
/// Where the guide's examples post to, and where they want people to go.
const SOURCE: &str = "https://inquiries.example.com/v1/acme/inquiries/contact-form";
const THANKS: &str = "https://www.acme.example/thanks";

/// The website: pages at another origin than the service.
struct Site {
    server: Receiver,
    origin: String,
}

impl Site {
    fn start() -> Self {
        let server = Receiver::start();
        let origin = server.url("").trim_end_matches('/').replace("127.0.0.1", "localhost");
        let site = Self { server, origin };
        site.put("thanks", "<h1>Thanks from the website</h1>");
        site.put("sorry", "<h1>Something is missing</h1>");
        site.put("favicon.ico", "");
        site
    }

    fn put(&self, path: &str, body: &str) {
        let page = format!("<!doctype html><meta charset=utf-8><title>{path}</title>{body}");
        let headers = vec![("content-type", "text/html; charset=utf-8".to_owned())];
        self.server.always(path, Reply { status: 200, headers, body: page, after: Duration::ZERO });
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.origin)
    }

    /// The guide's form with the addresses of here.
    fn form(&self, desk: &Desk) -> String {
        let form = block(GUIDE, "html", SOURCE).replace(SOURCE, &desk.source_url("contact-form"));
        assert!(form.contains(THANKS), "the guide's form names no page to go to");
        form.replace(THANKS, &self.url("thanks"))
    }

    /// The source as whoever runs lead-router would write it for this site.
    fn source(&self) -> String {
        let (origin, thanks) = (&self.origin, self.url("thanks"));
        format!("preset: html-form\ncountry: DE\norigins: [\"{origin}\"]\npages: [\"{thanks}\"]\n")
    }
}

/// Sends the form with this person in it.
async fn fill(browser: &Browser, first: &str) {
    browser.fill("[name=name]", &format!("{first} Quillfeather")).await;
    browser.fill("[name=email]", &format!("{first}@quillfeather.example")).await;
    browser.fill("[name=company]", "Quillfeather AG").await;
    browser.fill("[name=message]", "A quote, please").await;
}

async fn posts(browser: &Browser) -> usize {
    browser.requests().await.iter().filter(|request| request.method == "POST").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_form_gives_one_lead_however_often_it_is_sent() {
    let site = Site::start();
    let source = site.source();
    let desk = Desk::sit(Receiver::start(), &[("contact-form", &source)]).await;
    site.put("contact", &site.form(&desk));
    let browser = Browser::open().await;

    // The browser itself asks for what is required; nothing is sent.
    browser.go(&site.url("contact")).await;
    browser.click("button").await;
    assert!(browser.url().await.ends_with("/contact"));
    assert_eq!(posts(&browser).await, 0);

    fill(&browser, "ina").await;
    browser.click("button").await;
    browser.until_at("/thanks").await;
    assert_eq!(desk.told(1).await, ["lead.routed"]);
    assert_eq!(posts(&browser).await, 1);

    // Back, and sent again as it is: the same inquiry.
    browser.back().await;
    browser.until_at("/contact").await;
    browser.click("button").await;
    browser.until_at("/thanks").await;
    assert_eq!(posts(&browser).await, 1);
    assert_eq!(desk.decided().await, ["routed"]);

    // Somebody else clicks twice.
    browser.go(&site.url("contact")).await;
    fill(&browser, "ida").await;
    browser.double_click("button").await;
    browser.until_at("/thanks").await;
    assert_eq!(desk.told(2).await, ["lead.routed", "lead.routed"]);
    assert_eq!(desk.decided().await, ["routed", "routed"]);

    // A robot fills in what people do not see, and cannot tell that it was noticed.
    browser.go(&site.url("contact")).await;
    fill(&browser, "bot").await;
    browser.run("document.querySelector('[name=_gotcha]').value = 'http://spam.example'").await;
    browser.click("button").await;
    browser.until_at("/thanks").await;
    let filtered = desk.well("lead-router worklists --workspace acme filtered", &[]).await;
    assert_eq!(filtered.matches("inq_").count(), 1, "{filtered}");
    assert_eq!(desk.receiver.events("crm").len(), 2);
    assert_eq!(browser.complaints().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_needs_no_script_and_says_what_is_missing() {
    let site = Site::start();
    let plain = format!("preset: html-form\norigins: [\"{}\"]\n", site.origin);
    let sorry = format!("{plain}error_page: \"{}\"\n", site.url("sorry"));
    let desk =
        Desk::sit(Receiver::start(), &[("contact-form", &plain), ("with-page", &sorry)]).await;
    // An old page: nothing is required by it, and the page to go to is not one the source lists.
    let form = site.form(&desk).replace(" required", "").replace("type=\"email\"", "");
    site.put("contact", &format!("{form}<noscript>No scripts here</noscript>"));
    site.put("other", &form.replace("/contact-form", "/with-page"));
    let browser = Browser::open().await;

    // Our own pages are seen by people who are strangers here.
    browser.go(&site.url("contact")).await;
    browser.click("button").await;
    browser.until_said("was not accepted").await;
    browser.requests().await;
    browser.complaints().await;
    assert_eq!(faults(&browser, "form-refused").await, [""; 0]);

    browser.without_script().await;
    browser.go(&site.url("contact")).await;
    browser.until_said("No scripts here").await;
    browser.fill("[name=message]", "A quote, please").await;
    browser.click("button").await;
    browser.until_said("was not accepted").await;
    browser.until_said("an e-mail address").await;
    browser.back().await;
    browser.until_at("/contact").await;
    fill(&browser, "ina").await;
    browser.click("button").await;
    browser.until_said("Thank you").await;
    assert_eq!(desk.told(1).await, ["lead.routed"]);
    assert!(browser.url().await.contains("/v1/acme/inquiries/contact-form"));

    browser.go(&site.url("other")).await;
    browser.click("button").await;
    browser.until_at("/sorry?code=no_contact").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_may_read_the_answer_where_its_origin_is_listed() {
    let site = Site::start();
    let source = site.source();
    let desk = Desk::sit(Receiver::start(), &[("contact-form", &source)]).await;
    let script = block(GUIDE, "js", "fetch(");
    let form = site.form(&desk).replace(" required", "").replace("type=\"email\"", "");
    site.put("contact", &format!("{form}<p id=message></p><script>{script}</script>"));
    let browser = Browser::open().await;

    browser.go(&site.url("contact")).await;
    browser.click("button").await;
    browser.until_said("an e-mail address").await;
    fill(&browser, "ina").await;
    browser.double_click("button").await;
    browser.until_said("We will be in touch").await;
    assert!(browser.url().await.ends_with("/contact"));
    assert_eq!(desk.told(1).await, ["lead.routed"]);
    assert_eq!(desk.decided().await, ["routed"]);
    // The next one is another inquiry.
    fill(&browser, "ida").await;
    browser.click("button").await;
    assert_eq!(desk.told(2).await.len(), 2);

    // The same page under an origin that nobody listed: sent, taken and flagged, but not to be read.
    let elsewhere = site.url("contact").replace("localhost", "127.0.0.1");
    browser.go(&elsewhere).await;
    fill(&browser, "iris").await;
    browser.click("button").await;
    browser.until_said("That did not work").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_services_own_script_says_where_the_visitor_came_from() {
    let site = Site::start();
    let source = site.source();
    let desk = Desk::sit(Receiver::start(), &[("contact-form", &source)]).await;
    let (service, _) = desk
        .source_url("contact-form")
        .split_once("/v1/")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let script = block(GUIDE, "html", "form.js").replace("https://inquiries.example.com", &service);
    let form =
        site.form(&desk).replace("<form ", "<form data-lead-router ").replace(" required", "");
    let form = form
        .replace("type=\"email\"", "")
        .lines()
        .filter(|line| !line.contains("_redirect"))
        .collect::<Vec<_>>()
        .join("\n");
    site.put("landing", &script);
    site.put("contact", &format!("<label>{form}</label>{script}"));
    let browser = Browser::open().await;

    // The campaign of the visit's first page stays known.
    browser.go(&site.url("landing?utm_source=spring&gclid=g-1&other=x")).await;
    browser.go(&site.url("contact")).await;
    browser.click("button").await;
    browser.until_said("an e-mail address").await;
    fill(&browser, "ina").await;
    browser.double_click("button").await;
    browser.until_said("Thank you. We have received your inquiry.").await;
    assert_eq!(desk.told(1).await, ["lead.routed"]);
    let body = desk.receiver.came("crm")[0].json();
    let came_from = &body["data"]["inquiry"]["attribution"];
    assert_eq!(
        (&came_from["utm_source"], &came_from["gclid"]),
        (&"spring".into(), &"g-1".into()),
        "{body}"
    );
    assert_eq!(came_from["page_url"], site.url("contact"));

    // Where the page may not read the answer the browser sends the form itself.
    let elsewhere = site.url("contact").replace("localhost", "127.0.0.1");
    browser.go(&elsewhere).await;
    fill(&browser, "iris").await;
    browser.click("button").await;
    browser.until_said("Thank you").await;
    assert_eq!(desk.told(2).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_in_survives_an_outage() {
    let site = Site::start();
    let source = site.source();
    let mut redis = Server::start_durable();
    let home = tempfile::tempdir().unwrap();
    let url = redis.url();
    let desk = Desk::sit_on(home, Receiver::start(), &[("contact-form", &source)], &url).await;
    site.put("contact", &site.form(&desk));
    let browser = Browser::open().await;
    browser.go(&site.url("contact")).await;
    fill(&browser, "ina").await;

    redis.kill();
    browser.click("button").await;
    browser.until_said("Nothing is lost").await;
    redis.restart();
    // The person presses the button of that page until it works; each time it holds all values.
    eventually("the thanks page", WITHIN, async || {
        if browser.url().await.ends_with("/thanks") {
            return Some(());
        }
        browser.click("button").await;
        None
    })
    .await;
    assert_eq!(desk.told(1).await, ["lead.routed"]);
    let body = desk.receiver.came("crm")[0].json();
    assert_eq!(body["data"]["lead"]["contact"]["email"], "ina@quillfeather.example");
}
