//! Who stands for which account, as this process last saw it. Whoever's company is known would need two rounds, the
//! first of which only learns who stands for it; remembered, that is a fact of the first attempt. The commit reads
//! both versions, so a memory that is no longer right costs the round it would have saved, and nothing else.
//!
//! There are places for [`SETS`] times [`PLACES`] accounts, 64 bytes each, all of them from the start, so that memory does not grow
//! with how many were seen; of more accounts in one set than it has places those seen last stay.
//! Nothing about a person is kept: keyed hashes, ids, the owner's name.

use std::sync::{Mutex, MutexGuard, PoisonError};

use ahash::AHashMap;

use crate::domain::{
    AccountStanding, Decision, Facts, IndexKey, Key, KeySet, Known, LeadId, Name, Receipt,
    Remembered, Timestamp, Write,
};

/// Sets of places; two bytes of an account's key say which is its own.
const SETS: usize = 32_768;
/// Places in a set. With so many each, half of all places are taken before accounts displace each other often.
const PLACES: usize = 4;

/// What is remembered of an account, its names by number.
#[derive(Debug, Clone, Copy)]
struct Place {
    account: IndexKey,
    lead: LeadId,
    created_at: Timestamp,
    /// Version of the account's key set.
    version: u64,
    /// Version of the lead.
    own: u64,
    workspace: u16,
    owner: Option<u16>,
    waits: bool,
}

/// The account seen last comes first.
type Set = [Option<Place>; PLACES];

/// Names by number: of workspaces and members, so there are few.
#[derive(Debug, Default)]
struct Names {
    numbers: AHashMap<Name, u16>,
    names: Vec<Name>,
}

impl Names {
    /// A name's number; `None` if all are given.
    fn number(&mut self, name: &Name) -> Option<u16> {
        if let Some(number) = self.numbers.get(name) {
            return Some(*number);
        }
        let number = u16::try_from(self.names.len()).ok()?;
        self.names.push(name.clone());
        self.numbers.insert(name.clone(), number);
        Some(number)
    }

    fn name(&self, number: u16) -> Option<Name> {
        self.names.get(usize::from(number)).cloned()
    }
}

#[derive(Debug)]
struct Held {
    sets: Box<[Set]>,
    names: Names,
}

impl Held {
    /// An account's set, and where in it the account stands.
    fn find(&mut self, workspace: &Name, account: IndexKey) -> (&mut Set, Option<usize>) {
        let number = self.names.numbers.get(workspace).copied();
        let set = &mut self.sets[set_of(account)];
        let is_it = |place: &Place| Some(place.workspace) == number && place.account == account;
        let at = set.iter().position(|place| place.as_ref().is_some_and(is_it));
        (set, at)
    }

    /// What is to be kept; `None` of one that is closed, or if there is no number left for a name.
    fn place(&mut self, workspace: &Name, remembered: Remembered) -> Option<Place> {
        let Remembered { account, version, standing } = remembered;
        let AccountStanding { lead, created_at, owner, closed, waits } = standing.value;
        if closed {
            return None;
        }
        let own = standing.version;
        let owner = match owner {
            Some(name) => Some(self.names.number(&name)?),
            None => None,
        };
        let workspace = self.names.number(workspace)?;
        Some(Place { account, lead, created_at, version, own, workspace, owner, waits })
    }

    /// What was kept.
    fn told(&self, place: Place) -> Option<Remembered> {
        let owner = match place.owner {
            Some(number) => Some(self.names.name(number)?),
            None => None,
        };
        let Place { account, lead, created_at, version, own, waits, .. } = place;
        let value = AccountStanding { lead, created_at, owner, closed: false, waits };
        Some(Remembered { account, version, standing: Known { version: own, value } })
    }
}

/// What is remembered.
#[derive(Debug)]
pub(super) struct Accounts(Mutex<Held>);

impl Default for Accounts {
    fn default() -> Self {
        let sets = vec![[None; PLACES]; SETS].into_boxed_slice();
        Self(Mutex::new(Held { sets, names: Names::default() }))
    }
}

impl Accounts {
    /// Who stood for an account when it was last seen.
    pub(super) fn remembered(&self, workspace: &Name, account: IndexKey) -> Option<Remembered> {
        let mut held = self.held();
        let (set, at) = held.find(workspace, account);
        set[..=at?].rotate_right(1);
        let place = set[0]?;
        held.told(place)
    }

    /// Takes over what the store said about an account.
    pub(super) fn saw(&self, workspace: &Name, account: IndexKey, facts: &Facts) {
        let (version, stood) = facts.account(account);
        match stood.and_then(|id| facts.lead(id)) {
            Some(Known { version: own, value: lead }) if lead.merged_into.is_none() => {
                let value = AccountStanding::of(lead, &lead.assignment);
                let standing = Known { version: *own, value };
                self.keep(workspace, Remembered { account, version, standing });
            }
            _ => self.forget(workspace, account),
        }
    }

