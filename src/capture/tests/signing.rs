//! Signature schemes against vectors that other programs made: GitHub's documentation, RFC 8032, Python.

use super::*;

fn with(headers: &[(&str, &str)], source: &Source, body: &[u8], at: Timestamp) -> bool {
    let headers: Vec<(String, String)> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    capture(source, &Request { headers: &headers, ..post("text/plain", body) }, at).is_ok()
}

fn own(scheme: &str, secrets: &str) -> Source {
    source(&format!("preset: webhook\nscheme: {scheme}\nsecrets: [{secrets}]"))
}

/// `Hello, World!` signed with `It's a Secret to Everybody`: the example of GitHub's documentation.
#[test]
fn the_published_vector_of_the_hub_scheme_holds() {
    let source = own(
        "{kind: hmac, header: x-hub-signature-256, part: sha256}",
        "other-secret, \"It's a Secret to Everybody\"",
    );
    let signature = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    let good = format!("sha256={signature}");
    let (upper, list) =
        (good.to_uppercase().replace("SHA256", "sha256"), format!("sha256=00,{good}"));
    for (value, holds) in [
        (good.as_str(), true),
        (&upper, true),
        (&list, true),
        (signature, false),
        ("sha1=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", false),
        ("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e18", false),
        ("sha256=757107ea", false),
        ("sha256=", false),
        ("", false),
    ] {
        let headers = [("x-hub-signature-256", value)];
        assert_eq!(with(&headers, &source, b"Hello, World!", now()), holds, "{value}");
        assert!(!with(&headers, &source, b"Hello, World?", now()));
    }
    assert!(!with(&[], &source, b"Hello, World!", now()));
}

/// Test 3 of RFC 8032, section 7.1.
#[test]
fn an_ed25519_signature_holds_for_its_body_and_key_alone() {
    let key = "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025";
    let signature = "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac\
                     18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a";
    let source = own("{kind: ed25519, header: x-signature}", key);
    assert!(with(&[("x-signature", signature)], &source, &[0xaf, 0x82], now()));
    assert!(!with(&[("x-signature", signature)], &source, &[0xaf, 0x83], now()));
    let turned = signature.replacen('6', "7", 1);
    assert!(!with(&[("x-signature", &turned)], &source, &[0xaf, 0x82], now()));
    let post = Post { batch: false, content_type: JSON, body: b"{}" };
    assert_eq!(source.prove(post, "", now()), Err(ProofError::NoPrivateKey));
}

/// The vectors below are of Python's `hmac`.
#[test]
fn hash_encoding_prefix_and_time_are_as_the_source_says() {
    let body = br#"{"email":"a@fjordlund.example"}"#;
    for (scheme, header, value) in [
        ("{kind: hmac, header: x-s, algorithm: sha1}", "x-s", SHA1),
        ("{kind: hmac, header: x-s, algorithm: sha512, encoding: base64}", "x-s", SHA512),
        ("{kind: hmac, header: x-s, prefix: \"hmac \", encoding: base64}", "x-s", PREFIXED),
        ("{kind: hmac, header: x-s, secret: hex}", "x-s", HEX_KEY),
    ] {
        let secret =
            if scheme.contains("hex}") { "00112233445566778899" } else { "a-shared-secret" };
        let source = own(scheme, &format!("\"{secret}\""));
        assert!(with(&[(header, value)], &source, body, now()), "{scheme}");
        assert!(!with(&[(header, value)], &source, b"{}", now()), "{scheme}");
    }
    let source = own(
        "{kind: hmac, header: x-s, signed: [\"{timestamp}:{body}\"], timestamp: {header: x-t, unit: milliseconds}, tolerance_seconds: 60}",
        "a-shared-secret",
    );
    let stamp = now().as_millis();
    assert_eq!(stamp, STAMP);
    let at = |seconds: i64| Timestamp::from_millis(stamp + seconds * 1000);
    let stamp = stamp.to_string();
    let headers = [("x-s", STAMPED), ("x-t", stamp.as_str())];
    for (seconds, holds) in [(0, true), (60, true), (61, false), (-60, true), (-61, false)] {
        assert_eq!(with(&headers, &source, body, at(seconds)), holds, "{seconds}");
    }
    let seconds = (STAMP / 1000).to_string();
    assert!(!with(&[("x-s", STAMPED), ("x-t", seconds.as_str())], &source, body, now()));
    assert!(!with(&[("x-s", STAMPED)], &source, body, now()));
    assert!(!with(&[("x-s", STAMPED), ("x-t", "-1")], &source, body, now()));
}

#[test]
fn a_jws_holds_for_its_body_and_only_under_hs256() {
    let source = source("preset: netlify-forms\nverify: signature\nsecrets: [a-shared-secret]");
    let body = br#"{"email":"a@fjordlund.example"}"#;
    let try_with = |token: &str, body: &[u8]| {
        let headers = vec![("x-webhook-signature".to_owned(), token.to_owned())];
        capture(&source, &Request { headers: &headers, ..post(JSON, body) }, now()).is_ok()
    };
    assert!(try_with(JWS, body));
    assert!(!try_with(JWS, b"{}"));
    assert!(!try_with(JWS_NONE, body), "alg none");
    let cut = JWS.rsplit_once('.').unwrap().0;
    for token in ["", "a", "a.b", "a.b.c", cut, &format!("{cut}.")] {
        assert!(!try_with(token, body), "{token}");
    }
}

