//! The account that a lead belongs to: who owns it, and how a lead comes among its people.

use super::configuration::Configuration;
use crate::domain::{
    AccountOwner, Facts, Index, IndexChange, IndexKey, Key, KeySet, Lead, LeadId, Read, Timestamp,
    Write,
};

/// The part of a commit that concerns the account.
#[derive(Debug, Default)]
pub(super) struct Membership {
    pub(super) reads: Vec<Read>,
    pub(super) writes: Vec<Write>,
    pub(super) indexes: Vec<IndexChange>,
}

/// Who owns the account: whom the list of named accounts says, else the owner of the account's open lead
/// that was owned first.
#[must_use]
pub fn owner(configuration: &Configuration, lead: &Lead, facts: &Facts) -> Option<AccountOwner> {
    let named = configuration.named_accounts.owner(&lead.company);
    match named {
        Some(member) => Some(AccountOwner { member: member.clone(), lead: None }),
        None => facts.account_owner(lead.account?),
    }
}

/// How a lead stands after the commit, as far as its account asks.
#[derive(Debug, Clone, Copy)]
pub(super) struct After {
    /// It comes among the account's people by this commit.
    pub(super) joins: bool,
    /// Somebody owns it, or may by one of the commit's branches.
    pub(super) owned: bool,
    pub(super) closed: bool,
}

/// Puts a lead among the people of its account, and lets it stand for the account if nobody better does.
///
/// What stands for an account is read by every decision about its people, so it rarely changes: whoever comes
/// later is only added to an index that nobody's decision depends on.
pub(super) fn remember(lead: &Lead, after: After, facts: &Facts, now: Timestamp) -> Membership {
    let Some(account) = lead.account else { return Membership::default() };
    let (version, stood) = facts.account(account);
    let key = Key::Identity(account);
    let mut membership =
        Membership { reads: vec![Read { key: key.clone(), version }], ..Membership::default() };
    let mut list = |id: LeadId, since: Timestamp| {
        membership.indexes.push(IndexChange {
            index: Index::Account(account),
            member: id.as_bytes().to_vec(),
            score: Some(since.as_millis()),
        });
    };
    let stands = standing(account, lead, after, facts).or(stood);
    if after.joins && stands != Some(lead.id) {
        list(lead.id, lead.created_at);
    }
    if stands == stood {
        return membership;
    }
    if let Some(stood) = stood {
        list(stood, facts.created_at(account, stood).unwrap_or(now));
    }
    if let Some(id) = stands {
        let body = KeySet::Leads(vec![id]).encode();
        let version = version + 1;
        let put = Write::Put { key, version, with_receipt: false, body, until: None };
        membership.writes.push(put);
    }
    membership
}

/// Who stands for the account from now on, if that changes.
fn standing(account: IndexKey, lead: &Lead, after: After, facts: &Facts) -> Option<LeadId> {
    let own = Some(lead.id).filter(|_| !after.closed);
    let Some(standing) = facts.standing(account) else { return own };
    if standing.lead == lead.id {
        return None;
    }
    if standing.closed {
        return facts.successor.or(own);
    }
    // One that is held waits for its owner: many may be held at once, and it shall not change with each.
    own.filter(|_| after.owned && !standing.waits && standing.owner.is_none())
}
