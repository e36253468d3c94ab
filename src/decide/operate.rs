//! What operators do with a lead: assign, release, discard, have it decided again. What people find out is in
//! `answering`, what they say back in `saying`.

use super::answering::Answers;
use super::configuration::Configuration;
use super::confirming::awaits;
use super::consequence::{Cause, given_up, later, worklist};
use super::finish::Doing;
use super::said::Saying;
use crate::assign::{Lot, NURTURE, PlannedBranch, SALES, TRIAGE, status_in};
use crate::domain::{
    BranchOutcome, Category, Claim, ClockTold, Commit, Confirmed, Consent, DeliveryId, Disposition,
    Engagement, Facts, IdBlock, Index, InquiryEntry, Known, Lead, LeadId, Lease, Name, Noted,
    PoolPick, Record, Roster, Stage, Status, Timestamp, closest,
};
use crate::rules::Subject;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Hand it to a member, into a queue, or both. Without `queue` it stays in its queue; out of triage, the bin
    /// or while its address is to be confirmed it goes to `sales`. Caps and pauses do not stand in a person's way, but the lead counts against
    /// the caps. `sales` makes it one to be sold, `nurture` one to be nurtured.
    Assign { queue: Option<Name>, member: Option<Name> },
    /// Try again for one that waits in triage, held or without a rule, or go on with one whose address nobody confirmed.
    Release,
    /// The same for a held one, because its time has come or somebody is back: nobody acts.
    Retry,
    /// Give it up.
    Discard { reason: Option<Name> },
    /// Qualify and route it afresh by its last inquiry and the configuration of now, wherever it is.
    Redecide,
    /// People found something out: it is laid in, and the lead is decided by it.
    Answer(Box<Answers>),
    /// The person did something.
    Engage(Vec<Engagement>),
    /// The person said what is allowed, or no more.
    Consent(Consent),
    /// Something is said back about it.
    Say(Box<Saying>),
    /// The person has confirmed the address.
    Confirm(Confirmed),
    /// Time went on; by the job that the lead names for it.
    LookAgain { job: DeliveryId },
}

/// An operator's wish concerning one lead.
#[derive(Debug, Clone)]
pub struct Order<'a> {
    pub action: Action,
    /// The name of the key used.
    pub actor: &'a Name,
    /// As stored, assignment settled.
    pub lead: &'a Known<Lead>,
    /// The lead's last inquiry, assignment settled: needed to release and to decide again.
    pub inquiry: Option<&'a Known<InquiryEntry>>,
    /// What is known of the lead's account.
    pub account: &'a Facts,
    /// What keeps the same wish from being carried out twice.
    pub claim: Option<Claim>,
    pub lease: Option<Lease>,
    /// Who is away, and the revision of that.
    pub roster: &'a Roster,
    pub overlay: u64,
    pub now: Timestamp,
    /// Destinations that have had the lead; looked up for what all of them are told.
    pub told: &'a [Name],
}

/// What follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// As it will be stored, assignment pending.
    pub lead: Lead,
    /// The new record of the last inquiry, if it was decided again.
    pub record: Option<Record>,
    /// What clocks said.
    pub told: Vec<ClockTold>,
    pub commit: Commit,
}

