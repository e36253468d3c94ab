//! What holds for every preset, whatever is sent: bodies of the fixtures, cut, turned and joined.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::*;

/// A content type and a body.
pub(super) type Body = (String, Vec<u8>);

/// Every preset as a public source, with the bodies and content types of its fixtures.
static CASES: LazyLock<Vec<(Source, Vec<Body>)>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sources");
    let read = |name: &Name| {
        let settings = SourceSettings::trial(name.clone(), SchemeSettings::None);
        let source = Source::compile(name, &settings, &PRESETS).unwrap();
        let files = fs::read_dir(root.join(name.as_str())).unwrap();
        let paths = files.map(|entry| entry.unwrap().path());
        let bodies = paths.filter(|path| path.extension().is_some_and(|it| it == "in"));
        (source, bodies.map(|path| body_of(&fs::read(path).unwrap())).collect())
    };
    PRESETS.names().map(read).collect()
});

pub(super) fn body_of(bytes: &[u8]) -> Body {
    let at = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap();
    let head = String::from_utf8_lossy(&bytes[..at]).into_owned();
    let named = head.lines().find_map(|line| line.strip_prefix("content-type: "));
    (named.unwrap_or(JSON).to_owned(), bytes[at + 2..].to_vec())
}

/// Everything that comes out fits the schema, and is no larger than a stated multiple of what came in.
fn judge(source: &Source, content_type: &str, body: &[u8]) {
    for batch in [false, true] {
        let request = Request { batch, caller_known: true, ..post(content_type, body) };
        let most = body.len() * 16 + 128 * 1024;
        match capture(source, &request, now()) {
            Ok(Captured::Inquiry { submission, .. }) => {
                assert!(super::super::schema::violations(&submission).is_empty());
                assert!(serde_json::to_vec(&submission).unwrap().len() <= most);
            }
            Ok(Captured::Batch(rows)) => {
                let taken = rows.iter().flatten();
                let bytes: usize = taken.map(|it| serde_json::to_vec(it).unwrap().len()).sum();
                assert!(bytes <= most * 4, "{bytes} of {}", body.len());
                let kept: usize = redacted_rows(source, &request).iter().map(Vec::len).sum();
                assert!(kept <= most, "{kept} of {}", body.len());
            }
            _ => {}
        }
    }
}

#[test]
fn the_same_body_again_is_the_same_event_or_content() {
    for (source, bodies) in CASES.iter() {
        for (content_type, body) in bodies {
            let request = Request { caller_known: true, ..post(content_type, body) };
            let taken = |later: i64| {
                let at = Timestamp::from_millis(now().as_millis() + later);
                match capture(source, &request, at) {
                    Ok(Captured::Inquiry { submission, .. }) => {
                        Some((submission.event_id, submission.content))
                    }
                    _ => None,
                }
            };
            assert_eq!(taken(0), taken(60_000), "{}", source.name());
        }
    }
}

#[test]
fn every_preset_has_a_fixture_that_is_taken_and_one_that_is_sent_away() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sources");
    for (name, preset) in PRESETS.iter() {
        let files = fs::read_dir(root.join(name.as_str())).unwrap();
        let expected: Vec<String> = files
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.to_string_lossy().ends_with(".expected.json"))
            .map(|path| fs::read_to_string(path).unwrap())
            .collect();
        let some = |text: &str| expected.iter().any(|it| it.contains(text));
        assert!(some("\"is_test\": false") && some("\"contact."), "{name}");
        let public =
            preset.verification.schemes[&preset.verification.default] == SchemeSettings::None;
        assert!(public || some("\"unauthenticated\""), "{name}");
        if preset.tier == crate::domain::Tier::Confirmed {
            for (what, text) in [("unreadable", "\"unreadable\""), ("test", "\"is_test\": true")] {
                // A form's bytes can always be read, and plain pages have no test button.
                let spared = matches!(
                    name.as_str(),
                    "business-card" | "elementor" | "scanner-batch" | "html-form"
                );
                assert!(spared || some(text), "{name} has no {what} fixture");
            }
        }
    }
}

/// Every leaf is somewhere: a field, an answer, attribution, consent, time, or named as technical.
#[test]
fn nothing_sent_is_silently_dropped() {
    for (source, bodies) in CASES.iter() {
        for (content_type, body) in bodies {
            let request = Request { caller_known: true, ..post(content_type, body) };
            let Ok((Captured::Inquiry { submission, .. }, origins)) =
                explain(source, &request, now())
            else {
                continue;
            };
            let said = serde_json::to_string(&submission).unwrap();
            for origin in &origins[0] {
                assert!(!origin.to.is_empty() && !origin.at.is_empty());
                if let Some(key) = origin.to.strip_prefix("answer ") {
                    assert!(!answer(&submission, key).is_empty(), "{}: {key}", source.preset().0);
                }
                if crate::domain::Field::parse(&origin.to).is_some() {
                    assert!(said.contains(&format!("\"{}\"", origin.to)), "{}", origin.to);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn bodies_cut_turned_and_joined_never_break_anything(
        preset in any::<prop::sample::Index>(), case in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(), turned in any::<prop::sample::Index>(),
        byte: u8, twice: bool,
    ) {
        let (source, bodies) = preset.get(&CASES);
        let (content_type, body) = case.get(bodies);
        let mut body = body.clone();
        if !body.is_empty() {
            let at = turned.index(body.len());
            body[at] = byte;
            body.truncate(cut.index(body.len() + 1));
        }
        judge(source, content_type, &body);
        if twice {
            let (content_type, more) = other.get(bodies);
            let joined = [body.as_slice(), more.as_slice()].concat();
            judge(source, content_type, &joined);
        }
    }

    #[test]
    fn xml_and_cards_of_any_text_never_break_anything(text in "[<>/a-c =\"'&;:!\\[\\]?#x0-9\\r\\n-]{0,200}") {
        let sources = CASES.iter().map(|(source, _)| source);
        for source in sources.filter(|source| matches!(source.preset().0.as_str(), "adf" | "business-card")) {
            judge(source, "text/plain", text.as_bytes());
            judge(source, "text/vcard", format!("BEGIN:VCARD\n{text}").as_bytes());
            judge(source, "application/xml", format!("<adf>{text}</adf>").as_bytes());
        }
    }
}
