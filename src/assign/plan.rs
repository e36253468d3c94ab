//! Walks the rules for one lead and says which branches the store may take.

use super::router::{NONE, NURTURE, QUALIFY, Router, SALES, Stop, TRIAGE};
use crate::domain::{
    BranchOutcome, Category, Name, PoolPick, Qualification, Stage, Status, Timestamp,
};
use crate::rules::{Says, Subject};

/// One way it can go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedBranch {
    pub outcome: BranchOutcome,
    /// Whom to pick from; `None` = nobody is needed.
    pub pick: Option<PoolPick>,
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
pub fn plan(router: &Router, subject: &Subject<'_>, now: Timestamp) -> Planned {
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
        branches: Vec::new(),
        ruled_out: Vec::new(),
        errors: Vec::new(),
    };
    let stops = winner(router, subject, bound, &mut planned);
    let way = Way { router, bound, category, now };
    way.lay(stops, &mut planned);
    planned
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
    now: Timestamp,
}

impl Way<'_> {
    /// Lays the branches of a rule's stations; of the category's own queue if no rule won; of the
    /// fallback if that queue is not declared.
    fn lay(&self, stops: Option<&[Stop]>, planned: &mut Planned) {
        let usual = [Stop { queue: None, pool: None, only: None }];
        let stops = match (stops, self.bound) {
            (Some(stops), _) => stops,
            (None, Bound::Sell) => &self.router.fallback,
            (None, _) => &usual,
        };
        if !self.follow(stops, planned) {
            // The fallback names its queue, so this cannot come round.
            planned.branches.clear();
            planned.ruled_out.clear();
            self.follow(&self.router.fallback, planned);
        }
        if planned.branches.last().is_none_or(|last| last.pick.is_some()) {
            let waits_for = planned.branches.first().and_then(|first| first.outcome.pool.clone());
            planned.branches.push(PlannedBranch {
                outcome: BranchOutcome { pool: waits_for, ..self.outcome(Name::fixed(TRIAGE)) },
                pick: None,
            });
        }
    }

    /// `false` = a station leaves the queue to the category, whose queue is not declared.
    fn follow(&self, stops: &[Stop], planned: &mut Planned) -> bool {
        for stop in stops {
            let Some(queue) = self.queue(stop) else { return false };
            let said = stop.queue.as_ref() == Some(&queue);
            let pool = stop
                .pool
                .as_ref()
                .filter(|_| said || self.bound == Bound::Sell)
                .and_then(|pool| self.router.pools.get(pool));
            let mut outcome = self.outcome(queue);
            let Some(pool) = pool else {
                planned.branches.push(PlannedBranch { outcome, pick: None });
                return true;
            };
            outcome.pool = Some(pool.name.clone());
            let (pick, paused) = pool.offer(stop.only.as_ref(), self.now);
            for member in paused {
                if !planned.ruled_out.iter().any(|(other, _)| *other == member) {
                    planned.ruled_out.push((member, "paused".to_owned()));
                }
            }
            planned.branches.push(PlannedBranch { outcome, pick: Some(pick) });
        }
        true
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
        BranchOutcome { status, stage, category: self.category, queue, pool: None }
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
