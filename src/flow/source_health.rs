//! Is a source well? What came from it, what did not get through, and why, in words and numbers.

use std::collections::BTreeMap;
use std::time::Duration;

use super::context::{Flow, Unavailable};
use super::in_words::{how_long, per_cent, refusal};
use super::refusals::UNKNOWN;
use super::tally::{Counts, Latest, Tallies};
use super::workspace::Workspace;
use crate::capture::Source;
use crate::domain::{Channel, Name, Tier, Timestamp};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
const WEEK: Duration = Duration::from_hours(7 * 24);
/// From this share of unreadable ones on something is wrong with the preset, not with a visitor.
const UNREADABLE_PER_CENT: u64 = 10;

/// How a source is, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthWord {
    /// Inquiries come and are understood.
    Well,
    /// Nothing was ever heard of it.
    New,
    /// Much is refused or cannot be read.
    Troubled,
    /// Silent for longer than `alerts.source_silent` allows.
    Silent,
    /// Switched off in its file.
    Disabled,
}

impl HealthWord {
    /// The word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::New => "new",
            Self::Troubled => "troubled",
            Self::Silent => "silent",
            Self::Disabled => "disabled",
        }
    }
}

/// One source, and how it is.
#[derive(Debug, Clone)]
pub struct SourceHealth {
    pub name: Name,
    pub channel: Channel,
    pub preset: Name,
    /// The vendor's name for people.
    pub title: String,
    /// How well the preset is known to fit the vendor.
    pub tier: Tier,
    /// `none`, `key`, `key_in_path`, `key_in_body`, `basic`, `signature` or `standard_webhooks`.
    pub verification: &'static str,
    /// Whether `…/batch` is there.
    pub takes_batches: bool,
    /// Where it posts to, below the public listener's address.
    pub path: String,
    /// The whole URL to paste, if `public_url` is configured.
    pub url: Option<String>,
    pub health: HealthWord,
    pub latest: Latest,
    /// Exact to ten minutes.
    pub hour: Counts,
    pub day: Counts,
    pub week: Counts,
    /// How long it may be silent before operators hear of it.
    pub may_be_silent: Option<Duration>,
    /// One line for people.
    pub in_words: String,
}

/// What named no configured source, by workspace.
#[derive(Debug, Clone, Default)]
pub struct Strays {
    pub latest: Latest,
    pub hour: Counts,
    pub day: Counts,
    pub week: Counts,
}

/// All sources of a workspace.
#[derive(Debug, Clone)]
pub struct SourcesHealth {
    /// By name.
    pub sources: Vec<SourceHealth>,
    pub strays: Strays,
}

impl Flow {
    /// Every configured source and how it is, the same whichever replica is asked but for what others
    /// refused in the last ten seconds.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn sources(&self, workspace: &Workspace) -> Result<SourcesHealth, Unavailable> {
        self.keep_refusals(&workspace.name).await?;
        self.count_journal(&workspace.name).await?;
        let now = self.now();
        let tallies = self.tallies_within(&workspace.name, now.before(WEEK), now).await?;
        let sums = Sums::of(&tallies, now);
        let mut sources = Vec::with_capacity(workspace.sources.len());
        for source in workspace.sources.values() {
            sources.push(health(workspace, source, &tallies, &sums, now));
        }
        let (hour, day, week) = sums.at(UNKNOWN);
        let latest = tallies.latest.sources.get(UNKNOWN).cloned().unwrap_or_default();
        Ok(SourcesHealth { sources, strays: Strays { latest, hour, day, week } })
    }
}

struct Sums([BTreeMap<String, Counts>; 3]);

impl Sums {
    fn of(tallies: &Tallies, now: Timestamp) -> Self {
        Self([HOUR, DAY, WEEK].map(|time| tallies.hours.sums(now.before(time), now)))
    }

    fn at(&self, source: &str) -> (Counts, Counts, Counts) {
        let [hour, day, week] = &self.0;
        let of = |sums: &BTreeMap<String, Counts>| sums.get(source).cloned().unwrap_or_default();
        (of(hour), of(day), of(week))
    }
}

