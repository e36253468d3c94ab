//! An inquiry, and what is known, become a decision.

use super::account::{self, After, Membership};
use super::ahead::{asked_anew, fall_due};
use super::configuration::Configuration;
use super::confirming::{self, Asks, awaits};
use super::consequence::{Cause, Happening, freed, later};
use super::dimensions::{self, decided};
use super::identity::{Identity, identity};
use super::joining;
use super::kept_aside;
use super::nurture::{self, had_before};
use super::pairs;
use super::policy::{self, Applied};
use super::reads::reads;
use super::record::{packed, put_entry, put_lead, record};
use super::referral;
use crate::assign::{Planned, PlannedBranch, Situation, plan};
use crate::domain::{
    Assignment, Branch, BranchOutcome, Category, Claim, Commit, Decision, EventId, Expected, Facts,
    Flag, IdBlock, IndexChange, IndexKey, Inquiry, InquiryEntry, JournalRow, Known, Lead, Lease,
    Name, OwnerStep, Qualification, Record, Status, Timestamp, Trace, Write,
};
use crate::identify::{IndexedBy, absorb, judge, merge, touch};
use crate::qualify::qualify;
use crate::rules::Subject;

/// What one decision is about.
#[derive(Debug, Clone)]
pub struct Input<'a> {
    pub inquiry: &'a Inquiry,
    /// Its index keys; none for tests and filtered ones.
    pub keys: &'a [IndexedBy],
    /// The key of its company's account; none for tests and filtered ones.
    pub account: Option<IndexKey>,
    /// The key of who referred the person; none for tests and filtered ones.
    pub referrer: Option<IndexKey>,
    /// Everything behind those keys; empty in a first attempt.
    pub facts: &'a Facts,
    pub claim: Option<Claim>,
    pub lease: Option<Lease>,
    /// The request that brought it.
    pub trace: Option<&'a Trace>,
    pub now: Timestamp,
}

/// Decides about one inquiry. Total; the same arguments give the same bytes.
#[must_use]
pub fn decide(configuration: &Configuration, input: Input<'_>, ids: &mut IdBlock) -> Decision {
    if let Some(decision) = kept_aside::decided_aside(configuration, &input, ids) {
        return decision;
    }
    let recognised = recognise(configuration, &input, ids);
    let Recognised { known, joined, pairs, cause, identity, inquiry, .. } = recognised;
    let Recognised { linked, rejects, mut lead, mut record, asks, .. } = recognised;
    let before = known.map(|known| &known.value);
    let told = asks.as_ref().map_or(&[][..], Asks::told);
    let happening = Happening { told, ..happening(&input, cause, ids.event(), &lead, before) };
    let mut way = match (happening.before.filter(|_| rejects), &asks) {
        (Some(stays), _) => Way::stays(stays),
        (None, Some(_)) => Way { keeps: false, branches: Asks::way(&record.qualification) },
        (None, None) => way(configuration, &inquiry, &lead, &happening, input.facts, &mut record),
    };
    let membership = membership(&lead, before, &way, input.facts, input.now);
    let mut branches = branches(configuration, &happening, &mut way, ids);
    let link = policy::link(&mut lead, linked, input.now);
    let gone = (before, joined.as_slice());
    let joining = joining::join(configuration, &happening, gone, &way.branches, &mut branches, ids);
    if rejects {
        branches.clear();
        branches.push(Branch { pick: None, jobs: Vec::new(), indexes: Vec::new() });
    } else {
        asked_anew(before, &way.branches, &mut branches, input.now);
        let judged = &record.qualification;
        fall_due(configuration, &input, (&mut lead, before), judged, &way, &mut branches, ids);
    }
    nurture::note(configuration, &mut lead, happening.before, &way.branches, None, input.now);
    let kept = before.filter(|_| way.keeps);
    lead.assignment = kept.map_or_else(|| pending(&way.branches), |lead| lead.assignment.clone());
    let assignment = lead.assignment.clone();
    let entry = InquiryEntry { inquiry, lead: Some(lead.id), record, assignment };

    let referral = referral::reads(configuration, lead.referrer, input.facts);
    let left: Vec<Write> = before.filter(|_| !way.keeps).and_then(freed).into_iter().collect();
    let version = known.map_or(0, |known| known.version) + 1;
    let own = [put_lead(&lead, version, None), put_entry(&entry, 1, None)];
    let journal = JournalRow {
        lead: Some(lead.id),
        outcomes: outcomes(&way),
        merged: entry.record.merged.clone(),
        cycle: lead.cycle,
        from: dimensions::from(before, &way.branches),
        ..decided(configuration, &entry, input.now)
    };
    let commit = Commit {
        workspace: configuration.workspace.clone(),
        now: input.now,
        claim: input.claim,
        reads: reads(identity.reads, membership.reads, referral, input.facts, !way.keeps),
        writes: [&own[..], &identity.writes, &joining.writes, &membership.writes, &link, &left]
            .concat(),
        indexes: [joining.indexes, membership.indexes, pairs, referral::listed(&lead, before)]
            .concat(),
        branches,
        journal: packed(&journal),
        lease: input.lease,
    };
    Decision {
        assignment: entry.assignment,
        inquiry: entry.inquiry,
        record: entry.record,
        known: known.is_some(),
        dry: Vec::new(),
        lead: Some(lead),
        commit,
    }
}

