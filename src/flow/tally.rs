//! What became of each source's requests, counted by hour, the same for every replica.
//!
//! What was accepted, filtered or kept unread is counted from the journal: exactly, once, by whichever
//! replica comes first. What was refused is added by the process that refused it
//! ([`super::refusals`]).

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::context::{Flow, Unavailable};
use super::refusals::{REFUSED, written};
use crate::domain::{
    Claim, Commit, CommitOutcome, InquiryId, JournalRow, Key, Name, Read, Status, Stored,
    Timestamp, Write,
};

/// How long an hour's counts are kept, and how far back a journal is counted that never was.
const KEPT_FOR: Duration = Duration::from_hours(8 * 24);
/// Rows counted in one step.
const ROWS: u32 = 1_000;
/// Steps at a time; the rest is for the next time.
const STEPS_MAX: u32 = 50;
/// Parts of an hour: counts are exact to ten minutes.
const PARTS: usize = 6;
const PART_MILLIS: i64 = 600_000;
/// Where the latest of everything stands: no hour has this number any more.
const LATEST: u32 = 0;
/// Before the reason in a tally's words.
pub(super) const UNREADABLE: &str = "unreadable:";

/// One hour of one workspace: by source and word, in parts of ten minutes.
type Hour = BTreeMap<String, BTreeMap<String, [u64; PARTS]>>;

/// Hours by their number since 1970.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Hours(pub BTreeMap<u32, Hour>);

/// The last time something happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastTime {
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<InquiryId>,
    /// The status, or the reason.
    pub word: String,
}

/// The last of each kind at one source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latest {
    /// Accepted, whatever became of it; no tests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inquiry: Option<LastTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<LastTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<LastTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<LastTime>,
}

impl Latest {
    /// When something came that was proved to be from there.
    pub(super) fn heard(&self) -> Option<Timestamp> {
        let kinds = [&self.inquiry, &self.unreadable, &self.test];
        kinds.into_iter().flatten().map(|seen| seen.at).max()
    }

    pub(super) fn refuse(&mut self, seen: &LastTime) {
        if self.refused.as_ref().is_none_or(|before| before.at <= seen.at) {
            self.refused = Some(seen.clone());
        }
    }
}

/// How far the journal was counted, and the latest of every source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Summary {
    position: (u64, u64),
    pub sources: BTreeMap<String, Latest>,
}

/// What is read, changed and written in one step.
#[derive(Debug, Default)]
pub(super) struct Tallies {
    pub latest: Summary,
    pub hours: Hours,
    versions: BTreeMap<u32, u64>,
}

/// Counts of one source within some time, by word: a status, `duplicate`, `unreadable:` and the reason,
/// `refused:` and the reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts(pub BTreeMap<String, u64>);

impl Counts {
    /// What was taken as an inquiry, whatever became of it (also filtered ones and tests). A reference counts
    /// once what it stands for is there.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        let others = [Status::Duplicate.as_str(), Status::Retrieving.as_str()];
        let plain = |word: &str| !word.contains(':') && !others.contains(&word);
        self.0.iter().filter(|(word, _)| plain(word)).map(|(_, count)| count).sum()
    }

    /// What was kept because it could not be read.
    #[must_use]
    pub fn unreadable(&self) -> u64 {
        self.of(UNREADABLE).map(|(_, count)| count).sum()
    }

    /// What was refused, of which nothing is kept.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.of(REFUSED).map(|(_, count)| count).sum()
    }

    /// The most frequent reason why something could not be read.
    #[must_use]
    pub fn why_unreadable(&self) -> Option<&str> {
        self.of(UNREADABLE).max_by_key(|(_, count)| *count).map(|(word, _)| word)
    }

    /// The most frequent reason why something was refused.
    #[must_use]
    pub fn why_refused(&self) -> Option<&str> {
        self.of(REFUSED).max_by_key(|(_, count)| *count).map(|(word, _)| word)
    }

    /// Words that begin so, the rest of each, with its count.
    fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, u64)> {
        self.0.iter().filter_map(move |(word, count)| Some((word.strip_prefix(kind)?, *count)))
    }
}

impl Hours {
    /// Counts something.
    pub fn add(&mut self, at: Timestamp, source: &str, word: &str, count: u64) {
        let (hour, part) = place(at);
        let words = self.0.entry(hour).or_default().entry(source.to_owned()).or_default();
        match words.get_mut(word) {
            Some(parts) => parts[part] += count,
            None => words.entry(word.to_owned()).or_default()[part] = count,
        }
    }

    pub fn numbers(&self) -> impl Iterator<Item = u32> {
        self.0.keys().copied()
    }

