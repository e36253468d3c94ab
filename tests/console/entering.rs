//! In and out: keys, sessions, their end, and forms that do not come from here.

use std::fmt::Write as _;
use std::time::Duration;

use lead_router::http::keys::Scope;
use reqwest::Method;

use super::visitor::{World, good, said};
use crate::harness::app::{KEY, key_for};
use crate::harness::wait::eventually;

const LIVE: &str = "/console/w/acme/live";
/// A change of files is looked for every two seconds.
const WITHIN: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn a_key_lets_in_and_nothing_else_does() {
    let world = World::start().await;
    let mut stranger = world.stranger();
    let sent_away = stranger.get(LIVE).await;
    assert_eq!(sent_away.status, 303);
    assert_eq!(sent_away.headers["location"], "/console/login?to=/console/w/acme/live");
    for wrong in ["", "lrk_no-such-key", "' or 1=1 --"] {
        let refused = stranger.send("/console/login", &[("key", wrong)], &[]).await;
        assert_eq!(refused.status, 401, "{wrong}");
        assert!(refused.text.contains("data-test=\"login-wrong\""));
        assert!(stranger.cookies.is_empty());
    }
    let form = [("key", KEY), ("to", LIVE)];
    let entered = stranger.send("/console/login", &form, &[]).await;
    assert_eq!((entered.status, &entered.headers["location"]), (303, &LIVE.parse().unwrap()));
    assert_eq!(stranger.get(LIVE).await.status, 200);
    assert_eq!(stranger.get("/console").await.headers["location"], LIVE);
    // Elsewhere is not a place to come back to.
    for to in ["https://elsewhere.example/", "//elsewhere.example", "/console/\r\nx: y"] {
        let entered =
            world.stranger().send("/console/login", &[("key", KEY), ("to", to)], &[]).await;
        assert_eq!(entered.headers["location"], "/console", "{to}");
    }
    // A cookie that was made up or changed opens nothing.
    let (name, value) = stranger.cookies[0].clone();
    for bad in ["x".to_owned(), format!("{value}A"), value.replace(&value[5..9], "AAAA")] {
        let mut other = world.stranger();
        other.cookies = vec![(name.clone(), bad)];
        assert_eq!(other.get(LIVE).await.status, 303);
    }
    // Out again: the browser forgets the session.
    let out = stranger.submit(LIVE, "/console/logout", &[]).await;
    assert_eq!((out.status, &out.headers["location"]), (303, &"/console/login".parse().unwrap()));
    assert!(stranger.cookies.is_empty());
    assert_eq!(stranger.get(LIVE).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_after_twelve_hours_and_with_its_key() {
    let world = World::start().await;
    let mut visitor = world.visitor().await;
    let only = key_for(Scope::LeadsRead);
    let mut other = world.visitor_with(&only).await;
    world.app.clock.pass(Duration::from_mins(12 * 60 - 1));
    assert_eq!(visitor.get(LIVE).await.status, 200);
    assert_eq!(other.get(LIVE).await.status, 200);
    // The key goes out of keys.yaml; the other ones stay.
    let keys = std::fs::read_to_string(world.files.0.path().join("keys.yaml")).unwrap();
    let mut fewer = String::new();
    for line in keys.lines().filter(|line| !line.contains("only-leads-read")) {
        writeln!(fewer, "{line}").unwrap();
    }
    world.files.write("keys.yaml", &fewer);
    eventually("a session without its key ends", WITHIN, async || {
        (other.get(LIVE).await.status == 303).then_some(())
    })
    .await;
    assert_eq!(visitor.get(LIVE).await.status, 200);
    world.app.clock.pass(Duration::from_mins(2));
    assert_eq!(visitor.get(LIVE).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_tries_too_often_waits() {
    let world = World::start().await;
    let mut stranger = world.stranger();
    let mut statuses = Vec::new();
    for _ in 0..12 {
        statuses.push(stranger.send("/console/login", &[("key", "lrk_guess")], &[]).await.status);
    }
    assert_eq!(statuses[..10], [401; 10]);
    assert!(statuses[10..].contains(&429), "{statuses:?}");
    let metrics = world.app.get("/metrics").await.text;
    assert!(metrics.contains("leadrouter_console_visits_total{how=\"limited\"}"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_from_elsewhere_or_without_the_token_do_nothing() {
    let world = World::start().await;
    let lead = world.lead(good("anna")).await;
    let mut visitor = world.visitor().await;
    let page = format!("/console/w/acme/leads/{lead}");
    let form = format!("{page}/discard");
    let shown = visitor.get(&page).await.text;
    let token = shown.split("name=\"csrf\" value=\"").nth(1).unwrap();
    let token = token.split('"').next().unwrap().to_owned();
    let good = [("csrf", token.as_str())];
    let private = world.app.private.clone();
    let elsewhere = [("origin", "https://elsewhere.example")];
    let other_site = [("sec-fetch-site", "cross-site")];
    let same_site = [("sec-fetch-site", "same-site")];
    let here = [("origin", private.as_str())];
    let nothing: &[(&str, &str)] = &[];
    for (fields, headers) in [
        (nothing, &here[..]),
        (&[("csrf", "0123456789abcdef0123456789abcdef")], &here),
        (&good, &elsewhere),
        (&good, &other_site),
        (&good, &same_site),
    ] {
        let refused = visitor.send(&form, fields, headers).await;
        assert_eq!(refused.status, 403, "{fields:?} {headers:?}");
        assert!(refused.text.contains("not valid any more"));
    }
    // Another session's token is no token here.
    let mut other = world.visitor().await;
    assert_eq!(other.send(&form, &good, &here).await.status, 403);
    assert_eq!(world.app.get(&format!("/v1/acme/leads/{lead}")).await.at("/status"), "routed");
    // Not even logging in is done from elsewhere.
    let login = world.stranger().send("/console/login", &[("key", KEY)], &elsewhere).await;
    assert_eq!(login.status, 403);
    assert_eq!(visitor.send(&form, &good, &here).await.status, 303);
    assert_eq!(world.app.get(&format!("/v1/acme/leads/{lead}")).await.at("/status"), "discarded");
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scopes_say_what_is_shown_and_what_can_be_done() {
    let world = World::start().await;
    let lead = world.lead(good("bert")).await;
    let page = format!("/console/w/acme/leads/{lead}");
    let mut reader = world.visitor_with(&key_for(Scope::LeadsRead)).await;
    let shown = reader.get(&page).await;
    assert_eq!(shown.status, 200);
    assert!(!shown.text.contains("data-test=\"actions\""), "no scope, no buttons");
    assert!(!shown.text.contains("data-test=\"nav-pools\""));
    let token = shown.text.split("name=\"csrf\" value=\"").nth(1).unwrap();
    let token = token.split('"').next().unwrap().to_owned();
    let refused = reader.send(&format!("{page}/discard"), &[("csrf", &token)], &[]).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text.contains("<h1") && refused.text.contains("operate"));
    let mut watcher = world.visitor_with(&key_for(Scope::Metrics)).await;
    let nothing = watcher.get("/console").await;
    assert_eq!(nothing.status, 403);
    assert_eq!(watcher.get(&page).await.status, 403);
    // A workspace that a key may not enter is not there.
    assert_eq!(reader.get("/console/w/other/live").await.status, 404);
    assert_eq!(said(&shown.text), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_forbids_what_is_not_ours() {
    let world = World::start().await;
    let mut visitor = world.visitor().await;
    let page = visitor.get(LIVE).await;
    let asset = page.text.split("href=\"/console/assets/").nth(1).unwrap();
    let css = format!("/console/assets/{}", asset.split('"').next().unwrap());
    for path in [LIVE, "/console/login", "/console/nowhere", "/console/w/acme/leads/x", &css] {
        let answer = visitor.get(path).await;
        let header = |name: &str| answer.headers.get(name).map(|v| v.to_str().unwrap().to_owned());
        let csp = header("content-security-policy").unwrap_or_default();
        assert!(csp.starts_with("default-src 'none'; style-src 'self';"), "{path}: {csp}");
        assert!(csp.contains("frame-ancestors 'none'") && !csp.contains("unsafe"), "{csp}");
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"), "{path}");
        assert_eq!(header("referrer-policy").as_deref(), Some("no-referrer"), "{path}");
        let cached = header("cache-control").unwrap();
        assert_eq!(cached == "no-store", path != css, "{path}: {cached}");
        for inline in [" style=", " onclick", "<script>", "<style", "javascript:"] {
            assert!(!answer.text.contains(inline) || path == css, "{path}: {inline}");
        }
    }
    let secure = [("x-forwarded-proto", "https")];
    let url = format!("{}/console/login", world.app.private);
    let mut headers = vec![("content-type", "application/x-www-form-urlencoded")];
    headers.extend_from_slice(&secure);
    let entered = world.app.ask(Method::POST, &url, &headers, format!("key={KEY}")).await;
    assert!(entered.headers["set-cookie"].to_str().unwrap().ends_with("; Secure"));
}
