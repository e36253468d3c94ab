//! What holds for every way of proving, of every shipped preset.

use super::*;

const FIRST: &str = "a-first-secret";
const SECOND: &str = "a-second-secret";
const WHSEC: [&str; 2] = [
    "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=",
];

/// A preset's scheme with its two secrets in one order or the other.
struct Way {
    at: String,
    settings: SchemeSettings,
    source: Source,
    turned: Source,
}

/// Every scheme of every preset that wants a secret we can make.
fn ways() -> Vec<Way> {
    let mut ways = Vec::new();
    for (name, preset) in PRESETS.iter() {
        for (scheme, settings) in &preset.verification.schemes {
            let secrets = match settings {
                SchemeSettings::None | SchemeSettings::Ed25519(_) => continue,
                SchemeSettings::StandardWebhooks => WHSEC,
                _ => [FIRST, SECOND],
            };
            let with = |secrets: [&str; 2]| {
                let secrets = secrets.join(", ");
                source(&format!("preset: {name}\nverify: {scheme}\nsecrets: [{secrets}]"))
            };
            ways.push(Way {
                at: format!("{name} {scheme}"),
                settings: settings.clone(),
                source: with(secrets),
                turned: with([secrets[1], secrets[0]]),
            });
        }
    }
    ways
}

fn proved(source: &Source, at: Timestamp) -> (Proved, bool) {
    let sample = source.sample().unwrap();
    let (batch, content_type) = (sample.batch, sample.content_type.clone());
    let body = sample.body.clone().into_bytes();
    let post = Post { batch, content_type: &content_type, body: &body };
    (source.prove(post, "msg_1", at).unwrap(), batch)
}

/// Whether a proved post is let in, with its body as it is or another.
fn holds(source: &Source, proved: &Proved, batch: bool, at: Timestamp) -> bool {
    let (path, query) = proved.suffix.split_once('?').unwrap_or((&proved.suffix, ""));
    let inside = path.trim_end_matches("/batch").trim_start_matches('/');
    let request = Request {
        batch,
        headers: &proved.headers,
        query: Some(query).filter(|query| !query.is_empty()),
        path_secret: Some(inside).filter(|inside| !inside.is_empty()),
        ..post(&proved.headers[0].1, &proved.body)
    };
    capture(source, &request, at).is_ok()
}

#[test]
fn each_of_several_secrets_holds_under_every_scheme() {
    for Way { at, source, turned, .. } in ways() {
        let (made, batch) = proved(&turned, now());
        assert!(holds(&source, &made, batch, now()), "{at}: made with the second secret");
        let (made, batch) = proved(&source, now());
        assert!(holds(&turned, &made, batch, now()), "{at}");
    }
}

#[test]
fn a_turned_bit_is_refused_under_every_signature() {
    let mut signatures = 0;
    for Way { at, settings, source, .. } in ways() {
        let signed = matches!(
            settings,
            SchemeSettings::Hmac(_) | SchemeSettings::Jws { .. } | SchemeSettings::StandardWebhooks
        );
        if !signed {
            continue;
        }
        signatures += 1;
        let (made, batch) = proved(&source, now());
        for part in 0..8 {
            let mut forged = made.clone();
            let byte = (made.body.len() - 1) * part / 7;
            forged.body[byte] ^= 1 << part;
            assert!(!holds(&source, &forged, batch, now()), "{at}: byte {byte}");
        }
    }
    assert!(signatures >= 15, "only {signatures}");
}

#[test]
fn a_time_that_is_signed_counts_both_ways_and_no_further() {
    let mut timed = 0;
    for Way { at, settings, source, .. } in ways() {
        let tolerance = match &settings {
            SchemeSettings::Hmac(it) if it.timestamp.is_some() => it.tolerance_seconds,
            SchemeSettings::StandardWebhooks => 300,
            _ => continue,
        };
        timed += 1;
        let tolerance = i64::try_from(tolerance).unwrap() * 1000;
        let (made, batch) = proved(&source, now());
        let later = |millis: i64| Timestamp::from_millis(now().as_millis() + millis);
        for (millis, good) in [
            (tolerance, true),
            (-tolerance, true),
            (tolerance + 1000, false),
            (-tolerance - 1000, false),
        ] {
            assert_eq!(holds(&source, &made, batch, later(millis)), good, "{at}: {millis}");
        }
    }
    assert!(timed >= 6, "only {timed}");
}

/// Whoever signs nothing is known by a secret in the URL, or in what it posts; only pages of one's own may be public.
#[test]
fn nobody_is_let_in_without_a_secret_but_visitors_of_pages() {
    for (name, preset) in PRESETS.iter() {
        let public = preset.verification.schemes.values().any(|it| *it == SchemeSettings::None);
        let page = ["html-form", "contact-form-7", "salesforce-web-to-lead", "webhook"];
        assert_eq!(public, page.contains(&name.as_str()), "{name}");
        let default = &preset.verification.schemes[&preset.verification.default];
        if let SchemeSettings::Key { query, path, headers, .. } = default {
            assert!(*path || !query.is_empty() || !headers.is_empty(), "{name}");
        }
    }
}

#[test]
fn where_it_is_open_what_is_signed_the_form_that_held_is_named() {
    let mut open = 0;
    for Way { at, settings, source, .. } in ways() {
        let SchemeSettings::Hmac(signature) = &settings else { continue };
        let (made, _) = proved(&source, now());
        let request = Request { headers: &made.headers, ..post(JSON, &made.body) };
        let named = source.signed_form(&request, now());
        if signature.signed.len() > 1 {
            open += 1;
            assert_eq!(named, Some(signature.signed[0].as_str()), "{at}");
        } else {
            assert_eq!(named, None, "{at}");
        }
    }
    assert!(open > 0);
}
