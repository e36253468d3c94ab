//! What sets the methods apart: who comes and comes back, idle time, open leads, credit.

use proptest::prelude::*;

use super::name;
use super::pick::{Desk, pool, tally};
use crate::domain::{Cap, Method, Name, PoolPick, Skip, Timestamp};

fn equal(method: Method, members: &[&str]) -> PoolPick {
    let rows: Vec<_> = members.iter().map(|member| (*member, 1, None)).collect();
    pool(method, &rows)
}

fn longest_run(picks: &[String], of: &str) -> usize {
    picks.split(|pick| pick != of).map(<[String]>::len).max().unwrap_or(0)
}

#[test]
fn whoever_comes_or_comes_back_is_not_flooded() {
    for method in [Method::RoundRobin, Method::Weighted, Method::LeastAssigned, Method::LongestIdle]
    {
        let mut desk = Desk::default();
        let (two, three) = (equal(method, &["a", "b"]), equal(method, &["a", "b", "c"]));
        let run = |desk: &mut Desk, pool: &PoolPick, turns| {
            desk.now += 60_000;
            desk.run(pool, turns)
        };
        run(&mut desk, &two, 100);
        let newcomer = run(&mut desk, &three, 30);
        assert_eq!(tally(&newcomer), [("a", 10), ("b", 10), ("c", 10)].into(), "{method}");
        assert_eq!(longest_run(&newcomer, "c"), 1, "{method}");
        run(&mut desk, &two, 200);
        let back = run(&mut desk, &three, 30);
        assert_eq!(tally(&back), [("a", 10), ("b", 10), ("c", 10)].into(), "{method}");
        assert_eq!(longest_run(&back, "c"), 1, "{method}");
    }
}

