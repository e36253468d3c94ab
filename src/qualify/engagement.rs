//! What the person did, counted less with time: groups of lines over the lead's inquiries and engagements.

use std::ops::Range;

use super::fade::Fade;
use super::qualifier::{Group, LineText};
use crate::domain::{
    Company, Contact, Criterion, EngagementKind, Engagements, Inquiry, Known3, Lead, Millipoints,
    Pii, ScoreLine, Timestamp, Touch,
};
use crate::rules::{CAMPAIGN, Condition, Fact, PAGE, Subject};

/// One line: what events of a kind are worth while they are new.
#[derive(Debug, Clone)]
pub(super) struct EngagementLine {
    pub(super) text: LineText,
    /// Engagements of these kinds; none = inquiries.
    pub(super) kinds: Vec<EngagementKind>,
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
        let best = |group: &EngagementGroup| {
            let lines = &self.lines[group.lines.clone()];
            let most = |line: &EngagementLine| {
                let events =
                    if line.kinds.is_empty() { Lead::TOUCHES_MAX } else { Engagements::MAX };
                line.points.max(0) * Millipoints::try_from(events).unwrap_or(0)
            };
            let full: Millipoints = lines.iter().map(most).sum();
            group.bounds.clamp(full)
        };
        let sum: Millipoints = self.groups.iter().map(best).sum();
        self.max.map_or(sum, |max| sum.min(max))
    }

    /// Which events each line counts: their times. Asked once for a lead, whatever the time.
    pub(super) fn counted(&self, subject: &Subject<'_>) -> Counted<'_> {
        let events = self.lines.iter().map(|line| line.counted(subject)).collect();
        Counted { engagement: self, events }
    }
}

impl EngagementLine {
    /// The events that it counts.
    fn counted(&self, subject: &Subject<'_>) -> Vec<Event> {
        let lead = subject.lead;
        if self.kinds.is_empty() {
            let touches = lead.touches.iter().filter(|touch| self.takes(&event(touch), subject));
            return touches.map(|touch| Event { at: touch.at, count: 1 }).collect();
        }
        let engagements = lead.nurture.iter().flat_map(|nurture| nurture.engagements.iter());
        let mut asked = silent(lead);
        engagements
            .filter(|it| self.kinds.contains(&it.kind))
            .filter(|it| {
                let said = [(PAGE, &it.page), (CAMPAIGN, &it.campaign)];
                let said = said.into_iter().filter_map(|(key, text)| Some((key, text.as_ref()?)));
                asked.attribution =
                    said.map(|(key, text): (_, &Pii)| (key.into(), text.expose().into())).collect();
                self.takes(&asked, subject)
            })
            .map(|it| Event { at: it.at, count: it.count })
            .collect()
    }

    /// What it goes by: the kinds of engagement, or what its condition says of the inquiry.
    pub(super) fn facts(&self, subject: &Subject<'_>) -> Vec<Fact> {
        if self.kinds.is_empty() {
            return self.when.as_ref().map_or_else(Vec::new, |when| when.facts(subject));
        }
        let kinds: Vec<&str> = self.kinds.iter().map(|kind| kind.as_str()).collect();
        let value = kinds.join(", ");
        vec![Fact { field: "engagement.kind".to_owned(), value, is_plain: true }]
    }

    /// Its condition is asked about nothing but the event.
    fn takes(&self, event: &Inquiry, subject: &Subject<'_>) -> bool {
        let Some(when) = &self.when else { return true };
        when.evaluate(&Subject { inquiry: event, ..*subject }).is_match()
    }
}

/// When something happened, and how often.
#[derive(Debug, Clone, Copy)]
struct Event {
    at: Timestamp,
    count: u32,
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
        filtered_by: None,
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
    events: Vec<Vec<Event>>,
}

impl Counted<'_> {
    /// The points of every line at a time, within the bounds of the groups and of the whole.
    fn points(&self, now: Timestamp) -> Vec<Millipoints> {
        let engagement = self.engagement;
        let mut points = vec![0; engagement.lines.len()];
        for group in &engagement.groups {
            for index in group.lines.clone() {
                let full = engagement.lines[index].points;
                let worth = |event: &Event| {
                    group.fade.worth(full, event.at, now).saturating_mul(event.count.into())
                };
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
                let newest = self.events[index].iter().map(|event| event.at).max();
                newest.map(|newest| group.fade.end(newest))
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
            .flat_map(|(fade, index)| {
                self.events[index].iter().map(move |event| fade.end(event.at))
            })
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
