//! Names under which the store keeps things. No key holds text about a person.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::packing::{self, Packed};
use super::{BatchId, DeadKind, DeliveryId, InquiryId, LeadId, Name};

/// A keyed hash (HMAC-SHA-256 under the store's pepper, cut to 16 bytes) of something a person is
/// found by: e-mail, phone, each with the name, external id, company + initials.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IndexKey(pub [u8; 16]);

impl IndexKey {
    /// A hash as the key of a value alone, or (`compound`) of a value together with a name. Which of the two
    /// it is stands in the first byte's lowest bit: a compound key lies in the store only once the bare one
    /// is shared, and whoever has only the key must know that.
    #[must_use]
    pub fn new(hash: [u8; 16], compound: bool) -> Self {
        let mut bytes = hash;
        bytes[0] = bytes[0] & !1 | u8::from(compound);
        Self(bytes)
    }

    /// Made of a value and a name.
    #[must_use]
    pub fn is_compound(self) -> bool {
        self.0[0] & 1 == 1
    }
}

impl fmt::Debug for IndexKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key_{}", uuid::Uuid::from_bytes(self.0).simple())
    }
}

impl Serialize for IndexKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return serializer.serialize_newtype_struct(packing::DIGITS, &Packed(&self.0));
        }
        let mut digits = [0; uuid::fmt::Simple::LENGTH];
        serializer.serialize_str(uuid::Uuid::from_bytes(self.0).simple().encode_lower(&mut digits))
    }
}

impl<'de> Deserialize<'de> for IndexKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        uuid::Uuid::try_parse(&text)
            .map(|id| Self(id.into_bytes()))
            .map_err(|_| serde::de::Error::custom("expected 32 hexadecimal digits"))
    }
}

/// One of 256 fixed partitions of the store. A workspace lives in exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard(u8);

impl Shard {
    /// The shard that also holds what belongs to no workspace (heartbeats, format version).
    pub const ZERO: Self = Self(0);

    /// The shard a workspace lives in (FNV-1a over its name: fixed for ever).
    #[must_use]
    pub fn of(workspace: &Name) -> Self {
        let hash = workspace
            .as_str()
            .bytes()
            .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        Self((hash ^ (hash >> 8) ^ (hash >> 16) ^ (hash >> 24)).to_le_bytes()[0])
    }

    /// Its number.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }
}

/// A single value of one workspace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A key set: the leads behind an index key ([`super::KeySet`]).
    Identity(IndexKey),
    /// A [`super::Lead`].
    Lead(LeadId),
    /// An [`super::InquiryEntry`].
    Inquiry(InquiryId),
    /// An idempotency entry ([`super::Claim`]).
    Claim([u8; 16]),
    /// A stored body (unreadable, returned, filtered), encrypted.
    Body(InquiryId),
    /// A pool's state ([`super::PoolState`]).
    Pool(Name),
    /// A cap's counter.
    Counter(String),
    /// Per-lead delivery state: sequences, heads and chains.
    Chain(LeadId),
    /// A job.
    Job(DeliveryId),
    /// A destination's state: paused, open again at.
    Destination(Name),
    /// How full a queue's bucket is: until when it is as if in use.
    Pace(Name),
    /// The ids that receivers gave a lead's records, by destination ([`super::GivenIds`] as JSON).
    Given(LeadId),
    /// Something of the service's own that is sealed: a token it was given, secrets it made.
    Sealed(String),
    /// The overlay of changes made by API, with its revision.
    Overlay,
    /// A configuration bundle by content hash.
    Bundle([u8; 16]),
    /// A batch's progress.
    Batch(BatchId),
    /// What became of each source's requests in one hour (hours since 1970); 0 = how far the journal
    /// was counted, and the latest of each kind.
    Tally(u32),
    /// That the lead was erased ([`super::Erased`]).
    Erased(LeadId),
    /// Up to when what was erased is gone from the engine's files too (ms, decimal).
    Purged,
    /// How far the journal was looked through for leads that are kept no longer.
    Marks,
    /// Sums for reports: a day (days since 1970) and which of its sums (`analyse::Slot::part`).
    Rollup(i32, u8),
    /// What the fold of the journal remembers of a lead.
    Trail(LeadId),
    /// How far the journal is folded.
    Folded,
    /// What was spent: one of 64 parts, by the hash of the row's id.
    Spend(u8),
}

