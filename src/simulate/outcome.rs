//! What became of one inquiry: everything a test may expect and a comparison may find changed.

use crate::domain::{
    Category, InquiryEntry, InquiryId, Job, Known3, LeadId, Millipoints, Name, NewJob, PoolPick,
    Stage, Status, packing,
};

/// The outcome of one inquiry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub inquiry: InquiryId,
    pub lead: Option<LeadId>,
    pub status: Status,
    /// Why it could not be read, if it could not.
    pub reason: Option<Name>,
    pub category: Option<Category>,
    pub stage: Option<Stage>,
    pub queue: Option<Name>,
    pub pool: Option<Name>,
    pub owner: Option<Name>,
    /// Who could have been picked from the pool, caps apart.
    pub candidates: Vec<Name>,
    /// The rule that won.
    pub rule: Option<Name>,
    /// What each rule up to the winner said: `y`, `n`, `m`issing, `e`rror, `-` not asked.
    pub says: Vec<(Name, char)>,
    pub score: Millipoints,
    /// Per mille.
    pub completeness: u16,
    pub ineligible: Option<Name>,
    /// People are to ask what is unknown.
    pub ask: bool,
    /// The answer to each criterion.
    pub criteria: Vec<(Name, Known3)>,
    pub matched_on: Vec<String>,
    /// `lead.routed to crm`, sorted.
    pub events: Vec<String>,
    /// Why, in words.
    pub sentences: Vec<String>,
}

impl Outcome {
    /// Kept as unreadable.
    #[must_use]
    pub fn unreadable(inquiry: InquiryId, reason: Name) -> Self {
        Self {
            inquiry,
            lead: None,
            status: Status::Unreadable,
            sentences: vec![format!("It could not be read: {reason}.")],
            reason: Some(reason),
            category: None,
            stage: None,
            queue: None,
            pool: None,
            owner: None,
            candidates: Vec::new(),
            rule: None,
            says: Vec::new(),
            score: 0,
            completeness: 0,
            ineligible: None,
            ask: false,
            criteria: Vec::new(),
            matched_on: Vec::new(),
            events: Vec::new(),
        }
    }

    pub(super) fn of<'r>(
        entry: &InquiryEntry,
        rules: impl Iterator<Item = &'r Name>,
        criteria: Vec<(Name, Known3)>,
        pick: Option<&PoolPick>,
        jobs: &[NewJob],
        sentences: Vec<String>,
    ) -> Self {
        let (record, judged) = (&entry.record, &entry.record.qualification);
        let outcome = entry.assignment.outcome();
        let members = pick.map_or(&[][..], |pick| &pick.candidates);
        let mut events: Vec<String> = jobs.iter().filter_map(told).collect();
        events.sort();
        Self {
            inquiry: entry.inquiry.id,
            lead: entry.lead,
            status: entry.status(),
            reason: None,
            category: Some(outcome.map_or(judged.category, |outcome| outcome.category)),
            stage: outcome.map(|outcome| outcome.stage),
            queue: outcome.map(|outcome| outcome.queue.clone()),
            pool: outcome.and_then(|outcome| outcome.pool.clone()),
            owner: entry.assignment.owner().cloned(),
            candidates: members.iter().map(|candidate| candidate.member.clone()).collect(),
            rule: record.rule.clone(),
            says: rules.cloned().zip(record.rules.chars()).collect(),
            score: judged.score,
            completeness: judged.completeness,
            ineligible: judged.ineligible.clone(),
            ask: judged.ask,
            criteria,
            matched_on: record.matched_on.clone(),
            events,
            sentences,
        }
    }
}

/// `lead.routed to crm`.
fn told(job: &NewJob) -> Option<String> {
    let job: Job = packing::read(&job.body)?;
    let delivery = job.delivery()?;
    Some(format!("{} to {}", delivery.event.kind, delivery.destination))
}