    pub fn merge(&mut self, more: &Self) {
        for (hour, sources) in &more.0 {
            for (source, words) in sources {
                let into = self.0.entry(*hour).or_default().entry(source.clone()).or_default();
                for (word, parts) in words {
                    let sums = into.entry(word.clone()).or_default();
                    sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
                }
            }
        }
    }

    /// Sums per source over all parts that touch a time.
    pub fn sums(&self, from: Timestamp, to: Timestamp) -> BTreeMap<String, Counts> {
        let part_of = |at: Timestamp| at.as_millis().div_euclid(PART_MILLIS);
        let (first, last) = (part_of(from), part_of(to));
        let mut sums: BTreeMap<String, Counts> = BTreeMap::new();
        for (hour, sources) in &self.0 {
            for (source, words) in sources {
                for (word, parts) in words {
                    let of_hour = i64::from(*hour) * 6;
                    let inside = (of_hour..).zip(parts).filter(|(n, _)| (first..=last).contains(n));
                    let sum: u64 = inside.map(|(_, count)| count).sum();
                    if sum > 0 {
                        let counts = sums.entry(source.clone()).or_default();
                        *counts.0.entry(word.clone()).or_default() += sum;
                    }
                }
            }
        }
        sums
    }
}

/// The hour and the part of it.
fn place(at: Timestamp) -> (u32, usize) {
    let parts = at.as_millis().max(0) / PART_MILLIS;
    let hour = u32::try_from(parts / 6).unwrap_or(u32::MAX).max(LATEST + 1);
    (hour, usize::try_from(parts % 6).unwrap_or_default())
}

impl Tallies {
    /// The commit that writes all that was read.
    pub fn commit(
        &self,
        workspace: &Name,
        now: Timestamp,
        claim: Option<Claim>,
    ) -> Result<Commit, Unavailable> {
        let version = |hour: u32| self.versions.get(&hour).copied().unwrap_or_default();
        let put = |hour: u32, body, until| Write::Put {
            key: Key::Tally(hour),
            version: version(hour) + 1,
            with_receipt: false,
            body,
            until,
        };
        let mut writes = vec![put(LATEST, written(&self.latest)?, None)];
        for (hour, counts) in &self.hours.0 {
            let ends = Timestamp::from_millis((i64::from(*hour) + 1) * 3_600_000);
            writes.push(put(*hour, written(counts)?, Some(ends.after(KEPT_FOR))));
        }
        let keys = std::iter::once(LATEST).chain(self.hours.numbers());
        Ok(Commit {
            workspace: workspace.clone(),
            now,
            claim,
            reads: keys
                .map(|hour| Read { key: Key::Tally(hour), version: version(hour) })
                .collect(),
            writes,
            indexes: Vec::new(),
            branches: Vec::new(),
            journal: Vec::new(),
            lease: None,
        })
    }

    /// Counts one row of the journal.
    fn count(&mut self, branch: usize, row: &JournalRow) {
        let Some(source) = row.source.as_ref().map(Name::as_str) else { return };
        let latest = self.latest.sources.entry(source.to_owned()).or_default();
        let seen =
            |word: &str| Some(LastTime { at: row.at, id: row.inquiry, word: word.to_owned() });
        match row.fact.as_str() {
            "inquiry_decided" => {
                let outcome = row.outcomes.get(branch).map(|outcome| outcome.status);
                let status = row.status.or(outcome).unwrap_or(Status::Held);
                let place = match status {
                    Status::Test => &mut latest.test,
                    _ => &mut latest.inquiry,
                };
                *place = seen(status.as_str());
                self.hours.add(row.at, source, status.as_str(), 1);
            }
            "reference_kept" => {
                latest.inquiry = seen(Status::Retrieving.as_str());
                self.hours.add(row.at, source, Status::Retrieving.as_str(), 1);
            }
            "body_kept" => {
                let reason = row.reason.as_ref().map_or("unknown", Name::as_str);
                latest.unreadable = seen(reason);
                self.hours.add(row.at, source, &format!("{UNREADABLE}{reason}"), 1);
            }
            _ => {}
        }
    }
}