impl Key {
    /// The bytes behind the workspace prefix: one letter for the kind, then the id.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(17);
        self.encode_to(&mut bytes);
        bytes
    }

    /// The same, behind what is there.
    pub fn encode_to(&self, bytes: &mut Vec<u8>) {
        let mut with = |letter: u8, id: &[u8]| {
            bytes.push(letter);
            bytes.extend_from_slice(id);
        };
        match self {
            Self::Identity(key) => with(b'k', &key.0),
            Self::Lead(id) => with(b'l', id.as_bytes()),
            Self::Inquiry(id) => with(b'i', id.as_bytes()),
            Self::Claim(hash) => with(b'c', hash),
            Self::Body(id) => with(b'b', id.as_bytes()),
            Self::Pool(name) => with(b'p', name.as_str().as_bytes()),
            Self::Counter(text) => with(b'n', text.as_bytes()),
            Self::Chain(lead) => with(b'd', lead.as_bytes()),
            Self::Job(id) => with(b'j', id.as_bytes()),
            Self::Destination(name) => with(b's', name.as_str().as_bytes()),
            Self::Pace(name) => with(b'q', name.as_str().as_bytes()),
            Self::Given(lead) => with(b'f', lead.as_bytes()),
            Self::Sealed(text) => with(b'v', text.as_bytes()),
            Self::Overlay => with(b'o', b""),
            Self::Bundle(hash) => with(b'g', hash),
            Self::Batch(id) => with(b't', id.as_bytes()),
            Self::Tally(hour) => with(b'h', &hour.to_be_bytes()),
            Self::Erased(lead) => with(b'e', lead.as_bytes()),
            Self::Purged => with(b'x', b""),
            Self::Marks => with(b'w', b""),
            Self::Rollup(day, part) => {
                with(b'r', &day.to_be_bytes());
                bytes.push(*part);
            }
            Self::Trail(lead) => with(b'a', lead.as_bytes()),
            Self::Folded => with(b'y', b""),
            Self::Spend(part) => with(b'm', &[*part]),
        }
    }
}

/// An ordered index of one workspace: members (ids as bytes) with an integer score.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Index {
    /// Leads that nobody could be assigned, by time of holding.
    Held,
    /// Leads in the triage queue, by time of arrival there.
    Triage,
    /// Leads in the qualify queue.
    Qualify,
    /// Leads whose address is yet to be confirmed, by when the first mail was asked for.
    Unconfirmed,
    /// Held leads that are tried again by themselves, by when.
    Waits,
    /// Inquiries not understood, by time received. Their bodies are under [`Key::Body`].
    Unreadable,
    /// References whose data are being fetched, by time received. What was posted is under [`Key::Body`].
    Retrieving,
    /// Bodies given back to a caller who can correct them (422).
    Returned,
    /// Spam by the source's own filter.
    Filtered,
    /// Test inquiries.
    Tests,
    /// Deliveries that gave up, by time.
    Dead,
    /// Those of them that stood in a queue, by why they gave up.
    DeadOf(DeadKind, Name),
    /// What to remove and when: members are `letter of the worklist` + id; see `store::step::expire`.
    Expiry,
    /// The leads of an account but the one that stands for it, by when they were created.
    Account(IndexKey),
    /// The leads whose inquiries named whoever has that key as their referrer, by when they were created.
    Referred(IndexKey),
    /// The leads that a destination keeps under one of its own ids (a keyed hash of both), by when it gave it.
    Kept(IndexKey),
    /// Pairs of leads that may be one person's, by when that was noticed: the lower id, then the higher one.
    Review,
    /// Pairs of leads that have something in common and were judged to be two persons', in the same form.
    Refused,
    /// The other leads of a lead's pairs on either of these lists, by when that was noticed.
    PairsOf(LeadId),
    /// What people did, by time: members are journal rows.
    Acts,
    /// What people did with one lead.
    ActsOn(LeadId),
    /// Leads that were erased, by when.
    Erasures,
    /// Jobs of a queue that may run now, by priority then due time.
    Ready(Name),
    /// Jobs of a queue that wait, by due time.
    Delayed(Name),
    /// Jobs of a queue that somebody holds, by the end of the lease.
    Leased(Name),
}

impl Index {
    /// The worklists people look at.
    pub const WORKLISTS: &'static [Self] = &[
        Self::Held,
        Self::Triage,
        Self::Qualify,
        Self::Unconfirmed,
        Self::Review,
        Self::Refused,
        Self::Unreadable,
        Self::Retrieving,
        Self::Returned,
        Self::Filtered,
        Self::Tests,
        Self::Dead,
    ];

    /// The bytes behind the workspace prefix: `z`, a letter, then a name or an id if it has one.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let (letter, name): (u8, &[u8]) = match self {
            Self::Held => (b'h', b""),
            Self::Waits => (b'n', b""),
            Self::Triage => (b't', b""),
            Self::Qualify => (b'q', b""),
            Self::Unconfirmed => (b'j', b""),
            Self::Unreadable => (b'u', b""),
            Self::Retrieving => (b'i', b""),
            Self::Returned => (b'b', b""),
            Self::Filtered => (b'f', b""),
            Self::Tests => (b'e', b""),
            Self::Dead => (b'd', b""),
            Self::DeadOf(DeadKind::Fault, queue) => (b'm', queue.as_str().as_bytes()),
            Self::DeadOf(DeadKind::Refusal, queue) => (b's', queue.as_str().as_bytes()),
            Self::Expiry => (b'y', b""),
            Self::Account(key) => (b'c', &key.0),
            Self::Referred(key) => (b'p', &key.0),
            Self::Kept(key) => (b'k', &key.0),
            Self::Review => (b'v', b""),
            Self::Refused => (b'l', b""),
            Self::PairsOf(lead) => (b'z', lead.as_bytes()),
            Self::Acts => (b'a', b""),
            Self::Erasures => (b'g', b""),
            Self::ActsOn(lead) => (b'o', lead.as_bytes()),
            Self::Ready(name) => (b'r', name.as_str().as_bytes()),
            Self::Delayed(name) => (b'w', name.as_str().as_bytes()),
            Self::Leased(name) => (b'x', name.as_str().as_bytes()),
        };
        let mut bytes = vec![b'z', letter];
        bytes.extend_from_slice(name);
        bytes
    }
}
