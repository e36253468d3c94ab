//! Fairness under any sequence of events: leads, members who join and leave, who are away and come back, leads given
//! back.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::name;
use super::pick::{Desk, pool};
use crate::domain::{Method, PoolPick, Skip};

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];
const METHODS: [Method; 4] =
    [Method::RoundRobin, Method::Weighted, Method::LeastAssigned, Method::LongestIdle];

#[derive(Debug, Clone)]
enum Event {
    /// So many leads.
    Leads(usize),
    /// Is a member from now on, or no more.
    Joins(usize),
    Leaves(usize),
    /// Is away, or comes back.
    Away(usize),
    Back(usize),
    /// Gives a lead back.
    Returns(usize),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        6 => (1usize..15).prop_map(Event::Leads),
        1 => (0..5usize).prop_map(Event::Joins),
        1 => (0..5usize).prop_map(Event::Leaves),
        1 => (0..5usize).prop_map(Event::Away),
        1 => (0..5usize).prop_map(Event::Back),
        3 => (0..5usize).prop_map(Event::Returns),
    ];
    prop::collection::vec(event, 1..40)
}

/// Who is there while events happen, and what everybody has.
struct Team {
    method: Method,
    skip: Skip,
    weights: [u32; 5],
    members: BTreeSet<usize>,
    away: BTreeSet<usize>,
    desk: Desk,
}

impl Team {
    fn new(method: Method, skip: Skip, weights: [u32; 5]) -> Self {
        let (members, away) = ([0, 1, 2].into(), BTreeSet::new());
        Self { method, skip, weights, members, away, desk: Desk::default() }
    }

    fn there(&self) -> Vec<usize> {
        self.members.difference(&self.away).copied().collect()
    }

    fn pool(&self) -> PoolPick {
        // The first counter is that of open leads where the method goes by them.
        let open = (self.method == Method::LeastBusy).then_some(u32::MAX);
        let row = |at: usize| (NAMES[at], self.weights[at], open);
        let rows: Vec<_> = self.there().into_iter().map(row).collect();
        PoolPick { skip: self.skip, ..pool(self.method, &rows) }
    }

    /// One lead: who gets it, and whether it was owed.
    fn lead(&mut self) -> (usize, bool) {
        self.desk.now += 60_000;
        let receipt = self.desk.turn(&[Some(&self.pool())]);
        let member = receipt.member.unwrap();
        (NAMES.iter().position(|name| *name == member.as_str()).unwrap(), receipt.tied == 0)
    }

    /// Whether those who are there are others than before.
    fn changes(&mut self, event: &Event) -> bool {
        match event {
            Event::Joins(at) => self.members.insert(*at),
            Event::Leaves(at) => self.members.len() > 1 && self.members.remove(at),
            Event::Away(at) => self.away.insert(*at),
            Event::Back(at) => self.away.remove(at),
            Event::Leads(_) | Event::Returns(_) => false,
        }
    }

    fn open(&mut self, at: usize) -> &mut u32 {
        let counter = format!("{}:day:20260301T0000Z", NAMES[at]);
        self.desk.counters.entry(counter).or_default()
    }

    fn assigned(&self) -> BTreeMap<String, u64> {
        let state = self.desk.states.get(&name("p"));
        let seats = state.into_iter().flat_map(|state| &state.seats);
        seats.map(|seat| (seat.member.to_string(), seat.assigned)).collect()
    }
}

fn spread(counts: &BTreeMap<usize, usize>, there: &[usize]) -> usize {
    let of = |at: &usize| counts.get(at).copied().unwrap_or(0);
    let (least, most) = (there.iter().map(of).min(), there.iter().map(of).max());
    most.unwrap_or(0) - least.unwrap_or(0)
}

