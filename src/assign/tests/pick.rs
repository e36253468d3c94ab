//! The pick: its sequences, its fairness, its caps, and that it repeats itself.

use std::collections::BTreeMap;
use std::convert::Infallible;

use proptest::prelude::*;

use super::name;
use crate::assign::{pack_state, pick, pick_branch, unpack_state};
use crate::domain::{
    Candidate, Cap, Capped, Method, Name, PoolPick, PoolState, Seat, Skip, Timestamp,
};

pub(super) fn pool(method: Method, members: &[(&str, u32, Option<u32>)]) -> PoolPick {
    let candidates = members
        .iter()
        .map(|(member, weight, limit)| Candidate {
            member: name(member),
            weight: *weight,
            caps: limit
                .map(|limit| Cap {
                    counter: format!("{member}:day:20260301T0000Z"),
                    limit,
                    until: Timestamp::EPOCH,
                    earlier: 0,
                })
                .into_iter()
                .collect(),
        })
        .collect();
    PoolPick { pool: name("p"), method, skip: Skip::KeepTurn, candidates, beside: Vec::new() }
}

/// A little store: states by pool, counters by name, driven through `pick_branch` as the step does it.
#[derive(Default)]
pub(super) struct Desk {
    pub(super) states: BTreeMap<Name, PoolState>,
    pub(super) counters: BTreeMap<String, u32>,
    pub(super) now: i64,
}

impl Desk {
    pub(super) fn turn(&mut self, branches: &[Option<&PoolPick>]) -> crate::domain::Receipt {
        let chosen = pick_branch(
            branches.iter().copied(),
            Timestamp::from_millis(self.now),
            |pool| Ok::<_, Infallible>(self.states.get(pool).cloned().unwrap_or_default()),
            |counter| Ok(self.counters.get(counter).copied().unwrap_or(0)),
        );
        let Ok(chosen) = chosen;
        for cap in chosen.bump {
            *self.counters.entry(cap.counter.clone()).or_default() += 1;
        }
        if let Some((pool, state)) = chosen.pool {
            assert_eq!(unpack_state(&pack_state(&state)).as_ref(), Some(&state));
            self.states.insert(pool, state);
        }
        chosen.receipt
    }

    pub(super) fn run(&mut self, pool: &PoolPick, turns: usize) -> Vec<String> {
        (0..turns)
            .map(|_| self.turn(&[Some(pool), None]).member.map_or("-".into(), |m| m.to_string()))
            .collect()
    }
}

pub(super) fn tally(picks: &[String]) -> BTreeMap<&str, usize> {
    picks.iter().fold(BTreeMap::new(), |mut counts, pick| {
        *counts.entry(pick.as_str()).or_default() += 1;
        counts
    })
}

#[test]
fn two_hundred_and_fifty_over_three_equal_members() {
    for method in [Method::RoundRobin, Method::Weighted] {
        let pool = pool(method, &[("anna", 1, None), ("bert", 1, None), ("carl", 1, None)]);
        let picks = Desk::default().run(&pool, 250);
        assert_eq!(tally(&picks), [("anna", 84), ("bert", 83), ("carl", 83)].into(), "{method}");
    }
}

#[test]
fn smooth_weighted_spreads_the_heavy_one() {
    let pool = pool(Method::Weighted, &[("a", 5, None), ("b", 1, None), ("c", 1, None)]);
    assert_eq!(Desk::default().run(&pool, 14).join(" "), "a a b a c a a a a b a c a a");
}

#[test]
fn round_robin_goes_round() {
    let pool = pool(Method::RoundRobin, &[("a", 5, None), ("b", 1, None), ("c", 9, None)]);
    assert_eq!(Desk::default().run(&pool, 7).join(" "), "a b c a b c a");
}

#[test]
fn ties_go_to_the_smaller_name_and_are_counted() {
    let pool = pool(Method::RoundRobin, &[("c", 1, None), ("a", 1, None), ("b", 1, None)]);
    let mut desk = Desk::default();
    let tied: Vec<_> = (0..4).map(|_| desk.turn(&[Some(&pool)])).map(|r| r.tied).collect();
    assert_eq!(tied, [3, 2, 1, 1]);
    assert_eq!(desk.run(&pool, 2).join(" "), "b c");
}

fn full(members: &[(&str, u32)]) -> Vec<Capped> {
    let of = |(member, limit): &(&str, u32)| Capped {
        member: name(member),
        cap: Some(("day".to_owned(), *limit)),
    };
    members.iter().map(of).collect()
}

