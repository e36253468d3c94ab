//! A person asks what is held about them, and to be forgotten: nothing of them is left, those who were told are told,
//! and a late retry brings nobody back.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::processes::{On, Stage as Processes};
use super::stage::{DURABLE, Stage, good};
use crate::harness::app::{KEY, eventually};
use crate::harness::deployment::Plan;
use crate::harness::process::Service;
use crate::harness::receiver::Reply;
use crate::harness::wait;

const EMAIL: &str = "odo@zanzotter.example";
/// Text that only this person's data hold.
const NEEDLES: [&str; 5] =
    ["odo@zanzotter", "odo.private@", "Odo Zanzotter", "nobody-else-asks-this", "23125777"];

/// Somebody with two records that were merged, a filtered inquiry, a test, and a body that nobody could read.
async fn known(stage: &Stage) -> [Value; 3] {
    let mut first = good(EMAIL, "Odo Zanzotter");
    first["message"] = "nobody-else-asks-this".into();
    first["company"] = "Zanzotter Mills".into();
    first["phone"] = "+49 30 23125777".into();
    let one = stage.inquire("form", first).await;
    let other = stage.inquire("form", good("odo.private@gmail.com", "Odo Zanzotter")).await;
    let into = json!({"into": one["lead_id"]});
    assert_eq!(stage.act(&other["lead_id"], "merge", into).await.0, 200);
    let sent = |id: &str, is_test: bool| {
        json!({"lead_id": id, "google_key": "google-secret", "is_test": is_test,
            "user_column_data": [{"column_id": "EMAIL", "string_value": EMAIL}]})
    };
    let ad = stage.inquire("google", sent("g-1", false)).await;
    stage.inquire("google", sent("g-2", true)).await;
    let mut robot = good(EMAIL, "Odo Zanzotter");
    robot["_gotcha"] = "x".into();
    stage.inquire("form", robot).await;
    let bearer = format!("Bearer {KEY}");
    let headers = [
        ("x-api-key", "scanner-secret"),
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let url = format!("{}/v1/acme/inquiries/scanner", stage.app.public);
    let body = json!({"besucher_kontakt": EMAIL}).to_string();
    let unread = stage.app.ask(reqwest::Method::POST, &url, &headers, body).await;
    assert_eq!(unread.status, 422, "{unread:?}");
    [one["lead_id"].clone(), other["lead_id"].clone(), ad["inquiry_id"].clone()]
}

/// Files below a folder that hold one of the texts.
fn holding(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path));
            continue;
        }
        // One that is being replaced may be gone by now.
        let Ok(bytes) = std::fs::read(&path) else { continue };
        for needle in NEEDLES {
            if bytes.windows(needle.len()).any(|part| part == needle.as_bytes()) {
                found.push(format!("{}: {needle}", path.display()));
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_what_is_held_and_is_forgotten() {
    for engine in ["embedded", DURABLE] {
        let stage = Stage::set(engine, &[]).await;
        let [lead, merged, ad] = known(&stage).await;
        stage.told("crm", "lead.routed", &lead).await;
        let mut brought = good("ada@zanzotter.example", "Ada Brummelkamp");
        brought["referred_by"] = EMAIL.into();
        let colleague = stage.inquire("form", brought).await;

        let held = stage.app.post("/v1/acme/access", json!({"q": EMAIL})).await;
        assert_eq!(held.status, 200, "{engine}: {held:?}");
        let count = |member: &str| held.body[member].as_array().unwrap().len();
        let counts = ["leads", "inquiries", "set_aside", "bodies"].map(count);
        assert_eq!(counts, [2, 3, 2, 1], "{engine}: {}", held.text);
        assert!(count("deliveries") > 0 && count("acts") > 0);
        assert!(NEEDLES[..4].iter().all(|needle| held.text.contains(needle)), "{}", held.text);
        assert!(!held.text.contains("Brummelkamp"));
        stage.save();
        let there = holding(stage.kept_in());
        assert!(!there.is_empty(), "{engine}: the search finds what is there");
        if engine == DURABLE {
            let in_a = |file: &str| there.iter().any(|found| found.contains(file));
            assert!(in_a("dump.rdb") && in_a("appendonlydir"), "{there:?}");
        }

        // Only asked what would go.
        let asked = json!({"q": lead, "dry_run": true});
        let dry = stage.app.post("/v1/acme/erasures", asked).await;
        assert_eq!((dry.status, &dry.body["inquiries"]), (200, &json!(3)), "{dry:?}");
        assert_eq!(stage.lead(&lead).await["inquiries"], 3);

        // A delivery of theirs is on its way when they go.
        stage.receiver.always("crm", Reply::status(503));
        let mut more = good(EMAIL, "Odo Zanzotter");
        more["message"] = "nobody-else-asks-this, and once more".into();
        let noted = stage.inquire("form", more).await;
        assert_eq!(noted["lead_id"], lead, "{noted}");
        let asked = json!({"q": lead, "reason": "request"});
        let gone = stage.app.post("/v1/acme/erasures", asked.clone()).await;
        assert_eq!(gone.status, 200, "{engine}: {gone:?}");
        let leads = gone.body["leads"].as_array().unwrap();
        assert!(leads.contains(&lead) && leads.contains(&merged), "{}", gone.text);
        let counts = ["inquiries", "set_aside", "bodies"].map(|member| &gone.body[member]);
        assert_eq!(counts, [&json!(4), &json!(2), &json!(1)], "{}", gone.text);
        stage.receiver.always("crm", Reply::status(204));

        // Nothing finds them, their ids say why, and whoever was told is told.
        for id in [&lead, &merged] {
            let path = format!("/v1/acme/leads/{}", id.as_str().unwrap());
            let answer = stage.app.get(&path).await;
            assert_eq!((answer.status, &answer.body["code"]), (410, &json!("erased")));
        }
        for q in [EMAIL, "odo.private@gmail.com", "+49 30 23125777"] {
            let found = stage.app.post("/v1/acme/find", json!({"q": q})).await;
            assert_eq!(found.body["found"], json!([]), "{engine} {q}: {}", found.text);
        }
        assert_eq!(stage.app.post("/v1/acme/erasures", asked).await.status, 404);
        let told = stage.told("crm", "lead.erased", &lead).await;
        assert_eq!(told["data"]["lead"], json!({"id": lead}));
        let other = stage.lead(&colleague["lead_id"]).await;
        assert_eq!(other["id"], colleague["lead_id"], "nobody else goes");

        // The vendor's late retry is known; a new inquiry of theirs is a new person's.
        let retry = json!({"lead_id": "g-1", "google_key": "google-secret",
            "user_column_data": [{"column_id": "EMAIL", "string_value": EMAIL}]});
        stage.app.clock.pass(Duration::from_hours(24 * 200));
        let answer = stage.app.inquire("google", retry).await;
        assert_eq!((answer.status, &answer.body["inquiry_id"]), (202, &ad), "{answer:?}");
        assert_eq!(answer.body["status"], "duplicate");
        let found = stage.app.post("/v1/acme/find", json!({"q": EMAIL})).await;
        assert_eq!(found.body["found"], json!([]), "{engine}: {}", found.text);

        // In files they are until these are written anew.
        eventually("the files to be clean", || async {
            holding(stage.kept_in()).is_empty().then_some(())
        })
        .await;
        let again = stage.inquire("form", good(EMAIL, "Odo Zanzotter")).await;
        assert_ne!(again["lead_id"], lead);
        stage.ends_well().await;
    }
}

/// The same with processes of its own, whose logs say as much as they can: what they wrote is searched, too.
async fn stands_in_no_log(on: On) {
    let plan = Plan { log: "debug", ..Plan::default() };
    let mut stage = Processes::begin_as(on, "2026-03-02T09:00:00Z", &[], &plan).await;
    let fields = [
        ("email", EMAIL),
        ("name", "Odo Zanzotter"),
        ("phone", "+49 30 23125777"),
        ("message", "nobody-else-asks-this"),
    ];
    let lead = stage.post(&fields).await.text("lead_id").to_owned();
    stage.told("lead.routed", 1).await;
    let there = |stage: &Processes| -> Vec<String> {
        stage.folders().into_iter().flat_map(holding).collect()
    };
    assert!(!there(&stage).is_empty(), "{on:?}: the search finds what is there");
    let gone = stage.act("/erasures", &json!({"q": EMAIL, "reason": "request"})).await;
    assert_eq!((gone.status, &gone.body["leads"]), (200, &json!([lead])), "{gone:?}");
    stage.told("lead.erased", 1).await;
    // An hour later the files are written anew.
    stage.at("2026-03-02T10:30:00Z");
    wait::eventually("files and logs to be clean", Duration::from_mins(1), async || {
        there(&stage).is_empty().then_some(())
    })
    .await;
    let logs: String = stage.services.iter().map(Service::log).collect();
    assert!(logs.contains("inquiry committed") && logs.contains(&lead), "{on:?}: {logs}");
    stage.ends_clean().await;
}

#[tokio::test]
async fn whoever_is_forgotten_stands_in_no_file_and_no_log() {
    stands_in_no_log(On::Embedded).await;
    stands_in_no_log(On::Redis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_that_people_share_names_them_all() {
    let stage = Stage::set("embedded", &[]).await;
    let one = stage.inquire("form", good("info@fjordlund.example", "Ida Fjordlund")).await;
    let other = stage.inquire("form", good("info@fjordlund.example", "Bo Okonkwo-Vast")).await;
    assert_ne!(one["lead_id"], other["lead_id"]);
    for path in ["/v1/acme/erasures", "/v1/acme/access"] {
        let refused = stage.app.post(path, json!({"q": "info@fjordlund.example"})).await;
        assert_eq!(refused.status, 422, "{refused:?}");
        for lead in [&one["lead_id"], &other["lead_id"]] {
            assert!(refused.text.contains(lead.as_str().unwrap()), "{}", refused.text);
        }
    }
    let gone = stage.app.post("/v1/acme/erasures", json!({"q": one["lead_id"]})).await;
    assert_eq!((gone.status, &gone.body["leads"]), (200, &json!([one["lead_id"]])));
    assert_eq!(stage.lead(&other["lead_id"]).await["id"], other["lead_id"]);
    let rest = json!({"q": "info@fjordlund.example", "all": true});
    assert_eq!(stage.app.post("/v1/acme/erasures", rest).await.status, 200);
    for wrong in ["2026-03-01", "form", ""] {
        let refused = stage.app.post("/v1/acme/erasures", json!({"q": wrong})).await;
        assert_eq!(refused.status, 400, "{wrong}: {refused:?}");
    }
    stage.ends_well().await;
}