proptest! {
    /// Of equal members who are there together nobody is more than one turn ahead of another by any method (two by running
    /// weights, which remember fractions of a turn), whoever came, went and came back before, and whatever was given back.
    /// Nothing that was counted is ever forgotten.
    #[test]
    fn equal_members_are_at_most_one_turn_apart(events in events()) {
        for method in METHODS {
            let mut team = Team::new(method, Skip::KeepTurn, [1; 5]);
            let mut counts = BTreeMap::new();
            for event in &events {
                let before = team.assigned();
                if team.changes(event) {
                    counts.clear();
                    prop_assert_eq!(&before, &team.assigned());
                }
                let there = team.there();
                match event {
                    Event::Leads(leads) if !there.is_empty() => for _ in 0..*leads {
                        let (member, owed) = team.lead();
                        prop_assert!(there.contains(&member));
                        // What is owed comes on top of the order.
                        *counts.entry(member).or_insert(0) += usize::from(!owed);
                        let apart = spread(&counts, &there);
                        let most = if method == Method::Weighted { 2 } else { 1 };
                        prop_assert!(apart <= most, "{method}: {counts:?} of {there:?}");
                    }
                    Event::Returns(member) => {
                        team.desk.back(NAMES[*member], 1);
                    }
                    _ => {}
                }
            }
        }
    }

    /// With the same members all along, what everybody has and is owed is exactly in proportion after each full cycle.
    #[test]
    fn shares_are_exact_after_each_full_cycle(events in events(), weights in [1u32..6, 1..6, 1..6, 1..2, 1..2]) {
        for method in [Method::Weighted, Method::LeastAssigned] {
            let mut team = Team::new(method, Skip::KeepTurn, weights);
            let cycle: u32 = weights[..3].iter().sum();
            let mut drawn = 0;
            for event in &events {
                match event {
                    Event::Leads(leads) => for _ in 0..*leads {
                        drawn += u32::from(!team.lead().1);
                        if drawn % cycle == 0 {
                            let state = &team.desk.states[&name("p")];
                            for (seat, weight) in state.seats.iter().zip(weights) {
                                let has = i64::try_from(seat.assigned).unwrap() + seat.credit;
                                prop_assert_eq!(has, i64::from(weight * drawn / cycle), "{}", method);
                            }
                        }
                    }
                    Event::Returns(member) => {
                        team.desk.back(NAMES[*member], 1);
                    }
                    _ => {}
                }
            }
        }
    }

    /// Whoever joins or comes back gets no two leads before everybody else who is there has had one, but for what is
    /// owed; with `lose_turn` too.
    #[test]
    fn nobody_is_flooded_on_return(events in events()) {
        for (method, skip) in METHODS.into_iter().flat_map(|m| [(m, Skip::KeepTurn), (m, Skip::LoseTurn)]) {
            let mut team = Team::new(method, skip, [1; 5]);
            let mut since = Vec::new();
            for event in &events {
                if team.changes(event) {
                    since.clear();
                }
                let there = team.there();
                if let (Event::Leads(leads), false) = (event, there.is_empty()) {
                    for _ in 0..*leads {
                        let (member, owed) = team.lead();
                        if !owed {
                            since.push(member);
                        }
                    }
                }
                let round = there.len();
                for member in &there {
                    let first = since.iter().take(round).filter(|picked| *picked == member).count();
                    prop_assert!(first <= 2, "{method} {skip:?}: {since:?} of {there:?}");
                    let twice = since.windows(2).any(|two| two == [*member, *member]);
                    prop_assert!(!twice || round == 1 || method == Method::Weighted, "{method} {skip:?}: {since:?}");
                }
            }
        }
    }

    /// By open leads whoever has the fewest for the weight is next, whoever came, went and closed theirs before.
    #[test]
    fn whoever_has_the_fewest_open_is_next(events in events(), weights in [1u32..6, 1..6, 1..6, 1..2, 1..2]) {
        let mut team = Team::new(Method::LeastBusy, Skip::KeepTurn, weights);
        for event in &events {
            team.changes(event);
            let there = team.there();
            match event {
                Event::Leads(leads) if !there.is_empty() => for _ in 0..*leads {
                    let before: Vec<u32> = (0..NAMES.len()).map(|at| *team.open(at)).collect();
                    let (member, _) = team.lead();
                    prop_assert_eq!(*team.open(member), before[member] + 1);
                    let busier = |at: &usize| before[member] * weights[*at] <= before[*at] * weights[member];
                    prop_assert!(there.iter().all(busier), "{member} of {there:?}: {before:?}");
                }
                // It counts no more among the open ones.
                Event::Returns(member) if *team.open(*member) > 0 => *team.open(*member) -= 1,
                _ => {}
            }
        }
    }
}
