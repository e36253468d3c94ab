//! Small things that pages show: times, ages, marks with a colour and a word, points.

use std::time::Duration;

use askama::Template;
use askama::filters::HtmlSafe;

use crate::domain::{Millipoints, Timestamp};

/// A template as text.
pub trait Html: Template {
    /// The page. Writing to a text does not fail; if it did, an empty page would say so.
    fn html(&self) -> String {
        self.render().unwrap_or_default()
    }
}

impl<T: Template> Html for T {}

/// A point in time: in UTC as served, in the reader's own time where scripts run.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r#"<time class="when" datetime="{{ iso }}" title="{{ iso }}"><span class="day">{{ day }}</span> <span class="clock">{{ clock }}</span></time>"#
)]
pub struct When {
    iso: String,
    day: String,
    clock: String,
}

impl HtmlSafe for When {}

impl When {
    /// To the second.
    pub fn at(at: Timestamp) -> Self {
        let iso = at.to_string();
        let (day, clock) = iso.split_once('T').unwrap_or((&iso, ""));
        let clock = clock.get(..8).unwrap_or(clock).to_owned();
        Self { day: day.to_owned(), clock, iso }
    }
}

/// A sentence of ours: what stands between backticks is a name.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r#"{% for (is_name, part) in parts %}{% if *is_name %}<code>{{ part }}</code>{% else %}{{ part }}{% endif %}{% endfor %}"#
)]
pub struct Sentence {
    parts: Vec<(bool, String)>,
}

impl HtmlSafe for Sentence {}

impl Sentence {
    /// With the names marked.
    pub fn of(text: &str) -> Self {
        let parts = text.split('`').enumerate();
        Self { parts: parts.map(|(n, part)| (n % 2 == 1, part.to_owned())).collect() }
    }
}

/// What a mark means, beside its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Good,
    Info,
    Warn,
    Bad,
    Quiet,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Quiet => "quiet",
        }
    }
}

/// A word with a colour. The word says all; the colour helps to find it.
#[derive(Debug, Clone, Template)]
#[template(ext = "html", source = r#"<span class="mark {{ tone.class() }}">{{ word }}</span>"#)]
pub struct Mark {
    word: String,
    tone: Tone,
}

impl HtmlSafe for Mark {}

impl Mark {
    /// With a tone of its own.
    pub fn new(word: impl Into<String>, tone: Tone) -> Self {
        Self { word: word.into().replace('_', " "), tone }
    }

    /// What became of something: a status, a delivery's state, a verdict, a category.
    pub fn status(word: &str) -> Self {
        let tone = match word {
            "routed" | "delivered" | "sell" | "open" | "valid" | "yes" => Tone::Good,
            "nurtured" | "qualifying" | "repeat" | "nurture" | "waiting" | "handed_over" => {
                Tone::Info
            }
            "held" | "awaiting_confirmation" | "retriable" | "paused" | "ambiguous" | "unknown" => {
                Tone::Warn
            }
            "unreadable" | "dead" | "refused" | "gone" | "blocked" | "broken" | "invalid" => {
                Tone::Bad
            }
            _ => Tone::Quiet,
        };
        Self::new(word, tone)
    }
}

/// How long, in the largest unit that says enough: `4 s`, `12 min`, `3 h`, `5 d`.
pub fn age(age: Duration) -> String {
    let seconds = age.as_secs();
    match seconds {
        0..=89 => format!("{seconds} s"),
        90..=5_399 => format!("{} min", (seconds + 30) / 60),
        5_400..=172_799 => format!("{} h", (seconds + 1_800) / 3_600),
        _ => format!("{} d", (seconds + 43_200) / 86_400),
    }
}

/// How long an attempt took.
pub fn took(millis: u32) -> String {
    if millis == 0 {
        "under 1 ms".to_owned()
    } else if millis < 1_000 {
        format!("{millis} ms")
    } else {
        format!("{}.{} s", millis / 1_000, millis % 1_000 / 100)
    }
}

/// Points with up to three decimals; `−` before what takes away.
pub fn points(millipoints: Millipoints) -> String {
    let (sign, size) = (if millipoints < 0 { "−" } else { "" }, millipoints.unsigned_abs());
    match size % 1_000 {
        0 => format!("{sign}{}", size / 1_000),
        rest => format!("{sign}{}", format!("{}.{rest:03}", size / 1_000).trim_end_matches('0')),
    }
}

/// The same with `+` before what adds.
pub fn signed(millipoints: Millipoints) -> String {
    let plus = if millipoints > 0 { "+" } else { "" };
    format!("{plus}{}", points(millipoints))
}

/// Per mille as a percentage.
pub fn percent(per_mille: u16) -> String {
    format!("{} %", (per_mille + 5) / 10)
}

/// A word of ours for people: without underscores.
pub fn spaced(word: &str) -> String {
    word.replace('_', " ")
}
