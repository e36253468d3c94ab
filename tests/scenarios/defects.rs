//! Defects that other lead routers have in how they match and merge, and this one has not. The numbers are those
//! of the list of defects that the tests were made from.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;

use super::stage::{ENGINES, Stage, good};
use crate::harness::app::eventually;
use crate::harness::receiver::Reply;

/// S2: a merge there deletes the loser, and who survives is drawn by lot.
#[tokio::test(flavor = "multi_thread")]
async fn s2_merging_deletes_nothing_and_the_older_open_record_survives() {
    for engine in ENGINES {
        let stage = Stage::set(engine, &[]).await;
        let older =
            stage.inquire("form", json!({"email": "eli@gmail.com", "first_name": "Eli"})).await;
        stage.app.clock.pass(Duration::from_hours(1));
        let younger = stage
            .inquire("form", json!({"phone": "+493023125700", "name": "Eli Brummelkamp"}))
            .await;
        assert_ne!(older["lead_id"], younger["lead_id"]);
        stage.app.clock.pass(Duration::from_hours(1));
        let bridge = json!({
            "email": "eli@gmail.com", "phone": "+493023125700", "name": "Eli Brummelkamp",
        });
        let third = stage.inquire("form", bridge).await;
        assert_eq!(third["lead_id"], older["lead_id"], "{engine}: the older open one");
        let whole = stage.lead(&younger["lead_id"]).await;
        assert_eq!((&whole["id"], &whole["inquiries"]), (&older["lead_id"], &json!(3)));
        let (status, parted) = stage.act(&younger["lead_id"], "unmerge", json!({})).await;
        assert_eq!((status, &parted["lead"]["inquiries"]), (200, &json!(1)), "it is all there");
        stage.ends_well().await;
    }
}

/// S6: a public form there says whom the lead is assigned to, and whether it was checked for duplicates.
#[tokio::test(flavor = "multi_thread")]
async fn s6_nothing_in_a_body_routes_or_matches() {
    for engine in ENGINES {
        let stage = Stage::set(engine, &[]).await;
        let first = stage.inquire("form", good("ida@zanzotter.example", "Ida Fjordlund")).await;
        let mut claimed = good("ida@zanzotter.example", "Ida Fjordlund");
        for (key, value) in [
            ("assigned_user_id", "cleo"),
            ("owner", "cleo"),
            ("queue", "nurture"),
            ("pool", "capped"),
            ("category", "discard"),
            ("score", "0"),
            ("stage", "won"),
            ("dup_checked", "true"),
            ("lead_id", "lead_00000000000000000000000000000001"),
            ("merged_into", "lead_00000000000000000000000000000001"),
        ] {
            claimed[key] = value.into();
        }
        let again = stage.inquire("form", claimed).await;
        assert_eq!((&again["status"], &again["lead_id"]), (&json!("repeat"), &first["lead_id"]));
        for key in ["owner", "queue", "category", "stage", "score"] {
            assert_eq!(again[key], first[key], "{engine}: {key}");
        }
        stage.ends_well().await;
    }
}

/// S8: the answers of a duplicate are dropped there.
#[tokio::test(flavor = "multi_thread")]
async fn s8_what_a_known_person_answers_is_kept() {
    for engine in ENGINES {
        let stage = Stage::set(engine, &[]).await;
        let first = stage.inquire("form", good("ida@zanzotter.example", "Ida Fjordlund")).await;
        let mut more = good("ida@zanzotter.example", "Ida Fjordlund");
        more["message"] = "Two more machines".into();
        more["job_title"] = "Plant manager".into();
        more["timeline"] = "this quarter".into();
        let again = stage.inquire("form", more).await;
        assert_eq!(again["status"], "repeat", "the outcome is said");
        let lead = stage.lead(&first["lead_id"]).await.to_string();
        for text in ["Two more machines", "Plant manager", "this quarter"] {
            assert!(lead.contains(text), "{engine}: {text}: {lead}");
        }
        stage.ends_well().await;
    }
}

