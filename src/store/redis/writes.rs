//! What a commit reads and writes, as its script wants it: names numbered, one change per name.

use ahash::{AHashMap, RandomState};

use super::commit::life;
use super::packing::pack_body;
use super::script::Call;
use crate::domain::{Commit, Key, KeySet, Stored, Timestamp, Write};
use crate::store::space::Space;

/// The names a commit reads, numbered as in `KEYS`: the shard's tag is 1.
pub(super) struct Names<'a> {
    pub(super) space: &'a Space,
    pub(super) list: Vec<Vec<u8>>,
    /// First numbers by the names' hashes: names are not kept twice.
    numbers: AHashMap<u64, usize>,
    hashing: RandomState,
    /// Where a name is put together.
    place: Vec<u8>,
}

impl<'a> Names<'a> {
    pub(super) fn new(space: &'a Space) -> Self {
        let (numbers, hashing) = (AHashMap::with_capacity(32), RandomState::new());
        let (list, place) = (Vec::with_capacity(32), Vec::with_capacity(80));
        Self { space, list, numbers, hashing, place }
    }

    /// Adds a name at the end, known or not.
    pub(super) fn push(&mut self, key: &Key) {
        let hash = self.put_together(key);
        self.add(hash);
    }

    pub(super) fn number(&mut self, key: &Key) -> usize {
        let hash = self.put_together(key);
        if let Some(&number) = self.numbers.get(&hash) {
            if self.list[number - 2] == self.place {
                return number;
            }
            // Another name of the same hash has its place in the map.
            if let Some(at) = self.list.iter().position(|known| *known == self.place) {
                return at + 2;
            }
        }
        self.add(hash)
    }

    /// The name in its place; gives its hash.
    fn put_together(&mut self, key: &Key) -> u64 {
        self.place.clear();
        self.place.extend_from_slice(self.space.prefix());
        key.encode_to(&mut self.place);
        self.hashing.hash_one(&self.place)
    }

    fn add(&mut self, hash: u64) -> usize {
        let number = self.list.len() + 2;
        self.numbers.entry(hash).or_insert(number);
        self.list.push(self.place.clone());
        number
    }
}

/// The writes, one per name, sorted by how the script does them.
#[derive(Default)]
pub(super) struct Writes {
    /// Name, value.
    pub(super) puts: Vec<(Vec<u8>, Vec<u8>)>,
    /// Name, version, body.
    pub(super) with_receipt: Vec<(Vec<u8>, u64, Vec<u8>)>,
    /// Kind, name, life, two more.
    pub(super) others: Vec<[Vec<u8>; 5]>,
}

impl Writes {
    pub(super) fn of(commit: &Commit, names: &mut Names<'_>) -> Self {
        let mut writes = Self::default();
        for (key, change) in last_changes(&commit.writes) {
            let name = names.space.key(&key);
            let text = |number: i64| number.to_string().into_bytes();
            let kind = |letter: &[u8]| letter.to_vec();
            match change {
                Change::Put(version, true, body, None) => {
                    writes.with_receipt.push((name, version, body));
                }
                Change::Put(version, false, body, None) => {
                    writes.puts.push((name, Stored::encode(version, "", &body)));
                }
                Change::Put(version, true, body, Some(until)) => {
                    let version = version.to_be_bytes().to_vec();
                    let life = text(life(until, commit.now));
                    writes.others.push([kind(b"r"), name, life, version, body]);
                }
                Change::Put(version, false, body, Some(until)) => {
                    let value = Stored::encode(version, "", &body);
                    let life = text(life(until, commit.now));
                    writes.others.push([kind(b"p"), name, life, value, Vec::new()]);
                }
                Change::Delete => {
                    writes.others.push([kind(b"d"), name, Vec::new(), Vec::new(), Vec::new()]);
                }
                Change::CountShared(times) => {
                    let number = names.number(&key).to_string().into_bytes();
                    let times = text(i64::from(times));
                    writes.others.push([kind(b"s"), name, Vec::new(), times, number]);
                }
            }
        }
        writes
    }

    pub(super) fn add_to(self, call: &mut Call) {
        let versions: Vec<u8> =
            self.with_receipt.iter().flat_map(|(_, version, _)| version.to_be_bytes()).collect();
        call.arg(versions);
        for (name, value) in self.puts {
            call.arg(name).arg(value);
        }
        for (name, _, body) in self.with_receipt {
            call.arg(name).arg(body);
        }
        for argument in self.others.into_iter().flatten() {
            call.arg(argument);
        }
    }
}

/// What becomes of one value in all.
enum Change {
    /// Version, with the receipt, body, until.
    Put(u64, bool, Vec<u8>, Option<Timestamp>),
    Delete,
    /// So many more behind what is a shared key.
    CountShared(u32),
}

/// The writes as if done one after another: one change per key, in order of first mention.
fn last_changes(writes: &[Write]) -> Vec<(Key, Change)> {
    let mut changes: Vec<(Key, Change)> = Vec::with_capacity(writes.len());
    for write in writes {
        let key = match write {
            Write::Put { key, .. } | Write::Delete { key } => key.clone(),
            Write::CountShared { key } => Key::Identity(*key),
        };
        let before = changes.iter().position(|(known, _)| *known == key);
        let change = match (write, before.map(|at| &changes[at].1)) {
            (Write::Put { version, with_receipt, body, until, .. }, _) => {
                Change::Put(*version, *with_receipt, pack_body(&key, body).into_owned(), *until)
            }
            (Write::Delete { .. }, _) | (_, Some(Change::Delete)) => Change::Delete,
            (_, None) => Change::CountShared(1),
            (_, Some(Change::CountShared(times))) => Change::CountShared(times.saturating_add(1)),
            (_, Some(Change::Put(version, receipt, body, until))) => match KeySet::decode(body) {
                Some(KeySet::Shared(count)) => {
                    let body = KeySet::Shared(count.saturating_add(1)).encode();
                    Change::Put(*version, false, body, None)
                }
                _ => Change::Put(*version, *receipt, body.clone(), *until),
            },
        };
        match before {
            Some(at) => changes[at].1 = change,
            None => changes.push((key, change)),
        }
    }
    changes
}
