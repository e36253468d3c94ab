//! The key sets: what was read of them, and how a lead comes to stand in them.

use crate::domain::{Facts, IndexKey, Key, KeySet, LeadId, Read, Write};
use crate::identify::{IndexedBy, KeyKind};

/// The part of a commit that concerns key sets.
#[derive(Debug, Default)]
pub(super) struct Identity {
    /// Every key set, version 0 where there is none.
    pub(super) reads: Vec<Read>,
    /// Those that change.
    pub(super) writes: Vec<Write>,
    /// Whether one of the keys becomes a shared one by this.
    pub(super) becomes_shared: bool,
}

/// Puts a lead into the sets of its keys.
///
/// A seventeenth id makes a bare e-mail or phone a shared key: from then on it is only counted, once per
/// lead (`held` = the keys that the lead stood under before), and its version rests, so that a switchboard
/// is no bottleneck. Keys with the name in them and external ids never become shared: whoever has the same
/// one is judged to be the same person, so their sets do not grow. Should one be full all the same
/// (after merges), it stays as it is and the lead is found by its other keys.
pub(super) fn identity(
    keys: &[IndexedBy],
    facts: &Facts,
    lead: LeadId,
    held: &[IndexKey],
) -> Identity {
    let mut identity = Identity::default();
    for IndexedBy { kind, key } in keys {
        let known = facts.key(*key);
        let version = known.map_or(0, |known| known.version);
        let read = Read { key: Key::Identity(*key), version };
        if identity.reads.contains(&read) {
            continue;
        }
        identity.reads.push(read);
        let set = match known.map(|known| &known.value) {
            Some(KeySet::Shared(_)) => {
                if !held.contains(key) {
                    identity.writes.push(Write::CountShared { key: *key });
                }
                continue;
            }
            Some(KeySet::Leads(ids)) if ids.contains(&lead) => continue,
            Some(KeySet::Leads(ids)) if ids.len() >= KeySet::IDS_MAX => {
                if !matches!(kind, KeyKind::Email | KeyKind::Phone) {
                    continue;
                }
                identity.becomes_shared = true;
                KeySet::Shared(u32::try_from(ids.len()).unwrap_or(u32::MAX).saturating_add(1))
            }
            Some(KeySet::Leads(ids)) => KeySet::Leads(ids.iter().copied().chain([lead]).collect()),
            None => KeySet::Leads(vec![lead]),
        };
        identity.writes.push(Write::Put {
            key: Key::Identity(*key),
            version: version + 1,
            with_receipt: false,
            body: set.encode(),
            until: None,
        });
    }
    identity
}
