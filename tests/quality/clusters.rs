//! Inquiries through the flow, and the leads that came out against the truth.
#![expect(clippy::print_stdout, reason = "what was joined is for people")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use lead_router::domain::{Attribution, Channel, Field, Index, Submission};
use lead_router::flow::{Caller, RawBody, Received};
use lead_router::store::memory::MemoryStore;
use lead_router::telemetry::Telemetry;
use serde_json::Value;

use crate::harness::flow::{SteppingClock, demo_workspace, flow_on};

/// One inquiry and whose it is.
#[derive(Debug, Clone)]
pub struct Row {
    pub id: String,
    pub person: String,
    pub fields: Vec<(Field, String)>,
}

impl Row {
    pub fn of_json(line: &str) -> Self {
        const COLUMNS: [(&str, Field); 7] = [
            ("given_name", Field::FirstName),
            ("family_name", Field::LastName),
            ("full_name", Field::FullName),
            ("email", Field::Email),
            ("phone", Field::Phone),
            ("country", Field::Country),
            ("company", Field::CompanyName),
        ];
        let row: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let fields = COLUMNS.map(|(key, field)| (field, text(key)));
        Self {
            id: text("inquiry_id"),
            person: text("truth_person"),
            fields: fields.into_iter().filter(|(_, text)| !text.is_empty()).collect(),
        }
    }
}

/// What became of a corpus.
#[derive(Debug, Default)]
pub struct Figures {
    /// Pairs of one person; of one lead; of both.
    true_pairs: u64,
    found_pairs: u64,
    right_pairs: u64,
    /// Persons who share a lead with somebody else.
    pub joined_persons: usize,
    /// Leads of several persons whose only common value is a function's mailbox or a switchboard.
    pub strangers_at_one_mailbox: usize,
    /// Pairs on the worklists `review` and `refused`.
    listed: u64,
    refused: u64,
    inquiries: usize,
    lead_of: BTreeMap<String, String>,
}

impl Figures {
    pub fn of(truth: &[String], leads: &[String]) -> Self {
        let pairs = |counts: BTreeMap<(&str, &str), u64>| -> u64 {
            counts.values().map(|count| count * (count - 1) / 2).sum()
        };
        let count = |of: &dyn Fn(usize) -> (usize, usize)| {
            let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
            for at in 0..truth.len() {
                let (person, lead) = of(at);
                let person = if person == usize::MAX { "" } else { &truth[person] };
                let lead = if lead == usize::MAX { "" } else { &leads[lead] };
                *counts.entry((person, lead)).or_default() += 1;
            }
            pairs(counts)
        };
        let mut persons: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (person, lead) in truth.iter().zip(leads) {
            persons.entry(lead).or_default().insert(person);
        }
        let joined: BTreeSet<&str> =
            persons.values().filter(|them| them.len() > 1).flatten().copied().collect();
        Self {
            true_pairs: count(&|at| (at, usize::MAX)),
            found_pairs: count(&|at| (usize::MAX, at)),
            right_pairs: count(&|at| (at, at)),
            joined_persons: joined.len(),
            inquiries: truth.len(),
            ..Self::default()
        }
    }

    pub fn precision(&self) -> f64 {
        ratio(self.right_pairs, self.found_pairs)
    }

    pub fn recall(&self) -> f64 {
        ratio(self.right_pairs, self.true_pairs)
    }

    /// The part of all pairs (of inquiries that either run put together) that both judge alike.
    pub fn agreement(&self, other: &Self) -> f64 {
        let (ours, theirs) = (self.pairs(), other.pairs());
        let both = ours.intersection(&theirs).count() as u64;
        ratio(both, ours.union(&theirs).count() as u64)
    }

    /// Pairs of inquiries that only one of two runs put together.
    pub fn differing(&self, other: &Self) -> Vec<(String, String)> {
        self.pairs().symmetric_difference(&other.pairs()).cloned().collect()
    }

    fn pairs(&self) -> BTreeSet<(String, String)> {
        let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (inquiry, lead) in &self.lead_of {
            groups.entry(lead).or_default().push(inquiry);
        }
        let mut pairs = BTreeSet::new();
        for group in groups.values() {
            for (at, a) in group.iter().enumerate() {
                pairs.extend(group[at + 1..].iter().map(|b| ((*a).to_owned(), (*b).to_owned())));
            }
        }
        pairs
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share for reading")]
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "precision {:.4}, recall {:.4}, persons wrongly joined {}, of strangers at one mailbox or \
             switchboard {}, pairs to review {:.2} %, refused {:.2} % of {} inquiries",
            self.precision(),
            self.recall(),
            self.joined_persons,
            self.strangers_at_one_mailbox,
            100.0 * ratio(self.listed, self.inquiries as u64),
            100.0 * ratio(self.refused, self.inquiries as u64),
            self.inquiries,
        )
    }
}