pub(super) fn outcomes(way: &Way) -> Vec<BranchOutcome> {
    way.branches.iter().map(|branch| branch.outcome.clone()).collect()
}

fn happening<'a>(
    input: &Input<'a>,
    cause: Cause,
    event: EventId,
    lead: &Lead,
    before: Option<&'a Lead>,
) -> Happening<'a> {
    Happening {
        cause,
        event,
        lead: Some(lead.id),
        inquiry: Some(input.inquiry.id),
        merged: None,
        score: lead.score,
        worth: lead.worth,
        cycle: lead.cycle,
        is_test: false,
        before: before.and_then(|lead| lead.assignment.outcome()),
        trace: input.trace,
        told: &[],
        clock: None,
        now: input.now,
    }
}

/// Who inquired, and what the inquiry makes of the record about them.
struct Recognised<'a> {
    known: Option<&'a Known<Lead>>,
    /// The same person's record, beside which this one stands.
    linked: Option<&'a Known<Lead>>,
    /// The inquiry is noted in the known record, and nothing follows from it.
    rejects: bool,
    /// Beside which records people are to look at this one.
    pairs: Vec<IndexChange>,
    /// Other records of the same person, which go up in that one.
    joined: Vec<&'a Known<Lead>>,
    cause: Cause,
    identity: Identity,
    inquiry: Inquiry,
    /// With this inquiry in it and qualified; its assignment is still the one before.
    lead: Lead,
    record: Record,
    /// The address is to be confirmed first.
    asks: Option<Asks<'a>>,
}

