//! From leaves to a submission: what each value means by the source's names; what nothing takes becomes an
//! answer, so that nothing a person said is lost.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Answer, Attribution, Consent, Field, Flag, Pii, Submission, Timestamp};

use super::content;
use super::decode::{Decoded, Leaf, cut};
use super::names::{Target, compact};
use super::redact::scrubbed;
use super::source::Source;
use super::stated_time;

/// Bytes of an attribution value.
const ATTRIBUTION_BYTES_MAX: usize = 500;
/// Bytes of the words of a consent statement.
const CONSENT_BYTES_MAX: usize = 2_000;
/// A page loaded longer ago than this says nothing about how fast it was filled in.
const FILLING_MILLIS_MAX: i64 = 24 * 3600 * 1000;

/// What mapping needs beside the leaves.
pub(super) struct Context<'a> {
    pub(super) source: &'a Source,
    pub(super) now: Timestamp,
    /// The page's origin is not listed.
    pub(super) unlisted_origin: bool,
    /// A row of a batch: its content is its cells as sent.
    pub(super) row: bool,
}

/// A submission and the page the form asked for.
pub(super) struct Mapped {
    pub(super) submission: Submission,
    pub(super) thanks_page: Option<String>,
}

/// Maps a decoded body or row.
pub(super) fn map(context: &Context, decoded: Decoded) -> Mapped {
    let source = context.source;
    let Decoded { leaves, truncated, key_twice, .. } = decoded;
    let mut sorting = Sorting::new(context);
    let mut leaves: Vec<Leaf> = leaves.into_iter().filter_map(|leaf| clean(source, leaf)).collect();
    let row_content = context.row.then(|| content::of_row(&leaves));
    let specials = Specials::take(context, &mut leaves);
    for leaf in leaves {
        sorting.sort(leaf);
    }
    sorting.settle_time();
    let mut flags = sorting.flags;
    for (set, flag) in [
        (truncated, Flag::Truncated),
        (key_twice, Flag::KeyTwice),
        (context.unlisted_origin, Flag::UnlistedOrigin),
        (specials.filled_fast, Flag::FilledFast),
    ] {
        if set {
            let _ = flags.insert(flag);
        }
    }
    let fields: BTreeMap<Field, Pii> =
        sorting.fields.into_iter().map(|(field, (_, _, text))| (field, Pii::new(text))).collect();
    let at = sorting.occurred_at.unwrap_or(context.now);
    let mut consents = sorting.consents;
    for (n, consent) in &mut consents {
        consent.at = at;
        consent.text = sorting.consent_texts.remove(n).or(consent.text.take());
    }
    let consents: Vec<Consent> = consents.into_values().collect();
    let same_by =
        row_content.unwrap_or_else(|| content::of_form(&fields, &sorting.answers, &consents));
    let submission = Submission {
        source: source.name.clone(),
        channel: source.channel,
        event_id: specials.event_id,
        is_test: specials.is_test,
        filtered: specials.filtered,
        fields,
        answers: sorting.answers,
        consents,
        attribution: sorting.attribution,
        occurred_at: sorting.occurred_at,
        flags: flags.into_iter().collect(),
        content: same_by,
    };
    Mapped { submission, thanks_page: specials.thanks_page }
}

/// A leaf without the source's secrets; none if it is one.
fn clean(source: &Source, leaf: Leaf) -> Option<Leaf> {
    if source.secret_paths.iter().any(|path| leaf.is_at(path)) {
        return None;
    }
    if source.secrets.is_empty() {
        return Some(leaf);
    }
    let clean = |texts: Vec<String>| {
        texts.into_iter().map(|text| scrubbed(text, &source.secrets)).collect()
    };
    Some(Leaf { path: clean(leaf.path), values: clean(leaf.values), listed: leaf.listed })
}

/// What stands at exact places and is no answer.
#[derive(Default)]
struct Specials {
    event_id: Option<String>,
    is_test: bool,
    filtered: bool,
    filled_fast: bool,
    thanks_page: Option<String>,
}

