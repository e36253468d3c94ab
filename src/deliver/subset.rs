//! What of an event goes to one destination: less than all of it, where less is enough or allowed.

use serde_json::{Map, Value};

use super::settings::{ConsentChannel, DestinationSettings};
use crate::domain::{Lead, SettingProblem};

/// What always goes out: without it a receiver could not tell events apart.
const ALWAYS: [&str; 9] = [
    "workspace",
    "sequence",
    "cycle",
    "test",
    "instead_of",
    "lead.id",
    "merged",
    "repeats.count",
    "inquiry.id",
];
/// The parts of `data` that places begin with.
const PARTS: [&str; 8] =
    ["lead", "inquiry", "assignment", "brief", "decision", "links", "confirmation", "repeats"];
/// What a person is told to do with a number that is not there.
const CALL: &str = "Call the person";
const ANY: &str = "any";

/// The choice of a destination.
#[derive(Debug, Clone, Default)]
pub(super) struct Subset {
    only: Vec<String>,
    leave_out: Vec<String>,
    with_consent: Vec<ConsentChannel>,
}

impl Subset {
    pub(super) fn compile(
        settings: &DestinationSettings,
        problems: &mut Vec<SettingProblem>,
    ) -> Self {
        for (key, places) in [("only", &settings.only), ("leave_out", &settings.leave_out)] {
            for (at, place) in places.iter().enumerate() {
                let part = place.split('.').next().unwrap_or_default();
                if !PARTS.contains(&part) {
                    let message = format!(
                        "`{place}` is no place of an event: places begin with {}",
                        PARTS.join(", ")
                    );
                    problems.push(
                        SettingProblem::new(format!("{key}[{at}]"), message).suggest(part, PARTS),
                    );
                }
            }
        }
        Self {
            only: settings.only.clone(),
            leave_out: settings.leave_out.clone(),
            with_consent: settings.with_consent.clone(),
        }
    }

    /// Whether everything goes out.
    pub(super) fn is_whole(&self) -> bool {
        self.only.is_empty() && self.leave_out.is_empty() && self.with_consent.is_empty()
    }

    /// Takes out what is not to go.
    pub(super) fn apply(&self, body: &mut Value, lead: Option<&Lead>) {
        if body["type"].as_str().is_some_and(|kind| kind.starts_with("alert.")) {
            return;
        }
        let Some(data) = body.get_mut("data") else { return };
        for channel in &self.with_consent {
            if !lead.is_some_and(|lead| consented(lead, *channel)) {
                without_channel(data, channel.as_str());
            }
        }
        for place in &self.leave_out {
            remove(data, place);
        }
        if !self.only.is_empty() {
            let mut kept = Value::Object(Map::new());
            let places = ALWAYS.iter().copied().chain(self.only.iter().map(String::as_str));
            places.for_each(|place| copy(data, &mut kept, place));
            *data = kept;
        }
    }
}

/// Whether the newest thing the person said about the channel was yes.
fn consented(lead: &Lead, channel: ConsentChannel) -> bool {
    let about = |word: &str| word == ANY || word.eq_ignore_ascii_case(channel.as_str());
    let said = lead.consents.iter().filter(|consent| about(&consent.channel));
    said.max_by_key(|consent| consent.at).is_some_and(|consent| consent.granted)
}

/// Everything by which the person could be reached there, wherever the body has it.
fn without_channel(data: &mut Value, channel: &str) {
    for key in [channel.to_owned(), format!("{channel}_validity")] {
        remove(data, &format!("lead.contact.{key}"));
    }
    let field = format!("contact.{channel}");
    for list in ["/lead/contact/others", "/lead/answers", "/inquiry/answers"] {
        if let Some(Value::Array(items)) = data.pointer_mut(list) {
            items.retain(|item| item["field"] != field.as_str() && item["key"] != field.as_str());
        }
    }
    if channel == "phone"
        && let Some(Value::String(step)) = data.pointer_mut("/brief/next_step")
    {
        *step = step.replace(CALL, "Write to the person");
    }
}

fn remove(data: &mut Value, place: &str) {
    let (parent, key) = place.rsplit_once('.').unwrap_or(("", place));
    let mut at = parent.split('.').filter(|part| !part.is_empty());
    let parent = at.try_fold(data, |at, part| at.get_mut(part));
    if let Some(Value::Object(map)) = parent {
        map.shift_remove(key);
    }
}

fn copy(from: &Value, to: &mut Value, place: &str) {
    let found = place.split('.').try_fold(from, |at, part| at.get(part));
    let Some(found) = found else { return };
    let mut at = to;
    for part in place.split('.') {
        let Value::Object(map) = at else { return };
        at = map.entry(part).or_insert_with(|| Value::Object(Map::new()));
    }
    *at = found.clone();
}
