//! The queues of `routing.yaml`, checked: whom they tell, and how soon.

use std::collections::{BTreeMap, BTreeSet};

use super::compile::unknown;
use super::pools::Findings;
use super::router::{NONE, QUALIFY, Queue, TRIAGE, usual_priority};
use super::settings::QueueSettings;
use crate::domain::Name;

pub(super) fn compile(
    settings: &BTreeMap<String, QueueSettings>,
    destinations: &BTreeSet<Name>,
    findings: &mut Findings,
) -> BTreeMap<Name, Queue> {
    let mut queues: BTreeMap<Name, Queue> = [QUALIFY, TRIAGE]
        .into_iter()
        .map(|name| {
            let priority = usual_priority(name);
            let queue = Queue { destinations: Vec::new(), priority, sooner_from: Vec::new() };
            (Name::fixed(name), queue)
        })
        .collect();
    for (text, entry) in settings {
        let path = format!("queues.{text}");
        let Some(name) = findings.name(&path, text) else { continue };
        if text == NONE {
            findings.problem(&path, "`none` means no queue at all; choose another name");
            continue;
        }
        let mut told: Vec<Name> = Vec::with_capacity(entry.destinations.len());
        for (number, destination) in entry.destinations.iter().enumerate() {
            let path = format!("{path}.destinations[{number}]");
            match destinations.get(destination.as_str()) {
                Some(known) if told.contains(known) => {
                    findings
                        .problem(path, format!("destination `{destination}` stands here twice"));
                }
                Some(known) => told.push(known.clone()),
                None => findings.problems.push(unknown(
                    "destination",
                    path,
                    destination,
                    destinations.iter(),
                )),
            }
        }
        let given =
            entry.priority.map(|given| u8::try_from(given).ok().filter(|given| *given <= 9));
        if given == Some(None) {
            findings
                .problem(format!("{path}.priority"), "a priority is a number from 0 (first) to 9");
        }
        let priority = given.flatten().unwrap_or_else(|| usual_priority(text));
        let sooner_from = entry.sooner_from.clone();
        if sooner_from.len() > 9 || !sooner_from.is_sorted_by(|a, b| a < b) {
            let message = "expected at most nine amounts, each higher than the one before";
            findings.problem(format!("{path}.sooner_from"), message);
        }
        queues.insert(name, Queue { destinations: told, priority, sooner_from });
    }
    queues
}
