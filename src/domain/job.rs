//! Work that outlives a request: deliveries and the like, in queues, held under leases.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::status::closed_list;
use super::{
    AttemptId, DeliveryId, EventId, EventRow, InquiryId, LeadId, Name, Receipt, Reference,
    Timestamp,
};

/// A job as a commit orders it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    pub id: DeliveryId,
    /// Jobs of one (lead, queue) run one after another in the order of their commits; a job without
    /// a lead stands alone.
    pub lead: Option<LeadId>,
    /// Where it goes first.
    pub route: Route,
    /// If the lead's deliveries were handed over to the fallback in this cycle, it goes here instead.
    pub fallback: Option<Route>,
    /// Begin a new cycle: forget that the lead was handed over.
    pub resets_handover: bool,
    pub due: Timestamp,
    /// 0 runs first; 9 last.
    pub priority: u8,
    /// Absorb later jobs that also coalesce, for the same lead and queue, until leased: the later
    /// one is not queued, its inquiry is counted in the earlier one.
    pub coalesces: bool,
    /// The inquiry counted when this job is absorbed.
    pub inquiry: Option<InquiryId>,
    /// [`Job`] as JSON. The step keeps it unread.
    pub body: Vec<u8>,
}

/// A queue and how many of its jobs may be leased at once, over all replicas.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The destination's name, or `@`-less internal queue name.
    pub queue: Name,
    pub permits: u32,
    /// How long a lease lasts, in milliseconds: attempt deadline + margin, so nothing is renewed.
    pub lease_ms: u32,
    /// How fast its jobs may begin; `None` = as fast as they can. With it no commit leases them at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pace: Option<Pace>,
}

/// How fast jobs of a queue may begin, over all replicas: a bucket that fills evenly, out of which each takes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// Microseconds until there is one more in the bucket; at least 1, at most an hour's.
    pub every_us: u64,
    /// How many it holds: so many may begin at once after a rest; at least 1, at most 10,000.
    pub burst: u32,
    /// So many jobs taken in one step count as one: they become one request. At least 1.
    pub jobs: u32,
}

impl Route {
    /// What the clock brings about: short work within the store, most of it waiting for answers. So many at a time that
    /// clocks which run out together are not late by it.
    #[must_use]
    pub fn clock() -> Self {
        Self { queue: Name::fixed(Job::CLOCK), permits: 64, lease_ms: 30_000, pace: None }
    }
}

/// On whose behalf leases are taken: one process's life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The replica's incarnation: minted at start, heartbeats under it.
    pub incarnation: Name,
}

/// A job in hand. Whoever settles it must name the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedJob {
    pub id: DeliveryId,
    pub queue: Name,
    /// Counts per (lead, queue) from 1, set at the commit; 0 for a job without a lead.
    pub sequence: u64,
    /// Until when; after it somebody else may take the job.
    pub lease_until: Timestamp,
    /// What the commit picked.
    pub receipt: Option<Receipt>,
    /// How many later inquiries were absorbed, and the first hundred of their ids.
    pub absorbed: u32,
    pub absorbed_ids: Vec<InquiryId>,
    /// [`DeliveryState`] as JSON; empty before the first attempt.
    pub state: Vec<u8>,
    /// [`Job`] as JSON.
    pub body: Vec<u8>,
}

/// What a job does. Tagged, so that jobs written by an older version stay readable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all jobs are deliveries; they are read one at a time"
)]
pub enum Job {
    Deliver(Delivery),
    /// Look at a lead again: what it is worth may have changed with time alone.
    LookAgain {
        id: DeliveryId,
        lead: LeadId,
    },
    /// Fetch what stands behind a reference that a source was sent.
    Retrieve(Retrieve),
}

/// One reference to be fetched. What was posted is kept under the inquiry's id, and names the one job that may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retrieve {
    pub id: DeliveryId,
    pub inquiry: InquiryId,
    pub source: Name,
    pub reference: Reference,
}

impl Job {
    /// The queue of what the clock brings about. No destination is called so.
    pub const CLOCK: &'static str = "clock";

    /// What the queues of fetches are called, before the name of the source.
    pub const RETRIEVAL: &'static str = "retrieval.";

