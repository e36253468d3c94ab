//! Plays every behaviour over HTTP, holds what was sent to the reviewed text, and writes the table of the docs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use lead_router::deliver::{
    Around, Destination, DestinationPreset, DestinationPresets, DestinationSettings, TrialEnd,
    Ways, try_out, try_together,
};
use lead_router::domain::ports::Clock;
use lead_router::domain::{Name, Tier, Timestamp};
use lead_router::egress::{Egress, EgressSettings, Guard, SystemResolver};
use lead_router::rules::Lists;

use super::fixture::{End, Fixture, Play};
use crate::harness::receiver::{Came, Receiver};

/// 2026-03-01T12:00:00Z
const NOW: Timestamp = Timestamp::from_millis(1_772_366_400_000);
const PAGE: &str = "docs/destinations.md";
/// What every vendor is seen to do, whatever else it does.
const EVERYBODY: [&str; 6] =
    ["rate limit", "expired token", "token renewed", "token refused", "partial batch", "5xx"];
/// What is played with every confirmed preset, or a reason is given.
const CONFIRMED: [&str; 9] = [
    "created",
    "updated",
    "invalid",
    "already there",
    "partial batch",
    "expired token",
    "rate limit",
    "5xx",
    "error under 200",
];

fn ways(receiver: &Receiver) -> Ways {
    let allow = format!("{{\"allow\": [\"127.0.0.1/32:{}\"]}}", receiver.address.port());
    let settings: EgressSettings = serde_json::from_str(&allow).unwrap();
    let guard = Guard::compile(&settings).unwrap();
    let egress = Egress::new(guard, Arc::new(SystemResolver)).unwrap();
    Ways::alone(Arc::new(egress), Arc::new(Standing))
}

struct Standing;

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        NOW
    }
}

/// A request as people review it.
fn shown(came: &Came) -> String {
    let mut text = format!("{} /{}", came.method, came.path);
    if !came.query.is_empty() {
        let _ = write!(text, "?{}", came.query);
    }
    text.push('\n');
    for name in ["authorization", "content-type", "x-api-token", "api-token", "webhook-signature"] {
        if !came.header(name).is_empty() {
            let _ = writeln!(text, "{name}: {}", came.header(name));
        }
    }
    let body = serde_json::from_slice::<serde_json::Value>(&came.body)
        .and_then(|json| serde_json::to_string_pretty(&json))
        .unwrap_or_else(|_| String::from_utf8_lossy(&came.body).into_owned());
    if !body.is_empty() {
        let _ = writeln!(text, "\n{body}");
    }
    text
}

/// Plays one behaviour; gives what is wrong with what came of it.
async fn played(
    name: &Name,
    preset: &DestinationPreset,
    fixture: &Fixture,
    play: &Play,
    receiver: &Receiver,
    ways: &Ways,
) -> Vec<String> {
    receiver.next(play.answers.iter().map(super::fixture::Given::reply));
    let url = format!("http://{}", receiver.address);
    let destination = fixture.destination(name, preset, &url, play);
    let workspace = Name::parse("acme").unwrap();
    if play.together > 0 {
        return played_together(name, &destination, play, receiver, ways).await;
    }
    let report = try_out(ways, &workspace, &destination, [7; 16], NOW).await;
    let came = receiver.take();
    let mut wrong = Vec::new();
    let mut hold = |what: &str, wanted: String, got: String| {
        if wanted != got {
            wrong.push(format!("{name}, {}: {what} is {got}, not {wanted}", play.behaviour));
        }
    };
    hold("verdict", play.verdict.clone(), report.verdict.as_str().to_owned());
    hold("error", format!("{:?}", play.error), format!("{:?}", report.error.map(str::to_owned)));
    hold("said", format!("{:?}", play.said), format!("{:?}", report.said));
    hold("kept", format!("{:?}", play.kept), format!("{:?}", report.kept));
    hold("count of requests", play.answers.len().to_string(), came.len().to_string());
    if ["created", "updated", "token renewed"].contains(&play.behaviour.as_str()) {
        let port = receiver.address.port().to_string();
        let shown = |came: &Came| shown(came).replace(&port, "PORT");
        let texts: Vec<String> = came.iter().map(shown).collect();
        hold("what was sent", reviewed(name, &play.behaviour, &texts), texts.join("\n"));
    }
    for came in &came {
        let text = String::from_utf8_lossy(&came.body).into_owned();
        if came.header("content-type").contains("json") {
            let json = serde_json::from_slice::<serde_json::Value>(&came.body);
            hold("the body", "JSON".to_owned(), if json.is_ok() { "JSON".into() } else { text });
        }
    }
    wrong
}