#[test]
fn basic_takes_the_secret_as_password_or_as_name() {
    use base64::Engine as _;
    let source = source("preset: segment\nverify: basic\nsecrets: [write-key-1]");
    for (pair, holds) in [
        ("write-key-1:", true),
        ("anybody:write-key-1", true),
        ("write-key-1:else", false),
        ("write-key-1", false),
        (":", false),
    ] {
        let value = base64::engine::general_purpose::STANDARD.encode(pair);
        let value = format!("Basic {value}");
        assert_eq!(with_json(&source, &[("authorization", &value)]), holds, "{pair}");
    }
}

fn with_json(source: &Source, headers: &[(&str, &str)]) -> bool {
    let headers: Vec<(String, String)> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let body = br#"{"type":"identify","traits":{"email":"a@fjordlund.example"}}"#;
    capture(source, &Request { headers: &headers, ..post(JSON, body) }, now()).is_ok()
}

#[test]
fn schemes_that_prove_less_than_they_seem_to_do_not_load() {
    for (yaml, path) in [
        ("preset: meta-lead-ads", "secrets"),
        ("preset: linkedin-lead-gen\nsecrets: [short]", "secrets[0]"),
        ("preset: webhook\nscheme: {kind: hmac, header: x-s}", "secrets"),
        ("preset: webhook\nverify: key\nscheme: {kind: basic}\nsecrets: [12345678]", "scheme"),
        (
            "preset: webhook\nscheme: {kind: ed25519, header: x-s}\nsecrets: [not-a-key]",
            "secrets[0]",
        ),
        (
            "preset: webhook\nscheme: {kind: hmac, header: x-s, signed: [\"{timestamp}\"], timestamp: {header: t}}\nsecrets: [12345678]",
            "scheme.signed",
        ),
        (
            "preset: webhook\nscheme: {kind: hmac, header: x-s, timestamp: {header: t}}\nsecrets: [12345678]",
            "scheme.signed",
        ),
        (
            "preset: webhook\nscheme: {kind: hmac, header: x-s, signed: [\"{id}{body}\"]}\nsecrets: [12345678]",
            "scheme.id_header",
        ),
        (
            "preset: webhook\nscheme: {kind: hmac, header: x-s, tolerance_seconds: 3600}\nsecrets: [12345678]",
            "scheme.tolerance_seconds",
        ),
        (
            "preset: webhook\nscheme: {kind: hmac, header: X-S}\nsecrets: [12345678]",
            "scheme.header",
        ),
    ] {
        let problems = try_source(yaml).unwrap_err();
        assert!(problems.iter().any(|problem| problem.path == path), "{yaml}: {problems:?}");
        let said = format!("{problems:?}");
        assert!(!said.contains("12345678") && !said.contains("not-a-key"), "{said}");
    }
}

const STAMP: i64 = 1_795_348_800_000;
const SHA1: &str = "eaace171130796b138f69a5b054ae1c94d66fb78";
const SHA512: &str =
    "Wy0zUKsIPK/lavA0UIBMWm5uDRv2EdLNSUSPdivIm2xEcRyrCOCIbcJ1DjpELBeGqW48pr0I+n/Ku8Y/JKHH8Q==";
const PREFIXED: &str = "hmac Nr1b64lEmVUBKu8roBiaaaaV8Gnvdd+wDdWxwh7d0KE=";
const HEX_KEY: &str = "2a9ffa8eceb3f71df2382800a2a19c752dfc5c368679f23f149b7be8b1566cfa";
const STAMPED: &str = "e3e1159da18e9032fcc6ad8e1c6ac234123b344a59e9b59684370ca10303c760";
const JWS: &str = "eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCJ9.eyJpc3MiOiAibmV0bGlmeSIsICJzaGEyNTYiOiAiN2NhNDdlNDZhNzY0Mzc5NmI4M2RjZTE4OGRhZmRiMjdhMzQwZWJhN2VlYjcyMWE0MmU5OGZlMzgzNjk1NzA4ZCJ9.VQQLPR5teI4h7pMTKfc5ncSJmStYfo1loB71A3mjtG0";
const JWS_NONE: &str = "eyJhbGciOiAibm9uZSIsICJ0eXAiOiAiSldUIn0.eyJpc3MiOiAibmV0bGlmeSIsICJzaGEyNTYiOiAiN2NhNDdlNDZhNzY0Mzc5NmI4M2RjZTE4OGRhZmRiMjdhMzQwZWJhN2VlYjcyMWE0MmU5OGZlMzgzNjk1NzA4ZCJ9.HdcRsywqnTPWZAbFcGKv-iDBHPuijs3BA80Op_ZDUq0";
