//! Leaves on their way to where they belong: fields by the best name, consents, attribution, times; what
//! nothing takes becomes an answer.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Answer, Attribution, Consent, Field, Flag, Pii, Timestamp};

use super::campaign;
use super::decode::{Leaf, cut};
use super::map::Context;
use super::names::{Place, Target, compact};
use super::stated_time;

/// Bytes of an attribution value.
pub(super) const ATTRIBUTION_BYTES_MAX: usize = 500;
/// Bytes of the words of a consent statement.
const CONSENT_BYTES_MAX: usize = 2_000;
/// What became of a value that nobody said: the vendor's own, or a button.
const TECHNICAL: &str = "technical (not kept)";

/// Where a value stood and what became of it. Holds no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Its place: keys joined with dots, or the label in a list of name and value.
    pub at: String,
    /// The field, answer, attribution or consent it became.
    pub to: String,
}

impl Origin {
    pub(super) fn of(leaf: &Leaf, to: &str) -> Self {
        let place = leaf.path.join(".");
        let at = if leaf.listed { format!("\u{201c}{place}\u{201d}") } else { place };
        Self { at, to: to.to_owned() }
    }
}

/// A text for a field.
struct Candidate {
    rank: usize,
    /// Its key, should it become an answer.
    key: String,
    text: String,
    /// Its origin.
    at: usize,
}

/// Leaves on their way to where they belong.
pub(super) struct Sorting<'a> {
    pub(super) context: &'a Context<'a>,
    /// What became of each value, if somebody asks.
    pub(super) origins: Vec<Origin>,
    /// Which of them is being sorted.
    at: usize,
    /// The best candidates so far.
    fields: BTreeMap<Field, Candidate>,
    pub(super) answers: Vec<Answer>,
    answer_keys: BTreeSet<String>,
    pub(super) attribution: Attribution,
    /// Addresses of pages, whole.
    pub(super) pages: Vec<(String, String)>,
    pub(super) consents: BTreeMap<usize, Consent>,
    pub(super) consent_texts: BTreeMap<usize, String>,
    /// Rank, answer key and text of the stated time or date.
    when: Option<(usize, String, String)>,
    time_of_day: Option<(String, String)>,
    zone: Option<(String, String)>,
    pub(super) occurred_at: Option<Timestamp>,
    pub(super) flags: BTreeSet<Flag>,
}

impl<'a> Sorting<'a> {
    pub(super) fn new(context: &'a Context<'a>) -> Self {
        Self {
            context,
            origins: Vec::new(),
            at: 0,
            fields: BTreeMap::new(),
            answers: Vec::new(),
            answer_keys: BTreeSet::new(),
            attribution: Attribution::new(),
            pages: Vec::new(),
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
    pub(super) fn sort(&mut self, mut leaf: Leaf) {
        leaf.values.retain(|value| !value.trim().is_empty());
        if leaf.values.is_empty() {
            return;
        }
        let source = self.context.source;
        if self.context.traced {
            self.origins.push(Origin::of(&leaf, TECHNICAL));
            self.at = self.origins.len() - 1;
        }
        let first = leaf.path.first().map_or("", String::as_str);
        let technical = &source.preset.technical;
        if !leaf.listed
            && technical.prefixes.iter().any(|prefix| first.starts_with(prefix.as_str()))
            || technical.under.iter().any(|path| leaf.is_under(path))
        {
            return;
        }
        let (target, key) = source.names.read(&leaf.path);
        let target = match source.names.placed(&leaf) {
            Some(Place::Means(target)) => Some(target),
            Some(Place::Answer) => None,
            None => target.or_else(|| source.names.hinted(leaf.hint.as_deref()?)),
        };
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
                self.note(|| "words of a consent".to_owned());
            }
            Some(Target::When(rank)) => match &self.when {
                Some((best, ..)) if *best <= rank => self.answer(&key, last()),
                _ => {
                    let beaten = self.when.replace((rank, key, last()));
                    if let Some((_, key, text)) = beaten {
                        self.answer(&key, text);
                    }
                    self.note(|| "occurred_at".to_owned());
                }
            },
            Some(Target::TimeOfDay) => {
                self.time_of_day = Some((key, last()));
                self.note(|| "time of day".to_owned());
            }
            Some(Target::Zone) => {
                self.zone = Some((key, last()));
                self.note(|| "time zone".to_owned());
            }
            None => self.answer(&key, joined(leaf.values)),
        }
    }

