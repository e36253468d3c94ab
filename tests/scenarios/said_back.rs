//! What sales says back: in any order, once, by whatever the lead is known by, singly, as a table, by links.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lead_router::domain::ports::Clock as _;
use lead_router::http::keys::Scope;
use reqwest::Method;
use serde_json::{Value, json};

use super::scene::{BANT, Scene, on_both, replacing};
use crate::harness::app::{Answer, eventually, key_for};
use crate::harness::receiver::Reply;
use crate::packaging::markdown::{Page, read};

async fn say(scene: &Scene, body: &Value) -> Answer {
    post(scene, "", "application/json", body.to_string()).await
}

async fn post(scene: &Scene, query: &str, content_type: &str, body: String) -> Answer {
    let bearer = format!("Bearer {}", key_for(Scope::DispositionsWrite));
    let headers = [("content-type", content_type), ("authorization", bearer.as_str())];
    let url = format!("{}/v1/acme/dispositions{query}", scene.app.public);
    scene.app.ask(Method::POST, &url, &headers, body).await
}

async fn reload(scene: &Scene) {
    let reloaded = scene.app.post("/v1/configuration/reload", json!({})).await;
    assert_eq!(reloaded.status, 200, "{reloaded:?}");
}

fn hours_ago(scene: &Scene, hours: u64) -> String {
    scene.app.clock.now().before(Duration::from_hours(hours)).to_string()
}

fn stands(answer: &Answer) -> (&str, &str) {
    (answer.at("/lead/stage"), answer.at("/lead/queue"))
}

