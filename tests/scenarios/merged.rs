//! People merge two records of one person and part them again: nothing is lost either way.

use std::time::Duration;

use serde_json::{Value, json};

use super::stage::{ENGINES, Stage, good};

fn without_time(lead: &Value) -> Value {
    let mut lead = lead.clone();
    for key in ["updated_at", "version", "deliveries", "apart", "account", "qualification"] {
        lead.as_object_mut().unwrap().remove(key);
    }
    lead
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_merged_is_parted_as_it_was_and_with_what_came_since() {
    for engine in ENGINES {
        let stage = Stage::set(engine, &[]).await;
        let one = stage.inquire("form", good("ida@zanzotter.example", "Ida Fjordlund")).await;
        stage.app.clock.pass(Duration::from_hours(1));
        let mut private = good("ida.fjordlund@gmail.com", "Ida Fjordlund");
        private["employees"] = "5000".into();
        private["message"] = "Privately asked".into();
        let other = stage.inquire("form", private).await;
        assert_ne!(one["lead_id"], other["lead_id"]);
        let before = (stage.lead(&one["lead_id"]).await, stage.lead(&other["lead_id"]).await);

        let into = json!({"into": one["lead_id"]});
        let (status, merged) = stage.act(&other["lead_id"], "merge", into.clone()).await;
        assert_eq!((status, &merged["id"]), (200, &one["lead_id"]), "{engine}: {merged}");
        assert_eq!((&merged["inquiries"], &merged["owner"]), (&json!(2), &one["owner"]));
        assert_eq!(merged["score"], 80, "computed anew: {} and {}", one["score"], other["score"]);
        let whole = stage.lead(&other["lead_id"]).await;
        assert_eq!(whole["id"], one["lead_id"], "its id still finds the person");
        assert_eq!(whole["absorbed"], json!([other["lead_id"]]));
        assert!(whole.to_string().contains("Privately asked"));
        let told = stage.told("crm", "lead.merged", &one["lead_id"]).await;
        assert_eq!(told["data"]["merged"]["id"], other["lead_id"]);
        let again = stage.act(&other["lead_id"], "merge", into).await;
        assert_eq!(again.0, 422, "{again:?}");

        // Each of the two inquires again; both stand in one record.
        stage.app.clock.pass(Duration::from_hours(1));
        let mut second = good("ida.fjordlund@gmail.com", "Ida Fjordlund");
        second["phone"] = "+493023125700".into();
        let later = stage.inquire("form", second).await;
        assert_eq!(later["lead_id"], one["lead_id"]);
        stage.app.clock.pass(Duration::from_hours(1));
        stage.inquire("form", json!({"email": "ida@zanzotter.example"})).await;

        let (status, parted) = stage.act(&other["lead_id"], "unmerge", json!({})).await;
        assert_eq!((status, &parted["lead"]["id"]), (200, &other["lead_id"]), "{parted}");
        assert_eq!(
            (&parted["lead"]["inquiries"], &parted["survivor"]["inquiries"]),
            (&json!(2), &json!(2))
        );
        let stays = stage.lead(&one["lead_id"]).await;
        assert!(!stays.to_string().contains("Privately asked"), "{stays}");
        assert_eq!(stays["contact"], before.0["contact"], "{engine}");
        assert_eq!((&stays["score"], &stays["owner"]), (&one["score"], &one["owner"]));
        let back = stage.lead(&other["lead_id"]).await;
        assert_eq!(back["id"], other["lead_id"]);
        assert_eq!(back["owner"], before.1["owner"]);
        assert!(back.to_string().contains("+493023125700"), "what came for it since: {back}");
        for (lead, other) in [(&one, &other), (&other, &one)] {
            let told = stage.told("crm", "lead.unmerged", &lead["lead_id"]).await;
            assert_eq!(told["data"]["parted_from"]["id"], other["lead_id"]);
        }
        // Never joined again by themselves, each found by its own.
        let mut both = good("ida@zanzotter.example", "Ida Fjordlund");
        both["phone"] = "+493023125700".into();
        let bridge = stage.inquire("form", both).await;
        assert_eq!(stage.lead(&other["lead_id"]).await["id"], other["lead_id"], "{bridge}");
        let rows = stage.app.get("/v1/acme/find?from=2020-01-01T00:00:00Z").await.text;
        assert!(rows.contains("leads_merged") && rows.contains("leads_unmerged"), "{rows}");
        stage.ends_well().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_that_is_parted_at_once_leaves_both_as_they_were() {
    for engine in ENGINES {
        let stage = Stage::set(engine, &[]).await;
        let one = stage.inquire("form", good("ida@zanzotter.example", "Ida Fjordlund")).await;
        let mut third = good("tilo@zanzotter.example", "Tilo Zanzotter");
        third["country"] = "FR".into();
        let other = stage.inquire("form", third).await;
        assert_eq!(other["queue"], "triage", "{other}");
        let before = [stage.lead(&one["lead_id"]).await, stage.lead(&other["lead_id"]).await];
        let waits = stage.waiting("triage").await.len();
        stage.act(&other["lead_id"], "merge", json!({"into": one["lead_id"]})).await;
        assert_eq!(stage.waiting("triage").await.len(), waits - 1);
        stage.act(&other["lead_id"], "unmerge", json!({})).await;
        assert_eq!(stage.waiting("triage").await.len(), waits, "it waits again");
        let after = [stage.lead(&one["lead_id"]).await, stage.lead(&other["lead_id"]).await];
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(without_time(before), without_time(after), "{engine}");
        }
        let refused = stage.act(&other["lead_id"], "unmerge", json!({})).await;
        assert_eq!((refused.0, &refused.1["code"]), (422, &json!("impossible")));
        let same = stage.act(&one["lead_id"], "merge", json!({"into": one["lead_id"]})).await;
        assert_eq!(same.0, 422);
        stage.ends_well().await;
    }
}

/// One member who takes one lead while it is open; whoever comes then is held and tried again.
const ONE_AT_A_TIME: &str = "
pools:
  team:
    method: least_busy
    members: [ { name: ada, caps: { open: 1 } } ]
";
const HOLDING: &str = "
queues:
  sales: { destinations: [crm] }
  triage: { destinations: [inbox] }
rules:
  - name: all
    when: { field: category, is: sell }
    assign: { queue: sales, pool: team, else: { hold: 16h, queue: triage } }
fallback: { queue: triage }
";

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_and_is_merged_is_tried_no_more_until_it_is_parted() {
    for engine in ENGINES {
        let files = [
            ("workspaces/acme/pools.yaml", ONE_AT_A_TIME),
            ("workspaces/acme/routing.yaml", HOLDING),
        ];
        let stage = Stage::set(engine, &files).await;
        let owned = stage.inquire("form", good("ida@zanzotter.example", "Ida Fjordlund")).await;
        let held = stage.inquire("form", good("tilo@brummelkamp.example", "Tilo Zanzotter")).await;
        assert_eq!((&owned["owner"], &held["status"]), (&json!("ada"), &json!("held")), "{engine}");
        let (_, merged) =
            stage.act(&held["lead_id"], "merge", json!({"into": owned["lead_id"]})).await;
        assert_eq!(merged["owner"], "ada");
        assert_eq!(stage.waiting("held").await.len(), 0);
        stage.act(&held["lead_id"], "unmerge", json!({})).await;
        assert_eq!(stage.waiting("held").await.len(), 1, "{engine}");

        // The other way round: what goes away is one less that its owner has open.
        let (status, refused) =
            stage.act(&owned["lead_id"], "merge", json!({"into": held["lead_id"]})).await;
        assert_eq!(status, 200, "{refused}");
        let next = stage.inquire("form", good("ottilie@quillfeather.example", "Ottilie")).await;
        assert_eq!(next["owner"], "ada", "{engine}: {next}");
        stage.ends_well().await;
    }
}
