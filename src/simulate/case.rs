//! A file of rule tests: given, when, then.

use serde::Deserialize;

use super::answered::Answered;
use super::expected::{Expected, Mismatch};
use super::given::{Given, Taken};
use super::outcome::Outcome;
use super::world::{Business, Fault, World};
use crate::assign::NONE;
use crate::decide::{Action, Saying};
use crate::domain::{
    Assignment, BranchOutcome, Category, Disposition, LeadId, Name, SettingProblem, Stage, Status,
    Timestamp,
};
use std::time::Duration;

/// Where nothing says otherwise, a case happens on this Monday morning.
const USUAL_TIME: &str = "2026-03-02T09:00:00Z";
/// Given inquiries without a time come this far apart, the last one this long before the case.
const APART: Duration = Duration::from_hours(1);

/// `tests/*.yaml`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct CaseFile {
    /// When the cases happen that do not say it (RFC 3339); without it 2026-03-02T09:00:00Z, a Monday.
    pub at: Option<String>,
    /// The tests, each with a world of its own.
    pub cases: Vec<Case>,
}

/// One test.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// A sentence.
    pub name: String,
    /// What happened before, oldest first.
    #[serde(default)]
    pub given: Vec<Before>,
    /// The inquiry that arrives.
    pub when: Given,
    /// What is to come of it.
    pub then: Expected,
}

/// An earlier inquiry, and what people made of it since.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Before {
    /// What arrived then.
    pub inquiry: Given,
    /// What people found out about the lead after that.
    #[serde(default)]
    pub answers: Option<Answered>,
    /// What sales said back of it then, in this order: dispositions, by their own words or the workspace's.
    #[serde(default)]
    pub said: Vec<String>,
    /// Absent = as the configuration decided.
    #[serde(default)]
    pub becomes: Option<Becomes>,
}

impl Before {
    /// Words that mean nothing here.
    fn problems(&self, business: &Business<'_>) -> Vec<SettingProblem> {
        let words = &business.configuration.follow_up.dispositions;
        let wrong = |(_, word): &(usize, &String)| words.meant(word, None).is_none();
        let said = self.said.iter().enumerate().filter(wrong).map(|(n, word)| {
            let problem =
                SettingProblem::new(format!("said[{n}]"), format!("nobody says `{word}`"));
            problem.suggest(word, words.used().map(Disposition::as_str))
        });
        let below = |found: Vec<SettingProblem>, part: &str| {
            found.into_iter().map(|problem| problem.below(part)).collect::<Vec<_>>()
        };
        let answers = self.answers.as_ref().map(|it| below(it.problems(business), "answers"));
        let becomes = self.becomes.as_ref().map(|it| below(it.problems(business), "becomes"));
        said.chain(answers.into_iter().chain(becomes).flatten()).collect()
    }

    /// What people did with the lead after it arrived.
    fn acts(&self, business: &Business<'_>) -> Vec<Action> {
        let words = &business.configuration.follow_up.dispositions;
        let answered = self.answers.as_ref().map(|it| Action::Answer(Box::new(it.answers())));
        let said = self.said.iter().filter_map(|word| words.meant(word, None));
        let said = said.map(|meant| Action::Say(Box::new(Saying::bare(meant, None))));
        answered.into_iter().chain(said).collect()
    }
}

/// Where people took a lead since.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Becomes {
    /// `accepted`, `prospect`, `won`, `lost`, `recycled`, `discarded` …
    pub stage: Option<String>,
    /// The queue it was moved to.
    pub queue: Option<String>,
    /// `none` takes the owner away.
    pub owner: Option<String>,
    /// What people made of its category.
    pub category: Option<String>,
}

/// How a case ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Empty = passed.
    pub mismatches: Vec<Mismatch>,
    pub outcome: Outcome,
}

/// What is wrong with a case as written; paths within the case.
#[must_use]
pub fn check(business: &Business<'_>, file: &CaseFile, case: &Case) -> Vec<SettingProblem> {
    let mut problems = Vec::new();
    let mut world = World::new(*business);
    let Ok(now) = start(file) else { return problems };
    if case.name.trim().is_empty() {
        problems.push(SettingProblem::new("name", "a test needs a name"));
    }
    let given = (0..).zip(&case.given).map(|(n, it)| (format!("given[{n}].inquiry"), &it.inquiry));
    for (path, inquiry) in given.chain([("when".to_owned(), &case.when)]) {
        problems.extend(inquiry.time().err().map(|problem| problem.below(&path)));
        match inquiry.read(business, now, || world.inquiry_id()) {
            Ok(taken) if taken.len() == 1 => {}
            Ok(taken) => {
                let message = format!("this is {} inquiries; a test is about one", taken.len());
                problems.push(SettingProblem::new(path, message));
            }
            Err(found) => problems.extend(found.into_iter().map(|problem| problem.below(&path))),
        }
    }
    for (n, before) in case.given.iter().enumerate() {
        let found = before.problems(business).into_iter();
        problems.extend(found.map(|problem| problem.below(&format!("given[{n}]"))));
    }
    let found = case.then.problems(business, case.given.len());
    problems.extend(found.into_iter().map(|problem| problem.below("then")));
    problems
}

