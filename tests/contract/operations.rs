//! Random sequences of operations, in small worlds so that they meet each other.

use proptest::prelude::*;

/// One operation. Numbers choose among what there is (modulo), so that any sequence makes sense
/// and a failing one can be shortened.
#[derive(Debug, Clone)]
pub enum Operation {
    /// Time goes on (or, now and then, back) by so many milliseconds.
    Wait(i16),
    Commit(Box<CommitShape>),
    Claim {
        queue: u8,
        replica: u8,
        lapsed: Option<u8>,
        permits: u8,
        take: u8,
        pace: u8,
    },
    /// Settles one of the leases seen so far, old ones too.
    Settle {
        lease: u8,
        replica: Option<u8>,
        ending: Ending,
        pause: Option<PauseShape>,
        permits: u8,
        take: u8,
        pace: u8,
    },
    /// On one of the dead jobs, or (rarely) on one that is not dead.
    Redrive {
        dead: u8,
        replay: bool,
    },
    Pause {
        queue: u8,
        pause: Option<PauseShape>,
    },
    Expire {
        limit: u8,
    },
    Heartbeat {
        replica: u8,
        silent_ms: u16,
    },
    Bundle {
        number: u8,
    },
    Admit {
        bucket: u8,
        quota: u8,
    },
    /// Everything that can be looked at is compared.
    Look,
}

#[derive(Debug, Clone)]
pub enum Ending {
    Done,
    Again { in_ms: u16 },
    Dead,
    Released,
    HandedOver { job: JobShape },
}

#[derive(Debug, Clone)]
pub struct PauseShape {
    pub for_ms: Option<u16>,
}

#[derive(Debug, Clone)]
pub struct JobShape {
    pub lead: Option<u8>,
    pub queue: u8,
    pub fallback: Option<u8>,
    pub resets: bool,
    /// Relative to now.
    pub due: i16,
    pub priority: u8,
    pub coalesces: bool,
    pub permits: u8,
    pub pace: u8,
}

#[derive(Debug, Clone)]
pub enum WriteShape {
    Value { key: u8, receipt: bool, until: bool },
    KeySet { key: u8, leads: Vec<u8> },
    Shared { key: u8 },
    CountShared { key: u8 },
    Lower { member: u8, by: u8 },
    Credit { pool: u8, member: u8, by: i8 },
    Delete { key: u8 },
}

#[derive(Debug, Clone)]
pub struct PickShape {
    pub pool: u8,
    /// Mostly those of narrow states.
    pub method: u8,
    pub skip: u8,
    /// Member, weight, how high its caps go.
    pub candidates: Vec<(u8, u8, Option<u8>)>,
}

#[derive(Debug, Clone)]
pub struct BranchShape {
    pub pick: Option<PickShape>,
    pub jobs: Vec<JobShape>,
    /// Worklist, member, score; `None` removes.
    pub indexes: Vec<(u8, u8, Option<i8>)>,
}

#[derive(Debug, Clone)]
pub struct CommitShape {
    /// Key, content, for how long.
    pub claim: Option<(u8, u8, u16)>,
    /// Keys read; whether at their current version.
    pub reads: Vec<(u8, bool)>,
    pub writes: Vec<WriteShape>,
    pub indexes: Vec<(u8, u8, Option<i8>)>,
    pub branches: Vec<BranchShape>,
    pub journal: bool,
    pub replica: Option<u8>,
}

fn job() -> impl Strategy<Value = JobShape> {
    (
        prop::option::weighted(0.9, prop_oneof![3 => Just(0_u8), 1 => 1..3_u8]),
        prop_oneof![3 => Just(0_u8), 1 => 1..3_u8],
        prop::option::weighted(0.6, 1..3_u8),
        prop::bool::weighted(0.05),
        prop_oneof![3 => Just(0_i16), 2 => -500..3000_i16],
        0..11_u8,
        prop::bool::weighted(0.35),
        (1..4_u8, 0..12_u8),
    )
        .prop_map(
            |(lead, queue, fallback, resets, due, priority, coalesces, (permits, pace))| JobShape {
                lead,
                queue,
                fallback,
                resets,
                due,
                priority,
                coalesces,
                permits,
                pace,
            },
        )
}

fn pick() -> impl Strategy<Value = PickShape> {
    let candidate = (0..5_u8, 1..6_u8, prop::option::weighted(0.4, 0..4_u8));
    let method = prop_oneof![1 => 0..2_u8, 2 => 2..5_u8];
    let skip = prop_oneof![2 => Just(0_u8), 1 => 0..3_u8];
    (0..2_u8, method, skip, prop::collection::vec(candidate, 1..5))
        .prop_map(|(pool, method, skip, candidates)| PickShape { pool, method, skip, candidates })
}