/// Takes the inquiries in their order.
pub async fn recognise(rows: &[Row]) -> Figures {
    let workspace = demo_workspace();
    let clock = Arc::new(SteppingClock::default());
    let store = Arc::new(MemoryStore::default());
    let flow = flow_on(store, Arc::clone(&clock), Telemetry::new());
    let source = &workspace.sources["form"];
    let mut taken = Vec::with_capacity(rows.len());
    for row in rows {
        clock.step(60_000);
        let submission = Submission {
            source: source.name().clone(),
            channel: Channel::Website,
            event_id: Some(row.id.clone()),
            is_test: false,
            filtered: false,
            filtered_by: None,
            challenge: None,
            erases: false,
            reference: lead_router::domain::Reference::new(),
            fields: row.fields.iter().map(|(f, text)| (*f, text.as_str().into())).collect(),
            answers: vec![],
            consents: vec![],
            attribution: Attribution::new(),
            occurred_at: None,
            flags: vec![],
            content: row.id.clone().into_bytes(),
        };
        let raw = RawBody::default;
        let received = Received { submission, raw: &raw };
        let answer = flow.inquire(&workspace, source, received, &Caller::default()).await.unwrap();
        taken.push(answer.inquiry.unwrap());
    }
    let mut leads = Vec::with_capacity(rows.len());
    let mut refused: BTreeMap<String, u32> = BTreeMap::new();
    for (id, row) in taken.iter().zip(rows) {
        // Kept without contact: nobody's lead.
        let Some((record, _)) = flow.record(&workspace, *id).await.unwrap() else {
            leads.push(row.id.clone());
            continue;
        };
        for (_, why) in &record.entry.record.refused {
            *refused.entry(why.clone()).or_default() += 1;
        }
        let lead = flow.lead(&workspace.name, record.entry.lead.unwrap()).await.unwrap().unwrap();
        leads.push(lead.lead.id.to_string());
    }
    let truth: Vec<String> = rows.iter().map(|row| row.person.clone()).collect();
    if std::env::var_os("QUALITY_SHOW").is_some() {
        println!("refused: {refused:?}");
        show_joined(rows, &leads);
    }
    let counts = flow.counts(&workspace.name).await.unwrap();
    let on = |list| counts.iter().find(|(it, _)| **it == list).map_or(0, |it| it.1);
    Figures {
        listed: on(Index::Review),
        refused: on(Index::Refused),
        strangers_at_one_mailbox: strangers(rows, &leads),
        lead_of: rows.iter().map(|row| row.id.clone()).zip(leads.iter().cloned()).collect(),
        ..Figures::of(&truth, &leads)
    }
}

/// Prints the leads of several persons, whole: for whoever looks why. The persons are invented; a corpus of one's
/// own may not be.
fn show_joined(rows: &[Row], leads: &[String]) {
    let mut groups: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for (row, lead) in rows.iter().zip(leads) {
        groups.entry(lead).or_default().push(row);
    }
    for (number, group) in groups.values().enumerate() {
        if group.iter().any(|row| row.person != group[0].person) {
            for row in group {
                println!("joined {number}: {} {:?}", row.person, row.fields);
            }
        }
    }
}

/// Whether one mailbox or phone was given by several persons.
fn share_a_value(group: &[&Row]) -> bool {
    let mut given: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for row in group {
        for (field, text) in &row.fields {
            let value = match field {
                Field::Email => text.to_lowercase(),
                Field::Phone => text.chars().filter(char::is_ascii_digit).collect(),
                _ => continue,
            };
            given.entry(value).or_default().insert(&row.person);
        }
    }
    given.values().any(|persons| persons.len() > 1)
}

/// Leads of several persons with different names who have a value of [`Field::Email`] or [`Field::Phone`] in
/// common: what one name at one company joined is not among them.
fn strangers(rows: &[Row], leads: &[String]) -> usize {
    let mut groups: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for (row, lead) in rows.iter().zip(leads) {
        groups.entry(lead).or_default().push(row);
    }
    let name = |row: &Row| -> String {
        let names = [Field::FirstName, Field::LastName, Field::FullName];
        let of =
            |field| row.fields.iter().find(|(it, _)| *it == field).map(|(_, text)| text.as_str());
        names.into_iter().filter_map(of).collect::<Vec<_>>().join(" ").to_lowercase()
    };
    groups
        .values()
        .filter(|group| {
            let persons: BTreeSet<&str> = group.iter().map(|row| row.person.as_str()).collect();
            let names: BTreeSet<String> = group.iter().map(|row| name(row)).collect();
            persons.len() > 1 && names.len() > 1 && share_a_value(group)
        })
        .count()
}