    /// Says what became of the value being sorted.
    fn note(&mut self, to: impl FnOnce() -> String) {
        if let Some(origin) = self.origins.get_mut(self.at) {
            origin.to = to();
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
        self.note(|| field.to_string());
        let at = self.at;
        match self.fields.get(&field) {
            Some(best) if best.rank <= rank => {
                if best.text != text {
                    self.answer(&key, text);
                }
            }
            _ => {
                let beaten = self.fields.insert(field, Candidate { rank, key, text, at });
                if let Some(beaten) = beaten
                    && self.fields.get(&field).is_none_or(|best| best.text != beaten.text)
                {
                    self.at = beaten.at;
                    self.answer(&beaten.key, beaten.text);
                    self.at = at;
                }
            }
        }
    }

    /// Without an e-mail address by name, the first answer that looks like one.
    pub(super) fn find_email(&mut self) {
        if self.fields.contains_key(&Field::Email) {
            return;
        }
        let Some(found) = self.answers.iter().position(|it| looks_like_email(it.value.expose()))
        else {
            return;
        };
        let Answer { key, value } = self.answers.remove(found);
        let said = format!("answer {key}");
        if let Some(origin) = self.origins.iter_mut().find(|origin| origin.to == said) {
            origin.to = format!("{} (looks like one)", Field::Email);
        }
        let text = value.expose().trim().to_owned();
        let _ = self.fields.insert(Field::Email, Candidate { rank: 0, key, text, at: 0 });
    }

    /// The fields as they were decided.
    pub(super) fn taken_fields(&mut self) -> BTreeMap<Field, Pii> {
        let fields = std::mem::take(&mut self.fields);
        fields.into_iter().map(|(field, best)| (field, Pii::new(best.text))).collect()
    }

    fn attribution(&mut self, name: String, key: &str, mut text: String) {
        if campaign::is_page(&name) && text.contains('?') {
            self.pages.push((name.clone(), text.clone()));
        }
        if cut(&mut text, ATTRIBUTION_BYTES_MAX) {
            let _ = self.flags.insert(Flag::Truncated);
        }
        match self.attribution.get(&name) {
            Some(known) if *known == text => self.note(|| format!("attribution {name}")),
            Some(_) => self.answer(key, text),
            None => {
                self.note(|| format!("attribution {name}"));
                let _ = self.attribution.insert(name, text);
            }
        }
    }

    fn consent(&mut self, n: usize, mut text: String) {
        let Some(settings) = self.context.source.preset.consents.get(n) else { return };
        self.note(|| format!("consent {}.{}", settings.purpose, settings.channel));
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
        self.note(|| format!("answer {free}"));
        self.answers.push(Answer { key: free, value: Pii::new(text) });
    }

    /// Reads what was said about the time; what cannot be read stays as an answer.
    pub(super) fn settle_time(&mut self) {
        let source = self.context.source;
        let (when, time) = (self.when.take(), self.time_of_day.take());
        let named = self.zone.take();
        let usual = source.preset.occurred_at.zone.as_deref();
        let text = named.as_ref().map(|(_, text)| text.as_str());
        let zone = text.or(usual).and_then(stated_time::zone);
        // A "scan time" may be the whole time.
        let (when, time) = match (when, time) {
            (None, Some((key, text))) => (Some((0, key, text)), None),
            both => both,
        };
        let Some((_, key, text)) = when else {
            // The zone of no time is the person's, or an appointment's.
            if let Some((key, text)) = named {
                self.answer(&key, text);
            }
            return;
        };
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

/// One `@` between two texts without blanks, of which the second has a dot.
fn looks_like_email(text: &str) -> bool {
    let text = text.trim();
    let Some((local, host)) = text.split_once('@') else { return false };
    !local.is_empty()
        && text.len() <= 254
        && !text.contains(|c: char| c.is_whitespace() || c == '/' || c == ',' || c == '<')
        && !host.contains('@')
        && host.split('.').count() > 1
        && host.split('.').all(|label| !label.is_empty())
}
