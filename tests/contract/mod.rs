//! What every store has to keep, whatever engine runs it.
//!
//! [`cases`](cases!) lists the cases; each engine is one line that says how to open a [`bench::Bench`].
//! [`operations`] makes random sequences of operations and [`compare`] runs them on two engines
//! whose answers and dumps must be equal; the store in memory, which runs the steps of
//! `lead_router::store::step` directly, is the oracle. To add an engine:
//! ```ignore
//! mod redis {
//!     crate::contract::cases!(super::engines::redis);
//! }
//! ```

pub mod bench;
pub mod chains;
pub mod commits;
pub mod compare;
pub mod embedded;
pub mod engines;
pub mod keeping;
pub mod operations;
pub mod people;
pub mod queues;
pub mod rates;
pub mod redis_servers;
pub mod together;

/// One test per case, on benches opened by the given `async fn() -> Bench`; with `together` one test
/// for all, one after another, where opening is slow.
macro_rules! cases {
    ($open:path) => {
        $crate::contract::cases! { @list each $open }
    };
    (together $open:path) => {
        $crate::contract::cases! { @list together $open }
    };
    (@list $how:ident $open:path) => {
        $crate::contract::cases! { @$how $open;
            commits: writes_everything_or_nothing;
            commits: a_claim_is_taken_once;
            commits: what_changed_comes_back;
            commits: a_shared_key_is_counted_not_fetched;
            commits: takes_the_first_branch_that_can_be_filled;
            commits: a_pool_of_three_shares_evenly;
            commits: without_branches_nobody_is_picked;
            commits: of_many_at_once_one_wins;
            commits: caps_hold_under_concurrency;
            queues: a_commit_leases_while_permits_last;
            queues: a_claim_takes_by_priority_then_due;
            queues: a_pace_holds_over_all_who_ask;
            queues: a_retry_stands_behind_what_was_not_tried;
            queues: what_is_delayed_waits_until_due;
            queues: a_lease_that_ended_is_free;
            queues: a_lapsed_incarnation_holds_nothing;
            queues: a_paused_queue_gives_nothing;
            queues: a_short_pause_does_not_end_a_long_one;
            queues: what_was_released_runs_again;
            queues: depth_counts_everything;
            queues: due_says_when_to_look;
            chains: jobs_of_a_lead_run_in_order;
            chains: later_ones_are_absorbed_until_leased;
            chains: another_event_closes_the_open_job;
            chains: a_hand_over_takes_the_waiting_along;
            chains: a_new_cycle_goes_to_the_primary_again;
            people: a_dead_job_lets_the_next_run;
            people: a_replay_comes_in_the_order_of_sequences;
            people: a_dropped_job_keeps_what_it_was;
            people: faults_and_refusals_stand_apart_by_queue;
            people: a_replay_stands_behind_what_was_not_tried;
            rates: so_many_are_admitted_and_more_as_time_goes_on;
            rates: buckets_are_of_one_workspace_and_stand_in_no_dump;
            keeping: what_has_served_goes;
            keeping: the_journal_never_goes_back;
            keeping: indexes_list_both_ways;
            keeping: silence_is_noticed;
            keeping: bundles_and_the_master_key_are_kept_once;
            keeping: values_not_of_the_stored_form_are_shown_raw;
        }
    };
    (@each $open:path; $($room:ident: $case:ident;)*) => {$(
        #[tokio::test]
        async fn $case() {
            let bench = $open().await;
            $crate::contract::$room::$case(&bench).await;
        }
    )*};
    (@together $open:path; $($room:ident: $case:ident;)*) => {
        #[tokio::test]
        async fn every_case() {
            let _first = $open().await;
            $(
                println!("{}", stringify!($case));
                let bench = $open().await;
                $crate::contract::$room::$case(&bench).await;
            )*
        }
    };
}
pub(crate) use cases;

mod memory {
    crate::contract::cases!(crate::contract::engines::memory);
}

mod redb {
    crate::contract::cases!(crate::contract::engines::embedded);
}

mod redis {
    crate::contract::cases!(crate::contract::engines::redis);
}

mod redis_cluster {
    crate::contract::cases!(together crate::contract::engines::shared_cluster);
}
