//! What the person did, counted less with time: groups of lines over the lead's touches.

use std::ops::Range;

use super::fade::Fade;
use super::qualifier::{Group, LineText};
use crate::domain::{
    Company, Contact, Criterion, Inquiry, Known3, Lead, Millipoints, ScoreLine, Timestamp, Touch,
};
use crate::rules::{Condition, Subject};

/// One line: what events of a kind are worth while they are new.
#[derive(Debug, Clone)]
pub(super) struct EngagementLine {
    pub(super) text: LineText,
    /// `None` = every event.
    pub(super) when: Option<Condition>,
    /// Below zero for what speaks against interest.
    pub(super) points: Millipoints,
}

/// Lines whose points go with time in the same way.
#[derive(Debug, Clone)]
pub(super) struct EngagementGroup {
    pub(super) lines: Range<usize>,
    pub(super) fade: Fade,
    /// Never below zero, at most the cap: who comes back after a long time is not held down by old minuses.
    pub(super) bounds: Group,
}

/// All of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Engagement {
    pub(super) lines: Vec<EngagementLine>,
    pub(super) groups: Vec<EngagementGroup>,
    /// Of all groups together.
    pub(super) max: Option<Millipoints>,
}

/// What it is worth at one time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Engaged {
    pub(super) sum: Millipoints,
    /// Lines that give points; numbered behind those of fit.
    pub(super) lines: Vec<ScoreLine>,
}

impl Engagement {
    /// Whether the points of a line end all at once.
    pub(super) fn is_windowed(&self, line: usize) -> bool {
        let group = self.groups.iter().find(|group| group.lines.contains(&line));
        group.is_some_and(|group| matches!(group.fade, Fade::Window(_)))
    }

    /// The most there can be: every event that a lead remembers counts in every line.
    pub(super) fn highest(&self) -> Millipoints {
        let events = Millipoints::try_from(Lead::TOUCHES_MAX).unwrap_or(Millipoints::MAX);
        let best = |group: &EngagementGroup| {
            let lines = &self.lines[group.lines.clone()];
            let full: Millipoints = lines.iter().map(|line| line.points.max(0) * events).sum();
            group.bounds.clamp(full)
        };
        let sum: Millipoints = self.groups.iter().map(best).sum();
        self.max.map_or(sum, |max| sum.min(max))
    }

    /// Which events each line counts: their times. Asked once for a lead, whatever the time.
    pub(super) fn counted(&self, subject: &Subject<'_>) -> Counted<'_> {
        let touches = &subject.lead.touches;
        let events: Vec<Vec<Timestamp>> = self
            .lines
            .iter()
            .map(|line| {
                let counts = |touch: &&Touch| counts(line, touch, subject);
                touches.iter().filter(counts).map(|touch| touch.at).collect()
            })
            .collect();
        Counted { engagement: self, events }
    }
}

/// Whether a line counts an event: its condition is asked about nothing but the event.
fn counts(line: &EngagementLine, touch: &Touch, subject: &Subject<'_>) -> bool {
    let Some(when) = &line.when else { return true };
    let inquiry = event(touch);
    when.evaluate(&Subject { inquiry: &inquiry, ..*subject }).is_match()
}

/// An event as conditions ask for it.
fn event(touch: &Touch) -> Inquiry {
    Inquiry {
        id: touch.inquiry,
        source: touch.source.clone(),
        channel: touch.channel,
        received_at: touch.at,
        occurred_at: touch.at,
        event_id: None,
        is_test: false,
        filtered: false,
        contact: Contact::default(),
        company: Company::default(),
        answers: Vec::new(),
        consents: Vec::new(),
        attribution: std::collections::BTreeMap::new(),
        referrer: None,
        flags: Vec::new(),
    }
}

/// A lead's events, by the lines that count them.
#[derive(Debug)]
pub(super) struct Counted<'a> {
    engagement: &'a Engagement,
    events: Vec<Vec<Timestamp>>,
}

