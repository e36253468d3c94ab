//! What pages show, whatever the values hold.

use serde_json::json;

use super::visitor::{World, good};

/// Values that would do something if they were not escaped.
const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</title><svg/onload=alert(1)>",
    "{{ shell.csrf }}{% raw %}",
    "javascript:alert(1)",
    "\u{202e}<b>bidi</b>",
];

#[tokio::test(flavor = "multi_thread")]
async fn hostile_values_stay_text() {
    let world = World::start().await;
    let mut leads = Vec::new();
    for (n, hostile) in HOSTILE.iter().enumerate() {
        leads.push(
            world
                .lead(json!({
                    "email": format!("h{n}@zanzotter.example"),
                    "name": hostile, "company": hostile, "message": hostile, "title": hostile,
                    "city": hostile, "phone": hostile, "country": hostile, "utm_source": hostile,
                    "budget": "25000", hostile.chars().filter(char::is_ascii_alphabetic).collect::<String>(): hostile,
                }))
                .await,
        );
    }
    let mut visitor = world.visitor().await;
    let mut pages = vec!["/console/w/acme/live".to_owned()];
    pages.extend(leads.iter().map(|lead| format!("/console/w/acme/leads/{lead}")));
    for page in pages {
        let shown = visitor.get(&page).await;
        assert_eq!(shown.status, 200, "{page}: {}", shown.text);
        assert_no_markup(&page, &shown.text);
    }
    world.ends_well().await;
}

/// Panics if any of the values came through as markup.
fn assert_no_markup(page: &str, text: &str) {
    for bad in
        ["<script>alert", "<img src=x", "<svg/onload", "<b>bidi", "' onmouseover='", "\" onerror"]
    {
        assert!(!text.contains(bad), "{page} holds {bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_is_shown_with_its_score_its_record_and_its_way() {
    let world = World::start().await;
    let lead = world.lead(good("cleo")).await;
    let again = json!({"email": "cleo@zanzotter.example", "message": "a question"});
    world.app.inquire("form", again).await;
    let mut visitor = world.visitor().await;
    let page = visitor.get(&format!("/console/w/acme/leads/{lead}")).await.text;
    for part in [
        "cleo Zanzotter",
        "data-test=\"score\"",
        "a budget of at least 10,000 euros".trim_start_matches("a budget of "),
        "data-test=\"why\"",
        "Inquiry from form (website)",
        "cleo@zanzotter.example",
        "class=\"mark good\">routed<",
        "by rule german",
        "Picked at turn 1 of the pool; 3 were equally near, so the name decided.",
        "It stays in queue <code>sales</code>, with <code>ada</code>.",
    ] {
        assert!(page.contains(part), "{part}:\n{page}");
    }
    assert_eq!(page.matches("<li class=\"inquiry\">").count(), 2);
    let live = visitor.get("/console/w/acme/live").await.text;
    assert!(live.contains("cleo Zanzotter") && live.contains("data-count=\"held\">0<"), "{live}");
    assert_eq!(visitor.get("/console/w/acme/leads/lead_0").await.status, 404);
}
