//! Pairs that may be one person's are shown to people, who say what is so; the answer is remembered.

use std::time::Duration;

use serde_json::{Value, json};

use super::stage::{ENGINES, Stage, good};

/// Two mailboxes of one name at one company: namesakes, or one person.
async fn namesakes(stage: &Stage) -> (Value, Value) {
    let one = stage.inquire("form", good("ida@zanzotter.example", "Ida Fjordlund")).await;
    stage.app.clock.pass(Duration::from_hours(1));
    let other =
        stage.inquire("form", good("i.fjordlund2@zanzotter.example", "Ida Fjordlund")).await;
    assert_ne!(one["lead_id"], other["lead_id"]);
    (one, other)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namesake_is_shown_and_what_people_say_is_remembered() {
    for engine in ENGINES {
        let stage = Stage::set(engine, &[]).await;
        let (one, other) = namesakes(&stage).await;
        let listed = stage.waiting("review").await;
        assert_eq!(listed.len(), 1, "{engine}: {listed:?}");
        let pair = &listed[0];
        assert_eq!((&pair["kind"], &pair["id"]), (&json!("pair"), &other["lead_id"]));
        assert_eq!(pair["other"]["id"], one["lead_id"]);
        assert!(pair["reason"].as_str().unwrap().contains("other_mailbox_of_its_own"), "{pair}");
        let action =
            pair["actions"].as_array().unwrap().iter().find(|it| it["name"] == "distinguish");
        let action = action.unwrap();
        let done = stage.app.post(action["path"].as_str().unwrap(), action["body"].clone()).await;
        assert_eq!(done.status, 200, "{done:?}");
        assert!(stage.waiting("review").await.is_empty());
        // Another inquiry shows the same again: nobody is asked again.
        stage.inquire("form", good("i.fjordlund2@zanzotter.example", "Ida Fjordlund")).await;
        assert!(stage.waiting("review").await.is_empty());
        assert_eq!(stage.lead(&one["lead_id"]).await["apart"], json!([other["lead_id"]]));
        // Proved for both: it is one's, and the other stays apart.
        let mut bridge = good("ida@zanzotter.example", "Ida Fjordlund");
        bridge["phone"] = "+493023125700".into();
        stage.inquire("form", bridge).await;
        assert_eq!(stage.lead(&other["lead_id"]).await["id"], other["lead_id"]);
        stage.ends_well().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_that_is_one_person_is_merged_from_the_list() {
    for engine in ENGINES {
        let stage = Stage::set(engine, &[]).await;
        let (one, other) = namesakes(&stage).await;
        let pair = stage.waiting("review").await.remove(0);
        let action = pair["actions"].as_array().unwrap().iter().find(|it| it["name"] == "merge");
        let action = action.unwrap().clone();
        let done = stage.app.post(action["path"].as_str().unwrap(), action["body"].clone()).await;
        assert_eq!((done.status, done.at("/id")), (200, one["lead_id"].as_str().unwrap()));
        assert!(stage.waiting("review").await.is_empty());
        assert_eq!(stage.lead(&other["lead_id"]).await["id"], one["lead_id"]);
        stage.ends_well().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_of_one_company_are_shown_together() {
    for engine in ENGINES {
        let files = [
            ("workspaces/acme/lists/named.csv", "domain,owner\nfjordlund.example,cleo\n"),
            ("workspaces/acme/workspace.yaml", "zone: Europe/Berlin\naccounts: { list: named }\n"),
        ];
        let stage = Stage::set(engine, &files).await;
        let one = stage.inquire("form", good("ida@zanzotter.example", "Ida Fjordlund")).await;
        let two =
            stage.inquire("form", good("tilo@mail.zanzotter.example", "Tilo Quillfeather")).await;
        let free = stage.inquire("form", good("bo@gmail.com", "Bo Brummelkamp")).await;
        let lead = stage.lead(&two["lead_id"]).await;
        assert_eq!(lead["account"]["owner"], one["owner"], "{engine}: {lead}");
        assert_eq!(lead["account"]["by_lead"], one["lead_id"]);
        assert_eq!(lead["account"]["people"][0]["id"], one["lead_id"]);
        assert_eq!(stage.lead(&one["lead_id"]).await["account"]["people"][0]["id"], two["lead_id"]);
        assert!(stage.lead(&free["lead_id"]).await.get("account").is_none());
        let named = stage.inquire("form", good("ina@fjordlund.example", "Ina Zanzotter")).await;
        let named = stage.lead(&named["lead_id"]).await;
        assert_eq!(
            (&named["account"]["owner"], named["account"].get("by_lead")),
            (&json!("cleo"), None)
        );
        stage.ends_well().await;
    }
}
