//! What is fuzzed: every decoder, every preset, the verifiers, conditions. `make fuzz` feeds these functions with anything
//! for as long as it is told; `make test` feeds them with the corpora beside them (`tests/fuzzed`).

use std::sync::LazyLock;

use lead_router::capture::{
    Captured, Decoding, Post, Presets, Request, SchemeSettings, Source, SourceSettings, capture,
    explain, redacted_body, redacted_rows,
};
use lead_router::domain::{Name, Timestamp};
use lead_router::rules::{Condition, ConditionSource, Lists};

/// What is fed with bytes, and must take all of them.
pub type Target = fn(&[u8]);

/// All of them, by the names of their corpora.
pub const TARGETS: [(&str, Target); 9] = [
    ("form", form),
    ("multipart", multipart),
    ("json", json),
    ("xml", xml),
    ("csv", csv),
    ("card", card),
    ("preset", preset),
    ("verify", verify),
    ("condition", condition),
];

/// 2026-11-22T12:00:00Z
const NOW: Timestamp = Timestamp::from_millis(1_795_348_800_000);
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
/// What stands in a submission is no larger than so many times the body, and this much more.
const TIMES_MAX: usize = 16;
const MORE_BYTES: usize = 128 * 1024;

static PRESETS: LazyLock<Presets> = LazyLock::new(|| Presets::shipped().expect("shipped presets"));
/// Each preset as a source that asks for no proof.
static OPEN: LazyLock<Vec<Source>> = LazyLock::new(|| {
    let open = |name: &Name| {
        let settings = SourceSettings::trial(name.clone(), SchemeSettings::None);
        Source::compile(name, &settings, &PRESETS).expect("a source")
    };
    PRESETS.names().map(open).collect()
});
/// One for each way of proving.
static PROVING: LazyLock<Vec<Source>> = LazyLock::new(|| {
    let hub = "preset: meta-lead-ads\nsecrets: [a-first-secret, a-second-secret]";
    let all = [
        hub,
        "preset: linkedin-lead-gen\nsecrets: [a-client-secret]",
        "preset: calendly\nsecrets: [a-signing-key]",
        "preset: typeform\nsecrets: [a-form-secret]",
        "preset: webhook\nverify: standard-webhooks\nsecrets: [whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=]",
        "preset: netlify-forms\nverify: signature\nsecrets: [a-shared-secret]",
        "preset: segment\nverify: basic\nsecrets: [a-write-key]",
        "preset: google-ads-lead-form\nsecrets: [a-google-key]",
        "preset: webhook\nverify: key\nsecrets: [a-plain-key]",
        "preset: webhook\nscheme: {kind: hmac, header: x-s, part: v1, encoding: base64, algorithm: sha512, \
         signed: [\"{id}.{timestamp}.{body}\", \"{timestamp}:{body}\"], id_header: x-id, timestamp: {part: t, unit: auto}}\nsecrets: [a-shared-secret]",
        "preset: webhook\nscheme: {kind: ed25519, header: x-s}\nsecrets: [fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025]",
    ];
    let source = |yaml: &&str| {
        let settings: SourceSettings = serde_saphyr::from_str(yaml).expect("settings");
        Source::compile(&Name::fixed("proving"), &settings, &PRESETS).expect("a source")
    };
    all.iter().map(source).collect()
});

fn open(preset: &str) -> &'static Source {
    let named = |source: &&Source| source.preset().0.as_str() == preset;
    OPEN.iter().find(named).expect("a shipped preset")
}

/// A POST by somebody who is known: nothing has to be proved.
#[must_use]
pub fn request<'a>(content_type: &'a str, body: &'a [u8], batch: bool) -> Request<'a> {
    Request { batch, caller_known: true, ..Request::post(Some(content_type), body) }
}

/// A form with bracket keys, repeated keys, any charset.
pub fn form(data: &[u8]) {
    take(open("html-form"), FORM, data, false);
    take(open("elementor"), FORM, data, false);
    take(open("unbounce"), FORM, data, false);
}

/// Parts between lines of `--fuzz`.
pub fn multipart(data: &[u8]) {
    let content_type = "multipart/form-data; boundary=fuzz";
    take(open("html-form"), content_type, data, false);
    take(open("jotform"), content_type, data, false);
}

/// One value, an array as a batch, lines.
pub fn json(data: &[u8]) {
    take(open("webhook"), JSON, data, false);
    take(open("webhook"), JSON, data, true);
    take(open("webhook"), "application/x-ndjson", data, true);
    take(open("meta-lead-ads"), JSON, data, false);
}

