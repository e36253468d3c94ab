//! The pages about sources that are written from the presets: the table of what each can, and what to
//! paste where. After a change of a preset: `UPDATE_DOCS=1 cargo test --features test-clock --test it packaging::sources`.

use std::fmt::Write as _;

use lead_router::capture::{
    Captured, Decoding, Family, HandshakeSettings, Post, PresetSettings, Presets, Request,
    SchemeSettings, Source, SourceSettings, explain,
};
use lead_router::domain::{Name, Timestamp};

use super::generated::holds;
use super::markdown::read;

const FAMILIES: [(Family, &str); 4] = [
    (Family::Ads, "docs/sources-ads.md"),
    (Family::Forms, "docs/sources-forms.md"),
    (Family::Events, "docs/sources-events.md"),
    (Family::General, "docs/sources-general.md"),
];

fn encodings(decodings: &[Decoding]) -> String {
    let word = |decoding: &Decoding| match decoding {
        Decoding::Urlencoded => "form",
        Decoding::Multipart => "multipart",
        Decoding::Json => "JSON",
        Decoding::Ndjson => "NDJSON",
        Decoding::Csv => "CSV",
        Decoding::Xml => "XML",
        Decoding::Card => "vCard",
    };
    let words: Vec<&str> = decodings.iter().map(word).collect();
    if words.is_empty() { "no".to_owned() } else { words.join(", ") }
}

fn proof(scheme: &SchemeSettings) -> String {
    match scheme {
        SchemeSettings::None => "nothing (public)".to_owned(),
        SchemeSettings::Key { headers, query, path, .. } => {
            let places =
                [(!headers.is_empty(), "header"), (!query.is_empty(), "query"), (*path, "path")];
            let places: Vec<&str> =
                places.iter().filter(|(there, _)| *there).map(|(_, word)| *word).collect();
            format!("key in {}", places.join(", "))
        }
        SchemeSettings::KeyInBody { at } => format!("key in the body (`{at}`)"),
        SchemeSettings::Basic => "HTTP Basic".to_owned(),
        SchemeSettings::Hmac(signature) => {
            let time = if signature.timestamp.is_some() { " with time" } else { "" };
            format!("HMAC{time} (`{}`)", signature.header)
        }
        SchemeSettings::Ed25519(signature) => format!("Ed25519 (`{}`)", signature.header),
        SchemeSettings::Jws { header, .. } => format!("JWS (`{header}`)"),
        SchemeSettings::StandardWebhooks => "Standard Webhooks".to_owned(),
    }
}

/// The default scheme first.
fn proofs(preset: &PresetSettings) -> String {
    let verification = &preset.verification;
    let usual = verification.schemes.get(&verification.default).map(proof);
    let others = verification.schemes.iter().filter(|(name, _)| **name != verification.default);
    let all: Vec<String> =
        usual.into_iter().chain(others.map(|(_, scheme)| proof(scheme))).collect();
    all.join("; ")
}

fn handshake(preset: &PresetSettings) -> &'static str {
    match &preset.handshake {
        None => "",
        Some(HandshakeSettings::Echo { token: Some(_), .. }) => "echo, with a token",
        Some(HandshakeSettings::Echo { token: None, .. }) => "echo",
        Some(HandshakeSettings::Hmac { .. }) => "HMAC",
    }
}

