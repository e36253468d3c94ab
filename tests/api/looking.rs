//! Where is my lead, and why?

use serde_json::json;

use super::{World, good};

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_is_found_by_whatever_is_known_of_it() {
    let world = World::start().await;
    let mut inquiry = good("anna");
    inquiry["phone"] = "030 23125 111".into();
    let answer = world.inquire(inquiry).await;
    let (id, lead) = (answer["inquiry_id"].as_str().unwrap(), answer["lead_id"].as_str().unwrap());
    for what in [
        "anna@zanzotter.example",
        "ANNA@Zanzotter.example",
        "+49 30 23125111",
        "030 23125 111",
        lead,
    ] {
        let found = world.app.post("/v1/acme/find", json!({"q": what})).await;
        assert_eq!(found.at("/found/0/id"), lead, "{what}: {found:?}");
        assert_eq!(found.at("/found/0/kind"), "lead");
        assert_eq!(found.body["found"].as_array().unwrap().len(), 1, "{what}");
    }
    let found = world.app.get(&format!("/v1/acme/find?q={id}")).await;
    assert_eq!((found.at("/found/0/kind"), found.at("/found/0/lead")), ("inquiry", lead));
    let nobody = world.app.post("/v1/acme/find", json!({"q": "nobody@zanzotter.example"})).await;
    assert_eq!((nobody.status, nobody.body["found"].as_array().unwrap().len()), (200, 0));
    for bad in [
        "",
        "?q=",
        // What may be about a person belongs in a body.
        "?q=anna%40zanzotter.example",
        "?q=03023125111",
        "?q=customer-7",
        "?from=soon",
        "?source=nobody",
        "?after=1-0&from=yesterday",
        "?after=x",
        "?q=2h&limit=0",
        "?z=1",
    ] {
        let answer = world.app.get(&format!("/v1/acme/find{bad}")).await;
        assert_eq!((answer.status, answer.at("/code")), (400, "bad_request"), "{bad}");
    }
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_is_read_row_by_row() {
    let world = World::start().await;
    for name in ["anna", "bert", "carl"] {
        world.inquire(good(name)).await;
    }
    let first = world.app.get("/v1/acme/find?from=2020-01-01T00:00:00Z&limit=2").await;
    assert_eq!(first.body["happened"].as_array().unwrap().len(), 2, "{first:?}");
    assert_eq!(first.at("/happened/0/fact"), "inquiry_decided");
    assert_eq!(first.at("/happened/0/status"), "routed");
    assert_eq!(first.at("/happened/0/owner"), "ada");
    assert_eq!(first.at("/happened/0/rule"), "german");
    let path = format!("/v1/acme/find?after={}&limit=2", first.at("/next"));
    let second = world.app.get(&path).await;
    assert_eq!(second.at("/happened/0/owner"), "cleo");
    assert!(second.body.get("next").is_none());
    assert!(!(first.text + &second.text).contains("anzotter"), "the journal is about nobody");
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_is_explained_by_names_and_in_sentences() {
    let world = World::start().await;
    let answer = world.inquire(good("anna")).await;
    let id = answer["inquiry_id"].as_str().unwrap();
    let record = world.app.get(&format!("/v1/acme/inquiries/{id}/record")).await;
    assert_eq!(record.body["configuration_is_current"], true, "{record:?}");
    assert_eq!(
        record.body["rules"],
        json!([{"rule": "enterprise", "says": "missing"}, {"rule": "german", "says": "match"}])
    );
    assert_eq!(
        (record.at("/rule"), record.at("/owner"), record.at("/queue")),
        ("german", "ada", "sales")
    );
    assert_eq!(record.body["receipt"]["turn"], 1);
    let lines = record.body["qualification"]["lines"].as_array().unwrap();
    let line = lines.iter().find(|line| line["criterion"] == "budget-fits").unwrap();
    assert_eq!((line["answer"].as_str(), line["points"].as_i64()), (Some("yes"), Some(50)));
    let sum: f64 = lines.iter().map(|line| line["points"].as_f64().unwrap()).sum();
    assert!((sum - record.body["qualification"]["score"].as_f64().unwrap()).abs() < 1e-9);
    assert!(record.body["sentences"].as_array().unwrap().len() > 3);
    assert!(!record.text.contains("anzotter"), "a record is about nobody: {}", record.text);

    // After the configuration changed the record stays what it was, by the names that were then.
    let routing =
        std::fs::read_to_string(world.files.0.path().join("workspaces/acme/routing.yaml")).unwrap();
    world.files.write("workspaces/acme/routing.yaml", &routing.replace("german", "deutsch"));
    let record = crate::harness::app::eventually("the new configuration", || async {
        let record = world.app.get(&format!("/v1/acme/inquiries/{id}/record")).await;
        (record.body["configuration_is_current"] == false).then_some(record)
    })
    .await;
    assert_eq!((record.at("/rule"), record.at("/rules/1/rule")), ("german", "german"));
    assert_eq!(record.body["configuration_is_known"], true);
    let criterion = record.at("/qualification/lines/0/criterion");
    assert_eq!(
        (criterion, record.at("/qualification/lines/0/text")),
        ("budget-fits", "at least 10,000 euros")
    );
    let said = record.body["sentences"].to_string();
    assert!(said.contains("Rule `enterprise`: a field it asks for is missing."), "{said}");
    assert!(said.contains("which is not the one of now"), "{said}");
    let lead = world.app.get(&format!("/v1/acme/leads/{}", record.at("/lead"))).await;
    assert_eq!(lead.at("/qualification/lines/0/criterion"), "budget-fits");
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_shows_its_touches_its_score_and_its_deliveries() {
    let world = World::start().await;
    let answer = world.inquire(good("anna")).await;
    let lead = answer["lead_id"].as_str().unwrap();
    let view = crate::harness::app::eventually("the delivery", || async {
        let view = world.app.get(&format!("/v1/acme/leads/{lead}")).await;
        (view.at("/deliveries/0/state") == "delivered").then_some(view)
    })
    .await;
    assert_eq!((view.at("/stage"), view.at("/owner"), view.at("/queue")), ("lead", "ada", "sales"));
    assert_eq!(view.at("/contact/email/value"), "anna@zanzotter.example");
    assert_eq!(view.at("/touches/0/source"), "form");
    assert_eq!(view.body["score"], 70);
    assert_eq!(view.at("/qualification/lines/0/criterion"), "budget-fits");
    assert_eq!(view.at("/deliveries/0/destination"), "crm");
    assert_eq!(view.at("/deliveries/0/attempts/0/verdict"), "delivered");
    assert_eq!(view.body["deliveries"][0]["attempts"][0]["http_status"], 204);
    let delivery = view.at("/deliveries/0/id");
    let one = world.app.get(&format!("/v1/acme/deliveries/{delivery}")).await;
    assert_eq!((one.at("/state"), one.at("/lead")), ("delivered", lead), "{one:?}");
    let came = world.receiver.came("crm");
    assert_eq!(one.at("/event"), came[0].header("webhook-id"));
    for missing in [
        "leads/lead_0190a1b2c3d4e5f60718293a4b5c6d7e",
        "leads/x",
        "deliveries/dlv_1",
        "inquiries/inq_0190a1b2c3d4e5f60718293a4b5c6d7e",
        "worklists/other",
    ] {
        let answer = world.app.get(&format!("/v1/acme/{missing}")).await;
        assert_eq!((answer.status, answer.at("/code")), (404, "not_found"), "{missing}");
    }
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pools_show_who_got_how_much() {
    let world = World::start().await;
    for name in ["anna", "bert", "carl", "dirk"] {
        world.inquire(good(name)).await;
    }
    let pools = world.app.get("/v1/acme/pools").await;
    let team =
        pools.body["pools"].as_array().unwrap().iter().find(|pool| pool["name"] == "team").unwrap();
    assert_eq!(team["turns"], 4);
    let members: Vec<(&str, i64)> = team["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|member| (member["name"].as_str().unwrap(), member["assigned"].as_i64().unwrap()))
        .collect();
    assert_eq!(members, [("ada", 2), ("ben", 1), ("cleo", 1)]);
    assert_eq!(team["members"][0]["share"], 0.5);
    world.ends_well().await;
}