impl Specials {
    /// Takes them out of the leaves.
    fn take(context: &Context, leaves: &mut Vec<Leaf>) -> Self {
        let source = context.source;
        let preset = &source.preset;
        let mut take = |paths: &[String]| {
            let mut found = None;
            for path in paths {
                if let Some(at) = leaves.iter().position(|leaf| leaf.is_at(path)) {
                    let value = leaves.remove(at).values.pop();
                    found = found.or(value.filter(|value| !value.trim().is_empty()));
                }
            }
            found
        };
        let is_test = take(&preset.is_test).is_some_and(|value| {
            matches!(value.trim().to_ascii_lowercase().as_str(), "true" | "1" | "yes" | "on")
        });
        let started = take(&preset.started_at);
        Self {
            event_id: take(&preset.event_id),
            is_test,
            filtered: take(&source.honeypots).is_some(),
            filled_fast: started.is_some_and(|value| filled_fast(context, &value)),
            thanks_page: take(&preset.thanks_page).filter(|page| source.pages.contains(page)),
        }
    }
}

/// Whether a form came back sooner than a person can fill it in. Never if that cannot be said.
fn filled_fast(context: &Context, started: &str) -> bool {
    let Ok(number) = started.trim().parse::<i64>() else { return false };
    // Unix milliseconds or the milliseconds since the page was loaded, told apart by size.
    let taken = if number > 100_000_000_000 { context.now.as_millis() - number } else { number };
    let least = i64::from(context.source.fill_seconds_min) * 1000;
    (0..=FILLING_MILLIS_MAX).contains(&taken) && taken < least
}

/// Leaves on their way to where they belong.
struct Sorting<'a> {
    context: &'a Context<'a>,
    /// Rank, answer key and text of the best candidate so far.
    fields: BTreeMap<Field, (usize, String, String)>,
    answers: Vec<Answer>,
    answer_keys: BTreeSet<String>,
    attribution: Attribution,
    consents: BTreeMap<usize, Consent>,
    consent_texts: BTreeMap<usize, String>,
    /// Rank, answer key and text of the stated time or date.
    when: Option<(usize, String, String)>,
    time_of_day: Option<(String, String)>,
    zone: Option<String>,
    occurred_at: Option<Timestamp>,
    flags: BTreeSet<Flag>,
}

impl<'a> Sorting<'a> {
    fn new(context: &'a Context<'a>) -> Self {
        Self {
            context,
            fields: BTreeMap::new(),
            answers: Vec::new(),
            answer_keys: BTreeSet::new(),
            attribution: Attribution::new(),
            consents: BTreeMap::new(),
            consent_texts: BTreeMap::new(),
            when: None,
            time_of_day: None,
            zone: None,
            occurred_at: None,
            flags: BTreeSet::new(),
        }
    }

    /// Puts one leaf where it belongs.
    fn sort(&mut self, mut leaf: Leaf) {
        leaf.values.retain(|value| !value.trim().is_empty());
        if leaf.values.is_empty() {
            return;
        }
        let source = self.context.source;
        let first = leaf.path.first().map_or("", String::as_str);
        let technical = &source.preset.technical.prefixes;
        if !leaf.listed && technical.iter().any(|prefix| first.starts_with(prefix.as_str())) {
            return;
        }
        let (target, key) = source.names.read(&leaf.path);
        let mut last = || leaf.values.pop().unwrap_or_default();
        match target {
            Some(Target::Technical) => {}
            Some(Target::Field(field, rank)) => self.field(field, rank, key, leaf.values),
            Some(Target::Attribution(name)) => self.attribution(name, &key, joined(leaf.values)),
            Some(Target::Consent(n)) => self.consent(n, last()),
            Some(Target::ConsentText(n)) => {
                let mut text = last();
                let _ = cut(&mut text, CONSENT_BYTES_MAX);
                let _ = self.consent_texts.insert(n, text);
            }
            Some(Target::When(rank)) => match &self.when {
                Some((best, ..)) if *best <= rank => self.answer(&key, last()),
                _ => {
                    let beaten = self.when.replace((rank, key, last()));
                    if let Some((_, key, text)) = beaten {
                        self.answer(&key, text);
                    }
                }
            },
            Some(Target::TimeOfDay) => self.time_of_day = Some((key, last())),
            Some(Target::Zone) => self.zone = Some(last()),
            None => self.answer(&key, joined(leaf.values)),
        }
    }