/// The same of several events in one request.
async fn played_together(
    name: &Name,
    destination: &Destination,
    play: &Play,
    receiver: &Receiver,
    ways: &Ways,
) -> Vec<String> {
    let workspace = Name::parse("acme").unwrap();
    let ids: Vec<[u8; 16]> = (1..=play.together).map(|number| [number; 16]).collect();
    let ends = try_together(ways, &workspace, destination, &ids, NOW).await.unwrap();
    let came = receiver.take();
    let end = |end: TrialEnd| End {
        verdict: end.verdict.as_str().to_owned(),
        error: end.error.map(str::to_owned),
        said: end.said,
        kept: end.kept,
        alone: end.alone,
    };
    let ends: Vec<End> = ends.into_iter().map(end).collect();
    let mut wrong = Vec::new();
    if ends != play.ends || came.len() != play.answers.len() {
        let count = came.len();
        wrong.push(format!("{name}, {}: {count} requests, {ends:#?}", play.behaviour));
    }
    if play.behaviour == "partial batch" {
        let texts = came.iter().map(shown).collect::<Vec<_>>();
        if reviewed(name, &play.behaviour, &texts) != texts.join("\n") {
            wrong.push(format!("{name}: what was sent is not what was reviewed: {texts:?}"));
        }
    }
    wrong
}

/// What was reviewed; `UPDATE_GOLDEN=1` writes what is sent now, to be looked at.
fn reviewed(name: &Name, behaviour: &str, sent: &[String]) -> String {
    let folder = format!("{}/tests/fixtures/destinations", env!("CARGO_MANIFEST_DIR"));
    let path = format!("{folder}/{name}.{}.txt", behaviour.replace(' ', "-"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, sent.join("\n")).unwrap();
    }
    std::fs::read_to_string(&path).unwrap_or_else(|_| format!("nothing reviewed at {path}"))
}

/// What ought to be played with a preset and is not.
fn unplayed(name: &Name, preset: &DestinationPreset, fixture: &Fixture) -> Vec<String> {
    let is_played = |behaviour: &str| fixture.plays.iter().any(|it| it.behaviour == behaviour);
    let request = preset.request.as_ref();
    let has_token = request.is_some_and(|request| request.with.values().any(|with| with.secret));
    let has_oauth = request.is_some_and(|request| request.oauth.is_some());
    let has_batch = request.is_some_and(|request| request.batch.is_some());
    let meant = |behaviour: &&&str| match **behaviour {
        "expired token" => has_token,
        "token renewed" | "token refused" => has_oauth,
        "partial batch" => has_batch,
        _ => true,
    };
    let mut wrong = Vec::new();
    for behaviour in EVERYBODY.iter().filter(meant).filter(|it| !is_played(it)) {
        wrong.push(format!("{name}: `{behaviour}` is not played"));
    }
    let confirmed = CONFIRMED.iter().filter(|_| preset.tier == Tier::Confirmed);
    for behaviour in confirmed.filter(|it| is_played(it) == fixture.never.contains_key(**it)) {
        wrong.push(format!("{name}: `{behaviour}` is played, or a reason is given: one of both"));
    }
    for reason in fixture.never.keys().filter(|it| !CONFIRMED.contains(&it.as_str())) {
        wrong.push(format!("{name}: nobody asks for `{reason}`"));
    }
    wrong
}

/// What a behaviour comes to, as a cell of the table.
fn meaning(play: &Play) -> String {
    let verdicts = play.ends.iter().map(|end| end.verdict.as_str());
    match (&play.error, &play.said) {
        _ if play.ends.iter().any(|end| end.alone) => "each alone".to_owned(),
        _ if play.together > 0 => verdicts.collect::<Vec<_>>().join(", "),
        (Some(error), _) if error != "status" && *error != play.verdict => {
            format!("{} ({error})", play.verdict)
        }
        (None, Some(said)) => format!("{} ({said})", play.verdict),
        _ => play.verdict.clone(),
    }
}

type Played<'p> = (&'p Name, &'p DestinationPreset, Fixture);