/// When the cases of a file happen.
///
/// # Errors
/// If it says no RFC 3339 time.
pub fn start(file: &CaseFile) -> Result<Timestamp, SettingProblem> {
    let at =
        Given { at: Some(file.at.as_deref().unwrap_or(USUAL_TIME).to_owned()), ..Given::default() };
    Ok(at.time()?.unwrap_or(Timestamp::EPOCH))
}

/// Runs one case in a world of its own. The case was checked before.
///
/// # Errors
/// See [`Fault`].
pub fn run(business: &Business<'_>, file: &CaseFile, case: &Case) -> Result<Verdict, Fault> {
    let mut world = World::new(*business);
    let start = start(file).unwrap_or(Timestamp::EPOCH);
    let now = case.when.time().ok().flatten().unwrap_or(start);
    let mut leads = Vec::with_capacity(case.given.len());
    for (index, before) in case.given.iter().enumerate() {
        let ago = APART.saturating_mul(u32::try_from(case.given.len() - index).unwrap_or(u32::MAX));
        let at = before.inquiry.time().ok().flatten().unwrap_or_else(|| now.before(ago));
        let outcome = take(&mut world, &before.inquiry, at)?;
        if let Some(lead) = outcome.lead {
            for act in before.acts(business) {
                world.act(lead, &act, at)?;
            }
        }
        if let (Some(becomes), Some(lead)) = (&before.becomes, outcome.lead) {
            becomes.apply(&mut world, lead)?;
        }
        leads.push(outcome.lead);
    }
    let outcome = take(&mut world, &case.when, now)?;
    for lead in leads.iter_mut().flatten() {
        *lead = world.survivor(*lead)?;
    }
    Ok(Verdict { mismatches: case.then.against(&outcome, &leads), outcome })
}

fn take(world: &mut World<'_>, given: &Given, at: Timestamp) -> Result<Outcome, Fault> {
    let business = world.business;
    let id = world.inquiry_id();
    let taken = given.read(&business, at, || id).unwrap_or_default();
    match taken.into_iter().next() {
        Some(Taken::Inquiry(inquiry)) => world.receive(&inquiry, at),
        Some(Taken::Unreadable(reason)) => Ok(Outcome::unreadable(id, reason)),
        None => Ok(Outcome::unreadable(id, Name::fixed("empty"))),
    }
}

impl Becomes {
    fn problems(&self, business: &Business<'_>) -> Vec<SettingProblem> {
        let mut problems = Vec::new();
        let mut word = |key: &str, given: &Option<String>, known: Vec<&str>| {
            if let Some(word) = given.as_deref().filter(|word| !known.contains(word)) {
                let problem = SettingProblem::new(key, format!("there is no {key} `{word}`"));
                problems.push(problem.suggest(word, known));
            }
        };
        let router = &business.configuration.router;
        word("stage", &self.stage, Stage::ALL.iter().map(|stage| stage.as_str()).collect());
        word("category", &self.category, Category::ALL.iter().map(|c| c.as_str()).collect());
        let queues = router.queues().map(Name::as_str).chain([NONE]).collect();
        word("queue", &self.queue, queues);
        if let Some(Err(error)) = self.owner.as_deref().map(Name::parse) {
            problems.push(SettingProblem::new("owner", error.to_string()));
        }
        problems
    }

    fn apply(&self, world: &mut World<'_>, id: LeadId) -> Result<(), Fault> {
        let Some(known) = world.lead(world.survivor(id)?)? else { return Ok(()) };
        let mut lead = known.value;
        let Some(outcome) = lead.assignment.outcome().cloned() else { return Ok(()) };
        let owner = lead.assignment.owner().cloned();
        let category =
            self.category.as_deref().and_then(Category::parse).unwrap_or(outcome.category);
        let queue = self.queue.as_deref().and_then(|name| Name::parse(name).ok());
        let moved = queue.as_ref().is_some_and(|queue| *queue != outcome.queue);
        let queue = queue.unwrap_or_else(|| outcome.queue.clone());
        let stage = self.stage.as_deref().and_then(Stage::parse).unwrap_or(outcome.stage);
        let status = match stage {
            Stage::Discarded => Status::Discarded,
            _ if moved || self.category.is_some() => crate::assign::status_in(&queue, category),
            _ => outcome.status,
        };
        let pool = outcome.pool.filter(|_| !moved);
        let owner = match self.owner.as_deref() {
            Some(NONE) => None,
            Some(name) => Name::parse(name).ok(),
            None => owner,
        };
        let outcome = BranchOutcome {
            status,
            stage,
            category,
            queue,
            pool,
            wait: None,
            opens_at: None,
            clock: None,
            counted: false,
        };
        lead.assignment = Assignment::Settled { outcome, owner };
        world.rewrite(known.version, &lead)
    }
}