#[tokio::test(flavor = "multi_thread")]
async fn sales_answers_late_twice_and_out_of_order() {
    on_both(BANT, async |scene| {
        let lead = scene.inquire(replacing("ida@brummelkamp.example", "DE")).await;
        let id = &lead["lead_id"];
        scene.app.clock.pass(Duration::from_hours(48));

        let qualified = json!({"lead_id": id, "disposition": "sql", "at": hours_ago(&scene, 10)});
        let done = say(&scene, &qualified).await;
        assert_eq!((done.status, stands(&done)), (200, ("prospect", "sales")), "{done:?}");
        let earlier =
            json!({"lead_id": id, "disposition": "accepted", "at": hours_ago(&scene, 20)});
        let done = say(&scene, &earlier).await;
        assert_eq!(
            (stands(&done), done.body["moved"].as_bool()),
            (("prospect", "sales"), Some(false))
        );

        // Passed back later than both, then won at last; the first of these comes last.
        let won = json!({
            "id": "deal-1", "lead_id": id, "disposition": "Closed Won", "amount": 12500.5,
            "currency": "eur", "at": hours_ago(&scene, 1),
        });
        let done = say(&scene, &won).await;
        assert_eq!(
            (stands(&done), done.body["moved"].as_bool()),
            (("won", "sales"), Some(true)),
            "{done:?}"
        );
        let owner = done.at("/lead/owner").to_owned();
        assert!(!owner.is_empty());
        let later =
            json!({"lead_id": id, "disposition": "timeline_later", "at": hours_ago(&scene, 5)});
        assert_eq!(stands(&say(&scene, &later).await), ("won", "sales"));
        let again = say(&scene, &won).await;
        assert_eq!(again.at("/status"), "duplicate", "{again:?}");

        // What cannot be is refused with the reason; a correction is possible.
        let refused = say(&scene, &json!({"lead_id": id, "disposition": "accepted"})).await;
        assert_eq!((refused.status, refused.at("/code")), (422, "impossible"), "{refused:?}");
        assert!(refused.at("/detail").contains("was `won` before that"), "{refused:?}");
        let lost = json!({"lead_id": id, "disposition": "lost", "reason": "Too expensive"});
        let done = say(&scene, &lost).await;
        assert_eq!((stands(&done), done.at("/lead/owner")), (("lost", "sales"), owner.as_str()));
        let again = say(&scene, &won).await;
        assert_eq!(again.at("/status"), "duplicate", "it made sense when it came first");

        assert_eq!(scene.events("crm", &lead), ["lead.routed"], "they said it themselves");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_understood_is_refused_and_not_repeated() {
    on_both(BANT, async |scene| {
        let lead = scene.inquire(replacing("ida@brummelkamp.example", "DE")).await;
        let id = &lead["lead_id"];
        for (body, status, part) in [
            (json!({"disposition": "won"}), 400, "Say which lead"),
            (json!({"lead_id": id, "disposition": "wonn"}), 400, "these are known"),
            (
                json!({"lead_id": id, "disposition": "won", "amount": "12,5", "currency": "EUR"}),
                400,
                "An amount",
            ),
            (
                json!({"lead_id": id, "disposition": "won", "amount": 1}),
                400,
                "names its `currency`",
            ),
            (
                json!({"lead_id": id, "disposition": "lost", "reason": "ann@zanzotter.example"}),
                400,
                "A reason",
            ),
            (
                json!({"lead_id": id, "disposition": "contacted", "reason": "x"}),
                422,
                "stands beside",
            ),
        ] {
            let refused = say(&scene, &body).await;
            assert_eq!(refused.status, status, "{body} {refused:?}");
            assert!(refused.at("/detail").contains(part), "{body} {refused:?}");
            assert!(!refused.text.contains("zanzotter"), "{refused:?}");
        }
        assert_eq!(scene.lead(&lead).await.at("/stage"), "lead");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_passed_back_leaves_sales_and_may_be_taken_back() {
    on_both(BANT, async |scene| {
        let lead = scene.inquire(replacing("ida@brummelkamp.example", "DE")).await;
        let id = &lead["lead_id"];
        let owner = scene.lead(&lead).await.at("/owner").to_owned();
        let later =
            json!({"lead_id": id, "disposition": "timeline_later", "revisit_at": "2031-01-15"});
        let done = say(&scene, &later).await;
        assert_eq!(
            (stands(&done), done.at("/lead/category")),
            (("recycled", "nurture"), "nurture")
        );
        assert_eq!(done.at("/lead/owner"), "");
        eventually("both told", || async {
            let both = ["crm", "mailer"].map(|place| scene.events(place, &lead));
            (both == [vec!["lead.routed", "lead.recycled"], vec!["lead.recycled"]]).then_some(())
        })
        .await;
        let shown = scene.lead(&lead).await;
        assert_eq!(shown.at("/said/reason"), "timeline_later", "{shown:?}");
        assert_eq!(shown.at("/said/revisit_at"), "2031-01-14T23:00:00.000Z", "a day of Berlin's");

        let done = say(&scene, &json!({"lead_id": id, "disposition": "accepted"})).await;
        assert_eq!(stands(&done), ("accepted", "sales"));
        assert_eq!(done.at("/lead/owner"), owner, "whose it was");
        eventually("nurture stops", || async {
            (scene.events("mailer", &lead).last()? == "lead.reassigned").then_some(())
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_and_the_ids_of_the_crm_are_understood() {
    on_both(BANT, async |scene| {
        scene.files.write(
            "presets/destinations/little-crm.yaml",
            "title: Little CRM\nevents: [lead.routed]\nrequest:\n  steps:\n    - { name: post, json: { of: \"{lead.id}\" }, \
             keep: { record: /id } }\n  answers:\n    - { status: [200], means: taken }\n",
        );
        let url = scene.receiver.url("crm");
        scene.files.write(
            "workspaces/acme/destinations/crm.yaml",
            &format!("preset: little-crm\nurl: {url}\ntimeout_ms: 5000\nretry: [0s, 100ms]\n"),
        );
        scene.files.write(
            "workspaces/acme/follow-up.yaml",
            "dispositions: { aliases: { In Talks: accepted }, reasons: { lost: [price, feature] }, currency: EUR }\n",
        );
        reload(&scene).await;
        let reply = |id: &str| Reply { body: json!({"id": id}).to_string(), ..Reply::status(200) };
        scene.receiver.always("crm", reply("rec-17"));
        let first = scene.inquire(replacing("ida@brummelkamp.example", "DE")).await;
        let kept = json!({"destination": "crm", "record_id": "rec-17", "disposition": "in talks"});
        let done = eventually("the crm's own id is known", || async {
            let done = say(&scene, &kept).await;
            (done.status == 200).then_some(done)
        })
        .await;
        assert_eq!(done.at("/lead/id"), first["lead_id"].as_str().unwrap());
        scene.receiver.always("crm", reply("rec-18"));
        let second = scene.inquire(replacing("ottilie@fjordlund.example", "DE")).await;

        let table = "Record ID;E-Mail;Status;Amount;Lost reason\nrec-17;;Closed Won;900;\n;Ottilie@Fjordlund.example;closed lost;;price\n\
                     ;nobody@zanzotter.example;won;;\n;ottilie@fjordlund.example;closed lost;;weather\n";
        let done = post(&scene, "?destination=crm", "text/csv; charset=utf-8", table.to_owned()).await;
        let results = done.body["results"].as_array().unwrap().clone();
        let statuses: Vec<&Value> = results.iter().map(|row| &row["status"]).collect();
        assert_eq!(json!(statuses), json!(["done", "done", 404, 422]), "{done:?}");
        assert_eq!(results[0]["lead"]["stage"], "won");
        assert_eq!((&results[1]["lead"]["id"], &results[1]["lead"]["stage"]), (&second["lead_id"], &json!("lost")));
        assert!(results[3]["detail"].as_str().unwrap().contains("price, feature"), "{done:?}");
        assert!(!done.text.contains("zanzotter"), "{done:?}");
        let bad = post(&scene, "", "text/csv", "a,b\n1,2\n".to_owned()).await;
        assert_eq!(bad.status, 400, "{bad:?}");

        // The same id at two leads: nobody guesses.
        eventually("the second is delivered", || async {
            (scene.receiver.came("crm").len() == 2).then_some(())
        })
        .await;
        scene.receiver.always("crm", reply("rec-17"));
        let third = scene.inquire(replacing("eve@zanzotter.example", "DE")).await;
        let which = json!({"destination": "crm", "record_id": "rec-17", "disposition": "contacted"});
        let refused = eventually("two leads under one id", || async {
            let refused = say(&scene, &which).await;
            (refused.status == 409).then_some(refused)
        })
        .await;
        assert_eq!(refused.at("/code"), "ambiguous");
        let ids: Vec<&Value> =
            refused.body["errors"].as_array().unwrap().iter().map(|error| &error["lead_id"]).collect();
        assert!(ids.contains(&&first["lead_id"]) && ids.contains(&&third["lead_id"]), "{refused:?}");
    })
    .await;
}

/// A link of the newest notice, at the address where the service listens.
async fn link(scene: &Scene, lead: &Value, disposition: &str) -> String {
    let links = eventually("a notice with links", || async {
        let came = scene.receiver.came("crm");
        let ours = came.iter().map(crate::harness::receiver::Came::json);
        let ours = ours.filter(|body| body["data"]["lead"]["id"] == lead["lead_id"]);
        ours.rev().find_map(|body| body["data"]["links"].as_array().cloned())
    })
    .await;
    let link = links.iter().find(|link| link["disposition"] == disposition).unwrap();
    let url = link["url"].as_str().unwrap();
    url.replace("https://in.acme.example", &scene.app.public)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_acts_by_its_button_only_and_once() {
    on_both(BANT, async |scene| {
        scene.files.write(
            "server.yaml",
            "egress: { allow: [\"127.0.0.1/32:*\"], http: true }\nlimits: { per_client_minute: 0 }\n\
             public_url: https://in.acme.example\n",
        );
        scene.files.write(
            "workspaces/acme/follow-up.yaml",
            "dispositions: { labels: { accepted: I take it }, links: { offer: [accepted, timeline_later, not_a_fit], good_for: 3d } }\n",
        );
        reload(&scene).await;
        let lead = scene.inquire(replacing("ida@brummelkamp.example", "DE")).await;
        let url = link(&scene, &lead, "accepted").await;
        let ask = async |method: Method, url: &str, body: &str| {
            let form = [("content-type", "application/x-www-form-urlencoded")];
            scene.app.ask(method, url, &form, body.to_owned()).await
        };

        // What scanners of mail do.
        for method in [Method::GET, Method::HEAD, Method::GET] {
            let page = ask(method, &url, "").await;
            assert_eq!(page.status, 200);
            let policy = page.headers["content-security-policy"].to_str().unwrap();
            assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
            assert!(!page.text.contains("Brummelkamp") && !page.text.contains("brummelkamp"));
        }
        assert_eq!(scene.lead(&lead).await.at("/stage"), "lead", "opening it does nothing");
        assert!(ask(Method::GET, &url, "").await.text.contains("Note: I take it"));

        let done = ask(Method::POST, &url, "").await;
        assert!((done.status, done.text.contains("Thank you")) == (200, true), "{done:?}");
        assert_eq!(scene.lead(&lead).await.at("/stage"), "accepted");
        for method in [Method::POST, Method::GET] {
            let again = ask(method, &url, "").await;
            assert!(again.text.contains("Noted already"), "{again:?}");
        }

        let later = link(&scene, &lead, "timeline_later").await;
        let bad = ask(Method::POST, &later, "revisit_at=31.12.").await;
        assert_eq!(bad.status, 400, "{bad:?}");
        let done = ask(Method::POST, &later, "revisit_at=2031-01-15&reason=Budget+year&other=x").await;
        assert_eq!(done.status, 200, "{done:?}");
        let shown = scene.lead(&lead).await;
        assert_eq!((shown.at("/stage"), shown.at("/said/reason")), ("recycled", "budget-year"));

        // Cut, of another time, of an earlier cycle.
        let other = link(&scene, &lead, "not_a_fit").await;
        for wrong in [&other[..other.len() - 2], &other.replace("/links/", "/links/A")] {
            assert_eq!(ask(Method::POST, wrong, "").await.status, 404, "{wrong}");
        }
        scene.app.clock.pass(Duration::from_hours(1));
        scene.inquire(replacing("ida@brummelkamp.example", "DE")).await;
        assert_eq!(scene.lead(&lead).await.body["cycle"], 2);
        let past = ask(Method::POST, &other, "").await;
        assert!((past.status, past.text.contains("This is past")) == (410, true), "{past:?}");
        scene.app.clock.pass(Duration::from_hours(73));
        let expired = ask(Method::POST, &other, "").await;
        assert!((expired.status, expired.text.contains("expired")) == (410, true), "{expired:?}");
        assert_eq!(scene.lead(&lead).await.at("/stage"), "lead");
    })
    .await;
}

/// The block of docs/sales.md that begins so.
fn sample(beginning: &str) -> String {
    let path = "docs/sales.md";
    let page = Page { path: path.into(), text: read(path) };
    let blocks = page.blocks().into_iter();
    blocks.map(|block| block.text).find(|text| text.starts_with(beginning)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_samples_of_the_page_for_sales_are_taken() {
    on_both(BANT, async |scene| {
        scene.files.write("workspaces/acme/follow-up.yaml", &sample("dispositions:"));
        reload(&scene).await;
        let first = scene.inquire(replacing("ida@brummelkamp.example", "DE")).await;
        let won = sample("{ \"id\"").replace("lead_…", first["lead_id"].as_str().unwrap());
        let done = post(&scene, "", "application/json", won).await;
        assert_eq!((done.status, stands(&done)), (200, ("won", "sales")), "{done:?}");
        assert_eq!(scene.lead(&first).await.at("/said/amount"), "12500.50");
        scene.inquire(replacing("ann.miller@example.com", "DE")).await;
        let done = post(&scene, "", "text/csv", sample("Record ID;")).await;
        assert_eq!(done.at("/results/0/lead/stage"), "won", "{done:?}");
        for (word, stage) in [("in negotiation", "prospect"), ("PARKED", "recycled")] {
            let lead = scene.inquire(replacing(&format!("{stage}@fjordlund.example"), "DE")).await;
            let done = say(&scene, &json!({"lead_id": lead["lead_id"], "disposition": word})).await;
            assert_eq!(done.at("/lead/stage"), stage, "{done:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crms_own_webhook_is_understood() {
    on_both(BANT, async |scene| {
        let (secret, workspace) = ("${env:PIPEDRIVE_SECRET}", sample("# workspace.yaml"));
        assert!(workspace.contains(secret));
        let workspace = workspace.replace(secret, "hook-secret-1");
        scene.files.write("workspaces/acme/workspace.yaml", &format!("zone: Europe/Berlin\n{workspace}"));
        scene.files.write(
            "presets/destinations/little-crm.yaml",
            "title: Little CRM\nevents: [lead.routed]\nrequest:\n  steps:\n    - { name: post, json: { of: \"{lead.id}\" }, \
             keep: { person: /id } }\n  answers:\n    - { status: [200], means: taken }\n",
        );
        let url = scene.receiver.url("crm");
        scene.files.write(
            "workspaces/acme/destinations/crm.yaml",
            &format!("preset: little-crm\nurl: {url}\ntimeout_ms: 5000\nretry: [0s, 100ms]\n"),
        );
        reload(&scene).await;
        let person = Reply { body: json!({"id": 51}).to_string(), ..Reply::status(200) };
        scene.receiver.always("crm", person);
        let lead = scene.inquire(replacing("ida@brummelkamp.example", "DE")).await;
        let url = format!("{}/v1/acme/dispositions/deals", scene.app.public);
        let hook = async |secret: &str, deal: Value| {
            let basic = format!("Basic {}", STANDARD.encode(format!("any:{secret}")));
            let headers = [("content-type", "application/json"), ("authorization", basic.as_str())];
            scene.app.ask(Method::POST, &url, &headers, json!({"meta": {}, "data": deal}).to_string()).await
        };
        let open = json!({"person_id": 51, "status": "open", "stage_id": 3, "value": 900, "currency": "EUR"});
        let done = eventually("the id is known", || async {
            let done = hook("hook-secret-1", open.clone()).await;
            (done.body["passed_over"] == 0).then_some(done)
        })
        .await;
        assert_eq!(done.at("/results/0/lead/stage"), "prospect", "{done:?}");
        let won = json!({
            "person_id": 51, "status": "won", "value": 900, "currency": "EUR",
            "won_time": "2031-01-01 00:00:00", "lost_reason": "ann@zanzotter.example",
        });
        assert_eq!(hook("wrong-secret", won.clone()).await.status, 401);
        for status in ["done", "duplicate"] {
            let done = hook("hook-secret-1", won.clone()).await;
            assert_eq!(done.at("/results/0/status"), status, "{done:?}");
        }
        let shown = scene.lead(&lead).await;
        assert_eq!((shown.at("/stage"), shown.at("/said/amount")), ("won", "900"), "{shown:?}");
        let other = json!({"person_id": 52, "status": "won"});
        let passed = hook("hook-secret-1", other).await;
        assert_eq!((passed.status, &passed.body["passed_over"]), (200, &json!(1)), "{passed:?}");
        let unknown = scene.app.ask(Method::POST, &format!("{url}x"), &[], String::new()).await;
        assert_eq!(unknown.status, 401);
    })
    .await;
}
