//! Walks the rules for one lead and says which branches the store may take.

use super::caps::Lot;
use super::member::fold;
use super::pools::{Offer, Pool, Wanted};
use super::router::{DO_NOT_ROUTE, NONE, NURTURE, QUALIFY, Router, SALES, Stop, TRIAGE};
use crate::domain::{
    BranchOutcome, Category, Name, OwnerStep, PoolPick, Qualification, Roster, Stage, Status,
    Timestamp, Wait,
};
use crate::rules::{Named, Says, Subject};

/// A lead is given ahead of time to those who begin at these many different times at most.
const OPENINGS_MAX: usize = 6;

/// When and among whom it is planned.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    pub now: Timestamp,
    /// Who is away, as people said.
    pub roster: &'a Roster,
    /// Since when the lead is held, if it is.
    pub held_since: Option<Timestamp>,
    /// Who is known to be asked before the rules, whatever their order.
    pub owners: &'a [(OwnerStep, Name)],
    /// Who had the lead already and is not to get it again.
    pub excluded: &'a [Name],
}

impl<'a> Situation<'a> {
    /// Of a lead that is not held and whose owners nobody knows.
    #[must_use]
    pub fn at(now: Timestamp, roster: &'a Roster) -> Self {
        Self { now, roster, held_since: None, owners: &[], excluded: &[] }
    }
}

/// One way it can go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedBranch {
    pub outcome: BranchOutcome,
    /// Whom to pick from; `None` = nobody is needed.
    pub pick: Option<PoolPick>,
}

impl PlannedBranch {
    /// A way there on which nobody is picked.
    #[must_use]
    pub fn to(outcome: BranchOutcome) -> Self {
        Self { outcome, pick: None }
    }
}

/// What the rules conclude about one lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// What each rule up to the winner said, in order: `y`, `n`, `m`issing, `e`rror; `-` = not asked,
    /// because only a rule that asks for the category may take what is to be discarded.
    pub rules: String,
    /// The rule that won; `None` = none did.
    pub rule: Option<Name>,
    /// The line of its table's row that won, if it has a table.
    pub row: Option<u32>,
    /// Who is asked before the rule's stations, in order: the first branches.
    pub owners: Vec<(OwnerStep, Name)>,
    /// In order; never empty, and the last one needs nobody.
    pub branches: Vec<PlannedBranch>,
    /// Members who were not candidates, with the reason.
    pub ruled_out: Vec<(Name, String)>,
    /// Rules that could not be evaluated.
    pub errors: Vec<Name>,
}

/// What is to be done with the lead, as far as routing cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    Sell,
    Ask,
    Nurture,
    Discard,
}

impl Bound {
    fn of(qualification: &Qualification) -> Self {
        match qualification.category {
            _ if qualification.ineligible.is_some() => Self::Discard,
            _ if qualification.ask => Self::Ask,
            Category::Sell => Self::Sell,
            Category::Nurture => Self::Nurture,
            Category::Discard => Self::Discard,
        }
    }
}

/// Plans the way of a lead. `subject.qualification` must be there; without it the fallback is planned,
/// as for a lead to be sold that no rule takes.
#[must_use]
pub fn plan(router: &Router, subject: &Subject<'_>, situation: Situation<'_>) -> Planned {
    let bound = subject.qualification.map_or(Bound::Sell, Bound::of);
    let category = match subject.qualification.map_or(Category::Sell, |q| q.category) {
        // Whom people should ask about is not given up.
        Category::Discard if bound == Bound::Ask => Category::Nurture,
        category => category,
    };
    let mut planned = Planned {
        rules: String::new(),
        rule: None,
        row: None,
        owners: Vec::new(),
        branches: Vec::new(),
        ruled_out: Vec::new(),
        errors: Vec::new(),
    };
    let way = Way { router, bound, category, subject, situation };
    if bound != Bound::Discard && keeps_back(router, subject, &mut planned) {
        let outcome = way.outcome(Name::fixed(TRIAGE));
        planned.branches.push(PlannedBranch::to(outcome));
        return planned;
    }
    let stops = winner(router, subject, bound, &mut planned);
    way.lay(stops, &mut planned);
    planned
}

/// Whether the lead waits for a person whatever the rules say; what cannot be evaluated keeps nobody back.
fn keeps_back(router: &Router, subject: &Subject<'_>, planned: &mut Planned) -> bool {
    let says = router.kept_back.as_ref().map(|when| when.evaluate(subject));
    let name = Name::fixed(DO_NOT_ROUTE);
    match says {
        Some(says) if says.is_match() => planned.rule = Some(name),
        Some(Says::Error) => planned.errors.push(name),
        _ => {}
    }
    planned.rule.is_some()
}

