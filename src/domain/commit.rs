//! The one atomic step everything goes through: what was read, what to write, what to pick.
//!
//! A commit is optimistic over its read set: if anything in it changed, nothing is written and the
//! current values come back. Keys are versioned from 1; 0 means "must be absent".

use super::{
    Index, IndexKey, InquiryId, Key, LeadId, Lease, LeasedJob, Name, NewJob, PoolPick, Receipt,
    Timestamp,
};

/// A value as the store keeps it: `version (8 bytes BE) | receipt length (2 BE) | receipt | body`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub version: u64,
    pub receipt: Option<Receipt>,
    pub body: Vec<u8>,
}

impl Stored {
    /// The bytes kept in the store.
    #[must_use]
    pub fn encode(version: u64, receipt: &str, body: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(10 + receipt.len() + body.len());
        bytes.extend_from_slice(&version.to_be_bytes());
        bytes.extend_from_slice(&u16::try_from(receipt.len()).unwrap_or(u16::MAX).to_be_bytes());
        bytes.extend_from_slice(receipt.as_bytes());
        bytes.extend_from_slice(body);
        bytes
    }

    /// Reads what the store kept; `None` if the bytes are not of this form.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let version = u64::from_be_bytes(bytes.get(..8)?.try_into().ok()?);
        let length = usize::from(u16::from_be_bytes(bytes.get(8..10)?.try_into().ok()?));
        let receipt = std::str::from_utf8(bytes.get(10..10 + length)?).ok()?;
        let receipt = if receipt.is_empty() { None } else { Some(Receipt::unpack(receipt)?) };
        Some(Self { version, receipt, body: bytes.get(10 + length..)?.to_vec() })
    }
}

/// The ids behind an index key.
///
/// Body bytes in the store: `ids` as 16 bytes each for a set; `!` and a count (4 bytes BE) for a
/// shared key. A shared key's version stays what it was when it became shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySet {
    /// At most [`KeySet::IDS_MAX`] leads, in the order they were added.
    Leads(Vec<LeadId>),
    /// More than that: a switchboard, a shared mailbox. Not fetched any more; only counted.
    Shared(u32),
}

impl KeySet {
    /// A bare key held by more records than this is shared.
    pub const IDS_MAX: usize = 16;

    /// The body bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Leads(ids) => ids.iter().flat_map(|id| *id.as_bytes()).collect(),
            Self::Shared(count) => {
                let mut bytes = vec![b'!'];
                bytes.extend_from_slice(&count.to_be_bytes());
                bytes
            }
        }
    }

    /// Reads the body bytes.
    #[must_use]
    pub fn decode(body: &[u8]) -> Option<Self> {
        if body.len() == 5 && body[0] == b'!' {
            return Some(Self::Shared(u32::from_be_bytes(body[1..].try_into().ok()?)));
        }
        if !body.len().is_multiple_of(16) {
            return None;
        }
        body.chunks_exact(16)
            .map(|id| Some(LeadId::from_bytes(id.try_into().ok()?)))
            .collect::<Option<_>>()
            .map(Self::Leads)
    }
}

/// One element of the read set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    pub key: Key,
    /// 0 = must be absent.
    pub version: u64,
}

/// One value to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Put a value. `version` is the new version (what was read + 1).
    Put {
        key: Key,
        version: u64,
        /// Lay the receipt before the body.
        with_receipt: bool,
        body: Vec<u8>,
        /// When the value has served; space is reclaimed some days after.
        until: Option<Timestamp>,
    },
    /// Remove a value.
    Delete { key: Key },
    /// Count one more record behind a shared key; its version stays.
    CountShared { key: IndexKey },
    /// Lower a counter, not below 0 (kept for good from then on). Picks raise it, as a cap of a candidate; the
    /// pick of the same commit still sees it unlowered.
    Lower { counter: String, by: u32 },
    /// Gives a member of a pool so many turns back (below 0: takes back what was given), at most as many as it was
    /// assigned; nothing if it never sat there. The pick of the same commit, if any, comes first.
    Credit { pool: Name, member: Name, by: i32 },
    /// An idempotency entry, whatever stood in its place.
    Remember(Claim),
}

/// A change to an ordered index: `None` removes the member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexChange {
    pub index: Index,
    pub member: Vec<u8>,
    pub score: Option<i64>,
}

/// An idempotency claim. Stored under [`Key::Claim`] as
/// `fingerprint (8) | inquiry id (16) | until ms (8 BE)`; no PII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Keyed hash of the scoped idempotency key.
    pub key: [u8; 16],
    /// Keyed hash of the content; another one under the same key is a conflict.
    pub fingerprint: [u8; 8],
    pub inquiry: InquiryId,
    /// Until when the claim holds, judged against `now`.
    pub until: Timestamp,
}

impl Claim {
    /// The inquiry of a claim that stands for none: an alert raised, counts added.
    pub const NO_INQUIRY: InquiryId = InquiryId::from_bytes([0; 16]);
}

/// One way the plan can go. The step takes the first branch that can be filled: one without a pool
/// always can, one with a pool if some candidate is below all caps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    pub pick: Option<PoolPick>,
    pub jobs: Vec<NewJob>,
    pub indexes: Vec<IndexChange>,
}

/// Everything one step does, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    pub workspace: Name,
    pub now: Timestamp,
    pub claim: Option<Claim>,
    pub reads: Vec<Read>,
    /// Applied whichever branch is taken.
    pub writes: Vec<Write>,
    pub indexes: Vec<IndexChange>,
    /// In order; the last one must not need a pick. Empty = nothing to pick, no jobs.
    pub branches: Vec<Branch>,
    /// The journal row's bytes ([`super::JournalRow`] as JSON); the receipt is laid before it.
    pub journal: Vec<u8>,
    /// Who may take leases on the jobs of this commit; `None` leaves them all for a claim.
    pub lease: Option<Lease>,
}

/// What a successful commit gives back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    pub receipt: Receipt,
    /// Jobs leased to the committer.
    pub leased: Vec<LeasedJob>,
}

/// How a commit ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommitOutcome {
    Committed(Committed),
    /// The claim was taken before, with the same content: by this inquiry. It may be our own, if an
    /// earlier reply was lost.
    Duplicate {
        inquiry: InquiryId,
    },
    /// The claim was taken before with other content.
    Conflict {
        inquiry: InquiryId,
    },
    /// Something in the read set changed. The current values of all keys read, and of every lead
    /// behind the key sets among them (raw stored bytes, `None` = absent), in no particular order.
    Stale(Vec<(Key, Option<Stored>)>),
}