fn recognise<'a>(
    configuration: &'a Configuration,
    input: &Input<'a>,
    ids: &mut IdBlock,
) -> Recognised<'a> {
    let mut inquiry = input.inquiry.clone();
    let mut judgement = judge(input.inquiry, input.keys, input.facts);
    let applied = policy::apply(configuration, &mut inquiry, &mut judgement, input.facts);
    let Applied { known, linked, rejects } = applied;
    let before = known.map(|known| &known.value);
    let joined: Vec<&Known<Lead>> =
        judgement.joins.iter().filter_map(|id| input.facts.lead(*id)).collect();
    let id = before.map_or_else(|| ids.lead(), |lead| lead.id);
    let stood = before.map_or(&[][..], |lead| &lead.keys);
    let mut identity = identity(input.keys, input.facts, id, stood);
    if (judgement.shared || identity.becomes_shared) && !inquiry.flags.contains(&Flag::SharedKey) {
        inquiry.flags.push(Flag::SharedKey);
    }
    let whole = before.map(|lead| {
        joined.iter().fold(lead.clone(), |lead, other| absorb(&lead, &other.value, input.now))
    });
    let mut lead = merge(whole.as_ref(), id, &inquiry, input.keys, input.now);
    lead.account = lead.account.or(input.account);
    lead.referrer = lead.referrer.or(input.referrer);
    let mut cause = match before.and_then(|lead| lead.assignment.outcome()) {
        None => Cause::New,
        Some(from) if from.stage.is_closed() && !rejects => Cause::Reopened,
        Some(_) => Cause::Repeat,
    };
    if cause == Cause::Reopened {
        lead.begin_cycle(input.now);
    }
    let is_known = judgement.lead.is_some();
    let judged = judged(configuration, &inquiry, &mut lead, is_known, input.now);
    let returns = lead.left_sales().is_some() && judged.category == Category::Sell && !rejects;
    if returns && cause == Cause::Repeat {
        lead.begin_cycle(input.now);
        cause = Cause::Reopened;
    }
    if let Some(known) = before.filter(|_| rejects) {
        lead = touch(known, &inquiry, input.now);
        identity.writes.clear();
    }
    let was = before.and_then(|lead| lead.assignment.outcome());
    let asked = (configuration, input.now);
    let asks =
        (!rejects).then(|| confirming::asks(asked, &inquiry, (&mut lead, was), &judged)).flatten();
    let status = known.map(|_| Status::Repeat);
    let pairs = if rejects {
        Vec::new()
    } else {
        pairs::noticed(&lead, before, &judgement, input.facts, input.now)
    };
    let record = Record {
        matched_on: judgement.matched_on,
        refused: judgement.refused,
        merged: judgement.joins,
        ..record(&configuration.hash, input.facts.overlay, status, judged)
    };
    Recognised {
        known,
        linked,
        rejects,
        pairs,
        joined,
        cause,
        identity,
        inquiry,
        lead,
        record,
        asks,
    }
}

/// The ways a lead can go from here.
pub(super) struct Way {
    /// It stays where it is: owner and queue are not touched.
    pub(super) keeps: bool,
    pub(super) branches: Vec<PlannedBranch>,
}

impl Way {
    fn stays(here: &BranchOutcome) -> Self {
        Self { keeps: true, branches: vec![PlannedBranch::to(here.clone())] }
    }
}

/// Asks the rules, unless the lead is well where it is.
fn way(
    configuration: &Configuration,
    inquiry: &Inquiry,
    lead: &Lead,
    happening: &Happening<'_>,
    facts: &Facts,
    record: &mut Record,
) -> Way {
    let from = happening.before.filter(|_| happening.cause == Cause::Repeat);
    if let Some(from) = from
        && !moves(from, &record.qualification)
    {
        return Way::stays(from);
    }
    let known = happening.before.is_some();
    record.account_owner = account::owner(configuration, lead, facts);
    let held_since = from.and_then(|from| from.wait.as_ref()).map(|wait| wait.since);
    let owners = owners(lead, record, facts);
    let roster = &facts.roster;
    let excluded = lead.clocks.as_ref().filter(|it| from.is_some() && it.cycle == lead.cycle);
    let excluded = excluded.map_or(&[][..], |clocks| clocks.excluded());
    let now = happening.now;
    let situation = Situation { now, roster, held_since, owners: &owners, excluded };
    let mut planned = planned(configuration, inquiry, lead, known, record, situation);
    if let Some(from) = from {
        for branch in &mut planned.branches {
            branch.outcome.stage = later(from.stage, branch.outcome.stage);
        }
    }
    Way { keeps: false, branches: planned.branches }
}

