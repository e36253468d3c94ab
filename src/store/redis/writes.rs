//! What a commit writes, as its script wants it: one change per name.

use std::borrow::Cow;

use super::commit::{life, short};
use super::names::Names;
use super::pieces::Pieces;
use crate::domain::packing::{pack, pack_to};
use crate::domain::ports::StoreError;
use crate::domain::{Claim, Commit, Key, KeySet, Name, Stored, Timestamp, Write};
use crate::store::step::encode_claim;
use crate::store::step::look::packs;

/// Bytes of a put's numbers: first name (2), how many names (2), kind (1), version or how many (8).
pub(super) const NUMBERS: usize = 13;

const VALUE: u8 = 0;
const WITH_RECEIPT: u8 = 1;
const DELETE: u8 = 2;
const COUNT_SHARED: u8 = 3;
const LOWER: u8 = 4;
const GIVE_BACK: u8 = 5;
const TAKE_BACK: u8 = 6;
const HAS_LIFE: u8 = 8;

/// The writes as arguments: puts, each of one value under names that follow each other.
struct Puts<'a> {
    arguments: &'a mut Pieces,
    numbers: Vec<u8>,
    /// The last value put under names without receipt and end of life: first name, how many, value.
    last: Option<(usize, usize, Vec<u8>)>,
}

impl Puts<'_> {
    fn add(&mut self, first: usize, kind: u8, number: u64) -> Result<(), StoreError> {
        self.numbers.extend(short(first)?);
        self.numbers.extend(short(1)?);
        self.numbers.push(kind);
        self.numbers.extend_from_slice(&number.to_be_bytes());
        self.last = None;
        Ok(())
    }

    /// A value; the same one under the next name only makes the last put longer.
    fn value(&mut self, name: usize, value: Vec<u8>) -> Result<(), StoreError> {
        if let Some((first, names, last)) = &mut self.last
            && *first + *names == name
            && *last == value
        {
            *names += 1;
            let at = self.numbers.len() - NUMBERS + 2;
            self.numbers[at..at + 2].copy_from_slice(&short(*names)?);
            return Ok(());
        }
        self.arguments.push(&value);
        self.add(name, VALUE, 0)?;
        self.last = Some((name, 1, value));
        Ok(())
    }
}

/// Adds the writes' arguments; gives their numbers. With `receipt` it is known already what the script
/// will make of the commit.
pub(super) fn add(
    commit: &Commit,
    receipt: Option<&str>,
    names: &mut Names<'_>,
    arguments: &mut Pieces,
) -> Result<Vec<u8>, StoreError> {
    let mut puts = Puts { arguments, numbers: Vec::with_capacity(NUMBERS * 8), last: None };
    for (key, change) in last_changes(&commit.writes) {
        let name = names.written(&key);
        match change {
            Change::Put { version, with_receipt, body, until: None } => {
                match (with_receipt, receipt) {
                    (true, None) => {
                        puts.arguments.write(|bytes| add_body(&key, &body, bytes));
                        puts.add(name, WITH_RECEIPT, version)?;
                    }
                    (true, Some(receipt)) => {
                        puts.arguments.write(|bytes| {
                            bytes.extend_from_slice(&Stored::encode(version, receipt, &[]));
                            add_body(&key, &body, bytes);
                        });
                        puts.add(name, VALUE, 0)?;
                    }
                    (false, _) => {
                        puts.value(name, Stored::encode(version, "", &pack_body(&key, &body)))?;
                    }
                }
            }
            Change::Put { version, with_receipt, body, until: Some(until) } => {
                puts.arguments.push(life(until, commit.now).to_string().as_bytes());
                let body = pack_body(&key, &body);
                if with_receipt {
                    puts.arguments.push(&body);
                    puts.add(name, WITH_RECEIPT + HAS_LIFE, version)?;
                } else {
                    puts.arguments.push(&Stored::encode(version, "", &body));
                    puts.add(name, VALUE + HAS_LIFE, 0)?;
                }
            }
            Change::Remember(claim) => {
                puts.arguments.push(life(claim.until, commit.now).to_string().as_bytes());
                puts.arguments.push(&encode_claim(claim));
                puts.add(name, VALUE + HAS_LIFE, 0)?;
            }
            Change::Delete => puts.add(name, DELETE, 0)?,
            Change::CountShared(times) => puts.add(name, COUNT_SHARED, u64::from(times))?,
            Change::Lower(by) => puts.add(name, LOWER, u64::from(by))?,
            Change::Credit(member, by) => {
                puts.arguments.push(member.as_str().as_bytes());
                let kind = if by < 0 { TAKE_BACK } else { GIVE_BACK };
                puts.add(name, kind, u64::from(by.unsigned_abs()))?;
            }
        }
    }
    Ok(puts.numbers)
}