/// Preset by behaviour; a dash where a reason is given.
fn behaviours(fixtures: &[Played<'_>]) -> String {
    let plays = fixtures.iter().flat_map(|(.., fixture)| &fixture.plays);
    let columns: BTreeSet<&str> = plays.map(|play| play.behaviour.as_str()).collect();
    let head = columns.iter().copied().collect::<Vec<_>>().join(" | ");
    let mut table =
        format!("| preset | tier | {head} |\n|---|---|{}\n", "---|".repeat(columns.len()));
    for (name, preset, fixture) in fixtures {
        let cell = |column: &&str| {
            let play = fixture.plays.iter().find(|play| play.behaviour == *column);
            let dash = if fixture.never.contains_key(*column) { "–" } else { "" };
            play.map_or_else(|| dash.to_owned(), meaning)
        };
        let cells = columns.iter().map(cell).collect::<Vec<_>>().join(" | ");
        let _ = writeln!(table, "| `{name}` | {} | {cells} |", preset.tier.as_str());
    }
    table
}

/// Why a dash stands where it does.
fn reasons(fixtures: &[Played<'_>]) -> String {
    let mut by_reason: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for (name, _, fixture) in fixtures {
        for (behaviour, reason) in &fixture.never {
            by_reason.entry((behaviour, reason)).or_default().push(format!("`{name}`"));
        }
    }
    let mut table = "| not there | with | because |\n|---|---|---|\n".to_owned();
    for ((behaviour, reason), names) in by_reason {
        let _ = writeln!(table, "| {behaviour} | {} | {reason} |", names.join(", "));
    }
    table
}

/// What there is, and what each asks for.
fn offered(presets: &DestinationPresets) -> String {
    let mut table = "| preset | tier | what it does | `with` |\n|---|---|---|---|\n".to_owned();
    for (name, preset) in presets.iter() {
        let asked = preset.request.iter().flat_map(|request| &request.with);
        let words = asked.map(|(key, with)| {
            let need = if with.required { "" } else { "?" };
            format!("`{key}`{need}: {}", with.help)
        });
        let words = words.collect::<Vec<_>>().join("; ");
        let (tier, summary) = (preset.tier.as_str(), &preset.summary);
        let _ = writeln!(table, "| `{name}` | {tier} | {}: {summary} | {words} |", preset.title);
    }
    table
}

#[tokio::test(flavor = "multi_thread")]
async fn each_vendor_is_understood_as_it_behaves() {
    let presets = DestinationPresets::shipped().unwrap();
    let receiver = Receiver::start();
    let mut wrong = Vec::new();
    let read = |(name, preset)| {
        let fixture = Fixture::read(Name::as_str(name));
        (name, preset, fixture.unwrap_or_else(|| panic!("{name} has no receiver to play")))
    };
    let fixtures: Vec<Played<'_>> = presets.iter().map(read).collect();
    for (name, preset, fixture) in &fixtures {
        for play in &fixture.plays {
            // Each with a memory of its own: nobody has a token yet.
            let ways = ways(&receiver);
            wrong.extend(played(name, preset, fixture, play, &receiver, &ways).await);
        }
        wrong.extend(unplayed(name, preset, fixture));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    crate::packaging::generated::holds(PAGE, "behaviours", &behaviours(&fixtures));
    crate::packaging::generated::holds(PAGE, "reasons", &reasons(&fixtures));
    crate::packaging::generated::holds(PAGE, "presets", &offered(&presets));
}

/// A block of the guide, by how it begins.
fn block<T: serde::de::DeserializeOwned>(beginning: &str) -> T {
    let page = std::fs::read_to_string(format!("{}/{PAGE}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let at = page.find(&format!("```yaml\n{beginning}")).unwrap() + "```yaml\n".len();
    let text = page[at..].split("```").next().unwrap().replace("${env:HUBSPOT_TOKEN}", "t-1");
    let signing = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let text = ["crm-gateway", "erp"].iter().fold(text, |text, name| {
        text.replace(&format!("${{file:secrets/main.{name}.signing}}"), signing)
    });
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{beginning}: {error}"))
}

#[test]
fn the_samples_of_the_guide_are_good() {
    let presets = DestinationPresets::shipped().unwrap();
    let lists = Lists::default();
    for name in ["crm-gateway", "erp", "hubspot"] {
        let beginning = format!("# workspaces/main/destinations/{name}.yaml");
        let file: DestinationSettings = block(&beginning);
        let preset = file.preset.as_ref().and_then(|preset| presets.get(preset.as_str()));
        let around = Around { preset, lists: &lists };
        Destination::compile_with(&Name::parse(name).unwrap(), &file, around).unwrap();
    }
    let own: DestinationPreset = block("# presets/destinations/acme-crm.yaml");
    let file: DestinationSettings = block("# workspaces/main/destinations/crm.yaml");
    let name = Name::parse("crm").unwrap();
    let known = presets.get(file.preset.as_ref().unwrap().as_str());
    Destination::compile_with(&name, &file, Around { preset: known, lists: &lists }).unwrap();
    let given = serde_json::from_str("{\"with\": {\"token\": \"t-1\"}}").unwrap();
    let around = Around { preset: Some(&own), lists: &lists };
    Destination::compile_with(&name, &given, around).unwrap();
}