fn health(
    workspace: &Workspace,
    source: &Source,
    tallies: &Tallies,
    sums: &Sums,
    now: Timestamp,
) -> SourceHealth {
    let name = source.name().clone();
    let latest = tallies.latest.sources.get(name.as_str()).cloned().unwrap_or_default();
    let (hour, day, week) = sums.at(name.as_str());
    let may_be_silent = workspace.alerts.silent.get(&name).copied();
    let word = word(source, &latest, &day, may_be_silent, now);
    let secret = if source.verification() == "key_in_path" { "/YOUR-SECRET" } else { "" };
    let path = format!("/v1/{}/inquiries/{name}{secret}", workspace.name);
    let (preset, title) = source.preset();
    SourceHealth {
        channel: source.channel(),
        preset: preset.clone(),
        title: title.to_owned(),
        tier: source.tier(),
        verification: source.verification(),
        takes_batches: source.takes_batches(),
        url: workspace
            .public_url
            .as_ref()
            .map(|base| format!("{}{path}", base.as_str().trim_end_matches('/'))),
        path,
        health: word,
        in_words: in_words(word, &latest, &day, may_be_silent, now),
        latest,
        hour,
        day,
        week,
        may_be_silent,
        name,
    }
}

fn word(
    source: &Source,
    latest: &Latest,
    day: &Counts,
    may_be_silent: Option<Duration>,
    now: Timestamp,
) -> HealthWord {
    let heard = latest.heard();
    let read = day.accepted() + day.unreadable();
    if !source.enabled() {
        HealthWord::Disabled
    } else if may_be_silent.zip(heard).is_some_and(|(may, heard)| now.since(heard) >= may) {
        HealthWord::Silent
    } else if day.refused() > read || day.unreadable() * 100 > read * UNREADABLE_PER_CENT {
        HealthWord::Troubled
    } else if heard.is_none() {
        HealthWord::New
    } else {
        HealthWord::Well
    }
}

/// `last inquiry 3 minutes ago; 2 % unreadable in the last day: no_contact; 14 refused …`.
fn in_words(
    word: HealthWord,
    latest: &Latest,
    day: &Counts,
    may_be_silent: Option<Duration>,
    now: Timestamp,
) -> String {
    let ago = |at: Timestamp| format!("{} ago", how_long(now.since(at)));
    let mut said = vec![match (&latest.inquiry, &latest.test) {
        (Some(seen), _) => format!("last inquiry {}", ago(seen.at)),
        (None, Some(test)) => format!("no inquiry yet, last test {}", ago(test.at)),
        (None, None) => "no inquiry yet".to_owned(),
    }];
    if word == HealthWord::Disabled {
        said.insert(0, "disabled: it answers as if it were not there".to_owned());
    }
    if let (HealthWord::Silent, Some(may), Some(heard)) = (word, may_be_silent, latest.heard()) {
        let (silent, may) = (how_long(now.since(heard)), how_long(may));
        said.push(format!("silent for {silent}, of which {may} are usual"));
    }
    if day.unreadable() > 0 {
        let share = per_cent(day.unreadable(), day.accepted() + day.unreadable());
        let why = day.why_unreadable().unwrap_or_default();
        said.push(format!("{share} unreadable in the last day: `{why}`"));
    }
    said.extend(refused_in_words(day, latest, "in the last day", now));
    said.join("; ")
}

/// `14 refused in the last day: key or signature missing or wrong, last 5 minutes ago`.
pub(super) fn refused_in_words(
    counts: &Counts,
    latest: &Latest,
    when: &str,
    now: Timestamp,
) -> Option<String> {
    let why = refusal(counts.why_refused()?);
    let refused = counts.refused();
    let last = latest.refused.as_ref().map_or(String::new(), |seen| {
        let other = Some(refusal(&seen.word)).filter(|last| *last != why);
        let other = other.map_or(String::new(), |other| format!(": {other}"));
        format!(", last {} ago{other}", how_long(now.since(seen.at)))
    });
    Some(format!("{refused} refused {when}: {why}{last}"))
}