#[test]
fn who_waited_in_a_large_team_gets_no_more_than_that_in_the_small_one_of_the_evening() {
    let names: Vec<_> = (0..50).map(|n| format!("m{n:02}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    for method in [Method::RoundRobin, Method::Weighted, Method::LeastAssigned, Method::LongestIdle]
    {
        let mut desk = Desk::default();
        // Everybody but the last had one: a fiftieth of a lead ahead, nearly one behind.
        assert_eq!(desk.run(&equal(method, &names), 49), names[..49], "{method}");
        let evening = desk.run(&equal(method, &[names[0], names[49]]), 20);
        assert!(longest_run(&evening, names[49]) <= 2, "{method}: {evening:?}");
        assert!(tally(&evening)[names[49]] <= 11, "{method}: {evening:?}");
    }
}

#[test]
fn least_assigned_goes_by_weight_and_by_what_a_person_gave() {
    let weighted = pool(Method::LeastAssigned, &[("a", 5, None), ("b", 1, None), ("c", 1, None)]);
    let picks = Desk::default().run(&weighted, 14);
    assert_eq!(tally(&picks), [("a", 10), ("b", 2), ("c", 2)].into());
    let mut desk = Desk::default();
    let all = equal(Method::LeastAssigned, &["a", "b", "c"]);
    desk.run(&all, 30);
    // A person gives three to b by hand: the others come first until it is even again.
    let beside = ["a", "c"].map(name).to_vec();
    let by_hand = PoolPick { beside, ..equal(Method::LeastAssigned, &["b"]) };
    desk.run(&by_hand, 3);
    let picks = desk.run(&all, 9);
    assert_eq!(tally(&picks), [("a", 4), ("b", 1), ("c", 4)].into());
}

#[test]
fn the_longest_idle_by_the_clock_then_by_turn_then_by_name() {
    let mut desk = Desk::default();
    let all = equal(Method::LongestIdle, &["a", "b", "c"]);
    let mut at = |now, pool: &PoolPick| {
        desk.now = now;
        desk.run(pool, 1).remove(0)
    };
    assert_eq!([at(10, &all), at(20, &all), at(30, &all)].join(" "), "a b c");
    assert_eq!(at(40, &equal(Method::LongestIdle, &["b", "c"])), "b");
    assert_eq!([at(50, &all), at(60, &all), at(70, &all)].join(" "), "a c b");
}

#[test]
fn whoever_has_the_fewest_open_leads_then_the_longest_idle() {
    let mut pool = pool(Method::LeastBusy, &[("a", 1, None), ("b", 1, None), ("c", 2, None)]);
    for candidate in &mut pool.candidates {
        let counter = format!("{}:open", candidate.member);
        let until = Timestamp::EPOCH;
        candidate.caps = vec![Cap { counter, limit: 4, until, earlier: 0 }];
    }
    let mut desk = Desk::default();
    assert_eq!(desk.run(&pool, 8).join(" "), "a b c c a b c c");
    // Two of c's are closed: c has the most room.
    *desk.counters.get_mut("c:open").unwrap() -= 2;
    assert_eq!(desk.run(&pool, 2).join(" "), "c c");
    // Ties go to whoever waits longest, not to a name.
    assert_eq!(desk.run(&pool, 4).join(" "), "a b a b");
    let receipt = desk.turn(&[Some(&pool), None]);
    assert_eq!(receipt.branch, 1, "open leads are a cap as well");
    assert_eq!(receipt.capped[0].why(), "open 4/4");
}

#[test]
fn a_turn_is_kept_lost_or_made_up_for() {
    use Method::{LeastAssigned, LongestIdle, RoundRobin, Weighted};
    let away = |method, skip| {
        let with = |members: &[&str]| PoolPick { skip, ..equal(method, members) };
        let mut desk = Desk::default();
        desk.run(&with(&["a", "b", "c"]), 3);
        desk.now = 1;
        desk.run(&with(&["a", "b"]), 8);
        desk.now = 2;
        desk.run(&with(&["a", "b", "c"]), 6).join(" ")
    };
    assert_eq!(away(RoundRobin, Skip::KeepTurn), "c a b c a b");
    assert_eq!(away(RoundRobin, Skip::LoseTurn), "a b c a b c");
    assert_eq!(
        away(RoundRobin, Skip::Accrue),
        "c c c a b c",
        "eight missed, a third of them theirs"
    );
    assert_eq!(away(Weighted, Skip::KeepTurn), "a b c a b c");
    assert_eq!(away(Weighted, Skip::LoseTurn), "a b c a b c");
    assert_eq!(away(Weighted, Skip::Accrue), "c c c a b c");
    assert_eq!(away(LeastAssigned, Skip::KeepTurn), "c a b c a b");
    assert_eq!(away(LeastAssigned, Skip::LoseTurn), "a b c a b c");
    assert_eq!(away(LeastAssigned, Skip::Accrue), "c c c c a b");
    assert_eq!(away(LongestIdle, Skip::LoseTurn), "a b c a b c");
}

#[test]
fn another_method_begins_its_own_counts_and_keeps_the_totals() {
    let mut desk = Desk::default();
    desk.run(&equal(Method::RoundRobin, &["a", "b"]), 4);
    desk.run(&equal(Method::LeastAssigned, &["a", "b", "c"]), 3);
    let state = desk.states[&name("p")].clone();
    assert_eq!(state.levels_of, Some(Method::LeastAssigned));
    assert_eq!(state.seats.iter().map(|seat| seat.assigned).collect::<Vec<_>>(), [3, 3, 1]);
    desk.run(&equal(Method::RoundRobin, &["a", "b", "c"]), 1);
    let state = &desk.states[&name("p")];
    assert_eq!(state.levels_of, None);
    assert!(state.seats.iter().all(|seat| seat.level == 0 && seat.seen == 0));
}

proptest! {
    /// Members come and go at random; nobody who is there is ever more than two turns from an equal
    /// share of what was given out while they were there together.
    #[test]
    fn nobody_is_flooded_and_nothing_is_reset(
        draws in prop::collection::vec((1u8..8, 1usize..12), 1..12),
    ) {
        let members = ["a", "b", "c"];
        for method in [Method::LeastAssigned, Method::RoundRobin, Method::LongestIdle] {
            let mut desk = Desk::default();
            for (present, turns) in &draws {
                let there: Vec<&str> = members
                    .into_iter()
                    .enumerate()
                    .filter(|(bit, _)| present & (1 << bit) != 0)
                    .map(|(_, member)| member)
                    .collect();
                let before: Vec<(Name, u64)> = seats(&desk);
                desk.now += 1;
                let picks = desk.run(&equal(method, &there), *turns);
                let counts = tally(&picks);
                let of = |member: &&str| counts.get(*member).copied().unwrap_or(0);
                let (least, most) = (there.iter().map(of).min(), there.iter().map(of).max());
                prop_assert!(most.unwrap() - least.unwrap() <= 2, "{method}: {picks:?}");
                for (member, assigned) in before {
                    let got = counts.get(member.as_str()).copied().unwrap_or(0);
                    let after = seats(&desk).into_iter().find(|(name, _)| *name == member).unwrap().1;
                    prop_assert_eq!(after, assigned + got as u64);
                }
            }
        }
    }
}

fn seats(desk: &Desk) -> Vec<(Name, u64)> {
    let state = desk.states.get(&name("p"));
    let seats = state.into_iter().flat_map(|state| &state.seats);
    seats.map(|seat| (seat.member.clone(), seat.assigned)).collect()
}