#[test]
fn a_capped_member_is_passed_over_and_listed() {
    let pool = pool(Method::RoundRobin, &[("a", 1, Some(1)), ("b", 1, None)]);
    let mut desk = Desk::default();
    assert_eq!(desk.run(&pool, 3).join(" "), "a b b");
    let receipt = desk.turn(&[Some(&pool), None]);
    assert_eq!(receipt.capped, full(&[("a", 1)]));
    assert_eq!((receipt.branch, receipt.turn), (0, 4));
}

#[test]
fn a_full_pool_gives_way_to_the_next_branch_and_names_everybody_once() {
    let first = pool(Method::RoundRobin, &[("a", 1, Some(0)), ("b", 1, Some(1))]);
    let mut second = pool(Method::Weighted, &[("b", 1, Some(1)), ("z", 1, None)]);
    second.pool = name("q");
    let mut desk = Desk::default();
    assert_eq!(desk.turn(&[Some(&first), Some(&second), None]).member, Some(name("b")));
    let receipt = desk.turn(&[Some(&first), Some(&second), None]);
    assert_eq!((receipt.branch, receipt.member.as_ref()), (1, Some(&name("z"))));
    assert_eq!(receipt.capped, full(&[("a", 0), ("b", 1)]));
    let held = desk.turn(&[Some(&first), None]);
    assert_eq!((held.branch, held.member, held.turn, held.tied), (1, None, 0, 0));
    assert_eq!(held.capped, full(&[("a", 0), ("b", 1)]));
}

#[test]
fn nothing_to_choose_is_still_a_receipt() {
    let full = pool(Method::RoundRobin, &[("a", 1, Some(0))]);
    let mut desk = Desk::default();
    assert_eq!(desk.turn(&[]).branch, 0);
    let receipt = desk.turn(&[Some(&full)]);
    assert_eq!((receipt.branch, receipt.member), (0, None));
    assert!(desk.states.is_empty(), "an unfilled branch moves no pool");
}

#[test]
fn a_newcomer_and_a_leaver_do_not_disturb_the_others() {
    let two = pool(Method::Weighted, &[("a", 1, None), ("b", 1, None)]);
    let three = pool(Method::Weighted, &[("a", 1, None), ("b", 1, None), ("c", 1, None)]);
    let mut desk = Desk::default();
    desk.run(&two, 3);
    let picks = desk.run(&three, 9);
    assert_eq!(tally(&picks), [("a", 3), ("b", 3), ("c", 3)].into());
    desk.run(&two, 5);
    let seats: Vec<_> =
        desk.states[&name("p")].seats.iter().map(|s| s.member.to_string()).collect();
    assert_eq!(seats, ["a", "b", "c"], "a seat outlives its member");
}

#[test]
fn what_is_not_a_state_is_refused() {
    assert_eq!(pack_state(&PoolState::default()), [0; 14]);
    let seat = |member, current, turn, assigned| Seat {
        current,
        turn,
        assigned,
        ..Seat::new(name(member))
    };
    let seats = vec![seat("anna", -2, 3, 2), seat("bert", 2, 1, 1)];
    let mut state = PoolState { turn: 3, drawn: 7, seats, ..PoolState::default() };
    let packed = pack_state(&state);
    let numbers = [-2_i64, 2, 3, 1, 2, 1].map(i64::to_be_bytes).concat();
    let spelled =
        [&[0, 0, 0, 0, 0, 0, 0, 3, 0, 2, 0, 0, 0, 7], numbers.as_slice(), b"|anna|bert"].concat();
    assert_eq!(packed, spelled);
    assert_eq!(unpack_state(&packed).as_ref(), Some(&state));
    for end in 0..packed.len() - "bert".len() {
        assert_eq!(unpack_state(&packed[..end]), None);
    }
    let names = |names: &[u8]| [&packed[..62], names].concat();
    for bad in ["|bert|anna", "|anna|Bert", "|anna", "anna|bert", "|anna|bert|", "|anna|anna", ""] {
        assert_eq!(unpack_state(&names(bad.as_bytes())), None, "{bad}");
    }
    assert_eq!(unpack_state(&names(&[b'|', 0xff, b'|', b'b'])), None);
    state.levels_of = Some(Method::LeastAssigned);
    (state.seats[0].seen, state.seats[0].level, state.seats[1].level) = (3, 2500, -1000);
    let wide = pack_state(&state);
    assert_eq!((wide.len(), wide[8]), (packed.len() + 33, 0x80));
    assert_eq!(unpack_state(&wide), Some(state));
    let mut of_no_method = wide;
    of_no_method[94] = 5;
    assert_eq!(unpack_state(&of_no_method), None);
}

