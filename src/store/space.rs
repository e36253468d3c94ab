//! The names under which both engines keep things, and the canonical text of dumps.
//!
//! A workspace lives in one shard. All its names begin `{sNNN}:workspace:`, NNN being the shard in
//! three digits; what belongs to a shard begins `{sNNN}:` and then has no second colon. The braces
//! are Redis Cluster's hash tag; the embedded engine uses the same bytes.

use crate::domain::{Index, Key, Name, Shard};

/// The version of the stored format this code reads and writes.
pub const FORMAT: u32 = 1;

/// `{sNNN}:`, the beginning of everything in a shard.
#[must_use]
pub fn shard_prefix(shard: Shard) -> String {
    format!("{{s{:03}}}:", shard.number())
}

/// The shard's due index: members `workspace/queue`, scores = when the queue next needs looking at.
#[must_use]
pub fn due_index(shard: Shard) -> Vec<u8> {
    format!("{}due", shard_prefix(shard)).into_bytes()
}

/// Heartbeats, in shard 0: members = incarnations, scores = when last heard of.
#[must_use]
pub fn live_index() -> Vec<u8> {
    format!("{}live", shard_prefix(Shard::ZERO)).into_bytes()
}

/// The stored format's version, in shard 0, as decimal text.
#[must_use]
pub fn format_key() -> Vec<u8> {
    format!("{}format", shard_prefix(Shard::ZERO)).into_bytes()
}

/// The check value of the master key, in shard 0: sixteen bytes.
#[must_use]
pub fn check_key() -> Vec<u8> {
    format!("{}check", shard_prefix(Shard::ZERO)).into_bytes()
}

/// The member of the due index that stands for a queue of a workspace.
#[must_use]
pub fn due_member(workspace: &Name, queue: &Name) -> Vec<u8> {
    format!("{workspace}/{queue}").into_bytes()
}

/// Reads a member of the due index.
#[must_use]
pub fn parse_due_member(member: &[u8]) -> Option<(Name, Name)> {
    let (workspace, queue) = std::str::from_utf8(member).ok()?.split_once('/')?;
    Some((Name::parse(workspace).ok()?, Name::parse(queue).ok()?))
}

/// The names of one workspace.
#[derive(Debug, Clone)]
pub struct Space {
    workspace: Name,
    prefix: Vec<u8>,
}

impl Space {
    /// The space of a workspace.
    #[must_use]
    pub fn new(workspace: &Name) -> Self {
        let prefix = format!("{}{workspace}:", shard_prefix(Shard::of(workspace))).into_bytes();
        Self { workspace: workspace.clone(), prefix }
    }

    /// Whose it is.
    #[must_use]
    pub fn workspace(&self) -> &Name {
        &self.workspace
    }

    /// `{sNNN}:workspace:`.
    #[must_use]
    pub fn prefix(&self) -> &[u8] {
        &self.prefix
    }

    /// The name of a value.
    #[must_use]
    pub fn key(&self, key: &Key) -> Vec<u8> {
        let mut name = Vec::with_capacity(self.prefix.len() + 17);
        name.extend_from_slice(&self.prefix);
        key.encode_to(&mut name);
        name
    }

    /// The name of an ordered index.
    #[must_use]
    pub fn index(&self, index: &Index) -> Vec<u8> {
        [self.prefix.as_slice(), &index.encode()].concat()
    }

    /// The name of the journal.
    #[must_use]
    pub fn journal(&self) -> Vec<u8> {
        [self.prefix.as_slice(), b"J"].concat()
    }

    /// The shard's due index.
    #[must_use]
    pub fn due(&self) -> Vec<u8> {
        due_index(Shard::of(&self.workspace))
    }
}

/// Bytes as one word of printable ASCII: `!` to `~` but `\` stand for themselves, all else is `\xNN`.
#[must_use]
pub fn escape(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for &byte in bytes {
        if byte.is_ascii_graphic() && byte != b'\\' {
            text.push(char::from(byte));
        } else {
            text.push_str("\\x");
            text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
    text
}

/// Reads what [`escape`] wrote.
#[must_use]
pub fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        if byte == b'\\' {
            let digits = std::str::from_utf8(tail.get(1..3)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = tail.get(3..)?;
        } else {
            bytes.push(byte);
            rest = tail;
        }
    }
    Some(bytes)
}

/// The lines of a dump ([`crate::domain::ports::Store::dump`]): equal between engines after equal
/// operations. The first text names the thing, the second is its content.
pub mod line {
    use super::{Name, Space, escape};

    /// `value KEY` → the value's bytes; KEY is without the workspace's prefix. Both escaped.
    #[must_use]
    pub fn value(space: &Space, key: &[u8], bytes: &[u8]) -> (String, String) {
        let key = key.strip_prefix(space.prefix()).unwrap_or(key);
        (format!("value {}", escape(key)), escape(bytes))
    }

    /// `index INDEX MEMBER` → the score in decimal.
    #[must_use]
    pub fn member(space: &Space, index: &[u8], member: &[u8], score: i64) -> (String, String) {
        let index = index.strip_prefix(space.prefix()).unwrap_or(index);
        (format!("index {} {}", escape(index), escape(member)), score.to_string())
    }

    /// `journal MS-N` (both in at least twenty digits, so that lines sort) → receipt, space, row.
    #[must_use]
    pub fn journal(position: (u64, u64), receipt: &str, row: &[u8]) -> (String, String) {
        let (ms, n) = position;
        (
            format!("journal {ms:020}-{n:020}"),
            format!("{} {}", escape(receipt.as_bytes()), escape(row)),
        )
    }

    /// `due QUEUE` → when the queue next needs looking at.
    #[must_use]
    pub fn due(queue: &Name, at: i64) -> (String, String) {
        (format!("due {queue}"), at.to_string())
    }
}
