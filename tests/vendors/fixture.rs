//! What a vendor's receiver does, as files: `tests/fixtures/destinations/NAME.yaml`.

use std::collections::BTreeMap;
use std::time::Duration;

use lead_router::deliver::{Around, Destination, DestinationPreset, DestinationSettings};
use lead_router::domain::{EventId, LeadId, Name};
use lead_router::rules::Lists;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::harness::receiver::Reply;

/// One file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    /// What the destination says to the preset.
    #[serde(default)]
    pub with: Value,
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// What else its file says.
    #[serde(default)]
    pub settings: serde_json::Map<String, Value>,
    pub plays: Vec<Play>,
    /// What such a receiver is not seen to do, and why.
    #[serde(default)]
    pub never: BTreeMap<String, String>,
}

/// One behaviour: the answers to one event, and what they come to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Play {
    /// A column of the table.
    pub behaviour: String,
    /// Instead of the file's `with`.
    #[serde(default)]
    pub with: Value,
    pub answers: Vec<Given>,
    #[serde(default)]
    pub verdict: String,
    /// So many events in one request; `{lead:1}` and `{event:1}` in answers are the first one's ids.
    #[serde(default)]
    pub together: u8,
    /// How it ends for each of them.
    #[serde(default)]
    pub ends: Vec<End>,
    #[serde(default)]
    pub error: Option<String>,
    #[serde(default)]
    pub said: Option<String>,
    #[serde(default)]
    pub kept: BTreeMap<String, String>,
}

/// How it ends for one of several.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct End {
    pub verdict: String,
    #[serde(default)]
    pub error: Option<String>,
    #[serde(default)]
    pub said: Option<String>,
    #[serde(default)]
    pub kept: BTreeMap<String, String>,
    #[serde(default)]
    pub alone: bool,
}

/// One answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    pub status: u16,
    #[serde(default)]
    pub body: Value,
}

impl Given {
    pub fn reply(&self) -> Reply {
        let body = match &self.body {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        // The ids of the tests: all bytes the event's number.
        let body = (1..=9_u8).fold(body, |body, number| {
            let id = [number; 16];
            body.replace(&format!("{{lead:{number}}}"), &LeadId::from_bytes(id).to_string())
                .replace(&format!("{{event:{number}}}"), &EventId::from_bytes(id).to_string())
        });
        Reply { status: self.status, headers: Vec::new(), body, after: Duration::ZERO }
    }
}

impl Fixture {
    pub fn read(preset: &str) -> Option<Self> {
        let path =
            format!("{}/tests/fixtures/destinations/{preset}.yaml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).ok()?;
        Some(serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{preset}: {error}")))
    }

    /// A destination of that preset at `url`.
    /// `{receiver}` in `with` is its address.
    pub fn destination(
        &self,
        name: &Name,
        preset: &DestinationPreset,
        url: &str,
        play: &Play,
    ) -> Destination {
        let mut settings =
            json!({"preset": name.as_str(), "url": url, "tests": true, "timeout_ms": 10_000});
        let with = if play.with.is_null() { &self.with } else { &play.with };
        if !with.is_null() {
            let text = with.to_string().replace("{receiver}", url);
            settings["with"] = serde_json::from_str(&text).unwrap();
        }
        if play.together > 0 {
            settings["batch"] = json!({});
        }
        settings["fields"] = json!(self.fields);
        for (key, value) in &self.settings {
            settings[key] = value.clone();
        }
        let settings: DestinationSettings = serde_json::from_value(settings).unwrap();
        let around = Around { preset: Some(preset), lists: &Lists::default() };
        Destination::compile_with(name, &settings, around)
            .unwrap_or_else(|problems| panic!("{name}: {problems:?}"))
    }
}