/// Why it is not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no queue `{queue}`")]
    UnknownQueue { queue: Name, suggestion: Option<Name> },
    #[error("no pool has a member `{member}`")]
    UnknownMember { member: Name, suggestion: Option<Name> },
    #[error("say a queue, a member or both")]
    NothingSaid,
    #[error("nobody owns leads in triage: say another queue")]
    MemberInTriage,
    #[error("the lead does not wait in triage")]
    NotWaiting,
    #[error("the lead is discarded already")]
    AlreadyDiscarded,
    #[error("the address is not confirmed yet: release the lead to go on without that")]
    Unconfirmed,
    #[error("the address was confirmed before")]
    AlreadyConfirmed,
    /// Its time is over, and its source has such people forgotten.
    #[error("nobody confirmed the address: the person is to be forgotten")]
    ToBeErased,
    #[error("the inquiry to decide by is not there any more")]
    NoInquiry,
    #[error("there is no criterion `{criterion}`")]
    UnknownCriterion { criterion: Name, suggestion: Option<Name> },
    /// It is no field that people are asked for.
    #[error("`{0}` is not asked of people")]
    NotAsked(String),
    #[error("`{0}` does not take this value")]
    UnfitValue(String),
    #[error("the lead is closed: nobody is asked any more")]
    Closed,
    #[error("`{0}` is not used in this workspace")]
    NotUsed(Disposition),
    #[error("no `{0}` stands beside `{1}`")]
    NotBeside(&'static str, Disposition),
    /// One of these reasons is wanted.
    #[error("that is not one of the reasons there are")]
    UnknownReason { known: Vec<Name>, suggestion: Option<Name> },
    #[error(
        "the lead was `{0}` before that: only `won` and `lost` can still be said, to correct it; assign the lead to begin anew"
    )]
    Ended(Disposition),
    #[error("the lead is {0}, and not by what was said of it: assign it to somebody first")]
    ClosedAs(Stage),
    /// Time has changed nothing, so far: worth another look then.
    #[error("time has changed nothing")]
    NotDue(Option<Timestamp>),
    /// What became of each.
    #[error("nothing of it is new")]
    NothingNew(Vec<Noted>),
    #[error("that is known already, or something said later holds")]
    NothingNewSaid,
    #[error("the lead was merged into {0}")]
    Merged(LeadId),
    #[error("it is the same lead")]
    SameLead,
    #[error("the other lead is closed and this one is open: merge the other one into this one")]
    IntoClosed,
    #[error("the lead was not merged into another one")]
    NotMerged,
    #[error("the lead it went up in was itself merged into {0}: part that one first")]
    MergedFurther(LeadId),
}

/// Carries out an operator's wish: a commit that depends on the lead being as it was seen (and on the
/// inquiry, where that is decided again).
///
/// # Errors
/// If it makes no sense for this lead; nothing is to be committed then.
pub fn operate(
    configuration: &Configuration,
    order: &Order<'_>,
    ids: &mut IdBlock,
) -> Result<Operation, Refusal> {
    if let Some(survivor) = order.lead.value.merged_into {
        return Err(Refusal::Merged(survivor));
    }
    let work = Work { configuration, order };
    let about_people =
        matches!(order.action, Action::Redecide | Action::Answer(_) | Action::Say(_));
    if about_people && work.before().is_some_and(awaits) {
        return Err(Refusal::Unconfirmed);
    }
    match &order.action {
        Action::Assign { queue, member } => work.assign(queue.as_ref(), member.as_ref(), ids),
        Action::Release => {
            let waits = |before: &BranchOutcome| before.status == Status::Held || awaits(before);
            if !work.before().is_some_and(waits) {
                return Err(Refusal::NotWaiting);
            }
            work.again("lead_released", ids)
        }
        Action::Retry => {
            if work.before().and_then(worklist) != Some(Index::Held) {
                return Err(Refusal::NotWaiting);
            }
            work.again("lead_retried", ids)
        }
        Action::Discard { reason } => work.discard(reason.as_ref(), ids),
        Action::Redecide => work.again("lead_redecided", ids),
        Action::Answer(answers) => work.answer(answers, ids),
        Action::Engage(told) => work.engage(told, ids),
        Action::Consent(consent) => work.consent(consent, ids),
        Action::Say(saying) => work.say(saying, ids),
        Action::Confirm(confirmed) => work.confirm(confirmed, ids),
        Action::LookAgain { job } => work.look_again(*job, ids),
    }
}

pub(super) struct Work<'a> {
    pub(super) configuration: &'a Configuration,
    pub(super) order: &'a Order<'a>,
}