/// S11: points are summed there, so a duplicate is a hotter lead.
#[tokio::test(flavor = "multi_thread")]
async fn s11_a_merged_score_is_computed_anew() {
    for engine in ENGINES {
        let stage = Stage::set(engine, &[]).await;
        let one = stage.inquire("form", good("ida@zanzotter.example", "Ida Fjordlund")).await;
        let other = stage.inquire("form", good("ida.fjordlund@gmail.com", "Ida Fjordlund")).await;
        assert_eq!((&one["score"], &other["score"]), (&json!(70), &json!(70)), "{engine}");
        let (_, merged) =
            stage.act(&other["lead_id"], "merge", json!({"into": one["lead_id"]})).await;
        assert_eq!(merged["score"], 70, "and not 140");
        for _ in 0..3 {
            let again = stage.inquire("form", good("ida@zanzotter.example", "Ida Fjordlund")).await;
            assert_eq!(again["score"], 70);
            stage.app.clock.pass(Duration::from_hours(1));
        }
        stage.ends_well().await;
    }
}

/// S13: asking whether somebody is known and adding them are two calls there, with a race between.
#[tokio::test(flavor = "multi_thread")]
async fn s13_many_at_once_are_one_person() {
    for engine in ENGINES {
        let stage = Stage::set(engine, &[]).await;
        let posts = (0..40).map(|n| {
            let mut body = good("ida@zanzotter.example", "Ida Fjordlund");
            body["message"] = format!("Number {n}").into();
            stage.inquire("form", body)
        });
        let answers = futures_util::future::join_all(posts).await;
        let leads: BTreeSet<String> = answers.iter().map(|it| it["lead_id"].to_string()).collect();
        assert_eq!(leads.len(), 1, "{engine}");
        let new = answers.iter().filter(|it| it["status"] == "routed").count();
        assert_eq!(new, 1, "one lead, one assignment");
        stage.ends_well().await;
    }
}

/// S9: clocks tick there only when somebody saves the record. Here who waits is given to somebody when the time comes,
/// and nobody has touched anything.
#[tokio::test(flavor = "multi_thread")]
async fn s9_time_acts_by_itself() {
    let pools = "
pools:
  team: { members: [ { name: ada, caps: { minute: 1 } } ] }
  capped: { members: [dora] }
";
    for engine in ENGINES {
        let stage = Stage::set(engine, &[("workspaces/acme/pools.yaml", pools)]).await;
        stage.inquire("form", good("ida@zanzotter.example", "Ida Fjordlund")).await;
        let held = stage.inquire("form", good("ulf@brummelkamp.example", "Ulf Brummelkamp")).await;
        assert_eq!(held["status"], "held", "{engine}: {held}");
        stage.app.clock.pass(Duration::from_mins(1));
        let told = stage.told("crm", "lead.routed", &held["lead_id"]).await;
        assert_eq!(told["data"]["assignment"]["owner"], "ada", "{engine}");
        stage.ends_well().await;
    }
}

/// S12: after some failures the webhook there switches itself off, and what comes meanwhile is lost.
#[tokio::test(flavor = "multi_thread")]
async fn s12_a_destination_that_failed_goes_on_by_itself_and_nothing_is_lost() {
    for engine in ENGINES {
        let stage = Stage::set(engine, &[]).await;
        stage.receiver.always("crm", Reply::status(500));
        let mut leads = Vec::new();
        for n in 0..12 {
            let email = format!("ida@zanzotter{n}.example");
            leads.push(
                stage.inquire("form", good(&email, "Ida Fjordlund")).await["lead_id"].clone(),
            );
        }
        eventually("a dead letter", || async {
            (!stage.waiting("dead").await.is_empty()).then_some(())
        })
        .await;
        stage.receiver.always("crm", Reply::status(204));
        // The breaker ends by itself, whoever looks.
        stage.app.clock.pass(Duration::from_mins(30));
        let last = stage.inquire("form", good("ida@zanzotter99.example", "Ida Fjordlund")).await;
        stage.told("crm", "lead.routed", &last["lead_id"]).await;
        let dead = json!({ "destination": "crm" });
        let replayed = stage.app.post("/v1/acme/deliveries/replay", dead).await;
        assert_eq!(replayed.status, 200, "{replayed:?}");
        for lead in &leads {
            eventually("every lead to be told", || async {
                let came = stage.receiver.came("crm").into_iter();
                let answered = came.filter(|came| came.json()["data"]["lead"]["id"] == *lead);
                (answered.count() > 0 && stage.waiting("dead").await.is_empty()).then_some(())
            })
            .await;
        }
        stage.ends_well().await;
    }
}