fn any_pool() -> impl Strategy<Value = PoolPick> {
    let member = (1u32..=20, prop::option::of(0u32..12));
    (0..Method::ALL.len(), prop::collection::vec(member, 1..7)).prop_map(|(method, members)| {
        let names: Vec<_> = (0..members.len()).map(|n| format!("m{n}")).collect();
        let rows: Vec<_> =
            names.iter().zip(&members).map(|(n, (w, limit))| (n.as_str(), *w, *limit)).collect();
        pool(Method::ALL[method], &rows)
    })
}

proptest! {
    #[test]
    fn without_caps_everybody_gets_the_exact_share_of_a_cycle(
        weights in prop::collection::vec(1u32..=12, 1..7), cycles in 1usize..4,
    ) {
        let names: Vec<_> = (0..weights.len()).map(|n| format!("m{n}")).collect();
        let rows: Vec<_> = names.iter().zip(&weights).map(|(n, w)| (n.as_str(), *w, None)).collect();
        let cycle: usize = weights.iter().map(|w| *w as usize).sum();
        for method in [Method::Weighted, Method::LeastAssigned] {
            let picks = Desk::default().run(&pool(method, &rows), cycle * cycles);
            let counts = tally(&picks);
            for (name, weight, _) in &rows {
                prop_assert_eq!(counts[name], *weight as usize * cycles);
            }
        }
    }

    #[test]
    fn equal_members_never_differ_by_more_than_one(members in 1usize..9, turns in 1usize..120) {
        let names: Vec<_> = (0..members).map(|n| format!("m{n}")).collect();
        let rows: Vec<_> = names.iter().map(|n| (n.as_str(), 1, None)).collect();
        for method in
            [Method::RoundRobin, Method::Weighted, Method::LeastAssigned, Method::LongestIdle]
        {
            let picks = Desk::default().run(&pool(method, &rows), turns);
            let counts = tally(&picks);
            let of = |n: &String| counts.get(n.as_str()).copied().unwrap_or(0);
            let (least, most) = (names.iter().map(of).min(), names.iter().map(of).max());
            prop_assert!(most.unwrap() - least.unwrap() <= 1);
        }
    }

    #[test]
    fn caps_hold_numbers_stay_small_and_it_repeats(pool in any_pool(), turns in 1usize..80) {
        let (mut desk, mut again) = (Desk::default(), Desk::default());
        let picks = desk.run(&pool, turns);
        prop_assert_eq!(&picks, &again.run(&pool, turns));
        let counts = tally(&picks);
        let mut room = true;
        for candidate in &pool.candidates {
            let got = counts.get(candidate.member.as_str()).copied().unwrap_or(0);
            match candidate.caps.first() {
                Some(cap) => {
                    prop_assert!(got <= cap.limit as usize);
                    room &= got == cap.limit as usize;
                }
                None => room = false,
            }
        }
        prop_assert_eq!(counts.contains_key("-"), room && picks.last().is_some_and(|p| p == "-"));
        if let Some(state) = desk.states.get(&pool.pool) {
            let assigned: u64 = state.seats.iter().map(|s| s.assigned).sum();
            prop_assert_eq!(assigned, state.turn);
            prop_assert_eq!(state.seats.iter().map(|s| s.current).sum::<i64>(), 0);
            prop_assert!(state.seats.iter().all(|s| s.current.abs() < 100 * 20 * 7 * 20));
        }
    }

    #[test]
    fn pick_and_the_branch_agree(pool in any_pool(), turns in 0usize..40) {
        let mut desk = Desk::default();
        desk.run(&pool, turns);
        let state = desk.states.get(&pool.pool).cloned().unwrap_or_default();
        let now = Timestamp::from_millis(desk.now);
        let picked = pick(&pool, &state, now, &|c| desk.counters.get(c).copied().unwrap_or(0));
        let receipt = desk.turn(&[Some(&pool), None]);
        prop_assert_eq!(picked.is_none(), receipt.branch == 1);
        if let Some(picked) = picked {
            prop_assert_eq!(Some(picked.member), receipt.member);
            prop_assert_eq!((picked.turn, picked.tied), (receipt.turn, receipt.tied));
            prop_assert_eq!(picked.capped, receipt.capped);
            prop_assert_eq!(Some(&picked.state), desk.states.get(&pool.pool));
        }
    }
}
