//! An ads manager: one URL, one secret, a test lead, and "where is my lead?".

use serde_json::{Value, json};

use super::desk::{Desk, id};
use super::guide::command;
use crate::harness::receiver::Receiver;

const GUIDE: &str = "docs/ads-and-events.md";

/// What Google posts; `is_test` only with test data.
fn from_google(id: &str, test: bool, key: &str) -> Value {
    let column = |id: &str, name: &str, value: &str| json!({"column_id": id, "column_name": name, "string_value": value});
    let mut body = json!({
        "lead_id": id,
        "user_column_data": [
            column("FULL_NAME", "Full Name", "Ina Quillfeather"),
            column("EMAIL", "User Email", "ina@quillfeather.example"),
            column("PHONE_NUMBER", "User Phone", "+12025550101"),
            column("COMPANY_NAME", "Company Name", "Quillfeather AG"),
        ],
        "api_version": "1.0", "form_id": 40_000_000_123_u64, "campaign_id": 10_000_000_456_u64,
        "google_key": key, "gcl_id": "",
    });
    if test {
        body["is_test"] = true.into();
    }
    body
}

impl Desk {
    /// Posts as Google does; gives status and body.
    async fn google(&self, body: &Value) -> (String, String) {
        self.write("../body.json", &body.to_string());
        let post = "curl -sS -w '\\n%{http_code}' -H 'content-type: application/json' --data-binary @body.json";
        let url = self.here("https://inquiries.example.com/v1/acme/inquiries/google-ads");
        let said = self.well(&format!("{post} {url}"), &[]).await;
        let (body, status) = said.rsplit_once('\n').unwrap();
        (status.to_owned(), body.to_owned())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn googles_test_lead_arrives_and_is_found_as_a_test() {
    let source = "preset: google-ads-lead-form\nsecrets: [\"${file:google-key}\"]\n";
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("configuration");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("google-key"), "the-key-of-the-form\n").unwrap();
    let store = format!("embedded:{}", home.path().join("data").display());
    let receiver = Receiver::start();
    let desk = Desk::sit_on(home, receiver, &[("google-ads", source)], &store).await;

    // "Send test data must show a success."
    let test = from_google("TeSter-123", true, "the-key-of-the-form");
    assert_eq!(desk.google(&test).await, ("200".to_owned(), "{}".to_owned()));
    // Google always sends the same test: pressed twice it is one.
    assert_eq!(desk.google(&test).await, ("200".to_owned(), "{}".to_owned()));
    let tests = desk.well("lead-router worklists --workspace acme tests", &[]).await;
    assert_eq!(tests.matches("inq_").count(), 1, "{tests}");
    // A wrong key says so in the words that Google shows.
    let wrong = from_google("TeSter-123", true, "another-key");
    let (status, body) = desk.google(&wrong).await;
    assert_eq!(status, "401");
    let body: Value = serde_json::from_str(&body).unwrap();
    assert!(body["message"].is_string() && body.as_object().unwrap().len() == 1, "{body}");
    assert!(desk.receiver.came("crm").is_empty(), "the CRM wants no tests");

    // The first real one, and Google's retry of it.
    let real = from_google("9007199254740993123", false, "the-key-of-the-form");
    assert_eq!(desk.google(&real).await.0, "200");
    assert_eq!(desk.google(&real).await.0, "200");
    assert_eq!(desk.told(1).await, ["lead.routed"]);
    let found = desk.well(&command(GUIDE, "lead-router find"), &[]).await;
    assert!(found.contains("lead_") && found.contains("ada"), "{found}");
    let lead = desk.ask(&format!("/v1/acme/leads/{}", id("lead_", &found))).await;
    let inquiry = lead["touches"][0]["inquiry"].as_str().unwrap_or_else(|| panic!("{lead}"));
    let why = command(GUIDE, "lead-router inquiries");
    let words = desk.well(&why, &[("INQUIRY", inquiry)]).await;
    assert!(words.contains("reachable") && words.contains("ada"), "{words}");
}