fn code(words: &[String]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// How the vendor's own test posts are known, beside `_test`.
fn tests(preset: &PresetSettings) -> String {
    let flags = preset.is_test.iter().filter(|path| *path != "_test");
    let when = preset.test_when.keys();
    let all: Vec<String> = flags.chain(when).chain(&preset.test_values).cloned().collect();
    code(&all)
}

fn filtered(preset: &PresetSettings) -> String {
    let values: Vec<String> = preset.filtered_when.values().flatten().cloned().collect();
    code(&values)
}

fn table(presets: &Presets) -> String {
    let mut table = "| preset | tier | single bodies | batches | proves itself by | handshake | \
                     event id | tests are known by | kept as filtered | several at once |\n\
                     |---|---|---|---|---|---|---|---|---|---|\n"
        .to_owned();
    for (name, preset) in presets.iter() {
        let id = preset.event_id.iter().filter(|path| *path != "_event_id").take(1);
        let id: Vec<String> = id.cloned().collect();
        let _ = writeln!(
            table,
            "| `{name}` | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            preset.tier.as_str(),
            encodings(&preset.single),
            encodings(&preset.batch),
            proofs(preset),
            handshake(preset),
            code(&id),
            tests(preset),
            filtered(preset),
            if preset.each.is_empty() { "" } else { "yes" },
        );
    }
    table
}

/// What each preset is tried with: a file of its fixtures for each kind, or a number that says why there is none.
fn tried(presets: &Presets) -> String {
    const KINDS: [&str; 7] = ["usual", "test", "odd", "missing", "batch", "forged", "retry"];
    let mut table = "| preset | tier | as usual | test | odd characters | missing values | \
                     several at once | forged | sent again |\n|---|---|---|---|---|---|---|---|---|\n"
        .to_owned();
    let mut reasons: Vec<String> = Vec::new();
    for (name, preset) in presets.iter() {
        let pairs = read(&format!("tests/fixtures/sources/{name}/pairs.yaml"));
        let pairs: serde_json::Value = serde_saphyr::from_str(&pairs).unwrap();
        let cells = KINDS.map(|kind| match (pairs[kind].as_str(), pairs[kind]["none"].as_str()) {
            (Some(case), _) => format!("`{case}`"),
            (None, Some(why)) => {
                let known = reasons.iter().position(|reason| reason == why);
                let at = known.unwrap_or_else(|| {
                    reasons.push(why.to_owned());
                    reasons.len() - 1
                });
                format!("no ({})", at + 1)
            }
            (None, None) => String::new(),
        });
        let _ = writeln!(table, "| `{name}` | {} | {} |", preset.tier.as_str(), cells.join(" | "));
    }
    for (at, reason) in reasons.iter().enumerate() {
        let _ = write!(table, "\n({}) {reason}.\n", at + 1);
    }
    table
}

fn page(presets: &Presets, family: Family) -> String {
    let mut page = String::new();
    for (name, preset) in presets.iter().filter(|(_, preset)| preset.family == family) {
        let url = "https://inquiries.example.com/v1/acme/inquiries/NAME";
        let setup = preset
            .setup
            .replace("{batch_url}", &format!("{url}/batch"))
            .replace("{url}", url)
            .replace("{secret}", "SECRET")
            .replace("{token}", "TOKEN");
        let _ = writeln!(page, "\n## {}\n", preset.title);
        let _ = writeln!(page, "`{name}`, {}: {}.\n", preset.tier.as_str(), preset.summary);
        let _ = writeln!(page, "Proves itself by: {}.\n", proofs(preset));
        let _ = writeln!(page, "```text\n{}\n```", setup.trim_end());
    }
    page
}

#[test]
fn pages_about_sources_are_what_the_presets_say() {
    let presets = Presets::shipped().unwrap();
    holds("docs/sources.md", "presets", &table(&presets));
    holds("docs/sources.md", "tried", &tried(&presets));
    for (family, path) in FAMILIES {
        holds(path, "presets", &page(&presets, family));
    }
}

/// The code blocks of one language on a page.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let open = format!("```{language}\n");
    let parts = page.split(&open).skip(1);
    parts.map(|part| part.split("```").next().unwrap().to_owned()).collect()
}

/// What the page about a vendor nobody knows says is what happens, without a line of Rust.
#[test]
fn the_vendor_of_the_tutorial_is_added_in_yaml_alone() {
    let page = read("docs/new-vendor.md");
    let yaml = blocks(&page, "yaml").concat();
    let preset: PresetSettings = serde_saphyr::from_str(&yaml).unwrap();
    let name = Name::parse("beanstalk").unwrap();
    let mut presets = Presets::shipped().unwrap();
    presets.overlay(name.clone(), preset);
    let settings = "preset: beanstalk\nsecrets: [a-secret-of-the-vendor]";
    let settings: SourceSettings = serde_saphyr::from_str(settings).unwrap();
    let source = Source::compile(&name, &settings, &presets).unwrap();
    let now = Timestamp::parse("2026-01-01T00:10:00Z").unwrap();
    let body = blocks(&page, "json").concat();
    let post = Post { batch: false, content_type: "application/json", body: body.as_bytes() };
    let proved = source.prove(post, "", now).unwrap();
    let request = Request {
        headers: &proved.headers,
        ..Request::post(Some("application/json"), &proved.body)
    };
    let (captured, origins) = explain(&source, &request, now).unwrap();
    let Captured::Inquiry { submission, .. } = captured else { panic!("{captured:?}") };
    assert!(!submission.is_test && !submission.filtered);
    assert_eq!(submission.event_id.as_deref(), Some("b-77"));
    let said: Vec<(&str, &str)> =
        origins[0].iter().map(|origin| (origin.to.as_str(), origin.at.as_str())).collect();
    let rows = page.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split('|').map(|it| it.trim().trim_matches('`'));
        Some((cells.next()?, cells.next()?))
    });
    let rows: Vec<(&str, &str)> = rows.collect();
    for row in &rows {
        assert!(said.contains(row), "{row:?} is not among {said:?}");
    }
    assert_eq!(rows.len(), said.len(), "{said:?}");
    let forged = Request { headers: &proved.headers[..1], ..request };
    assert!(explain(&source, &forged, now).is_err());
    let sample = source.sample().unwrap();
    let trial = Request { body: sample.body.as_bytes(), caller_known: true, ..request };
    let (captured, _) = explain(&source, &trial, now).unwrap();
    assert!(matches!(captured, Captured::Inquiry { submission, .. } if submission.is_test));
}