/// XML, ADF too, well formed or not.
pub fn xml(data: &[u8]) {
    take(open("adf"), "application/xml", data, false);
    take(open("webhook"), "application/xml", data, false);
}

/// Tables of any delimiter and encoding.
pub fn csv(data: &[u8]) {
    take(open("scanner-batch"), "text/csv", data, true);
    take(open("webhook"), "text/csv; charset=utf-16", data, true);
}

/// vCard, MECARD, BIZCARD, alone and in a badge's code.
pub fn card(data: &[u8]) {
    take(open("business-card"), "text/vcard", data, false);
    let text = String::from_utf8_lossy(data);
    let scan = serde_json::json!({ "qr": text, "notes": "x" }).to_string();
    take(open("business-card"), JSON, scan.as_bytes(), false);
}

/// The first byte says which preset, the second which content type.
pub fn preset(data: &[u8]) {
    let [which, kind, body @ ..] = data else { return };
    let source = &OPEN[usize::from(*which) % OPEN.len()];
    let kinds = [
        FORM,
        JSON,
        "multipart/form-data; boundary=fuzz",
        "application/xml",
        "text/csv",
        "application/x-ndjson",
        "text/vcard",
        "text/plain",
    ];
    let content_type = kinds[usize::from(*kind) % kinds.len()];
    take(source, content_type, body, kind & 0x80 != 0);
}

/// The first byte says how it is proved, the second what is forged; a line each: signature, time, id; the rest is the body.
/// What was proved holds; with one bit of the body turned it does not.
pub fn verify(data: &[u8]) {
    let [which, turned, rest @ ..] = data else { return };
    let source = &PROVING[usize::from(*which) % PROVING.len()];
    let mut lines = rest.splitn(4, |byte| *byte == b'\n');
    let mut line = || String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
    let (signature, stamp, id) = (line(), line(), line());
    let body = lines.next().unwrap_or_default();
    let names = [
        "x-hub-signature-256",
        "x-li-signature",
        "calendly-webhook-signature",
        "typeform-signature",
        "webhook-signature",
        "x-webhook-signature",
        "authorization",
        "x-api-key",
        "x-s",
    ];
    let mut headers: Vec<(String, String)> =
        names.iter().map(|name| ((*name).to_owned(), signature.clone())).collect();
    headers.push(("webhook-timestamp".to_owned(), stamp));
    headers.push(("webhook-id".to_owned(), id.clone()));
    headers.push(("x-id".to_owned(), id));
    let asked = Request { caller_known: false, headers: &headers, ..request(JSON, body, false) };
    let query = String::from_utf8_lossy(body).into_owned();
    let asked = Request { query: Some(&query), path_secret: Some(&signature), ..asked };
    drop(capture(source, &asked, NOW));

    let document = serde_json::json!({ "email": String::from_utf8_lossy(body) }).to_string();
    let post = Post { batch: false, content_type: JSON, body: document.as_bytes() };
    let Ok(proved) = source.prove(post, "msg_1", NOW) else { return };
    let suffix = proved.suffix.split_once('?').map(|(_, query)| query.to_owned());
    let good = Request {
        headers: &proved.headers,
        query: suffix.as_deref(),
        caller_known: false,
        ..request(JSON, &proved.body, false)
    };
    assert!(capture(source, &good, NOW).is_ok(), "what was proved holds");
    if source.verification() == "signature" || source.verification() == "standard_webhooks" {
        let mut forged = proved.body.clone();
        let at = usize::from(*turned) % forged.len();
        forged[at] ^= 1 << (turned % 8);
        assert!(capture(source, &Request { body: &forged, ..good }, NOW).is_err(), "and no other");
    }
}

/// A condition as JSON, or an expression, or a pattern.
pub fn condition(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let lists = Lists::default();
    let written = [
        serde_json::from_str(text).unwrap_or_default(),
        serde_json::json!({ "expr": text }),
        serde_json::json!({ "field": "need.message", "matches": text }),
    ];
    for written in written {
        if let Ok(source) = serde_json::from_value::<ConditionSource>(written) {
            drop(Condition::compile(&source, &lists));
        }
    }
}

