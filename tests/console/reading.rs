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
    // Wherever people look: what could not be read, what a trap caught, tests, records, the find page.
    for hostile in HOSTILE {
        let form = [("message", *hostile), ("subject", hostile)];
        world.app.post_form(&form).await;
        let email = "trapped@zanzotter.example";
        world.app.post_form(&[("email", email), ("name", hostile), ("_gotcha", hostile)]).await;
    }
    let mut visitor = world.visitor().await;
    let mut pages = vec!["/console/w/acme/live".to_owned()];
    pages.extend(leads.iter().map(|lead| format!("/console/w/acme/leads/{lead}")));
    let waits = ["held", "triage", "qualify", "review", "refused", "unreadable", "dead"];
    for list in waits.into_iter().chain(["returned", "filtered", "tests"]) {
        let page = format!("/console/w/acme/worklists/{list}");
        let shown = visitor.get(&page).await.text;
        pages.extend(links(&shown, "/console/w/acme/bodies/"));
        pages.extend(links(&shown, "/console/w/acme/inquiries/"));
        pages.push(page);
    }
    for lead in &leads {
        let shown = visitor.get(&format!("/console/w/acme/leads/{lead}")).await.text;
        pages.extend(links(&shown, "/console/w/acme/inquiries/"));
    }
    for page in ["sources", "destinations", "pools", "reports", "configuration", "people", "find"] {
        pages.push(format!("/console/w/acme/{page}"));
    }
    assert!(pages.iter().any(|page| page.contains("/bodies/")), "{pages:?}");
    for page in pages {
        let shown = visitor.get(&page).await;
        assert_eq!(shown.status, 200, "{page}: {}", shown.text);
        assert_no_markup(&page, &shown.text);
    }
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_pairs_are_shown_with_their_reason_and_answered() {
    let world = World::start().await;
    let mut leads = Vec::new();
    for name in ["Ida Fjordlund", "Tilo Quillfeather"] {
        let mut colleague = good(&name[..4].to_lowercase());
        colleague["name"] = name.into();
        colleague["phone"] = "+493023125700".into();
        leads.push(world.lead(colleague).await);
        world.app.clock.pass(std::time::Duration::from_mins(1));
    }
    let mut visitor = world.visitor().await;
    let tile = visitor.get("/console/w/acme/worklists").await.text;
    assert!(tile.contains("data-test=\"count-refused\""), "{tile}");
    let list = "/console/w/acme/worklists/refused";
    let shown = visitor.get(list).await.text;
    assert!(shown.contains("phone other name"), "{shown}");
    assert!(leads.iter().all(|lead| shown.contains(lead.as_str())), "{shown}");
    let path = format!("/console/w/acme/leads/{}/distinguish", leads[1]);
    let answer = visitor.submit(list, &path, &[("from", &leads[0])]).await;
    let (_, shown) = visitor.follow(&answer).await;
    assert!(shown.contains("Nothing waits here"), "{shown}");
    world.ends_well().await;
}

/// Addresses of a page that begin so.
fn links(page: &str, begin: &str) -> Vec<String> {
    let before = format!("href=\"{begin}");
    let parts = page.split(before.as_str()).skip(1);
    parts.map(|rest| format!("{begin}{}", rest.split('"').next().unwrap())).collect()
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

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_tells_of_what_comes_and_ends_with_the_process() {
    let world = World::start().await;
    let mut visitor = world.visitor().await;
    let page = visitor.get("/console/w/acme/live").await.text;
    let path = page.split("data-stream=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}{path}", world.app.private);
    let cookie = format!("{}={}", visitor.cookies[0].0, visitor.cookies[0].1);
    let mut stream = client.get(&url).header("cookie", cookie).send().await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream; charset=utf-8");
    world.lead(good("otto")).await;
    let mut told = String::new();
    while !(told.contains("event: row")
        && told.contains("otto Zanzotter")
        && told.contains("event: counts"))
    {
        let chunk = stream.chunk().await.unwrap();
        told.push_str(std::str::from_utf8(&chunk.expect("the stream ended")).unwrap());
    }
    assert!(told.contains("<tr data-id=\"inq_") && told.contains("\nid: "), "{told}");
    // Nobody without a session is told anything, and nobody is kept waiting by an open stream.
    let stranger = world.stranger().get(&path).await;
    assert_eq!(stranger.status, 303);
    world.ends_well().await;
    while let Ok(Some(_)) = stream.chunk().await {}
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_force_is_shown_in_words() {
    let world = World::start().await;
    world.lead(good("paula")).await;
    let mut visitor = world.visitor().await;
    let page = visitor.get("/console/w/acme/configuration").await.text;
    for part in [
        "If category is sell and company.employees is at least 1000:",
        "queue sales, pool capped; if nobody there can take it, it is held",
        "at least 10,000 euros",
        "a competitor",
        "queue triage",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("data-test=\"refused\""));
    let pools = visitor.get("/console/w/acme/pools").await.text;
    assert!(
        pools.contains("0 of 1 a day") && pools.contains("round robin, 1 turn so far"),
        "{pools}"
    );
    let sources = visitor.get("/console/w/acme/sources").await.text;
    let url = format!("{}/v1/acme/inquiries/form", world.app.public);
    assert!(sources.contains(&url), "{sources}");
    world.files.write("workspaces/acme/routing.yaml", "rules: [{ nmae: x }]\n");
    let refused = crate::harness::app::eventually("the refusal", || async {
        let body = world.app.get("/v1/configuration").await.body;
        body["refused"].is_array().then_some(())
    });
    refused.await;
    let page = visitor.get("/console/w/acme/configuration").await.text;
    assert!(page.contains("data-test=\"refused\"") && page.contains("routing.yaml:1:"), "{page}");
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_of_one_company_stand_on_each_others_pages_and_what_is_owed_on_the_pools() {
    let world = World::start().await;
    let (one, two) = (world.lead(good("paula")).await, world.lead(good("otto")).await);
    let mut visitor = world.visitor().await;
    for (lead, other, name) in [(&one, &two, "otto"), (&two, &one, "paula")] {
        let page = visitor.get(&format!("/console/w/acme/leads/{lead}")).await.text;
        let account = page.split("data-test=\"account\"").nth(1).unwrap();
        let account = account.split("</section>").next().unwrap();
        let link = format!("<a href=\"/console/w/acme/leads/{other}\">{name} Zanzotter</a>");
        assert!(account.contains(&link), "{account}");
    }
    let page = format!("/console/w/acme/leads/{one}");
    visitor.submit(&page, &format!("{page}/say"), &[("disposition", "bad_data")]).await;
    let pools = visitor.get("/console/w/acme/pools").await.text;
    assert!(pools.contains("(+1 owed)"), "{pools}");
    world.ends_well().await;
}
