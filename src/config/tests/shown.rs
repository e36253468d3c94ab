//! What is shown of the configuration in force: every value with its origin, no secret.

use super::*;
use crate::http::configuration::{Origin, ShownValue, Step};

/// A complete workspace with something from everywhere.
fn world() -> tempfile::TempDir {
    let dir = folder(&[
        ("server.yaml", "limits: {in_flight: \"${env:FLIGHT}\"}\n"),
        (
            "workspaces/a/workspace.yaml",
            "zone: \"${env:ZONE}\"\ncountry: DE\nrecord_url: \"https://x.example/${env:LEVEL}\"\n",
        ),
        (
            "workspaces/a/sources/ads.yaml",
            "preset: google-ads-lead-form\nsecrets: [\"${env:ADS_KEY}\", \"${file:ads.key}\"]\n",
        ),
        ("workspaces/a/sources/own.yaml", "preset: own\nchannel: email\n"),
        (
            "presets/sources/own.yaml",
            "title: Own\nchannel: partner\nfill_seconds_min: 7\nsingle: [json]\nverification: {default: none, schemes: {none: {kind: none}}}\n",
        ),
        ("workspaces/a/pools.yaml", "pools: {reps: {members: [ada, {name: ben, weight: 2}]}}\n"),
        (
            "workspaces/a/destinations/crm.yaml",
            "url: https://crm.example.com/hook?token=hush-hush\nsecrets: [\"${env:CRM_SECRET}\"]\nheaders: {authorization: Bearer hush-hush}\nevents: [\"lead.*\", \"alert.*\"]\n",
        ),
        ("ads.key", "a-key-in-a-file\n"),
    ]);
    complete(dir.path(), "a");
    dir
}

fn env(name: &str) -> Option<String> {
    Some(match name {
        "FLIGHT" => "7".to_owned(),
        "LEVEL" => "hush-hush".to_owned(),
        "ZONE" => "Europe/Berlin".to_owned(),
        "ADS_KEY" => "a-key-of-ads".to_owned(),
        "LEAD_ROUTER_PUBLIC" => "0.0.0.0:80".to_owned(),
        other => return no_env(other),
    })
}

fn steps(path: &str) -> Vec<Step> {
    let step = |word: &str| match word.parse() {
        Ok(index) => Step::Index(index),
        Err(_) => Step::Key(word.to_owned()),
    };
    path.split('/').map(step).collect()
}

#[test]
fn every_value_says_where_it_comes_from() {
    let dir = world();
    let loaded = load(dir.path(), &env).unwrap();
    let get = |file: &str, path: &str| -> ShownValue {
        let file = loaded.shown.iter().find(|shown| shown.file == file).unwrap();
        let path = steps(path);
        let found: Vec<_> = file.values.iter().filter(|value| value.path == path).collect();
        assert_eq!(found.len(), 1, "{path:?} in {file:#?}");
        found[0].clone()
    };
    let place = |value: &ShownValue| value.place.clone().unwrap_or_default();

    let value = get("server.yaml", "public_address");
    assert_eq!((value.origin, value.value.as_str()), (Origin::Environment, Some("0.0.0.0:80")));
    assert_eq!(value.filled, ["env:LEAD_ROUTER_PUBLIC"]);
    let value = get("server.yaml", "private_address");
    assert_eq!((value.origin, value.value.as_str()), (Origin::Default, Some("127.0.0.1:8081")));
    let value = get("server.yaml", "limits/connections");
    assert_eq!((value.origin, value.value), (Origin::Default, 10_000.into()));
    let value = get("server.yaml", "limits/in_flight");
    assert_eq!((value.origin, value.filled.join("")), (Origin::File, "env:FLIGHT".to_owned()));

    let ads = "workspaces/a/sources/ads.yaml";
    let value = get(ads, "channel");
    assert_eq!((value.origin, value.value.as_str()), (Origin::Preset, Some("ad")));
    assert!(place(&value).starts_with("(shipped) presets/sources/google-ads-lead-form.yaml:"));
    assert_eq!(get(ads, "verify").value, "google-key");
    assert_eq!(get(ads, "acknowledge/accepted/http").origin, Origin::Preset);
    let value = get(ads, "country");
    assert_eq!((value.origin, value.value.as_str()), (Origin::Workspace, Some("DE")));
    assert_eq!(place(&value), "workspaces/a/workspace.yaml:2");
    let own = "workspaces/a/sources/own.yaml";
    assert_eq!(
        (get(own, "channel").origin, get(own, "channel").value),
        (Origin::File, "email".into())
    );
    let value = get(own, "fill_seconds_min");
    assert_eq!(
        (value.origin, place(&value).as_str()),
        (Origin::Preset, "presets/sources/own.yaml:3")
    );
    assert_eq!(get(own, "secrets").set, Some(false));

    assert_eq!(get("workspaces/a/pools.yaml", "pools/reps/method").origin, Origin::Default);
    assert_eq!(get("workspaces/a/pools.yaml", "pools/reps/members/0").value, "ada");
    assert_eq!(get("workspaces/a/pools.yaml", "pools/reps/members/1/paused").value, false);
    assert_eq!(get("workspaces/a/pools.yaml", "zone").origin, Origin::Workspace);
    assert_eq!(get("workspaces/a/destinations/crm.yaml", "timeout_ms").value, 15_000);
}

#[test]
fn secrets_are_only_said_to_be_set() {
    let dir = world();
    let shown = |env: &dyn Fn(&str) -> Option<String>| load(dir.path(), env).unwrap().shown;
    let files = shown(&env);
    let all = serde_json::to_string(&*files).unwrap();
    for secret in ["hush", "a-key", DemoValues::SIGNING_SECRET] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
    let secret = |files: &[crate::http::configuration::ShownFile], n: usize| {
        let file = files.iter().find(|file| file.file.ends_with("ads.yaml")).unwrap();
        let path = vec![Step::Key("secrets".to_owned()), Step::Index(n)];
        file.values.iter().find(|value| value.path == path).unwrap().clone()
    };
    let first = secret(&files, 0);
    assert_eq!((first.set, first.filled.join("")), (Some(true), "env:ADS_KEY".to_owned()));
    assert_eq!(secret(&files, 1).filled, ["file:ads.key"]);
    // Equal where the secret is, other where it is not.
    assert_eq!(first.fingerprint, secret(&shown(&env), 0).fingerprint);
    assert_ne!(first.fingerprint, secret(&files, 1).fingerprint);
    let changed = |name: &str| match name {
        "ADS_KEY" => Some("another-key-of-ads".to_owned()),
        other => env(other),
    };
    assert_ne!(first.fingerprint, secret(&shown(&changed), 0).fingerprint);
    assert_eq!(first.fingerprint.unwrap().len(), 6);
    let url = files.iter().find(|file| file.file.ends_with("crm.yaml")).unwrap();
    assert_eq!(url.values[0].value, "https://crm.example.com/…");
}
