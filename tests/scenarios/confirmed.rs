//! Double opt-in: an inquiry is kept and waits until the person confirms the address; then it goes where it would have gone, with
//! the evidence. Whoever never does is given up, or forgotten.

use std::time::Duration;

use lead_router::capture::{Presets, Source, SourceSettings};
use lead_router::domain::Name;
use reqwest::Method;
use serde_json::{Value, json};

use super::scene::{BANT, Scene, on_both, replacing};
use crate::harness::app::{Answer, eventually};
use crate::harness::receiver::Came;
use crate::packaging::markdown::{Page, read};

const IDA: &str = "ida@brummelkamp.example";
const ASKED: &str = "lead.awaiting_confirmation";

/// The form has addresses confirmed, with further terms.
async fn asks(scene: &Scene, terms: &str) {
    scene.files.write(
        "server.yaml",
        "egress: { allow: [\"127.0.0.1/32:*\"], http: true }\nlimits: { per_client_minute: 0 }\n\
         public_url: https://in.acme.example\n",
    );
    let source = "preset: html-form\ncountry: DE\n";
    let terms = format!("{source}confirmation: {{ destination: mailer, within: 2d{terms} }}\n");
    scene.files.write("workspaces/acme/sources/form.yaml", &terms);
    let answer = scene.app.post("/v1/configuration/reload", json!({})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// What the mailer was asked to send so far.
fn mails(scene: &Scene) -> Vec<Value> {
    let came = scene.receiver.came("mailer");
    came.iter().map(Came::json).filter(|body| body["type"] == ASKED).collect()
}

/// So many of them, the newest one's link at the address where the service listens.
async fn link(scene: &Scene, count: usize) -> String {
    let mails = eventually("the mail", || async {
        let mails = mails(scene);
        (mails.len() == count).then_some(mails)
    })
    .await;
    let asked = &mails[count - 1]["data"]["confirmation"];
    assert_eq!(asked["email"], IDA, "{asked}");
    let url = asked["url"].as_str().unwrap();
    url.replace("https://in.acme.example", &scene.app.public)
}

async fn page(scene: &Scene, method: Method, url: &str) -> Answer {
    let headers = [("accept-language", "de-AT,de;q=0.9")];
    scene.app.ask(method, url, &headers, String::new()).await
}

async fn waiting(scene: &Scene) -> Vec<Value> {
    let list = scene.app.get("/v1/acme/worklists/unconfirmed").await;
    list.body["items"].as_array().unwrap().clone()
}

/// What scanners of mail do; and what a person sees.
async fn scanned(scene: &Scene, url: &str) {
    for method in [Method::GET, Method::HEAD, Method::GET] {
        let page = page(scene, method, url).await;
        assert_eq!(page.status, 200);
        assert!(!page.text.to_lowercase().contains("brummelkamp"), "nothing of the person");
    }
    let shown = page(scene, Method::GET, url).await;
    assert!(shown.text.contains("lang=\"de\"") && shown.text.contains("<button>Bestätigen"));
}

/// Cut, or for something else.
async fn others_are_refused(scene: &Scene, url: &str) {
    let at = url.rfind('/').unwrap() + 1;
    for wrong in [&url[..url.len() - 2], &url.replace("/confirmations/", "/links/"), &url[..at]] {
        assert_eq!(page(scene, Method::POST, wrong).await.status, 404, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_waits_until_the_address_is_confirmed() {
    on_both(BANT, async |scene| {
        asks(&scene, "").await;
        let stranger = scene.app.post_form(&[("email", "eve@zanzotter.example")]).await;
        assert_eq!(stranger.at("/status"), "received", "nobody learns of it");

        let lead = scene.inquire(replacing(IDA, "DE")).await;
        assert_eq!(lead["status"], "awaiting_confirmation", "{lead}");
        assert_eq!((&lead["queue"], &lead["category"]), (&json!("none"), &json!("sell")));
        let url = eventually("the mail to the person", || async {
            let mails = mails(&scene);
            let ours = mails.iter().find(|body| body["data"]["lead"]["id"] == lead["lead_id"])?;
            assert_eq!(
                ours["data"]["brief"]["next_step"],
                "Send the person the link that confirms the address"
            );
            let url = ours["data"]["confirmation"]["url"].as_str().unwrap();
            Some(url.replace("https://in.acme.example", &scene.app.public))
        })
        .await;
        let items = waiting(&scene).await;
        let ours = items.iter().find(|item| item["id"] == lead["lead_id"]).unwrap();
        assert_eq!(ours["reason"], "address_unconfirmed", "{ours}");
        let id = lead["lead_id"].as_str().unwrap();
        let again = scene.app.post(&format!("/v1/acme/leads/{id}/redecide"), json!({})).await;
        assert_eq!(again.status, 422, "{again:?}");

        scanned(&scene, &url).await;
        let stands = scene.lead(&lead).await;
        assert_eq!(
            (stands.at("/status"), stands.at("/confirmation/state")),
            ("awaiting_confirmation", "waiting")
        );
        assert!(scene.receiver.came("crm").is_empty(), "nobody else was told");

        scene.app.clock.pass(Duration::from_hours(3));
        let done = page(&scene, Method::POST, &url).await;
        assert!((done.status, done.text.contains("bestätigt")) == (200, true), "{done:?}");
        let stands = scene.lead(&lead).await;
        assert_eq!(
            (stands.at("/status"), stands.at("/queue"), stands.at("/stage")),
            ("routed", "sales", "lead")
        );
        assert_eq!(
            (stands.at("/confirmation/state"), stands.at("/confirmation/confirmed_from")),
            ("confirmed", "127.0.0.0/24")
        );
        assert!(!stands.at("/owner").is_empty());
        let told = eventually("the CRM", || async {
            let came = scene.receiver.came("crm");
            came.first().map(Came::json)
        })
        .await;
        assert_eq!(told["type"], "lead.routed", "{told}");
        assert_eq!(
            told["data"]["lead"]["confirmed"]["at"],
            stands.body["confirmation"]["confirmed_at"]
        );
        assert!(waiting(&scene).await.iter().all(|item| item["id"] != lead["lead_id"]));

        // Once is enough, and whoever has confirmed is not asked again.
        for method in [Method::POST, Method::GET] {
            assert_eq!(page(&scene, method, &url).await.status, 200);
        }
        let more = scene.inquire(replacing(IDA, "DE")).await;
        assert_eq!((&more["status"], &more["lead_id"]), (&json!("repeat"), &lead["lead_id"]));
        others_are_refused(&scene, &url).await;
        let routed =
            scene.events("crm", &lead).iter().filter(|kind| *kind == "lead.routed").count();
        assert_eq!(routed, 1);
        assert_eq!(mails(&scene).len(), 1, "one mail");
    })
    .await;
}

/// The block of docs/sources.md, as it stands there.
#[test]
fn the_sample_of_the_guide_has_addresses_confirmed() {
    let path = "docs/sources.md";
    let page = Page { path: path.into(), text: read(path) };
    let blocks = page.blocks().into_iter().map(|block| block.text);
    let sample = blocks.into_iter().find(|text| text.starts_with("preset: html-form")).unwrap();
    let settings: SourceSettings = serde_saphyr::from_str(&sample).unwrap();
    let presets = Presets::shipped().unwrap();
    let source = Source::compile(&Name::parse("form").unwrap(), &settings, &presets).unwrap();
    let terms = source.confirmation().unwrap();
    assert_eq!((terms.destination.as_str(), terms.within), ("mailer", Duration::from_hours(72)));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_inquires_again_is_not_written_to_again_at_once() {
    on_both(BANT, async |scene| {
        asks(&scene, ", again_after: 15m").await;
        let lead = scene.inquire(replacing(IDA, "DE")).await;
        let first = link(&scene, 1).await;
        // Other words, or it would be the same form sent again.
        let asking = |message: &str| {
            let mut fields = replacing(IDA, "DE");
            fields["need.message"] = message.into();
            fields
        };
        scene.app.clock.pass(Duration::from_mins(5));
        let again = scene.inquire(asking("and soon")).await;
        assert_eq!((&again["status"], &again["lead_id"]), (&json!("repeat"), &lead["lead_id"]));
        scene.app.clock.pass(Duration::from_mins(11));
        scene.inquire(asking("please")).await;
        link(&scene, 2).await;
        let stands = scene.lead(&lead).await;
        assert_eq!(
            (&stands.body["confirmation"]["asked"], stands.at("/status")),
            (&json!(2), "awaiting_confirmation")
        );
        assert_eq!(waiting(&scene).await.len(), 1);

        // Somewhere nobody is asked: it goes on from there, and the evidence may still come.
        let body = json!({"google_key": "google-secret", "lead_id": "g-1",
            "user_column_data": [{"column_id": "EMAIL", "string_value": IDA}]});
        scene.app.inquire("google", body).await;
        let stands = scene.lead(&lead).await;
        assert_eq!(
            (stands.at("/status"), stands.at("/confirmation/state")),
            ("routed", "unconfirmed")
        );
        let owner = stands.at("/owner").to_owned();
        assert_eq!(
            page(&scene, Method::POST, &first).await.status,
            200,
            "the first mail's link holds"
        );
        let stands = scene.lead(&lead).await;
        assert_eq!(
            (stands.at("/confirmation/state"), stands.at("/owner")),
            ("confirmed", owner.as_str())
        );
        assert_eq!(mails(&scene).len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_confirms_nothing_is_given_up_and_may_come_back() {
    on_both(BANT, async |scene| {
        asks(&scene, "").await;
        let lead = scene.inquire(replacing(IDA, "DE")).await;
        let url = link(&scene, 1).await;
        scene.app.clock.pass(Duration::from_hours(47));
        assert_eq!(page(&scene, Method::GET, &url).await.status, 200);
        assert_eq!(scene.lead(&lead).await.at("/status"), "awaiting_confirmation");
        scene.app.clock.pass(Duration::from_hours(2));
        eventually("the end of its time", || async {
            (scene.lead(&lead).await.at("/stage") == "discarded").then_some(())
        })
        .await;
        assert!(waiting(&scene).await.is_empty());
        assert_eq!(page(&scene, Method::POST, &url).await.status, 410);
        assert!(scene.receiver.came("crm").is_empty());

        let back = scene.inquire(replacing(IDA, "DE")).await;
        assert_eq!((&back["status"], &back["lead_id"]), (&json!("repeat"), &lead["lead_id"]));
        let stands = scene.lead(&lead).await;
        assert_eq!(
            (stands.at("/status"), &stands.body["cycle"]),
            ("awaiting_confirmation", &json!(2))
        );
        let newer = link(&scene, 2).await;
        assert_ne!(newer, url);
        // A person has rung up, say.
        let id = lead["lead_id"].as_str().unwrap();
        let released = scene.app.post(&format!("/v1/acme/leads/{id}/release"), json!({})).await;
        assert_eq!((released.status, released.at("/status")), (200, "routed"), "{released:?}");
        assert_eq!(scene.lead(&lead).await.at("/confirmation/state"), "unconfirmed");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_confirms_nothing_is_forgotten_where_the_source_says_so() {
    on_both(BANT, async |scene| {
        let known = scene.inquire(replacing("odo@zanzotter.example", "DE")).await;
        asks(&scene, ", unconfirmed: erase, page: \"https://www.acme.example/danke\"").await;
        let lead = scene.inquire(replacing(IDA, "DE")).await;
        let url = link(&scene, 1).await;
        // Who is with people already is not asked, so nobody is forgotten for that.
        let more = scene.inquire(replacing("odo@zanzotter.example", "DE")).await;
        assert_eq!(more["lead_id"], known["lead_id"]);
        scene.app.clock.pass(Duration::from_hours(49));
        eventually("the erasure", || async {
            (scene.lead(&lead).await.status == 410).then_some(())
        })
        .await;
        eventually("whoever was told is told", || async {
            let came = scene.receiver.came("mailer");
            came.iter().any(|came| came.json()["type"] == "lead.erased").then_some(())
        })
        .await;
        assert_eq!(page(&scene, Method::POST, &url).await.status, 410);
        assert_eq!(scene.lead(&known).await.at("/status"), "routed");
        assert!(waiting(&scene).await.is_empty());

        // Anew: and a page of one's own says thanks.
        scene.inquire(replacing(IDA, "DE")).await;
        let url = link(&scene, 2).await;
        let done = page(&scene, Method::POST, &url).await;
        assert_eq!(
            (done.status, done.headers["location"].to_str().unwrap()),
            (303, "https://www.acme.example/danke")
        );
    })
    .await;
}
