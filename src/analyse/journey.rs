//! What is remembered of one lead: how it came, how far it got, and when.

use serde::{Deserialize, Serialize};

use super::seconds::rounded;
use crate::domain::{Category, Channel, Label, LeadId, Money, Name, Stage, Timestamp, TouchTimes};

/// Milliseconds since 1970.
type Millis = i64;

/// How an inquiry came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Arrival {
    /// When it happened.
    #[serde(rename = "a")]
    pub at: Millis,
    /// When it came in, if that was later.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub received: Option<Millis>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Name>,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<Label>,
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub medium: Option<Label>,
}

impl Arrival {
    pub fn received(&self) -> Millis {
        self.received.unwrap_or(self.at)
    }
}

/// How far a journey is counted, by place in [`Journey::reached`].
pub(super) const MILESTONES: [Stage; 4] =
    [Stage::Lead, Stage::Accepted, Stage::Prospect, Stage::Won];

/// A person's way from a first inquiry to the end: bought, lost or discarded. Being passed back is no end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Journey {
    #[serde(rename = "f")]
    pub first: Arrival,
    /// The latest one, by when it happened; absent = the first.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<Arrival>,
    #[serde(rename = "i")]
    pub inquiries: u32,
    /// The lead's cycle in which it began.
    #[serde(rename = "n")]
    pub cycle: u32,
    /// The one it is in.
    #[serde(rename = "z")]
    pub now: u32,
    #[serde(rename = "g")]
    pub stage: Stage,
    /// When each milestone was first reached, as far as was said.
    #[serde(rename = "q", default)]
    pub reached: [Option<Millis>; 4],
    /// When it came to the stage it is at, if that is an end or a way back.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Millis>,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<Name>,
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Name>,
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub score: Option<i32>,
    /// Why it is where it is.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Name>,
    /// Why it last waited in triage, and since when.
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub held: Option<(Millis, Name)>,
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// Owed once it is a lead.
    #[serde(rename = "y", default, skip_serializing_if = "Option::is_none")]
    pub fee: Option<Money>,
    /// When somebody first dealt with the person.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub touched: Option<Millis>,
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub times: Option<TouchTimes>,
    /// It was not dealt with within what was agreed.
    #[serde(rename = "x", default, skip_serializing_if = "std::ops::Not::not")]
    pub missed: bool,
}

impl Journey {
    pub fn new(first: Arrival, cycle: u32) -> Self {
        Self {
            first,
            latest: None,
            inquiries: 1,
            cycle,
            now: cycle,
            stage: Stage::Inquiry,
            reached: [None; 4],
            ended: None,
            category: None,
            pool: None,
            owner: None,
            version: None,
            score: None,
            reason: None,
            held: None,
            amount: None,
            fee: None,
            touched: None,
            times: None,
            missed: false,
        }
    }

    pub fn latest(&self) -> &Arrival {
        self.latest.as_ref().unwrap_or(&self.first)
    }

    /// Bought, lost or discarded: another inquiry may begin another journey.
    pub fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Won | Stage::Lost | Stage::Discarded)
    }

    /// A further inquiry on the same way.
    pub fn arrive(&mut self, arrival: Arrival) {
        self.inquiries = self.inquiries.saturating_add(1);
        if arrival.at >= self.latest().at {
            self.latest = Some(arrival);
        }
    }

    /// It was at a stage then; the stages before it count as reached.
    pub fn reach(&mut self, stage: Stage, at: Millis) {
        let place = MILESTONES.iter().position(|milestone| *milestone == stage);
        for reached in self.reached.iter_mut().take(place.map_or(0, |place| place + 1)) {
            *reached = Some(reached.map_or(at, |before| before.min(at)));
        }
    }

    /// It is at a stage now. What leaves it where it is says nothing of when it came there.
    pub fn come_to(&mut self, stage: Stage, at: Millis) {
        if stage == self.stage {
            return;
        }
        self.reach(stage, at);
        self.reason = None;
        self.ended = (stage.is_closed() && stage != Stage::Won).then_some(at);
        self.stage = stage;
    }

    pub fn touch(&mut self, at: Millis) {
        self.touched = Some(self.touched.map_or(at, |before| before.min(at)));
    }

    /// A sale stays counted until somebody says that it was none.
    pub fn won_at(&self) -> Option<Millis> {
        self.reached[3].filter(|_| !matches!(self.stage, Stage::Lost | Stage::Discarded))
    }

    /// From the first inquiry's coming in to the first touch.
    pub fn speed(&self) -> Option<u32> {
        let millis = self.touched?.saturating_sub(self.first.received()).max(0);
        Some(rounded(u32::try_from(millis / 1000).unwrap_or(u32::MAX)))
    }

    /// Two records were one person's, each on the way: one journey from now on.
    pub fn join(&mut self, other: &Self) {
        let later = if other.latest().at > self.latest().at { other } else { &*self };
        let latest = later.latest().clone();
        if (other.first.received(), other.first.at) < (self.first.received(), self.first.at) {
            self.first = other.first.clone();
            self.version.clone_from(&other.version);
            self.fee = other.fee;
            self.cycle = self.cycle.min(other.cycle);
        }
        self.now = self.now.max(other.now);
        self.latest = Some(latest).filter(|latest| *latest != self.first);
        self.inquiries = self.inquiries.saturating_add(other.inquiries);
        for (ours, theirs) in self.reached.iter_mut().zip(other.reached) {
            *ours = [*ours, theirs].into_iter().flatten().min();
        }
        self.owner = self.owner.take().or_else(|| other.owner.clone());
        self.pool = self.pool.take().or_else(|| other.pool.clone());
        self.held = self.held.take().or_else(|| other.held.clone());
        self.amount = self.amount.or(other.amount);
        if other.touched.is_some() && self.touched.is_none_or(|at| other.touched < Some(at)) {
            self.touched = other.touched;
            self.times = other.times;
        }
        self.missed |= other.missed;
    }
}

/// What the fold remembers of one lead.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trail {
    /// The newest journey; older ones are counted and change no more.
    #[serde(rename = "j", default, skip_serializing_if = "Option::is_none")]
    pub(super) journey: Option<Journey>,
    /// The lead it went up in: it counts there as long as it does.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub(super) merged_into: Option<LeadId>,
    /// With `merged_into`: its own journey goes on counting beside the survivor's, because one of the two was over.
    #[serde(rename = "k", default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) counts: bool,
}

impl Trail {
    /// The lead it went up in.
    #[must_use]
    pub fn merged_into(&self) -> Option<LeadId> {
        self.merged_into
    }

    /// What is to be counted for it.
    pub(super) fn counted(&self) -> Option<&Journey> {
        self.journey.as_ref().filter(|_| self.merged_into.is_none() || self.counts)
    }
}

pub(super) fn millis(at: Timestamp) -> Millis {
    at.as_millis()
}
