//! What a decision about an inquiry depends on.

use crate::domain::{Facts, Key, Read};

/// The read set, each key once.
pub(super) fn reads(
    identity: Vec<Read>,
    account: Vec<Read>,
    referral: Option<Read>,
    facts: &Facts,
    plans: bool,
) -> Vec<Read> {
    let own = identity.into_iter().chain(account).chain(referral);
    own.chain(facts_read(facts, plans)).collect()
}

/// Every lead in the facts, the one remembered for the account, and the overlay if there is one and it was asked.
fn facts_read(facts: &Facts, plans: bool) -> impl Iterator<Item = Read> {
    let leads =
        facts.leads.iter().map(|(id, known)| Read { key: Key::Lead(*id), version: known.version });
    let overlay =
        (plans && facts.overlay > 0).then_some(Read { key: Key::Overlay, version: facts.overlay });
    let remembered = facts
        .remembered
        .as_ref()
        .map(|it| Read { key: Key::Lead(it.standing.value.lead), version: it.standing.version });
    leads.chain(remembered).chain(overlay)
}
