//! Clocks that run while a lead waits for somebody to act, and what they said.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::status::closed_list;
use super::{Name, Timestamp};

/// A length of business time, written `30m`, `4h` or `2d`. A day is as long as a working day of whoever is to act, on
/// average.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BusinessTime {
    Minutes(u32),
    Days(u32),
}

impl BusinessTime {
    /// No longer than a year.
    const MINUTES_MAX: u32 = 365 * 24 * 60;

    /// Reads a whole number above zero and one of `m`, `h`, `d`; at most a year.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
        let number: u32 = number.parse().ok().filter(|number| *number > 0)?;
        let minutes = |each: u32| number.checked_mul(each).filter(|it| *it <= Self::MINUTES_MAX);
        match unit.trim() {
            "m" => minutes(1).map(Self::Minutes),
            "h" => minutes(60).map(Self::Minutes),
            "d" => minutes(24 * 60).map(|_| Self::Days(number)),
            _ => None,
        }
    }
}

impl fmt::Display for BusinessTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(days) => write!(f, "{days}d"),
            Self::Minutes(minutes) if minutes % 60 == 0 => write!(f, "{}h", minutes / 60),
            Self::Minutes(minutes) => write!(f, "{minutes}m"),
        }
    }
}

impl Serialize for BusinessTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BusinessTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom("expected a length of business time such as 30m, 4h or 2d")
        })
    }
}

closed_list! {
    /// What is waited for.
    Awaited {
        /// Somebody says that they have it, or acts.
        Acknowledge = "acknowledge",
        /// Somebody gets in touch with the person.
        FirstTouch = "first_touch",
        /// Whoever was not reached is tried again.
        NextAttempt = "next_attempt",
    }
}

/// By which terms a clock runs: frozen when the lead comes to somebody, so that a promise once given stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The clock's name in `follow-up.yaml`.
    pub clock: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledge: Option<BusinessTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_touch: Option<BusinessTime>,
    /// By the pool's calendar, not by that of whoever has it.
    #[serde(default, skip_serializing_if = "super::contact::is_false")]
    pub of_pool: bool,
    /// Per mille of the time, rising.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warn_at: Vec<u16>,
}

impl Terms {
    /// Within which time it is to happen, if these terms say so.
    #[must_use]
    pub fn within(&self, awaited: Awaited) -> Option<BusinessTime> {
        match awaited {
            Awaited::Acknowledge => self.acknowledge,
            Awaited::FirstTouch => self.first_touch,
            Awaited::NextAttempt => None,
        }
    }
}

/// How long a lead waits for people, and what came of it, in one cycle. What is due follows from it, the terms of the
/// assignment and the calendar of whoever has the lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clocks {
    /// The lead's cycle that this is about.
    pub cycle: u32,
    /// When the inquiry was received by which it first came under a clock.
    pub received_at: Timestamp,
    /// When it first came to somebody.
    pub first_assigned_at: Timestamp,
    /// When it came to whoever has it now.
    pub assigned_at: Timestamp,
    /// When whoever has it now said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<Timestamp>,
    /// When whoever has it now first got in touch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touched_at: Option<Timestamp>,
    /// When anybody first did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_touch_at: Option<Timestamp>,
    /// Up to which per mille of the time to acknowledge it was told since it was assigned; 1000 = breached.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub acknowledge_told: u16,
    /// The same of the time to the first touch.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub first_touch_told: u16,
    /// Breaches in all.
    #[serde(default, skip_serializing_if = "none_yet")]
    pub breaches: u32,
    /// The pool that had it last, where it is in none any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<Name>,
    /// How often it was given to somebody else because of that.
    #[serde(default, skip_serializing_if = "none_yet")]
    pub reassigned: u32,
    /// Who had it before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub previous: Vec<Name>,
}

impl Clocks {
    /// Whole of the time: a breach.
    pub const BREACHED: u16 = 1000;

    /// Those of a lead that comes to somebody for the first time in a cycle.
    #[must_use]
    pub fn new(cycle: u32, received_at: Timestamp, assigned_at: Timestamp) -> Self {
        Self {
            cycle,
            received_at,
            first_assigned_at: assigned_at,
            assigned_at,
            acknowledged_at: None,
            touched_at: None,
            first_touch_at: None,
            acknowledge_told: 0,
            first_touch_told: 0,
            breaches: 0,
            pool: None,
            reassigned: 0,
            previous: Vec::new(),
        }
    }

    /// Whom a clock gives the lead to no more.
    #[must_use]
    pub fn excluded(&self) -> &[Name] {
        if self.reassigned > 0 { &self.previous } else { &[] }
    }
}

/// What a clock said: as it is told, and as the journal keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockTold {
    /// The clock's name; with `next_attempt` there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Name>,
    pub awaited: Awaited,
    /// Who had the lead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Name>,
    pub assigned_at: Timestamp,
    /// When it was to happen.
    pub due_at: Timestamp,
    /// Of a warning: after which part of the time, per mille; `None` = all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<u16>,
    /// How much later than meant this is said, in milliseconds.
    pub late_ms: u64,
    /// How often the lead was given to somebody else in this cycle because of a breach.
    pub reassignments: u32,
}

impl ClockTold {
    /// Whether the time is over; else it is a warning.
    #[must_use]
    pub fn is_breach(&self) -> bool {
        self.part.is_none() && self.awaited != Awaited::NextAttempt
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_zero(number: &u16) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn none_yet(number: &u32) -> bool {
    *number == 0
}