    /// A canonical field: the best-ranked name wins, other texts become answers.
    fn field(&mut self, field: Field, rank: usize, key: String, mut values: Vec<String>) {
        let text = if takes_many(field) {
            joined(values.split_off(0))
        } else {
            values.pop().unwrap_or_default()
        };
        if !takes_many(field) {
            values.retain(|value| *value != text);
            for other in values {
                let _ = self.flags.insert(Flag::KeyTwice);
                self.answer(&key, other);
            }
        }
        let known = self.fields.get(&field).map(|(best, ..)| *best);
        match known {
            Some(best) if best <= rank => {
                if self.fields.get(&field).is_some_and(|(_, _, winner)| *winner != text) {
                    self.answer(&key, text);
                }
            }
            _ => {
                let said = self.fields.get(&field).is_some_and(|(_, _, beaten)| *beaten == text);
                let beaten = self.fields.insert(field, (rank, key, text));
                if let Some((_, key, beaten)) = beaten
                    && !said
                {
                    self.answer(&key, beaten);
                }
            }
        }
    }

    fn attribution(&mut self, name: String, key: &str, mut text: String) {
        if cut(&mut text, ATTRIBUTION_BYTES_MAX) {
            let _ = self.flags.insert(Flag::Truncated);
        }
        match self.attribution.get(&name) {
            Some(known) if *known == text => {}
            Some(_) => self.answer(key, text),
            None => {
                let _ = self.attribution.insert(name, text);
            }
        }
    }

    fn consent(&mut self, n: usize, mut text: String) {
        let Some(settings) = self.context.source.preset.consents.get(n) else { return };
        let word = compact(&text);
        let _ = cut(&mut text, CONSENT_BYTES_MAX);
        let consent = Consent {
            purpose: settings.purpose.clone(),
            channel: settings.channel.clone(),
            granted: !NO.contains(&word.as_str()),
            // A checkbox whose value is more than a word holds what was agreed to.
            text: text.trim().contains(char::is_whitespace).then_some(text),
            at: self.context.now,
        };
        let _ = self.consents.insert(n, consent);
    }

    /// An answer under a key of its own: `city`, `city_2`, …
    fn answer(&mut self, key: &str, text: String) {
        let mut free = key.to_owned();
        let mut n = 2;
        while !self.answer_keys.insert(free.clone()) {
            free = format!("{key}_{n}");
            n += 1;
        }
        self.answers.push(Answer { key: free, value: Pii::new(text) });
    }

    /// Reads what was said about the time; what cannot be read stays as an answer.
    fn settle_time(&mut self) {
        let source = self.context.source;
        let (when, time) = (self.when.take(), self.time_of_day.take());
        let named = self.zone.take();
        let zone = named.as_deref().and_then(stated_time::zone);
        // A "scan time" may be the whole time.
        let (when, time) = match (when, time) {
            (None, Some((key, text))) => (Some((0, key, text)), None),
            both => both,
        };
        let Some((_, key, text)) = when else { return };
        let whole = match &time {
            Some((_, time)) if stated_time::is_date_only(&text) => {
                format!("{} {time}", text.trim())
            }
            _ => text.clone(),
        };
        let fallback = zone.as_ref().unwrap_or(&source.zone);
        let Some(stated) = stated_time::read(&whole, fallback, source.date_order) else {
            self.answer(&key, text);
            if let Some((key, text)) = time {
                self.answer(&key, text);
            }
            return;
        };
        if stated.zone_assumed && zone.is_none() {
            let _ = self.flags.insert(Flag::ZoneAssumed);
        }
        let (at, clamped) = stated_time::clamped(stated.at, self.context.now);
        if clamped {
            let _ = self.flags.insert(Flag::TimeClamped);
        }
        self.occurred_at = Some(at);
    }
}

/// Words that refuse, in compact form.
const NO: &[&str] = &[
    "no",
    "false",
    "0",
    "off",
    "n",
    "nein",
    "non",
    "nee",
    "niet",
    "nao",
    "nie",
    "nej",
    "ne",
    "unchecked",
    "optout",
    "declined",
    "denied",
];

/// Several values as one text.
fn joined(mut values: Vec<String>) -> String {
    if values.len() == 1 { values.pop().unwrap_or_default() } else { values.join(", ") }
}

/// Whether several values of a field belong together.
fn takes_many(field: Field) -> bool {
    matches!(
        field,
        Field::Budget
            | Field::Authority
            | Field::Need
            | Field::Timeline
            | Field::Product
            | Field::Message
            | Field::Industry
    )
}