/// Whether a repeat of an open lead moves it: it is worth more than before, enough to be sold, or it waits for
/// somebody and is not worth less, or for its address to be confirmed, which this inquiry does not ask.
fn moves(from: &BranchOutcome, now: &Qualification) -> bool {
    let worth = |category| match category {
        Category::Discard => 0,
        Category::Nurture => 1,
        Category::Sell => 2,
    };
    let nurtured = matches!(from.status, Status::Nurtured | Status::Qualifying);
    let promoted = nurtured && now.category == Category::Sell;
    let waits = from.status == Status::Held;
    promoted
        || awaits(from)
        || (waits
            && now.category != Category::Discard
            && worth(now.category) >= worth(from.category))
}

/// Qualifies a lead and writes score, worth and completeness into it.
pub(super) fn judged(
    configuration: &Configuration,
    inquiry: &Inquiry,
    lead: &mut Lead,
    known: bool,
    now: Timestamp,
) -> Qualification {
    let subject = Subject { inquiry, lead, known, now, qualification: None };
    let qualification = qualify(&configuration.qualifier, &subject);
    lead.score = qualification.score;
    lead.worth = qualification.expected.as_ref().map_or(0, Expected::value);
    lead.completeness = qualification.completeness;
    qualification
}

/// Asks the rules and notes in the record what they said.
pub(super) fn planned(
    configuration: &Configuration,
    inquiry: &Inquiry,
    lead: &Lead,
    known: bool,
    record: &mut Record,
    situation: Situation<'_>,
) -> Planned {
    let qualification = Some(&record.qualification);
    let subject = Subject { inquiry, lead, known, now: situation.now, qualification };
    let mut planned = plan(&configuration.router, &subject, situation);
    for branch in &mut planned.branches {
        branch.outcome.clock = configuration.follow_up.sla.terms(Some(&subject), &branch.outcome);
    }
    record.rules = std::mem::take(&mut planned.rules);
    record.rule = planned.rule.take();
    record.row = planned.row;
    record.owners = std::mem::take(&mut planned.owners);
    record.ruled_out = std::mem::take(&mut planned.ruled_out);
    planned
}

/// Who may be asked before the rules. The lead's assignment is still the one before.
pub(super) fn owners(lead: &Lead, record: &Record, facts: &Facts) -> Vec<(OwnerStep, Name)> {
    let owner = lead.assignment.owner().map(|owner| (OwnerStep::Existing, owner.clone()));
    let existing = owner.into_iter().chain(had_before(lead));
    let account = record.account_owner.as_ref();
    let account = account.map(|owner| (OwnerStep::Account, owner.member.clone()));
    let referrer = referral::owner(lead, facts).map(|it| (OwnerStep::Referrer, it.clone()));
    existing.chain(account).chain(referrer).collect()
}

/// The commit's branches, one per way.
fn branches(
    configuration: &Configuration,
    happening: &Happening<'_>,
    way: &mut Way,
    ids: &mut IdBlock,
) -> Vec<Branch> {
    way.branches
        .iter_mut()
        .map(|PlannedBranch { outcome, pick }| {
            happening.branch(configuration, outcome, pick.take(), ids)
        })
        .collect()
}

/// Settled by the receipt.
pub(super) fn pending(branches: &[PlannedBranch]) -> Assignment {
    Assignment::Pending(branches.iter().map(|branch| branch.outcome.clone()).collect())
}

/// What the decision has to do with the account: nothing, if a known lead stays where it is.
fn membership(
    lead: &Lead,
    before: Option<&Lead>,
    way: &Way,
    facts: &Facts,
    now: Timestamp,
) -> Membership {
    let joins = before.is_none_or(|before| before.account.is_none());
    if way.keeps && !joins {
        return Membership::default();
    }
    let kept = before.filter(|_| way.keeps).is_some_and(|it| it.assignment.owner().is_some());
    let owned = kept || way.branches.iter().any(|branch| branch.pick.is_some());
    let closed = way.branches.iter().all(|branch| branch.outcome.stage.is_closed());
    account::remember(lead, After { joins, owned, closed }, facts, now)
}
