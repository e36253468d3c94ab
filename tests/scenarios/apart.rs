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
        act(&stage, pair, "distinguish").await;
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

/// What can be done about a pair.
async fn act(stage: &Stage, pair: &Value, name: &str) {
    let action = pair["actions"].as_array().unwrap().iter().find(|it| it["name"] == name).unwrap();
    let path = action["path"].as_str().unwrap();
    let done = stage.app.post(path, action["body"].clone()).await;
    assert_eq!(done.status, 200, "{name}: {done:?}");
}

/// Colleagues at one switchboard are two people: nobody need look, and whoever knows better can say so.
#[tokio::test(flavor = "multi_thread")]
async fn every_refused_pair_stands_on_a_list_of_its_own() {
    for engine in ENGINES {
        let stage = Stage::set(engine, &[]).await;
        let at_switchboard = |email: &str, name: &str| {
            let mut body = good(email, name);
            body["phone"] = "+493023125700".into();
            body
        };
        let people = [
            ("ida@zanzotter.example", "Ida Fjordlund"),
            ("tilo@zanzotter.example", "Tilo Quillfeather"),
            ("ruth@zanzotter.example", "Ruth Brummelkamp"),
        ];
        let mut leads = Vec::new();
        for (email, name) in people {
            stage.app.clock.pass(Duration::from_mins(1));
            let answer = stage.inquire("form", at_switchboard(email, name)).await;
            leads.push(answer["lead_id"].clone());
        }
        assert!(stage.waiting("review").await.is_empty(), "{engine}");
        let listed = stage.waiting("refused").await;
        assert_eq!(listed.len(), 3, "{engine}: each with each: {listed:?}");
        let pair = listed.iter().find(|it| it["id"] == leads[1]).unwrap();
        assert_eq!((&pair["kind"], &pair["reason"]), (&json!("pair"), &json!("phone_other_name")));
        assert_eq!(pair["other"]["id"], leads[0]);
        // Another inquiry shows nothing new.
        stage.inquire("form", at_switchboard(people[0].0, people[0].1)).await;
        let since = |items: &[Value]| -> Vec<Value> {
            items.iter().map(|it| it["since"].clone()).collect()
        };
        assert_eq!(since(&stage.waiting("refused").await), since(&listed), "{engine}");
        act(&stage, pair, "distinguish").await;
        let left = stage.waiting("refused").await;
        assert_eq!((left.len(), left.contains(pair)), (2, false), "{engine}");
        // Somebody knows better: one person after all.
        let pair = left.iter().find(|it| it["other"]["id"] == leads[0]).unwrap();
        act(&stage, pair, "merge").await;
        // What is left of it was answered: these two are not one.
        assert_eq!(stage.waiting("refused").await, [] as [Value; 0], "{engine}");
        let counts = stage.app.get("/v1/acme/worklists").await;
        let refused = counts.body["worklists"].as_array().unwrap().iter();
        let refused = refused.filter(|it| it["name"] == "refused").map(|it| it["count"].clone());
        assert_eq!(refused.collect::<Vec<_>>(), [json!(0)], "{engine}: taken off as it was read");
        stage.ends_well().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_forgotten_leaves_the_pairs() {
    for engine in ENGINES {
        let stage = Stage::set(engine, &[]).await;
        let (one, _) = namesakes(&stage).await;
        let mut colleague = good("tilo@zanzotter.example", "Tilo Quillfeather");
        colleague["phone"] = "+493023125700".into();
        stage.inquire("form", colleague).await;
        let mut again = good("ida@zanzotter.example", "Ida Fjordlund");
        again["phone"] = "+493023125700".into();
        assert_eq!(stage.inquire("form", again).await["lead_id"], one["lead_id"]);
        let listed = (stage.waiting("review").await.len(), stage.waiting("refused").await.len());
        assert_eq!(listed, (1, 1), "{engine}");
        let asked = json!({"q": one["lead_id"], "reason": "asked"});
        let erased = stage.app.post("/v1/acme/erasures", asked).await;
        assert_eq!(erased.status, 200, "{erased:?}");
        let counts = stage.app.get("/v1/acme/worklists").await;
        let counts = counts.body["worklists"].as_array().unwrap().clone();
        let pairs = counts.iter().filter(|it| it["name"] == "review" || it["name"] == "refused");
        assert!(
            pairs.clone().count() == 2 && pairs.clone().all(|it| it["count"] == 0),
            "{counts:?}"
        );
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
