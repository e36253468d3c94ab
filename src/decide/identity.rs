//! The key sets: what was read of them, and how a lead comes to stand in them.

use crate::domain::{Facts, IndexKey, Key, KeySet, LeadId, Read, Write};
use crate::identify::{IndexedBy, KeyKind};

/// The part of a commit that concerns key sets.
#[derive(Debug, Default)]
pub(super) struct Identity {
    /// Every key set that was looked at, version 0 where there is none.
    pub(super) reads: Vec<Read>,
    /// Those that change.
    pub(super) writes: Vec<Write>,
    /// Whether an e-mail address or a phone becomes a shared key by this.
    pub(super) becomes_shared: bool,
}

/// Puts a lead into the sets of its keys.
///
/// A seventeenth id makes a bare key a shared one: from then on it is only counted, once per lead (`held` = the
/// keys that the lead stood under before), and its version rests, so that a switchboard is no bottleneck.
/// External ids never become shared: whoever has the same one is judged to be the same person, so
/// their sets do not grow. Should one be full all the same (after merges), it stays as it is and the
/// lead is found by its other keys.
///
/// A compound key (with the name in it) has a set only where its bare key is shared: until then it
/// would say nothing that the bare one does not. When a key becomes shared, the leads that stand
/// under it are put into the sets of their compound keys in the same commit.
pub(super) fn identity(
    keys: &[IndexedBy],
    facts: &Facts,
    lead: LeadId,
    held: &[IndexKey],
) -> Identity {
    let mut identity = Identity::default();
    for (at, IndexedBy { kind, key }) in keys.iter().enumerate() {
        if kind.is_compound() {
            continue;
        }
        let compound = keys.get(at + 1).filter(|next| next.kind.is_compound()).map(|it| it.key);
        match facts.key(*key).map(|known| &known.value) {
            Some(KeySet::Shared(_)) => {
                identity.count(facts, *key, held);
                if let Some(compound) = compound {
                    identity.stand(facts, compound, &[lead]);
                }
            }
            Some(KeySet::Leads(ids))
                if ids.len() >= KeySet::IDS_MAX
                    && !ids.contains(&lead)
                    && *kind != KeyKind::ExternalId =>
            {
                identity.share(facts, *key, ids, compound.map(|own| (own, lead)));
                identity.becomes_shared |= *kind != KeyKind::NameCompany;
            }
            _ => identity.stand(facts, *key, &[lead]),
        }
    }
    identity
}

impl Identity {
    fn version(&mut self, facts: &Facts, key: IndexKey) -> Option<u64> {
        let version = facts.key(key).map_or(0, |known| known.version);
        let read = Read { key: Key::Identity(key), version };
        let first = !self.reads.contains(&read);
        if first {
            self.reads.push(read);
        }
        first.then_some(version)
    }

    fn put(&mut self, key: IndexKey, version: u64, set: &KeySet) {
        self.writes.push(Write::Put {
            key: Key::Identity(key),
            version: version + 1,
            with_receipt: false,
            body: set.encode(),
            until: None,
        });
    }

    /// The leads stand in the key's set, as far as it has room.
    fn stand(&mut self, facts: &Facts, key: IndexKey, leads: &[LeadId]) {
        let Some(version) = self.version(facts, key) else { return };
        let known = match facts.key(key).map(|known| &known.value) {
            Some(KeySet::Leads(ids)) => ids.as_slice(),
            Some(KeySet::Shared(_)) => return,
            None => &[],
        };
        let mut ids = known.to_vec();
        for lead in leads {
            if !ids.contains(lead) && ids.len() < KeySet::IDS_MAX {
                ids.push(*lead);
            }
        }
        if ids.len() > known.len() {
            self.put(key, version, &KeySet::Leads(ids));
        }
    }

    /// One more behind a shared key, unless it was counted already.
    fn count(&mut self, facts: &Facts, key: IndexKey, held: &[IndexKey]) {
        if self.version(facts, key).is_some() && !held.contains(&key) {
            self.writes.push(Write::CountShared { key });
        }
    }

    /// The key becomes a shared one; whoever stood under it is found by the name from now on.
    fn share(
        &mut self,
        facts: &Facts,
        key: IndexKey,
        holders: &[LeadId],
        own: Option<(IndexKey, LeadId)>,
    ) {
        let Some(version) = self.version(facts, key) else { return };
        let count = u32::try_from(holders.len()).unwrap_or(u32::MAX).saturating_add(1);
        self.put(key, version, &KeySet::Shared(count));
        let held = holders.iter().flat_map(|holder| {
            let keys = facts.lead(*holder).map_or(&[][..], |known| &known.value.keys);
            behind(keys, key).map(|compound| (compound, *holder))
        });
        let mut named: Vec<(IndexKey, Vec<LeadId>)> = Vec::new();
        for (compound, holder) in held.chain(own) {
            match named.iter_mut().find(|(known, _)| *known == compound) {
                Some((_, leads)) => leads.push(holder),
                None => named.push((compound, vec![holder])),
            }
        }
        for (compound, leads) in named {
            self.stand(facts, compound, &leads);
        }
    }
}

/// The compound keys of a bare one among a lead's keys.
fn behind(keys: &[IndexKey], bare: IndexKey) -> impl Iterator<Item = IndexKey> {
    let from = keys.iter().position(|key| *key == bare).map_or(keys.len(), |at| at + 1);
    keys[from..].iter().copied().take_while(|key| key.is_compound())
}