impl Counted<'_> {
    /// The points of every line at a time, within the bounds of the groups and of the whole.
    fn points(&self, now: Timestamp) -> Vec<Millipoints> {
        let engagement = self.engagement;
        let mut points = vec![0; engagement.lines.len()];
        for group in &engagement.groups {
            for index in group.lines.clone() {
                let full = engagement.lines[index].points;
                let worth = |event: &Timestamp| group.fade.worth(full, *event, now);
                points[index] = self.events[index].iter().map(worth).sum();
            }
            group.bounds.cut(&mut points[group.lines.clone()]);
        }
        Group { lines: 0..points.len(), min: None, max: engagement.max }.cut(&mut points);
        points
    }

    /// What it adds up to at a time.
    pub(super) fn sum(&self, now: Timestamp) -> Millipoints {
        self.points(now).iter().sum()
    }

    /// What it is worth at a time, line by line; `first` is the number of the first line.
    pub(super) fn at(&self, now: Timestamp, first: usize) -> Engaged {
        let points = self.points(now);
        let mut lines = Vec::new();
        for group in &self.engagement.groups {
            for index in group.lines.clone().filter(|index| points[*index] != 0) {
                lines.push(ScoreLine {
                    line: u16::try_from(first + index).unwrap_or(u16::MAX),
                    group: Criterion::Engagement,
                    answer: Known3::Yes,
                    points: points[index],
                    by_person: false,
                    until: self.until(group, index, now),
                });
            }
        }
        Engaged { sum: points.iter().sum(), lines }
    }

    /// When the window of the last event ends, or when half of the points will have gone.
    fn until(&self, group: &EngagementGroup, index: usize, now: Timestamp) -> Option<Timestamp> {
        match group.fade {
            Fade::Window(_) => {
                let newest = self.events[index].iter().max();
                newest.map(|newest| group.fade.end(*newest))
            }
            Fade::HalfLife(length) => Some(now.after(std::time::Duration::from_millis(length))),
        }
    }

    /// The first millisecond after `now` at which `holds` (of the sum) is no longer so, if time alone brings it about.
    ///
    /// Between two ends of windows the sum only falls, so there the place is found by halving; nothing is polled.
    pub(super) fn falls_out(
        &self,
        now: Timestamp,
        holds: impl Fn(Millipoints) -> bool,
    ) -> Option<Timestamp> {
        if !holds(self.sum(now)) {
            return None;
        }
        let mut edges: Vec<Timestamp> = self
            .engagement
            .groups
            .iter()
            .flat_map(|group| group.lines.clone().map(move |index| (group.fade, index)))
            .flat_map(|(fade, index)| self.events[index].iter().map(move |event| fade.end(*event)))
            .filter(|edge| *edge > now)
            .collect();
        edges.sort_unstable();
        edges.dedup();
        let mut from = now;
        for edge in edges {
            let before = Timestamp::from_millis(edge.as_millis() - 1);
            for to in [before, edge] {
                if !holds(self.sum(to)) {
                    return Some(self.halve(from, to, &holds));
                }
                from = to;
            }
        }
        None
    }

    /// It holds at `from` and not at `to`: the first millisecond at which it does not.
    fn halve(
        &self,
        from: Timestamp,
        to: Timestamp,
        holds: &impl Fn(Millipoints) -> bool,
    ) -> Timestamp {
        let (mut good, mut bad) = (from.as_millis(), to.as_millis());
        while bad - good > 1 {
            let middle = good + (bad - good) / 2;
            if holds(self.sum(Timestamp::from_millis(middle))) {
                good = middle;
            } else {
                bad = middle;
            }
        }
        Timestamp::from_millis(bad)
    }
}

/// The lead's part in it is only its touches.
pub(super) fn of_lead<'a>(inquiry: &'a Inquiry, lead: &'a Lead, now: Timestamp) -> Subject<'a> {
    Subject { inquiry, lead, known: true, now, qualification: None }
}

/// An inquiry that says nothing, for asking about a lead alone.
pub(super) fn silent(lead: &Lead) -> Inquiry {
    event(lead.touches.last().unwrap_or(&lead.first_touch))
}