/// Takes a body; what comes out fits the schema, and is no larger than a multiple of what came in.
fn take(source: &Source, content_type: &str, body: &[u8], batch: bool) {
    if body.len() > source.bytes_max(batch) || !source.accepts(Some(content_type), batch) {
        return;
    }
    let request = request(content_type, body, batch);
    let most = body.len() * TIMES_MAX + MORE_BYTES;
    let size = |submission| serde_json::to_vec(submission).map_or(0, |bytes| bytes.len());
    match capture(source, &request, NOW) {
        Ok(Captured::Inquiry { submission, .. }) => {
            assert!(size(&*submission) <= most, "of {}", body.len());
            assert!(submission.answers.len() <= 2000);
        }
        Ok(Captured::Batch(rows)) => {
            let taken: usize = rows.iter().flatten().map(size).sum();
            assert!(taken <= most * 4, "{taken} of {}", body.len());
            let kept: usize = redacted_rows(source, &request).iter().map(Vec::len).sum();
            assert!(kept <= most, "{kept} of {}", body.len());
        }
        Ok(_) => assert!(redacted_body(source, &request).len() <= most),
        Err(_) => {}
    }
    drop(explain(source, &request, NOW));
}

/// A body that is built to cost as much as it can.
pub struct Heavy {
    pub preset: &'static str,
    pub source: &'static Source,
    pub content_type: &'static str,
    pub batch: bool,
    pub body: Vec<u8>,
}

/// Some of each decoding, about as large as a source takes them.
#[must_use]
pub fn heaviest() -> Vec<Heavy> {
    let times = |text: &str, bytes: usize| text.repeat(bytes / text.len());
    let heavy = |preset, content_type, batch, body: String| Heavy {
        preset,
        source: open(preset),
        content_type,
        batch,
        body: body.into_bytes(),
    };
    let single = |preset, content_type, body| heavy(preset, content_type, false, body);
    let batch = |preset, content_type, body| heavy(preset, content_type, true, body);
    let most = 250 * 1024;
    let part = "--fuzz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n";
    let beside = times("y", most / 9);
    let entries = times("{\"changes\":[{\"value\":{\"a\":1}}]},", most / 12);
    let named = times("{\"field\":{\"id\":\"a\"},\"text\":\"x\"},", 17_000);
    let fields = times("{\"id\":\"b\",\"title\":\"y\"},", most - 20_000);
    let typeform = format!(
        "{{\"form_response\":{{\"definition\":{{\"fields\":[{fields}{{}}]}},\"answers\":[{named}{{}}]}}}}"
    );
    vec![
        single("html-form", FORM, times("a=b&", most)),
        single("typeform", JSON, typeform),
        single("html-form", FORM, times("a[b][]=%C3%A9&", most)),
        single("html-form", FORM, format!("message={}", times("%F0%9F%9A%AA", most))),
        single("html-form", "multipart/form-data; boundary=fuzz", times(part, most)),
        single("webhook", JSON, format!("{{\"a\":[{}1]}}", times("1,", most))),
        single("webhook", JSON, times("{\"a\":", most)),
        single("webhook", JSON, format!("{{{}\"z\":1}}", times("\"k\":\"v\",", most))),
        single("meta-lead-ads", JSON, format!("{{\"b\":\"{beside}\",\"entry\":[{entries}{{}}]}}")),
        single("adf", "application/xml", times("<a>", most)),
        single("adf", "application/xml", format!("<adf>{}</adf>", times("<a b='c'/>", most))),
        single("business-card", "text/vcard", times("BEGIN:VCARD\nFN:A\nEND:VCARD\n", most)),
        single("jotform", FORM, format!("rawRequest=%7B{}%22z%22:1%7D", times("%22a%22:1,", most))),
        batch("scanner-batch", "text/csv", format!("email,name\n{}", times("a@b.c,d\n", 39_000))),
        batch(
            "scanner-batch",
            "text/csv",
            format!("{}\n{}", times("a,", 60_000), times(",", 60_000)),
        ),
        batch("webhook", "application/x-ndjson", times("{\"email\":\"a@b.c\"}\n", 85_000)),
        batch("webhook", JSON, format!("[{}{{}}]", times("{\"a\":{\"b\":1}},", 69_000))),
    ]
}

/// Which decodings the presets take; each is fuzzed.
#[must_use]
pub fn decodings() -> Vec<Decoding> {
    let all = PRESETS.iter().flat_map(|(_, preset)| preset.single.iter().chain(&preset.batch));
    let mut all: Vec<Decoding> = all.copied().collect();
    all.sort_unstable();
    all.dedup();
    all
}
