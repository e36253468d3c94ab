//! Pools add up, whatever happens in them by any method and any policy for those who are away.

use proptest::prelude::*;

use super::{NOW, in_good_order, name};
use crate::assign::{give_back, pack_state, pick};
use crate::domain::ports::Store;
use crate::domain::{Candidate, Method, PoolPick, PoolState, Seat, Skip};
use crate::store::audit::audit_deliveries;
use crate::store::space::{Space, line};

const NAMES: [&str; 4] = ["ann", "bea", "cleo", "dan"];

#[derive(Debug, Clone)]
enum Event {
    /// So many leads for those who are there, by bits.
    Leads(u8, u8),
    /// A turn of somebody's given back, or taken back.
    Credit(usize, bool),
    /// The pool is written anew.
    Pool(Method, Skip),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let (method, skip) = (prop::sample::select(Method::ALL), prop::sample::select(Skip::ALL));
    let event = prop_oneof![
        6 => (1..16_u8, 1..9_u8).prop_map(|(there, leads)| Event::Leads(there, leads)),
        2 => (0..4_usize, any::<bool>()).prop_map(|(who, back)| Event::Credit(who, back)),
        1 => (method, skip).prop_map(|(method, skip)| Event::Pool(method, skip)),
    ];
    prop::collection::vec(event, 1..40)
}

fn pool(there: u8, method: Method, skip: Skip) -> PoolPick {
    let is_there = |at: &usize| there & (1 << at) != 0;
    let weights = [3, 1, 2, 1];
    let candidate =
        |at: usize| Candidate { member: name(NAMES[at]), weight: weights[at], caps: Vec::new() };
    PoolPick {
        pool: name("team"),
        method,
        skip,
        candidates: (0..4).filter(is_there).map(candidate).collect(),
        beside: Vec::new(),
    }
}

fn found(state: &PoolState) -> Vec<&'static str> {
    let held = line::value(&Space::new(&name("acme")), b"pteam", &pack_state(state));
    audit_deliveries(&[held]).into_iter().map(|violation| violation.rule).collect()
}

proptest! {
    #[test]
    fn pools_add_up_by_every_method_and_policy(events in events()) {
        let all = Method::ALL.iter().flat_map(|method| Skip::ALL.iter().map(|skip| (*method, *skip)));
        for (mut method, mut skip) in all {
            let mut state = PoolState::default();
            for event in &events {
                match event {
                    Event::Leads(there, leads) => for _ in 0..*leads {
                        let picked = pick(&pool(*there, method, skip), &state, NOW, &|_| 0);
                        state = picked.unwrap().state;
                        prop_assert!(found(&state).is_empty(), "{method} {skip:?}: {state:?}");
                    },
                    Event::Credit(who, back) => {
                        give_back(&mut state, &name(NAMES[*who]), if *back { 1 } else { -1 });
                    }
                    Event::Pool(other, policy) => (method, skip) = (*other, *policy),
                }
                prop_assert!(found(&state).is_empty(), "{method} {skip:?}: {state:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_pool_that_does_not_add_up_is_found() {
    let lines = in_good_order().await.dump(&name("acme")).await.unwrap();
    let of = |turn, seats| PoolState { turn, seats, ..PoolState::default() };
    let seat = |who, turn, assigned| Seat { turn, assigned, ..Seat::new(name(who)) };
    let lost = of(5, vec![seat("ann", 4, 4)]);
    let ahead = of(4, vec![seat("ann", 5, 4)]);
    let drifts = of(4, vec![Seat { current: 3, ..seat("ann", 4, 4) }]);
    for state in [lost, ahead, drifts] {
        let damage = line::value(&Space::new(&name("acme")), b"pteam", &pack_state(&state));
        assert!(lines.iter().any(|held| held.0 == damage.0));
        assert_eq!(found(&state), ["pool"], "{state:?}");
    }
}
