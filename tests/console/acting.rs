//! People act: each action, what it says, and what it leaves behind.

use serde_json::{Value, json};

use super::visitor::{World, good};
use crate::harness::app::eventually;
use crate::harness::receiver::Reply;

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_is_assigned_decided_again_and_discarded() {
    let world = World::start().await;
    let lead = world.lead(good("dora")).await;
    let page = format!("/console/w/acme/leads/{lead}");
    let mut visitor = world.visitor().await;
    let fields = [("member", "cleo"), ("queue", "sales")];
    let answer = visitor.submit(&page, &format!("{page}/assign"), &fields).await;
    let (said, shown) = visitor.follow(&answer).await;
    assert_eq!(said, "Assigned. It is now routed, in queue sales, with cleo.");
    assert!(shown.contains("Assigned by hand") && shown.contains("by harness"), "{shown}");
    // Told once.
    assert!(!visitor.get(&page).await.text.contains("data-test=\"said\""));
    let answer = visitor.submit(&page, &format!("{page}/assign"), &[]).await;
    let (said, _) = visitor.follow(&answer).await;
    assert_eq!(said, "Not done: say a queue, a member or both.");
    let answer = visitor.submit(&page, &format!("{page}/assign"), &[("member", "cleopatra")]).await;
    let (said, _) = visitor.follow(&answer).await;
    assert!(said.starts_with("Not done: no pool has a member cleopatra."), "{said}");
    let answer = visitor.submit(&page, &format!("{page}/redecide"), &[]).await;
    let (said, _) = visitor.follow(&answer).await;
    assert!(said.starts_with("Decided again. It is now routed, in queue sales, with "), "{said}");
    let answer =
        visitor.submit(&page, &format!("{page}/discard"), &[("reason", "Not A Word")]).await;
    assert!(visitor.follow(&answer).await.0.starts_with("“reason” is one word"), "not a word");
    let answer = visitor.submit(&page, &format!("{page}/discard"), &[("reason", "rival")]).await;
    let (said, shown) = visitor.follow(&answer).await;
    assert_eq!(said, "Discarded. It is now discarded.");
    assert!(shown.contains("reason: rival"), "{shown}");
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_say_who_is_away_and_who_is_back() {
    let world = World::start().await;
    let (page, member) = ("/console/w/acme/pools", "/console/w/acme/members");
    let mut visitor = world.visitor().await;
    let shown = visitor.get(page).await.text;
    let named = shown.split("data-test=\"member\" data-name=\"").nth(1).unwrap();
    let ada = named.split('"').next().unwrap().to_owned();
    let say = |action: &str| format!("{member}/{ada}/{action}");
    let answer = visitor.submit(page, &say("pause"), &[]).await;
    let (said, shown) = visitor.follow(&answer).await;
    assert_eq!(said, format!("Paused. {ada} gets nothing until resumed."));
    assert!(shown.contains(&format!("data-test=\"resume-{ada}\"")), "{shown}");
    let answer = visitor.submit(page, &say("resume"), &[]).await;
    assert!(visitor.follow(&answer).await.0.starts_with("Resumed."));
    let days = [("from", "2999-08-01"), ("to", "2999-08-14")];
    let answer = visitor.submit(page, &say("time-off"), &days).await;
    let (said, shown) = visitor.follow(&answer).await;
    assert_eq!(said, format!("{ada} is off from 2999-08-01 to 2999-08-14."));
    assert!(shown.contains(", says harness") && shown.contains("2999-08-"), "{shown}");
    let wrong = [("from", "2999-08-14"), ("to", "2999-08-01")];
    let answer = visitor.submit(page, &say("time-off"), &wrong).await;
    let (said, _) = visitor.follow(&answer).await;
    assert!(said.starts_with("Not done: expected two days such as"), "{said}");
    let answer = visitor.submit(page, &say("clear-time-off"), &[]).await;
    let (said, shown) = visitor.follow(&answer).await;
    assert!(said.starts_with(&format!("{ada} is back")), "{said}");
    assert!(!shown.contains(", says harness"), "{shown}");
    // Without the page's token nothing is changed.
    let answer = visitor.send(&say("pause"), &[], &[]).await;
    assert_eq!(answer.status, 403, "{}", answer.text);
    // Who said what is kept.
    let acts = visitor.get("/console/w/acme/people").await.text;
    for what in ["Member paused", "Member resumed", "Days off", "Back from days off"] {
        assert!(acts.contains(what), "{what}: {acts}");
    }
    assert!(acts.contains(&format!("<code>{ada}</code>")), "{acts}");
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_records_are_merged_from_the_list_and_parted_again() {
    let world = World::start().await;
    let mut namesakes = Vec::new();
    for email in ["ida@zanzotter.example", "i.fjordlund2@zanzotter.example"] {
        let mut inquiry = good("ida");
        inquiry["email"] = email.into();
        inquiry["name"] = "Ida Fjordlund".into();
        namesakes.push(world.lead(inquiry).await);
    }
    let (older, newer) = (&namesakes[0], &namesakes[1]);
    let mut visitor = world.visitor().await;
    let (list, lead) = ("/console/w/acme/worklists/review", "/console/w/acme/leads");
    let listed = visitor.get(list).await.text;
    assert!(listed.contains("data-test=\"other\"") && listed.contains(newer), "{listed}");
    let merge = [("into", older.as_str())];
    let answer = visitor.submit(list, &format!("{lead}/{newer}/merge"), &merge).await;
    let (said, shown) = visitor.follow(&answer).await;
    assert!(said.starts_with("Merged. The record now has 2 inquiries"), "{said}");
    assert!(shown.contains("Nothing waits here"), "{shown}");
    let page = format!("{lead}/{older}");
    let shown = visitor.get(&page).await.text;
    assert!(shown.contains(newer), "what went up in it is named: {shown}");
    let answer = visitor.submit(&page, &format!("{lead}/{newer}/unmerge"), &[]).await;
    let (said, shown) = visitor.follow(&answer).await;
    assert!(said.starts_with(&format!("Parted. {newer} is a record of its own again")), "{said}");
    assert!(shown.contains("At this company"), "{shown}");
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_else_was_faster() {
    let world = World::start().await;
    let lead = world.lead(good("emil")).await;
    let page = format!("/console/w/acme/leads/{lead}");
    let mut visitor = world.visitor().await;
    let seen = visitor.get(&page).await.text;
    let value = |name: &str| {
        let at = seen.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
        at.split('"').next().unwrap().to_owned()
    };
    let (csrf, seen_at) = (value("csrf"), value("seen"));
    world.app.clock.pass(std::time::Duration::from_secs(1));
    let other: Value = serde_json::json!({"member": "ben"});
    world.app.post(&format!("/v1/acme/leads/{lead}/assign"), other).await;
    let fields = [("csrf", csrf.as_str()), ("seen", &seen_at), ("member", "ada")];
    let answer = visitor.send(&format!("{page}/assign"), &fields, &[]).await;
    let (said, _) = visitor.follow(&answer).await;
    assert!(
        said.starts_with("Not done: somebody else, or a new inquiry, changed this lead"),
        "{said}"
    );
    assert_eq!(world.app.get(&format!("/v1/acme/leads/{lead}")).await.at("/owner"), "ben");
}

/// Two of a pool whose one member takes one a day: the second is held.
async fn held(world: &World) -> String {
    let mut last = String::new();
    for name in ["fay", "gus"] {
        let mut inquiry = good(name);
        inquiry["employees"] = "5000".into();
        last = world.lead(inquiry).await;
    }
    last
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_is_worked_through_on_its_list() {
    let world = World::start().await;
    let lead = held(&world).await;
    let mut visitor = world.visitor().await;
    let page = "/console/w/acme/worklists/held";
    let shown = visitor.get(page).await.text;
    assert!(shown.contains("nobody in pool capped could take it"), "{shown}");
    let answer = visitor.submit(page, &format!("/console/w/acme/leads/{lead}/release"), &[]).await;
    let (said, shown) = visitor.follow(&answer).await;
    assert_eq!(said, "Released. It is now held, in queue triage, without an owner.");
    assert!(shown.contains("data-test=\"list-count\">1 waits"), "still on the list: {shown}");
    let form = format!("/console/w/acme/leads/{lead}/assign");
    let answer = visitor.submit(page, &form, &[("member", "ada")]).await;
    let (said, shown) = visitor.follow(&answer).await;
    assert_eq!(said, "Assigned. It is now routed, in queue sales, with ada.");
    assert!(shown.contains("Nothing waits here."), "{shown}");
    let people = visitor.get("/console/w/acme/people").await.text;
    assert!(people.contains("Assigned by hand") && people.contains(&lead), "{people}");
    assert_eq!(people.matches("<td>harness</td>").count(), 2, "{people}");
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_read_again_once_the_preset_is_mended_or_discarded() {
    let world = World::start().await;
    let url = format!("{}/v1/acme/inquiries/scanner", world.app.public);
    let headers = [("content-type", "application/json"), ("x-api-key", "scanner-secret")];
    for body in [r#"{"mail_address": "hugo@fjordlund.example"}"#, r#"{"nothing": "<b>of use</b>"}"#]
    {
        world.app.ask(reqwest::Method::POST, &url, &headers, body.to_owned()).await;
    }
    let mut visitor = world.visitor().await;
    let list = "/console/w/acme/worklists/unreadable";
    let shown = visitor.get(list).await.text;
    assert_eq!(shown.matches("data-test=\"item\"").count(), 2, "{shown}");
    let bodies: Vec<String> = shown
        .split("href=\"/console/w/acme/bodies/")
        .skip(1)
        .map(|rest| format!("/console/w/acme/bodies/{}", rest.split('"').next().unwrap()))
        .collect();
    let (useless, mendable) = (&bodies[0], &bodies[1]);
    let page = visitor.get(useless).await.text;
    assert!(
        page.contains("&#60;b&#62;of use&#60;/b&#62;") || page.contains("&lt;b&gt;of use"),
        "{page}"
    );
    let answer = visitor.submit(mendable, &format!("{mendable}/reprocess"), &[]).await;
    let (said, _) = visitor.follow(&answer).await;
    assert!(said.starts_with("It still cannot be read: no contact."), "{said}");
    let source = "preset: scanner-batch\nsecrets: [scanner-secret]\ncountry: DE\nzone: Europe/Berlin\nfields: { contact.email: [mail_address] }\n";
    world.files.write("workspaces/acme/sources/scanner.yaml", source);
    let before = world.app.get("/v1/configuration").await.at("/hash").to_owned();
    eventually("the reload", || async {
        (world.app.get("/v1/configuration").await.at("/hash") != before).then_some(())
    })
    .await;
    let answer = visitor.submit(mendable, &format!("{mendable}/reprocess"), &[]).await;
    let (said, shown) = visitor.follow(&answer).await;
    assert!(said.starts_with("Understood. It is now "), "{said}");
    assert!(shown.contains("hugo@fjordlund.example"), "{shown}");
    let answer = visitor.submit(useless, &format!("{useless}/discard"), &[]).await;
    let (said, shown) = visitor.follow(&answer).await;
    assert_eq!(said, "Discarded for good.");
    assert!(shown.contains("Nothing waits here."), "{shown}");
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_trap_caught_is_released_or_removed() {
    let world = World::start().await;
    for name in ["ida", "jon"] {
        let email = format!("{name}@fjordlund.example");
        world.app.post_form(&[("email", &email), ("_gotcha", "x")]).await;
    }
    let mut visitor = world.visitor().await;
    let list = "/console/w/acme/worklists/filtered";
    let shown = visitor.get(list).await.text;
    let ids: Vec<String> = shown
        .split("/console/w/acme/filtered/")
        .filter_map(|rest| rest.split_once("/release\"").map(|(id, _)| id.to_owned()))
        .filter(|id| id.starts_with("inq_") && !id.contains('"'))
        .collect();
    assert!(ids.len() >= 2, "{shown}");
    let answer =
        visitor.submit(list, &format!("/console/w/acme/filtered/{}/release", ids[0]), &[]).await;
    let (said, _) = visitor.follow(&answer).await;
    assert!(said.starts_with("Understood. It is now "), "{said}");
    let answer =
        visitor.submit(list, &format!("/console/w/acme/filtered/{}/discard", ids[1]), &[]).await;
    let (said, _) = visitor.follow(&answer).await;
    assert_eq!(said, "Discarded for good.");
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_replayed_or_dropped_and_destinations_paused() {
    let world = World::start().await;
    world.receiver.always("crm", Reply::status(500));
    for name in ["kim", "lou", "max"] {
        world.lead(good(name)).await;
    }
    let mut visitor = world.visitor().await;
    let list = "/console/w/acme/worklists/dead";
    eventually("three dead letters", || async {
        let counts = world.app.get("/v1/acme/worklists").await.body;
        let dead = counts["worklists"].as_array()?.iter().find(|of| of["name"] == "dead")?;
        (dead["count"] == 3).then_some(())
    })
    .await;
    let shown = visitor.get(list).await.text;
    let ids: Vec<String> = shown
        .split("href=\"/console/w/acme/deliveries/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 3, "{shown}");
    assert!(shown.contains("answered HTTP 500"), "{shown}");
    let page = format!("/console/w/acme/deliveries/{}", ids[0]);
    let dead = visitor.get(&page).await.text;
    let sends = dead.split("data-test=\"sends\"").nth(1).and_then(|at| at.split("</pre>").next());
    let sends = sends.unwrap();
    assert!(sends.contains("webhook-signature: v1,") && sends.contains("•••"), "{sends}");
    assert!(!sends.to_lowercase().contains("zanzotter"), "{sends}");
    let mute = visitor.submit(&page, &format!("{page}/drop"), &[]).await;
    assert_eq!(visitor.follow(&mute).await.0, "Not done: say why, in one word.");
    let answer = visitor.submit(&page, &format!("{page}/drop"), &[("reason", "sold")]).await;
    assert_eq!(visitor.follow(&answer).await.0, "Dropped for good.");
    world.receiver.always("crm", Reply::status(204));
    assert!(shown.contains("could not be told</td>") && shown.contains("3 wait"), "{shown}");
    let found = visitor.get(&format!("{list}?kind=fault&problem=http_500&since=2d")).await.text;
    assert!(found.contains("value=\"fault\" selected") && found.contains("data-test=\"item\""));
    let found = visitor.get(&format!("{list}?kind=refusal")).await.text;
    assert!(found.contains("Nothing waits here."), "{found}");
    let found = visitor.get(&format!("{list}?since=soon")).await.text;
    assert!(found.contains("data-test=\"wrong\"") && found.contains("RFC 3339"), "{found}");
    let (late, dry) = (format!("{list}?since=2d"), [("how", "dry")]);
    let answer = visitor.submit(&late, "/console/w/acme/deliveries/replay", &dry).await;
    let (said, shown) = visitor.follow(&answer).await;
    assert_eq!(said, "A replay would queue 2: 2 to crm that could not be told. Nothing was sent.");
    assert!(shown.contains("name=\"since\" value=\"2d\""), "{shown}");
    let replay = format!("/console/w/acme/deliveries/{}/replay", ids[1]);
    let answer = visitor.submit(list, &replay, &[]).await;
    assert!(visitor.follow(&answer).await.0.starts_with("Replayed: "));
    let fields = [("destination", "crm")];
    let answer = visitor.submit(list, "/console/w/acme/deliveries/replay", &fields).await;
    let (said, shown) = visitor.follow(&answer).await;
    assert_eq!(said, "Replayed one delivery.");
    assert!(shown.contains("Nothing waits here."), "{shown}");
    let destinations = "/console/w/acme/destinations";
    let answer = visitor.submit(destinations, &format!("{destinations}/crm/pause"), &[]).await;
    let (said, shown) = visitor.follow(&answer).await;
    assert!(said.starts_with("crm is paused"), "{said}");
    assert!(shown.contains("by a person, until a person resumes it"), "{shown}");
    let answer = visitor.submit(destinations, &format!("{destinations}/crm/resume"), &[]).await;
    assert!(visitor.follow(&answer).await.0.starts_with("crm is open again"));
    let people = visitor.get("/console/w/acme/people").await.text;
    for done in
        ["Delivery dropped", "Delivery replayed", "Destination paused", "Destination resumed"]
    {
        assert!(people.contains(done), "{done}: {people}");
    }
    assert!(people.contains("<td>sold</td>"), "{people}");
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_found_and_what_is_asked_stands_in_no_address() {
    let world = World::start().await;
    let lead = world.lead(good("nina")).await;
    let mut visitor = world.visitor().await;
    let answer = visitor
        .submit("/console/w/acme/find", "/console/w/acme/find", &[("q", "Nina@Zanzotter.example")])
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.text.contains(&format!("/console/w/acme/leads/{lead}")), "{}", answer.text);
    for (asked, shown) in [
        (lead.as_str(), "nina Zanzotter"),
        ("nobody@fjordlund.example", "Nothing is known about that."),
        ("today", "Inquiry"),
        ("<script>alert(1)</script>", "Nothing is known about that."),
    ] {
        let answer =
            visitor.submit("/console/w/acme/find", "/console/w/acme/find", &[("q", asked)]).await;
        assert!(answer.text.contains(shown), "{asked}: {}", answer.text);
        assert!(!answer.text.contains("<script>alert"), "{asked}");
    }
    let missing: Value = json!(world.app.get("/console/w/acme/find?q=x").await.status);
    assert_eq!(missing, 303, "not logged in");
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_are_answered_on_the_leads_page() {
    let world = World::start().await;
    let lead = world.lead(json!({"email": "nell@zanzotter.example", "country": "DE"})).await;
    let page = format!("/console/w/acme/leads/{lead}");
    let mut visitor = world.visitor().await;
    let list = visitor.get("/console/w/acme/worklists/qualify").await.text;
    assert!(list.contains(&format!("{page}#answers")), "{list}");
    let shown = visitor.get(&page).await.text;
    assert!(
        shown.contains("What budget is planned?") && shown.contains("name=\"field.need.budget\"")
    );

    let answer = visitor.submit(&page, &format!("{page}/no_answer"), &[]).await;
    let (said, shown) = visitor.follow(&answer).await;
    assert_eq!(
        said,
        "Noted that nobody answered. It is now qualifying, in queue qualify, without an owner."
    );
    assert!(shown.contains("Tried 1 of 3 times in vain."), "{shown}");
    let answer = visitor.submit(&page, &format!("{page}/answers"), &[("note", "busy")]).await;
    let (said, _) = visitor.follow(&answer).await;
    assert!(said.starts_with("Not done:"), "{said}");

    let fields =
        [("criterion.budget-fits", "yes"), ("field.need.budget", "12000"), ("note", "<b>now</b>")];
    let answer = visitor.submit(&page, &format!("{page}/answers"), &fields).await;
    let (said, shown) = visitor.follow(&answer).await;
    assert!(said.starts_with("Answers saved. It is now routed, in queue sales, with "), "{said}");
    for part in ["a person found it out", "by harness", "&lt;b&gt;now&lt;/b&gt;", "Answers"] {
        assert!(
            shown.contains(part)
                || shown.contains(&part.replace("&lt;", "&#60;").replace("&gt;", "&#62;")),
            "{part}: {shown}"
        );
    }
    assert!(!shown.contains("<b>now</b>"));
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_sales_says_is_noted_on_the_leads_page() {
    let world = World::start().await;
    let lead = world.lead(good("nell")).await;
    let page = format!("/console/w/acme/leads/{lead}");
    let mut visitor = world.visitor().await;
    assert!(visitor.get(&page).await.text.contains("Nobody has said anything back yet."));
    let answer = visitor.submit(&page, &format!("{page}/say"), &[("disposition", "")]).await;
    assert_eq!(visitor.follow(&answer).await.0, "Say what became of it.");
    let won = [("disposition", "won"), ("amount", "900.50"), ("currency", "EUR")];
    let answer = visitor.submit(&page, &format!("{page}/say"), &won).await;
    let (said, shown) = visitor.follow(&answer).await;
    assert!(said.starts_with("Noted. It is now "), "{said}");
    for part in ["stage won", "They bought for 900.50 EUR.", "for 900.50 EUR"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let accepted = [("disposition", "accepted")];
    let answer = visitor.submit(&page, &format!("{page}/say"), &accepted).await;
    let (said, _) = visitor.follow(&answer).await;
    assert!(said.starts_with("Not done: the lead was `won` before that"), "{said}");
    world.ends_well().await;
}
