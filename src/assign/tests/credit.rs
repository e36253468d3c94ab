//! Turns given back: the next lead is the member's, and the order stays as it was.

use super::name;
use super::pick::{Desk, pool};
use crate::assign::{give_back, pack_state, unpack_state};
use crate::domain::{Method, PoolPick, PoolState, Skip};

const METHODS: [Method; 4] =
    [Method::RoundRobin, Method::Weighted, Method::LeastAssigned, Method::LongestIdle];

fn three(method: Method) -> PoolPick {
    pool(method, &[("a", 1, None), ("b", 1, None), ("c", 1, None)])
}

impl Desk {
    /// A member gives a lead back (or, below 0, takes one again).
    pub(super) fn back(&mut self, member: &str, by: i32) -> bool {
        let state = self.states.entry(name("p")).or_default();
        let changed = give_back(state, &name(member), by);
        assert_eq!(unpack_state(&pack_state(state)).as_ref(), Some(&*state));
        changed
    }

    /// One pick a minute.
    pub(super) fn minutes(&mut self, pool: &PoolPick, turns: usize) -> String {
        let pick = |_| {
            self.now += 60_000;
            self.run(pool, 1).remove(0)
        };
        (0..turns).map(pick).collect::<Vec<_>>().join(" ")
    }

    fn state(&self) -> &PoolState {
        &self.states[&name("p")]
    }
}

#[test]
fn who_gives_a_lead_back_gets_the_next_one_and_the_order_stays() {
    for method in METHODS {
        let mut desk = Desk::default();
        assert_eq!(desk.minutes(&three(method), 4), "a b c a", "{method}");
        assert!(desk.back("a", 1));
        assert!(desk.back("c", 1));
        assert_eq!(desk.state().returned, 2);
        // Both are owed one: first whoever waits longer for it. After them it goes on where it was.
        assert_eq!(desk.minutes(&three(method), 5), "c a b c a", "{method}");
        let state = desk.state();
        let each: Vec<u64> = state.seats.iter().map(|seat| seat.assigned).collect();
        assert_eq!((state.turn, each.as_slice()), (9, [3, 2, 2].as_slice()), "{method}");
    }
}

#[test]
fn a_pick_on_credit_says_so() {
    let mut desk = Desk::default();
    desk.minutes(&three(Method::Weighted), 3);
    desk.back("b", 1);
    let receipt = desk.turn(&[Some(&three(Method::Weighted))]);
    assert_eq!((receipt.member, receipt.turn, receipt.tied), (Some(name("b")), 4, 0));
}

#[test]
fn weights_hold_for_what_was_not_given_back() {
    let pool = pool(Method::Weighted, &[("a", 5, None), ("b", 1, None), ("c", 1, None)]);
    let mut desk = Desk::default();
    assert_eq!(desk.minutes(&pool, 3), "a a b");
    desk.back("b", 1);
    assert_eq!(desk.minutes(&pool, 5), "b a c a a", "the cycle of seven goes on");
}

#[test]
fn what_is_owed_waits_while_somebody_is_away() {
    for method in METHODS {
        let mut desk = Desk::default();
        desk.minutes(&three(method), 3);
        desk.back("c", 1);
        let without = pool(method, &[("a", 1, None), ("b", 1, None)]);
        assert_eq!(desk.minutes(&without, 4), "a b a b", "{method}");
        assert!(desk.minutes(&three(method), 1).starts_with('c'), "{method}");
    }
}

#[test]
fn what_was_taken_back_again_is_set_against_the_next() {
    let mut desk = Desk::default();
    let three = three(Method::RoundRobin);
    desk.minutes(&three, 3);
    desk.back("b", 1);
    desk.back("b", -1);
    assert_eq!(desk.minutes(&three, 3), "a b c", "nothing is owed any more");
    assert_eq!(desk.state().returned, 0);
    desk.back("b", 1);
    assert_eq!(desk.minutes(&three, 1), "b");
    desk.back("b", -1);
    desk.back("b", 1);
    assert_eq!(desk.minutes(&three, 3), "a b c", "b had it already");
}

#[test]
fn nobody_gives_back_what_nobody_had() {
    let mut desk = Desk::default();
    assert!(!desk.back("a", 1), "no seat");
    desk.minutes(&three(Method::RoundRobin), 1);
    assert!(!desk.back("b", 1), "b had nothing");
    assert!(!desk.back("a", -1), "nothing was given back");
    assert!(desk.back("a", 3));
    assert_eq!((desk.state().returned, desk.state().seats[0].credit), (1, 1), "one lead, one turn");
}

#[test]
fn pools_without_credit_are_as_small_as_before() {
    for (method, skip, columns) in [
        (Method::RoundRobin, Skip::KeepTurn, 3),
        (Method::LeastAssigned, Skip::KeepTurn, 5),
        (Method::RoundRobin, Skip::Accrue, 5),
    ] {
        let mut desk = Desk::default();
        let pool = PoolPick { skip, ..three(method) };
        desk.minutes(&pool, 4);
        let method_code = usize::from(columns == 5);
        let size = 14 + 3 * 8 * columns + method_code + "|a|b|c".len();
        assert_eq!(pack_state(desk.state()).len(), size, "{method} {skip:?}");
        desk.back("a", 1);
        assert_eq!(pack_state(desk.state()).len(), size + 3 * 8 + 8, "{method} {skip:?}");
    }
}
