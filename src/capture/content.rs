//! What makes two submissions the same where no event id says so: the bytes that flow hashes for
//! idempotency.

use std::collections::BTreeMap;

use crate::domain::{Answer, Consent, Field, Pii};

use super::decode::Leaf;

/// The bytes that make two posts of a form the same: fields, answers and consents, not where the person
/// came from, nor anything technical.
pub(super) fn of_form(
    fields: &BTreeMap<Field, Pii>,
    answers: &[Answer],
    consents: &[Consent],
) -> Vec<u8> {
    let mut parts: Vec<(&str, &str)> =
        fields.iter().map(|(field, text)| (field.as_str(), text.expose())).collect();
    let mut given: Vec<(&str, &str)> =
        answers.iter().map(|answer| (answer.key.as_str(), answer.value.expose())).collect();
    given.sort_unstable();
    parts.append(&mut given);
    for consent in consents {
        parts.push((&consent.purpose, &consent.channel));
        parts.push(("", if consent.granted { "yes" } else { "no" }));
    }
    joined(parts.into_iter())
}

/// The bytes that make two rows the same: the cells as sent (the stated time is one of them), whatever
/// their order.
pub(super) fn of_row(leaves: &[Leaf]) -> Vec<u8> {
    let mut cells: Vec<(String, String)> = leaves
        .iter()
        .filter(|leaf| leaf.values.iter().any(|value| !value.trim().is_empty()))
        .map(|leaf| (leaf.path.join("\u{1f}"), leaf.values.join("\u{1f}")))
        .collect();
    cells.sort_unstable();
    joined(cells.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

/// Pairs, each text with its length before it.
fn joined<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for text in pairs.flat_map(|(name, value)| [name, value]) {
        bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}