fn pack_body<'a>(key: &Key, body: &'a [u8]) -> Cow<'a, [u8]> {
    if packs(key) { pack(body) } else { Cow::Borrowed(body) }
}

fn add_body(key: &Key, body: &[u8], bytes: &mut Vec<u8>) {
    if packs(key) { pack_to(body, bytes) } else { bytes.extend_from_slice(body) }
}

/// What becomes of one value in all.
enum Change<'a> {
    Put {
        version: u64,
        with_receipt: bool,
        body: Cow<'a, [u8]>,
        until: Option<Timestamp>,
    },
    Delete,
    /// So many more behind what is a shared key.
    CountShared(u32),
    /// A counter less so many.
    Lower(u32),
    /// So many turns for a member of a pool.
    Credit(&'a Name, i32),
    Remember(&'a Claim),
}

/// The writes as if done one after another: one change per key, in order of first mention; of a pool one per write.
fn last_changes(writes: &[Write]) -> Vec<(Key, Change<'_>)> {
    let mut changes: Vec<(Key, Change<'_>)> = Vec::with_capacity(writes.len());
    for write in writes {
        let key = match write {
            Write::Put { key, .. } | Write::Delete { key } => key.clone(),
            Write::CountShared { key } => Key::Identity(*key),
            Write::Lower { counter, .. } => Key::Counter(counter.clone()),
            Write::Remember(claim) => Key::Claim(claim.key),
            Write::Credit { pool, .. } => Key::Pool(pool.clone()),
        };
        let same = |(known, _): &(Key, _)| *known == key && !matches!(key, Key::Pool(_));
        let before = changes.iter().position(same);
        let change = match (write, before.map(|at| &changes[at].1)) {
            (Write::Put { version, with_receipt, body, until, .. }, _) => Change::Put {
                version: *version,
                with_receipt: *with_receipt,
                body: Cow::Borrowed(body),
                until: *until,
            },
            (Write::Credit { member, by, .. }, _) => Change::Credit(member, *by),
            // Nothing else is written under a pool's name, or a claim's.
            (_, Some(Change::Credit(member, by))) => Change::Credit(member, *by),
            (Write::Remember(claim), _) => Change::Remember(claim),
            (_, Some(Change::Remember(claim))) => Change::Remember(claim),
            (Write::Lower { by, .. }, Some(Change::Lower(before))) => {
                Change::Lower(before.saturating_add(*by))
            }
            // Nothing else is written under a counter's name.
            (Write::Lower { by, .. }, _) | (_, Some(Change::Lower(by))) => Change::Lower(*by),
            (Write::Delete { .. }, _) | (_, Some(Change::Delete)) => Change::Delete,
            (_, None) => Change::CountShared(1),
            (_, Some(Change::CountShared(times))) => Change::CountShared(times.saturating_add(1)),
            (_, Some(Change::Put { version, with_receipt, body, until })) => {
                let (version, body, until) = (*version, body.clone(), *until);
                match KeySet::decode(&body) {
                    Some(KeySet::Shared(count)) => {
                        let body = Cow::Owned(KeySet::Shared(count.saturating_add(1)).encode());
                        Change::Put { version, with_receipt: false, body, until: None }
                    }
                    _ => Change::Put { version, with_receipt: *with_receipt, body, until },
                }
            }
        };
        match before {
            Some(at) => changes[at].1 = change,
            None => changes.push((key, change)),
        }
    }
    changes
}
