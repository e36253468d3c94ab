//! One inquiry, and one person's way from it on.

use lead_router::domain::{Money, Stage};

/// One inquiry.
#[derive(Debug, Clone)]
pub struct Came {
    pub at: i64,
    pub received: i64,
    pub source: String,
    pub channel: String,
    pub campaign: String,
    pub cost: Option<Money>,
    pub fee: Option<Money>,
    pub version: String,
}

/// One person's way.
#[derive(Debug, Clone, Default)]
pub struct Way {
    /// In the order in which they were committed.
    pub came: Vec<Came>,
    pub cycle: u32,
    /// The lead's cycle by now.
    pub now: u32,
    /// Each row's stage, with when it came to be and why.
    pub stages: Vec<(i64, Stage, Option<String>)>,
    /// Where it was at some time.
    pub there: Vec<(i64, Stage)>,
    pub owner: Option<String>,
    pub pool: Option<String>,
    pub category: Option<String>,
    pub score: Option<i32>,
    pub amount: Option<Money>,
    pub touches: Vec<i64>,
    /// Went up in another one.
    pub gone: bool,
}

impl Way {
    pub fn first(&self) -> &Came {
        &self.came[0]
    }

    pub fn latest(&self) -> &Came {
        let mut latest = &self.came[0];
        for came in &self.came[1..] {
            if came.at >= latest.at {
                latest = came;
            }
        }
        latest
    }

    pub fn stage(&self) -> Stage {
        self.stages.last().map_or(Stage::Inquiry, |(_, stage, _)| *stage)
    }

    pub fn is_over(&self) -> bool {
        matches!(self.stage(), Stage::Won | Stage::Lost | Stage::Discarded)
    }

    /// When it first was at a stage or behind it.
    pub fn reached(&self, wanted: Stage) -> Option<i64> {
        let rank = |stage: Stage| {
            [Stage::Lead, Stage::Accepted, Stage::Prospect, Stage::Won]
                .iter()
                .position(|one| *one == stage)
                .map_or(0, |place| place + 1)
        };
        let there = self.there.iter().filter(|(_, stage)| rank(*stage) >= rank(wanted));
        let at = there.map(|(at, _)| *at).min()?;
        let undone = matches!(self.stage(), Stage::Lost | Stage::Discarded);
        (wanted != Stage::Won || !undone).then_some(at)
    }

    /// Why it is at an end, as was last said since it came there.
    pub fn reason(&self) -> Option<(Stage, String)> {
        let stage = self.stage();
        if !matches!(stage, Stage::Lost | Stage::Discarded | Stage::Recycled) {
            return None;
        }
        let mut since = self.stages.iter().rev().take_while(|(_, there, _)| *there == stage);
        let said = since.find_map(|(.., reason)| reason.clone());
        Some((stage, said.unwrap_or_else(|| "(none)".to_owned())))
    }

    /// Seconds to the first touch.
    pub fn speed(&self) -> Option<u32> {
        let touched = self.touches.iter().min()?;
        u32::try_from((touched - self.first().received).max(0) / 1000).ok()
    }
}

impl Way {
    pub fn reached_lead(&self) -> bool {
        self.reached(Stage::Lead).is_some()
    }
}