    /// Takes over what a decision made of an account: its lead stands for it now, or stood for it and changed.
    pub(super) fn committed(&self, workspace: &Name, decision: &Decision, receipt: &Receipt) {
        let Some(lead) = &decision.lead else { return };
        let Some(account) = lead.account else { return };
        let put = |wanted: Key| {
            decision.commit.writes.iter().find_map(|write| match write {
                Write::Put { key, version, body, .. } if *key == wanted => Some((*version, body)),
                _ => None,
            })
        };
        let stands = put(Key::Identity(account))
            .map(|(version, body)| (version, KeySet::decode(body)))
            .or_else(|| {
                let it = self.remembered(workspace, account)?;
                Some((it.version, Some(KeySet::Leads(vec![it.standing.value.lead]))))
            });
        let Some((version, Some(KeySet::Leads(ids)))) = stands else { return };
        if ids != [lead.id] {
            if put(Key::Identity(account)).is_some() {
                self.forget(workspace, account);
            }
            return;
        }
        let Some((own, _)) = put(Key::Lead(lead.id)) else { return };
        let assignment = decision.assignment.clone().settle(Some(receipt));
        let standing = Known { version: own, value: AccountStanding::of(lead, &assignment) };
        self.keep(workspace, Remembered { account, version, standing });
    }

    fn keep(&self, workspace: &Name, remembered: Remembered) {
        let account = remembered.account;
        let mut held = self.held();
        let Some(place) = held.place(workspace, remembered) else {
            drop(held);
            return self.forget(workspace, account);
        };
        let (set, at) = held.find(workspace, account);
        let free = || set.iter().position(Option::is_none);
        let at = at.or_else(free).unwrap_or(PLACES - 1);
        set[..=at].rotate_right(1);
        set[0] = Some(place);
    }

    fn forget(&self, workspace: &Name, account: IndexKey) {
        let mut held = self.held();
        if let (set, Some(at)) = held.find(workspace, account) {
            set[at] = None;
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keys are hashes: any two bytes will do, but for those that say what kind of key it is.
fn set_of(account: IndexKey) -> usize {
    usize::from(u16::from_be_bytes([account.0[14], account.0[15]])) % SETS
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An account whose set is the first; `number` tells it from the others there.
    fn account(number: u8) -> IndexKey {
        let mut key = [0; 16];
        key[1] = number;
        IndexKey(key)
    }

    fn remembered(number: u8, owner: Option<&'static str>, closed: bool) -> Remembered {
        let value = AccountStanding {
            lead: LeadId::from_bytes([number; 16]),
            created_at: Timestamp::from_millis(i64::from(number)),
            owner: owner.map(Name::fixed),
            closed,
            waits: number.is_multiple_of(2),
        };
        let standing = Known { version: u64::from(number) + 1, value };
        Remembered { account: account(number), version: u64::from(number), standing }
    }

    #[test]
    fn a_place_is_as_small_as_is_said() {
        assert_eq!(size_of::<Set>(), 64 * PLACES);
    }

    #[test]
    fn those_seen_last_stay() {
        let (accounts, workspace) = (Accounts::default(), Name::fixed("acme"));
        for number in 1..=4 {
            accounts.keep(&workspace, remembered(number, Some("ada"), false));
        }
        let held = |number| accounts.remembered(&workspace, account(number));
        accounts.keep(&workspace, remembered(1, None, false));
        assert_eq!(held(2), Some(remembered(2, Some("ada"), false)), "asked for is seen, too");
        accounts.keep(&workspace, remembered(5, Some("ben"), false));
        assert_eq!(held(1), Some(remembered(1, None, false)));
        assert_eq!(held(2), Some(remembered(2, Some("ada"), false)));
        assert_eq!(held(3), None, "seen longest ago");
        assert_eq!(held(5), Some(remembered(5, Some("ben"), false)));
    }

    #[test]
    fn workspaces_do_not_share_accounts() {
        let (accounts, one, other) =
            (Accounts::default(), Name::fixed("acme"), Name::fixed("other"));
        accounts.keep(&one, remembered(1, Some("ada"), false));
        assert_eq!(accounts.remembered(&other, account(1)), None);
        accounts.keep(&other, remembered(1, Some("ben"), false));
        accounts.forget(&one, account(1));
        assert_eq!(accounts.remembered(&one, account(1)), None);
        assert_eq!(
            accounts.remembered(&other, account(1)),
            Some(remembered(1, Some("ben"), false))
        );
    }

    #[test]
    fn whoever_is_closed_is_not_kept() {
        let (accounts, workspace) = (Accounts::default(), Name::fixed("acme"));
        accounts.keep(&workspace, remembered(1, Some("ada"), false));
        accounts.keep(&workspace, remembered(1, Some("ada"), true));
        assert_eq!(accounts.remembered(&workspace, account(1)), None);
    }
}