/// Gives the stations of the first rule that matches. Rules of which the index knows that they do not are not
/// evaluated: what it says of them is what evaluating them would say.
fn winner<'a>(
    router: &'a Router,
    subject: &Subject<'_>,
    bound: Bound,
    planned: &mut Planned,
) -> Option<&'a [Stop]> {
    let discards = bound == Bound::Discard;
    let passed = &router.passed[usize::from(!discards)];
    let sifted = router.index.sift(subject);
    let mut told = 0;
    for at in sifted.open() {
        let Some(rule) = router.rules.get(at) else { break };
        if discards && !rule.asks_category {
            continue;
        }
        let mut says = sifted.says(at).unwrap_or_else(|| {
            rule.when.as_ref().map_or(Says::Match, |when| when.evaluate(subject))
        });
        let mut stops = &rule.stops;
        if let Some(table) = rule.table.as_ref().filter(|_| says.is_match()) {
            let found = table.rows.find(subject);
            says = found.says;
            if let Some((row, way)) = found.row.and_then(|row| Some((row, table.way(row)?))) {
                planned.row = Some(table.rows.line(row));
                stops = way;
            }
        }
        planned.rules.push_str(&passed[told..at]);
        planned.rules.push(says.letter());
        told = at + 1;
        if says == Says::Error {
            planned.errors.push(rule.name.clone());
        }
        if says.is_match() {
            planned.rule = Some(rule.name.clone());
            return Some(stops);
        }
    }
    planned.rules.push_str(&passed[told..]);
    None
}

struct Way<'a> {
    router: &'a Router,
    bound: Bound,
    category: Category,
    subject: &'a Subject<'a>,
    situation: Situation<'a>,
}

/// What the stations tried so far leave to a lead that nobody can take.
#[derive(Default)]
struct Tried {
    /// The first pool asked.
    pool: Option<Name>,
    /// When it could look better there.
    next: Option<Timestamp>,
}