    /// The queue of a source's fetches. `None` if its name is too long for one; such a source does not load.
    #[must_use]
    pub fn retrieval_queue(source: &Name) -> Option<Name> {
        Name::parse(&format!("{}{source}", Self::RETRIEVAL)).ok()
    }

    /// The delivery, if it is one.
    #[must_use]
    pub fn delivery(&self) -> Option<&Delivery> {
        match self {
            Self::Deliver(delivery) => Some(delivery),
            Self::LookAgain { .. } | Self::Retrieve(_) => None,
        }
    }
}

/// One event for one destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub id: DeliveryId,
    pub destination: Name,
    pub event: EventRow,
    /// When the first attempt was due; fallback and give-up times count from here.
    pub since: Timestamp,
    /// The destination whose place this one takes, after a hand-over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<Name>,
    /// What the handed-over job knew from its commit; `None` in jobs that commits order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<Carried>,
}

/// What a job knows from its commit, for the job that takes over: with it the store need not copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    pub receipt: Option<Receipt>,
    pub absorbed: u32,
    pub absorbed_ids: Vec<InquiryId>,
}

closed_list! {
    /// What one attempt came to. Set where the answer or error is seen, never guessed later.
    Verdict {
        /// 2xx.
        Delivered = "delivered",
        /// Worth another try: 5xx, 408, 425, 429, timeout, connection refused or cut, DNS failure.
        Retriable = "retriable",
        /// 3xx and the other 4xx: retried by the schedule too (a receiver may be mended), shown as refused.
        Refused = "refused",
        /// 410: the destination pauses until a person resumes it.
        Gone = "gone",
        /// The egress guard refused the address; nothing was sent.
        Blocked = "blocked",
        /// The receiver says that these data will never be taken, or they lack what it finds people by:
        /// given up at once.
        Invalid = "invalid",
        /// Our token or key is not good there (any more): the destination pauses for a while.
        Credentials = "credentials",
    }
}

/// One HTTP try. No body, no header values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    pub id: AttemptId,
    pub at: Timestamp,
    pub verdict: Verdict,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// A fixed word for what went wrong: `timeout`, `connect`, `dns`, `tls`, `body_too_large`, `redirect`, `blocked_address` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Of a destination with several requests: the one that it ended with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The receiver's own code for it, such as `REQUEST_LIMIT_EXCEEDED`: one short word, never a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    pub took_ms: u32,
    /// When the next one was due then; `None` after the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Timestamp>,
}

/// What receivers call a lead's records: by destination, then by what it is there (`lead`, `contact`, `person` …).
pub type GivenIds = BTreeMap<Name, BTreeMap<String, String>>;

/// What a job remembers between attempts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryState {
    /// How many attempts there were; `attempts` keeps the newest twenty.
    pub count: u32,
    pub attempts: Vec<Attempt>,
    /// Ids that the receiver gave: of the record it made, and the like.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub kept: BTreeMap<String, String>,
    /// A request with several in it was refused as a whole: tried without others since then.
    #[serde(default, skip_serializing_if = "is_false")]
    pub alone: bool,
    /// How many of `count` were made before the last replay: the schedule begins anew with it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub before_replay: u32,
    /// When it was last replayed; fallback and give-up times then count from here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replayed_at: Option<Timestamp>,
    /// Why it waits without being tried: `not_configured` while its destination is not in the configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<String>,
    /// Set when it ended: delivered, dead, handed over, dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Until when what is left of an ended one is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_until: Option<Timestamp>,
    /// Kept after the end, when the body is gone: what it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<EventId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<LeadId>,
}

impl DeliveryState {
    /// How one that was given up is ended.
    pub const DEAD: &'static str = "dead";
    /// The same where this version cannot read what was to be delivered.
    pub const UNREADABLE: &'static str = "unreadable";
}

/// How a leased job ends or goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobOutcome {
    /// Done (delivered, dropped): the body goes, the state stays until `until`. The next of the chain may run.
    Done { until: Timestamp },
    /// Try again at `due`.
    Again { due: Timestamp },
    /// Gave up: kept whole on the dead list. The next of the chain may run.
    Dead,
    /// Ended here; `job` takes over in the fallback queue, as do later jobs of the lead until the
    /// cycle ends. The chain's successors move there too, in order.
    HandedOver { until: Timestamp, job: Box<NewJob> },
    /// Not tried (draining): runs again at once, uncounted.
    Released,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}