impl Work<'_> {
    pub(super) fn before(&self) -> Option<&BranchOutcome> {
        self.order.lead.value.assignment.outcome()
    }

    pub(super) fn closed(&self) -> bool {
        self.before().is_some_and(|before| before.stage.is_closed())
    }

    /// The lead as it will be, its assignment still to come.
    pub(super) fn lead(&self, reopens: bool) -> Lead {
        let mut lead = self.order.lead.value.clone();
        lead.updated_at = self.order.now;
        if reopens {
            lead.begin_cycle(self.order.now);
        }
        lead
    }

    fn assign(
        &self,
        queue: Option<&Name>,
        member: Option<&Name>,
        ids: &mut IdBlock,
    ) -> Result<Operation, Refusal> {
        if queue.is_none() && member.is_none() {
            return Err(Refusal::NothingSaid);
        }
        let before = self.before();
        let here = before.filter(|before| !self.closed() && !awaits(before));
        let here = here.map(|before| &before.queue);
        let queue = match queue.or(here.filter(|queue| queue.as_str() != TRIAGE)) {
            Some(queue) => queue.clone(),
            None => Name::fixed(SALES),
        };
        let router = &self.configuration.router;
        if !router.has_queue(queue.as_str()) {
            let suggestion = nearest(&queue, router.queues());
            return Err(Refusal::UnknownQueue { queue, suggestion });
        }
        if member.is_some() && queue.as_str() == TRIAGE {
            return Err(Refusal::MemberInTriage);
        }
        let category = match (queue.as_str(), before.map(|before| before.category)) {
            (SALES, _) => Category::Sell,
            (NURTURE, _) | (_, None | Some(Category::Discard)) => Category::Nurture,
            (_, Some(category)) => category,
        };
        let pick = member.map(|member| self.chosen(member, category)).transpose()?;
        let stage = if category == Category::Sell { Stage::Lead } else { Stage::Inquiry };
        let stage = match before.filter(|_| !self.closed()) {
            Some(before) => later(before.stage, stage),
            None => stage,
        };
        let outcome = self.clocked(BranchOutcome {
            status: status_in(&queue, category),
            stage,
            category,
            queue,
            pool: pick.as_ref().map(|pick| pick.pool.clone()),
            wait: None,
            opens_at: None,
            clock: None,
            counted: pick.is_some() && router.counts_open(),
        });
        // A pick of one without a reachable cap is always filled; a plan ends with a branch that needs none.
        let held = pick.as_ref().map(|_| {
            PlannedBranch::to(BranchOutcome {
                status: Status::Held,
                queue: Name::fixed(TRIAGE),
                clock: None,
                ..outcome.clone()
            })
        });
        let branches = [PlannedBranch { outcome, pick }].into_iter().chain(held).collect();
        let cause = if self.closed() { Cause::Reopened } else { Cause::Operator };
        let doing = Doing::goes("lead_assigned", cause, self.lead(self.closed()), branches);
        Ok(self.finish(doing, ids))
    }

    /// The same, with the clock that runs for the lead once it is there.
    pub(super) fn clocked(&self, outcome: BranchOutcome) -> BranchOutcome {
        let lead = &self.order.lead.value;
        let subject = self.order.inquiry.map(|known| Subject {
            inquiry: &known.value.inquiry,
            lead,
            known: lead.inquiries > 1,
            now: self.order.now,
            qualification: Some(&known.value.record.qualification),
        });
        let clock = self.configuration.follow_up.sla.terms(subject.as_ref(), &outcome);
        BranchOutcome { clock, ..outcome }
    }

    fn chosen(&self, member: &Name, category: Category) -> Result<PoolPick, Refusal> {
        let router = &self.configuration.router;
        let prefer = self.before().and_then(|before| before.pool.as_ref());
        let lot = Lot::of_lead(&self.order.lead.value, category);
        router.chosen(member, prefer, lot, self.order.now).ok_or_else(|| {
            let all: Vec<&Name> = router.pools().flat_map(|(_, members)| members).collect();
            let suggestion = nearest(member, all);
            Refusal::UnknownMember { member: member.clone(), suggestion }
        })
    }

    fn discard(&self, reason: Option<&Name>, ids: &mut IdBlock) -> Result<Operation, Refusal> {
        if self.before().is_some_and(|before| before.stage == Stage::Discarded) {
            return Err(Refusal::AlreadyDiscarded);
        }
        let way = vec![PlannedBranch::to(given_up())];
        let doing = Doing::goes("lead_discarded", Cause::Operator, self.lead(false), way);
        Ok(self.finish(Doing { reason: reason.cloned(), ..doing }, ids))
    }
}

fn nearest<'a>(given: &Name, known: impl IntoIterator<Item = &'a Name>) -> Option<Name> {
    closest(given.as_str(), known.into_iter().map(Name::as_str))
        .and_then(|name| Name::parse(name).ok())
}