impl Way<'_> {
    /// Lays the branches of a rule's stations; of the category's own queue if no rule won; of the
    /// fallback if that queue is not declared.
    fn lay(&self, stops: Option<&[Stop]>, planned: &mut Planned) {
        let usual = [Stop::default()];
        let stops = match (stops, self.bound) {
            (Some(stops), _) => stops,
            (None, Bound::Sell) => &self.router.fallback,
            (None, _) => &usual,
        };
        self.ask_owners(planned);
        let asked = planned.branches.len();
        let tried = self.follow(stops, planned).or_else(|| {
            // The fallback names its queue, so this cannot come round.
            planned.branches.truncate(asked);
            self.follow(&self.router.fallback, planned)
        });
        if planned.branches.last().is_none_or(|last| last.pick.is_some()) {
            planned.branches.push(self.held(tried.unwrap_or_default(), None));
        }
    }

    /// Whoever is to be asked before the rules, one branch each, though they be away.
    fn ask_owners(&self, planned: &mut Planned) {
        let Some((queue, _)) =
            self.router.queues.get_key_value(SALES).filter(|_| self.bound == Bound::Sell)
        else {
            return;
        };
        for step in &self.router.owners {
            let known = self.situation.owners.iter().find(|(known, _)| known == step);
            let Some((_, owner)) = known else { continue };
            if planned.owners.iter().any(|(_, asked)| asked == owner) {
                continue;
            }
            let has = |pool: &&Pool| pool.members().any(|member| member == owner);
            let Some(pool) = self.router.pools.values().find(has) else { continue };
            planned.owners.push((*step, owner.clone()));
            let mut outcome = self.outcome(queue.clone());
            outcome.pool = Some(pool.name.clone());
            outcome.counted = self.router.counts_open();
            let stop = Stop { only: Some(owner.clone()), ..Stop::default() };
            self.ask(&stop, pool, &outcome, planned);
        }
    }

    /// It waits in triage for somebody of the pools tried.
    fn held(&self, tried: Tried, until: Option<Timestamp>) -> PlannedBranch {
        let since = self.situation.held_since.unwrap_or(self.situation.now);
        let next = tried.next.into_iter().chain(until).min();
        let wait = next.map(|next| Wait { since, until, next });
        let outcome = self.outcome(Name::fixed(TRIAGE));
        PlannedBranch::to(BranchOutcome { pool: tried.pool, wait, ..outcome })
    }

    /// `None` = a station leaves the queue to the category, whose queue is not declared.
    fn follow(&self, stops: &[Stop], planned: &mut Planned) -> Option<Tried> {
        let Situation { now, held_since, .. } = self.situation;
        let mut tried = Tried::default();
        for stop in stops {
            let queue = self.queue(stop)?;
            if let Some(hold) = stop.hold.filter(|_| tried.pool.is_some()) {
                let until = held_since.unwrap_or(now).after(hold);
                if now < until {
                    planned.branches.push(self.held(tried, Some(until)));
                    return Some(Tried::default());
                }
            }
            let said = stop.queue.as_ref() == Some(&queue);
            let pool = stop
                .pool
                .as_ref()
                .filter(|_| said || self.bound == Bound::Sell)
                .and_then(|pool| self.router.pools.get(pool));
            let mut outcome = self.outcome(queue);
            let Some(pool) = pool else {
                planned.branches.push(PlannedBranch::to(outcome));
                return Some(tried);
            };
            outcome.pool = Some(pool.name.clone());
            outcome.counted = self.router.counts_open();
            tried.pool = tried.pool.or_else(|| Some(pool.name.clone()));
            let offer = self.ask(stop, pool, &outcome, planned);
            tried.next = tried.next.into_iter().chain(offer.next).min();
        }
        Some(tried)
    }

    /// Asks a pool for somebody who is there, and then for whoever comes soon.
    fn ask(
        &self,
        stop: &Stop,
        pool: &Pool,
        outcome: &BranchOutcome,
        planned: &mut Planned,
    ) -> Offer {
        let Situation { now, roster, excluded, .. } = self.situation;
        let words = |field: &Named| -> Vec<String> {
            field.texts(self.subject).iter().map(|word| fold(word)).collect()
        };
        let asked = stop.skills.iter().map(|(skill, field)| (skill.as_str(), words(field)));
        let skills: Vec<(&str, Vec<String>)> =
            asked.filter(|(_, words)| !words.is_empty()).collect();
        let only = stop.only.as_ref();
        let lot = Some(Lot::of(self.subject, self.category));
        let wanted = Wanted { only, excluded, skills: &skills, roster, lot, at: now };
        let mut offer = pool.offer(wanted);
        for (member, away) in std::mem::take(&mut offer.away) {
            if !planned.ruled_out.iter().any(|(other, _)| *other == member) {
                planned.ruled_out.push((member, away.to_string()));
            }
        }
        let mut branch = |opens_at: Option<Timestamp>, pick: &PoolPick| {
            let outcome = BranchOutcome { opens_at, ..outcome.clone() };
            planned.branches.push(PlannedBranch { outcome, pick: Some(pick.clone()) });
        };
        branch(None, &offer.pick);
        let within = stop.within.map(|within| now.after(within));
        let openings = within.map_or_else(Vec::new, |until| pool.openings(wanted, until));
        for at in openings.into_iter().take(OPENINGS_MAX) {
            let ahead = pool.offer(Wanted { at, ..wanted });
            if !ahead.pick.candidates.is_empty() {
                branch(Some(at), &ahead.pick);
            }
        }
        offer
    }

    /// The queue of a station for this lead.
    fn queue(&self, stop: &Stop) -> Option<Name> {
        let usual = match self.bound {
            Bound::Sell => SALES,
            Bound::Ask => QUALIFY,
            Bound::Nurture => NURTURE,
            Bound::Discard => return Some(stop.queue.clone().unwrap_or_else(|| Name::fixed(NONE))),
        };
        match &stop.queue {
            Some(queue) if self.bound == Bound::Ask && queue.as_str() == NURTURE => {
                Some(Name::fixed(QUALIFY))
            }
            Some(queue) => Some(queue.clone()),
            None => self.router.queues.get_key_value(usual).map(|(name, _)| name.clone()),
        }
    }

    fn outcome(&self, queue: Name) -> BranchOutcome {
        let status = status_in(&queue, self.category);
        let stage = match (self.bound, status) {
            (Bound::Discard, Status::Discarded) => Stage::Discarded,
            (Bound::Sell, _) => Stage::Lead,
            _ => Stage::Inquiry,
        };
        BranchOutcome {
            status,
            stage,
            category: self.category,
            queue,
            pool: None,
            wait: None,
            opens_at: None,
            clock: None,
            counted: false,
        }
    }
}

/// What it is called that a lead of this category comes into this queue.
pub(crate) fn status_in(queue: &Name, category: Category) -> Status {
    match (queue.as_str(), category) {
        (SALES, _) => Status::Routed,
        (NURTURE, _) => Status::Nurtured,
        (QUALIFY, _) => Status::Qualifying,
        (TRIAGE, _) => Status::Held,
        (NONE, _) | (_, Category::Discard) => Status::Discarded,
        (_, Category::Sell) => Status::Routed,
        (_, Category::Nurture) => Status::Nurtured,
    }
}
