//! Pairs of leads that people look at: both are there, and each knows of it.

use std::collections::BTreeSet;

use crate::domain::{Index, LeadId};

use super::content::Content;
use super::report::{Violation, find};

pub(super) fn check(content: &Content, violations: &mut Vec<Violation>) {
    let mut listed: BTreeSet<(LeadId, LeadId)> = BTreeSet::new();
    for index in [Index::Review, Index::Refused] {
        for member in content.index(&index).keys() {
            let ids: Vec<LeadId> = member.chunks(16).filter_map(lead_of).collect();
            match ids.as_slice() {
                [a, b] if ids.iter().all(|id| content.leads.contains_key(id)) => {
                    listed.extend([(*a, *b), (*b, *a)]);
                }
                _ => find(
                    violations,
                    "worklist",
                    format_args!("{index:?} lists a pair of which one is gone"),
                ),
            }
        }
    }
    let any = Index::PairsOf(LeadId::from_bytes([0; 16])).encode();
    let (letters, _) = any.split_at(any.len() - 16);
    let mut known: BTreeSet<(LeadId, LeadId)> = BTreeSet::new();
    for (name, members) in &content.indexes {
        let Some(lead) = name.strip_prefix(letters).and_then(lead_of) else { continue };
        known.extend(members.keys().filter_map(|other| Some((lead, lead_of(other)?))));
    }
    for (a, b) in listed.symmetric_difference(&known) {
        find(
            violations,
            "worklist",
            format_args!("{a} and {b} are a pair of a list or of {a} only"),
        );
    }
}

fn lead_of(id: &[u8]) -> Option<LeadId> {
    id.try_into().ok().map(LeadId::from_bytes)
}
