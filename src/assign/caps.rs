//! Caps: at most so many leads within a window of time, of all leads or of those of one source or category. All of
//! them hold at once, so the lower one wins.
//!
//! A calendar window begins with the day, week … of a zone. A rolling one reaches back from now: its leads are
//! counted in twelve to thirty short parts of it, and the part that now lies in counts beside all that the window
//! covers, even in part. So no stretch of time of that length, wherever it begins, ever holds more than the cap, and
//! room comes back at most one part late.
//!
//! | rolling | is | counted in parts of |
//! |---|---|---|
//! | `minute` | 60 s | 5 s |
//! | `hour` | 60 min | 5 min |
//! | `day` | 24 h | 1 h |
//! | `week` | 7 × 24 h | 6 h |
//! | `month` | 30 × 24 h | 24 h |

use jiff::tz::TimeZone;

use super::calendar::{Spans, Window};
use super::pools::{CAP_MAX, Findings, ranged};
use super::settings::{CapOfSettings, CapSettings, WindowSettings};
use crate::domain::{Cap, Category, Lead, Name, Timestamp};
use crate::rules::Subject;

/// A lead to be given to somebody, as far as caps care.
#[derive(Debug, Clone, Copy)]
pub struct Lot<'a> {
    /// Where its latest inquiry came from.
    pub source: &'a Name,
    pub category: Category,
}

impl<'a> Lot<'a> {
    /// A known lead, in that category.
    #[must_use]
    pub fn of_lead(lead: &'a Lead, category: Category) -> Self {
        Self { source: &lead.touches.last().unwrap_or(&lead.first_touch).source, category }
    }

    pub(super) fn of(subject: &Subject<'a>, category: Category) -> Self {
        Self { source: &subject.inquiry.source, category }
    }
}

/// Checked caps.
#[derive(Debug, Clone, Default)]
pub(super) struct Caps {
    windows: Vec<Limit>,
    pub(super) open: Option<u32>,
}

#[derive(Debug, Clone)]
struct Limit {
    window: Window,
    rolling: bool,
    /// Only leads of this source, or of this category, count.
    source: Option<Name>,
    category: Option<Category>,
    most: u32,
}

/// A cap's counter at a time, and when there may be room again if it is full.
#[derive(Debug, Clone)]
pub(super) struct Counted {
    pub(super) cap: Cap,
    /// `None` = nobody knows: open leads are closed by people.
    pub(super) room_at: Option<Timestamp>,
}

impl Limit {
    fn counts(&self, lot: Lot<'_>) -> bool {
        self.source.as_ref().is_none_or(|source| source == lot.source)
            && self.category.is_none_or(|category| category == lot.category)
    }

    /// `day`, `rolling-day`, `day/source=fair`.
    fn label(&self) -> String {
        let mut label = if self.rolling { "rolling-".to_owned() } else { String::new() };
        label.push_str(self.window.as_str());
        if let Some(source) = &self.source {
            label.push_str("/source=");
            label.push_str(source.as_str());
        }
        if let Some(category) = self.category {
            label.push_str("/category=");
            label.push_str(category.as_str());
        }
        label
    }

    fn counted(&self, who: &str, zone: &TimeZone, spans: &mut Spans) -> Counted {
        let (label, limit) = (self.label(), self.most);
        if !self.rolling {
            let span = spans.of(self.window, zone);
            let counter = format!("{who}:{label}:{}", span.start);
            let cap = Cap { counter, limit, until: span.end, earlier: 0 };
            return Counted { cap, room_at: Some(span.end) };
        }
        let (parts, part_ms) = self.window.parts();
        let number = spans.now.as_millis().max(0) / part_ms;
        let end = Timestamp::from_millis((number + 1) * part_ms);
        let counter = format!("{who}:{label}:{number}");
        let until = Timestamp::from_millis(end.as_millis() + i64::from(parts) * part_ms);
        Counted { cap: Cap { counter, limit, until, earlier: parts }, room_at: Some(end) }
    }
}

impl Caps {
    /// As counters at a moment: `who` counts in the windows of the zone. Without a lot all of them.
    pub(super) fn counters(
        &self,
        who: &str,
        zone: &TimeZone,
        lot: Option<Lot<'_>>,
        spans: &mut Spans,
    ) -> Vec<Counted> {
        let counts = |limit: &&Limit| lot.is_none_or(|lot| limit.counts(lot));
        self.windows.iter().filter(counts).map(|limit| limit.counted(who, zone, spans)).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.windows.is_empty() && self.open.is_none()
    }

    /// The sources that some cap is for.
    pub(super) fn sources(&self) -> impl Iterator<Item = &Name> {
        self.windows.iter().filter_map(|limit| limit.source.as_ref())
    }

    pub(super) fn compile(given: &CapSettings, path: &str, findings: &mut Findings) -> Self {
        let CapSettings { minute, hour, day, week, month, open, rolling, of } = given;
        let calendar =
            WindowSettings { minute: *minute, hour: *hour, day: *day, week: *week, month: *month };
        let mut caps = Self::default();
        caps.add(&calendar, (None, None), path, false, findings);
        caps.add(rolling, (None, None), &format!("{path}.rolling"), true, findings);
        for (number, of) in of.iter().enumerate() {
            caps.add_part(of, &format!("{path}.of[{number}]"), findings);
        }
        caps.open = open.and_then(|given| checked(given, &format!("{path}.open"), findings));
        caps
    }

    fn add_part(&mut self, given: &CapOfSettings, path: &str, findings: &mut Findings) {
        let CapOfSettings { source, category, minute, hour, day, week, month, rolling } = given;
        let calendar =
            WindowSettings { minute: *minute, hour: *hour, day: *day, week: *week, month: *month };
        if source.is_none() && category.is_none() {
            findings.problem(path, "say a `source` or a `category` whose leads it counts");
        }
        if calendar.is_empty() && rolling.is_empty() {
            findings.problem(path, "it caps nothing: say how many, such as `day: 5`");
        }
        let named = source.as_deref();
        let source = named.and_then(|text| findings.name(&format!("{path}.source"), text));
        let of = (source, *category);
        self.add(&calendar, of.clone(), path, false, findings);
        self.add(rolling, of, &format!("{path}.rolling"), true, findings);
    }

    fn add(
        &mut self,
        given: &WindowSettings,
        (source, category): (Option<Name>, Option<Category>),
        path: &str,
        rolling: bool,
        findings: &mut Findings,
    ) {
        let WindowSettings { minute, hour, day, week, month } = *given;
        for (window, given) in Window::ALL.into_iter().zip([minute, hour, day, week, month]) {
            let at = || format!("{path}.{}", window.as_str());
            let most = given.and_then(|given| checked(given, &at(), findings));
            let source = source.clone();
            self.windows.extend(most.map(|most| Limit { window, rolling, source, category, most }));
        }
    }
}

fn checked(given: i64, path: &str, findings: &mut Findings) -> Option<u32> {
    let limit = ranged(given, CAP_MAX);
    if limit.is_none() {
        let message =
            format!("a cap is a number from 1 to {CAP_MAX}; `paused: true` gives a member nothing");
        findings.problem(path, message);
    }
    limit
}
