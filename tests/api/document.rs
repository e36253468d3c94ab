//! What is documented is what is served, and who is let in is what is documented.

use lead_router::http::keys::Scope;
use reqwest::Method;
use serde_json::{Value, json};

use super::World;
use crate::harness::app::{KEY, key_for};

const ID: &str = "0190a1b2c3d4e5f60718293a4b5c6d7e";

/// Every documented operation: method, path with something in its places, scope.
fn operations(document: &Value) -> Vec<(Method, String, Option<String>)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let scope = operation.pointer("/security/0/api_key/0");
            let id = match path {
                path if path.contains("/leads/") => format!("lead_{ID}"),
                path if path.contains("/deliveries/") => format!("dlv_{ID}"),
                _ => format!("inq_{ID}"),
            };
            let path = path
                .replace("{workspace}", "acme")
                .replace("{list}", "held")
                .replace("{name}", "crm")
                .replace("{source}", "form")
                .replace("{secret}", "s")
                .replace("{id}", &id);
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            found.push((method, path, scope.and_then(Value::as_str).map(str::to_owned)));
        }
    }
    found
}

/// What the public listener serves.
fn is_public(path: &str) -> bool {
    let ends = ["/dispositions", "/engagements"];
    path.contains("{source}") || ends.iter().any(|end| path.ends_with(end))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_needs_the_scope_it_names_and_no_other() {
    let world = World::start().await;
    let app = &world.app;
    let document = app.as_key("", Method::GET, "/openapi.json", None).await;
    assert_eq!((document.status, document.body["openapi"].as_str()), (200, Some("3.1.0")));
    let all = operations(&document.body);
    assert!(all.len() > 30, "{}", all.len());
    let mut guarded = 0;
    for (method, path, scope) in all {
        // What the public listener serves is tried with its own tests.
        let Some(scope) = scope.filter(|_| !is_public(&path)) else { continue };
        guarded += 1;
        let ask = |key: String| {
            let (method, path) = (method.clone(), path.clone());
            async move { app.as_key(&key, method, &path, Some(json!({}))).await }
        };
        for key in ["", "lrk_nobody-knows-this-one"] {
            let answer = ask(key.to_owned()).await;
            assert_eq!(
                (answer.status, answer.at("/code")),
                (401, "unauthenticated"),
                "{method} {path}"
            );
            assert_eq!(answer.headers["www-authenticate"], "Bearer");
        }
        for other in Scope::ALL.iter().filter(|other| other.as_str() != scope) {
            let answer = ask(key_for(*other)).await;
            assert_eq!(
                (answer.status, answer.at("/code")),
                (403, "forbidden"),
                "{method} {path} {other}"
            );
        }
        let answer = ask(key_for(Scope::parse(&scope).unwrap())).await;
        assert!(!matches!(answer.status, 401 | 403 | 405 | 500..), "{method} {path}: {answer:?}");
    }
    assert!(guarded >= 25, "{guarded}");
    app_stops(world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_documented_is_not_served() {
    let world = World::start().await;
    let app = &world.app;
    let document = app.get("/openapi.json").await.body;
    let paths = document["paths"].as_object().unwrap();
    for path in ["/", "/v1", "/v1/acme", "/v1/acme/leads", "/v1/acme/pools/x", "/openapi.yaml"] {
        let answer = app.get(path).await;
        assert_eq!((answer.status, answer.at("/code")), (404, "not_found"), "{path}");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
    }
    // A documented path answers 405 to every method that is not documented.
    for (path, item) in paths.iter().filter(|(path, _)| !is_public(path)) {
        let served = path
            .replace("{workspace}", "acme")
            .replace("{list}", "held")
            .replace("{name}", "crm")
            .replace("{id}", &format!("inq_{ID}"));
        for method in ["get", "post", "put", "patch", "delete"] {
            if item.get(method).is_none() {
                let verb = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                let answer = app.as_key(KEY, verb, &served, None).await;
                assert_eq!(
                    (answer.status, answer.at("/code")),
                    (405, "method_not_allowed"),
                    "{method} {path}"
                );
            }
        }
    }
    // Capture is not on the private listener, nor the API on the public one.
    let answer = app.as_key(KEY, Method::POST, "/v1/acme/inquiries/form", Some(json!({}))).await;
    assert_eq!(answer.status, 405);
    let headers = [("authorization", format!("Bearer {KEY}"))];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(k, v)| (*k, v.as_str())).collect();
    for path in ["/metrics", "/v1/acme/worklists", "/openapi.json"] {
        let answer =
            app.ask(Method::GET, &format!("{}{path}", app.public), &headers, String::new()).await;
        assert_eq!(answer.status, 404, "{path}");
    }
    app_stops(world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_to_a_workspace_does_not_learn_whether_it_is_there() {
    let world = World::start().await;
    let key = key_for(Scope::LeadsRead);
    let text = format!(
        "keys:\n  - {{ name: narrow, sha256: \"{}\", scopes: [\"leads:read\"], workspaces: [acme] }}\n",
        lead_router::http::keys::fingerprint(&key)
    );
    world.files.write("keys.yaml", &text);
    let app = &world.app;
    // Taken over by the reload, as a person would have it.
    crate::harness::app::eventually("the narrower key", || async {
        let answer = app.as_key(&key, Method::GET, "/v1/nowhere/worklists", None).await;
        (answer.status == 403).then_some(())
    })
    .await;
    assert_eq!(app.as_key(&key, Method::GET, "/v1/acme/worklists", None).await.status, 200);
    app_stops(world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_process_says_what_is_in_force_and_why_newer_files_are_not() {
    let world = World::start().await;
    let app = &world.app;
    let answer = app.get("/v1/configuration").await;
    assert_eq!(answer.at("/workspaces/acme").len(), 32, "{answer:?}");
    assert!(answer.body.get("refused").is_none());
    assert_eq!(answer.headers["cache-control"], "no-store");
    let before = answer.at("/hash").to_owned();
    world.files.write("workspaces/acme/routing.yaml", "fallback: { queue: nowhere }\n");
    let refused = crate::harness::app::eventually("the refusal", || async {
        let answer = app.get("/v1/configuration").await;
        answer.body.get("refused").cloned()
    })
    .await;
    assert!(refused[0].as_str().unwrap().contains("routing.yaml"), "{refused}");
    assert_eq!(app.get("/v1/configuration").await.at("/hash"), before);
    let ready = app.as_key("", Method::GET, "/readyz", None).await;
    assert_eq!(ready.status, 200);
    assert_eq!(app.as_key("", Method::GET, "/healthz", None).await.at("/status"), "alive");
    world.inquire(super::good("anna")).await;
    let metrics = app.get("/metrics").await;
    assert!(metrics.text.contains("leadrouter_requests_received_total"), "{}", metrics.text);
    app_stops(world).await;
}

async fn app_stops(world: World) {
    assert_eq!(world.app.stop().await, lead_router::app::Stopped::Cleanly);
}