impl Flow {
    /// Counts what the journal has got since it was last counted. Replicas may do it at once: one of them
    /// wins each step, and nothing is counted twice.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn count_journal(&self, workspace: &Name) -> Result<(), Unavailable> {
        let _turn = self.tally_turn.lock().await;
        for _ in 0..STEPS_MAX {
            let summary = self.read_tallies(workspace, std::iter::empty()).await?;
            let begin = match summary.versions.get(&LATEST) {
                Some(_) if summary.latest.position != (0, 0) => summary.latest.position,
                _ => (millis(self.now().before(KEPT_FOR)), 0),
            };
            let rows = self.store.journal(workspace, begin, ROWS).await;
            let rows = rows.map_err(|error| self.troubled("tally", error))?;
            let Some(last) = rows.last().map(|row| row.position) else { return Ok(()) };
            let mut counted = Vec::with_capacity(rows.len());
            for entry in &rows {
                let row: JournalRow =
                    serde_json::from_slice(&entry.row).map_err(|_| Unavailable::Corrupt)?;
                let branch = entry.receipt.as_ref().map_or(0, |r| usize::from(r.branch));
                counted.push((branch, row));
            }
            let mut hours: Vec<u32> = counted.iter().map(|(_, row)| place(row.at).0).collect();
            hours.sort_unstable();
            hours.dedup();
            let mut tallies = self.read_tallies(workspace, hours.into_iter()).await?;
            if tallies.latest.position != summary.latest.position {
                continue;
            }
            for (branch, row) in &counted {
                tallies.count(*branch, row);
            }
            tallies.latest.position = last;
            let commit = tallies.commit(workspace, self.now(), None)?;
            let outcome = self.store.commit(&commit).await;
            let outcome = outcome.map_err(|error| self.troubled("tally", error))?;
            let done = matches!(outcome, CommitOutcome::Committed(_));
            if done && rows.len() < ROWS as usize {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The latest of everything, and these hours.
    pub(super) async fn read_tallies(
        &self,
        workspace: &Name,
        hours: impl Iterator<Item = u32>,
    ) -> Result<Tallies, Unavailable> {
        let numbers: Vec<u32> = std::iter::once(LATEST).chain(hours).collect();
        let keys: Vec<Key> = numbers.iter().map(|hour| Key::Tally(*hour)).collect();
        let stored = self.store.read(workspace, &keys).await;
        let stored = stored.map_err(|error| self.troubled("tally", error))?;
        let mut tallies = Tallies::default();
        for (hour, stored) in numbers.into_iter().zip(stored) {
            let Some(stored) = stored else { continue };
            tallies.versions.insert(hour, stored.version);
            if hour == LATEST {
                tallies.latest = parsed(&stored)?;
            } else {
                tallies.hours.0.insert(hour, parsed(&stored)?);
            }
        }
        Ok(tallies)
    }

    /// The tallies that a time of at most eight days touches.
    pub(super) async fn tallies_within(
        &self,
        workspace: &Name,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Tallies, Unavailable> {
        let from = from.max(to.before(KEPT_FOR));
        self.read_tallies(workspace, place(from).0..=place(to).0).await
    }
}

fn parsed<T: serde::de::DeserializeOwned>(stored: &Stored) -> Result<T, Unavailable> {
    serde_json::from_slice(&stored.body).map_err(|_| Unavailable::Corrupt)
}

fn millis(at: Timestamp) -> u64 {
    u64::try_from(at.as_millis()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millis(500_000 * 3_600_000 + minutes * 60_000)
    }

    #[test]
    fn sums_are_exact_to_ten_minutes() {
        let mut hours = Hours::default();
        for minutes in [0, 9, 10, 59, 60, 61, 200] {
            hours.add(at(minutes), "form", "routed", 1);
        }
        let sum = |from, to| {
            let sums = hours.sums(at(from), at(to));
            sums.get("form").map_or(0, Counts::accepted)
        };
        assert_eq!((sum(0, 9), sum(0, 10), sum(11, 60), sum(0, 500)), (2, 3, 4, 7));
        assert_eq!(sum(120, 190), 0);
    }

    #[test]
    fn counts_are_told_apart_by_their_words() {
        let words = [
            ("routed", 5),
            ("test", 1),
            ("duplicate", 3),
            ("unreadable:no_contact", 2),
            ("unreadable:bad_json", 1),
            ("refused:unauthenticated", 4),
        ];
        let counts = Counts(words.iter().map(|(word, n)| ((*word).to_owned(), *n)).collect());
        assert_eq!((counts.accepted(), counts.unreadable(), counts.refused()), (6, 3, 4));
        assert_eq!(counts.why_unreadable(), Some("no_contact"));
        assert_eq!(counts.why_refused(), Some("unauthenticated"));
    }

    #[test]
    fn adding_up_is_the_same_in_any_order() {
        let (mut one, mut other) = (Hours::default(), Hours::default());
        one.add(at(0), "form", "routed", 2);
        one.add(at(70), "ads", "held", 1);
        other.add(at(5), "form", "routed", 3);
        let (mut left, mut right) = (one.clone(), other.clone());
        left.merge(&other);
        right.merge(&one);
        assert_eq!(left, right);
        assert_eq!(left.sums(at(0), at(9))["form"].0["routed"], 5);
    }
}