fn indexes() -> impl Strategy<Value = Vec<(u8, u8, Option<i8>)>> {
    prop::collection::vec((0..9_u8, 0..6_u8, prop::option::weighted(0.7, any::<i8>())), 0..3)
}

fn branch() -> impl Strategy<Value = BranchShape> {
    (prop::option::weighted(0.6, pick()), prop::collection::vec(job(), 1..4), indexes())
        .prop_map(|(pick, jobs, indexes)| BranchShape { pick, jobs, indexes })
}

fn write() -> impl Strategy<Value = WriteShape> {
    prop_oneof![
        4 => (0..8_u8, any::<bool>(), prop::bool::weighted(0.2))
            .prop_map(|(key, receipt, until)| WriteShape::Value { key, receipt, until }),
        2 => (0..3_u8, prop::collection::vec(0..4_u8, 0..4))
            .prop_map(|(key, leads)| WriteShape::KeySet { key, leads }),
        1 => (0..3_u8).prop_map(|key| WriteShape::Shared { key }),
        1 => (0..3_u8).prop_map(|key| WriteShape::CountShared { key }),
        1 => (0..11_u8).prop_map(|key| WriteShape::Delete { key }),
        2 => (0..5_u8, 0..3_u8).prop_map(|(member, by)| WriteShape::Lower { member, by }),
        2 => (0..3_u8, 0..6_u8, -2..4_i8)
            .prop_map(|(pool, member, by)| WriteShape::Credit { pool, member, by }),
    ]
}

fn commit() -> impl Strategy<Value = CommitShape> {
    (
        prop::option::weighted(0.15, (0..3_u8, 0..2_u8, 0..2000_u16)),
        prop::collection::vec((0..11_u8, prop::bool::weighted(0.95)), 0..4),
        prop::collection::vec(write(), 0..4),
        indexes(),
        prop::collection::vec(branch(), 0..3),
        prop::bool::weighted(0.9),
        prop::option::weighted(0.6, 0..2_u8),
    )
        .prop_map(|(claim, reads, writes, indexes, branches, journal, replica)| CommitShape {
            claim,
            reads,
            writes,
            indexes,
            branches,
            journal,
            replica,
        })
}

fn ending() -> impl Strategy<Value = Ending> {
    prop_oneof![
        4 => Just(Ending::Done),
        3 => (0..3000_u16).prop_map(|in_ms| Ending::Again { in_ms }),
        2 => Just(Ending::Dead),
        1 => Just(Ending::Released),
        4 => job().prop_map(|job| Ending::HandedOver { job }),
    ]
}

fn pause() -> impl Strategy<Value = PauseShape> {
    prop::option::weighted(0.7, 0..2000_u16).prop_map(|for_ms| PauseShape { for_ms })
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        6 => prop_oneof![9 => 0..1500_i16, 1 => -300..30000_i16].prop_map(Operation::Wait),
        8 => commit().prop_map(|shape| Operation::Commit(Box::new(shape))),
        7 => (prop_oneof![3 => Just(0_u8), 2 => 1..3_u8], 0..2_u8, prop::option::weighted(0.1, 0..2_u8), 1..4_u8, prop_oneof![1 => Just(0_u8), 9 => 1..5_u8], 0..8_u8).prop_map(
            |(queue, replica, lapsed, permits, take, pace)| {
                Operation::Claim { queue, replica, lapsed, permits, take, pace }
            }
        ),
        10 => (
            any::<u8>(),
            prop::option::weighted(0.05, 0..2_u8),
            ending(),
            prop::option::weighted(0.04, pause()),
            1..4_u8,
            0..3_u8,
            0..8_u8,
        )
            .prop_map(|(lease, replica, ending, pause, permits, take, pace)| {
                Operation::Settle { lease, replica, ending, pause, permits, take, pace }
            }),
        2 => (any::<u8>(), prop::bool::weighted(0.7))
            .prop_map(|(dead, replay)| Operation::Redrive { dead, replay }),
        1 => (0..3_u8, prop::option::weighted(0.3, pause()))
            .prop_map(|(queue, pause)| Operation::Pause { queue, pause }),
        1 => (0..4_u8).prop_map(|limit| Operation::Expire { limit }),
        1 => (0..3_u8, 0..4000_u16)
            .prop_map(|(replica, silent_ms)| Operation::Heartbeat { replica, silent_ms }),
        1 => (0..2_u8).prop_map(|number| Operation::Bundle { number }),
        2 => (0..2_u8, 0..3_u8)
            .prop_map(|(bucket, quota)| Operation::Admit { bucket, quota }),
        1 => Just(Operation::Look),
    ]
}

/// Sequences of a quarter of `length` to `length` operations.
pub fn operations(length: usize) -> impl Strategy<Value = Vec<Operation>> {
    prop::collection::vec(operation(), length / 4..=length)
}
