//! A judgement as time goes on: what engagement is worth later, and when that matters.

use super::Qualifier;
use super::engagement::{Engaged, of_lead, silent};
use super::worth::Worth;
use crate::domain::{
    Category, Criterion, Lead, Millipoints, Qualification, ScoreLine, Stage, Timestamp,
};
use crate::rules::Subject;

impl Qualifier {
    /// Whether anything here goes with time.
    #[must_use]
    pub fn fades(&self) -> bool {
        !self.engagement.lines.is_empty()
    }

    /// Whether a line's points end all at once.
    pub(super) fn window(&self, line: u16) -> bool {
        let index = usize::from(line).checked_sub(self.lines.len());
        index.is_some_and(|index| self.engagement.is_windowed(index))
    }

    /// What engagement is worth; nothing is looked at where there is none.
    pub(super) fn engaged(&self, subject: &Subject<'_>) -> Engaged {
        if !self.fades() {
            return Engaged::default();
        }
        self.engagement.counted(subject).at(subject.now, self.lines.len())
    }

    /// A judgement of before as it reads at `now`: engagement counted anew, everything else as it was. The
    /// category stays: only a commit changes it.
    #[must_use]
    pub fn read_at(&self, judged: &Qualification, lead: &Lead, now: Timestamp) -> Qualification {
        let mut judged = judged.clone();
        if !self.fades() {
            return judged;
        }
        let inquiry = silent(lead);
        let engaged = self.engaged(&of_lead(&inquiry, lead, now));
        judged.lines.retain(|line| line.group != Criterion::Engagement);
        let fit: Millipoints = judged.lines.iter().map(|line| line.points).sum();
        judged.lines.extend(engaged.lines);
        judged.score = (fit + engaged.sum).max(0);
        judged.floor = judged.score - fit - engaged.sum;
        judged.grade = self.grade(fit, engaged.sum);
        let again = |worth: &Worth| worth.again(judged.expected.as_ref()?, judged.score);
        judged.expected = self.worth.as_ref().and_then(again);
        judged
    }

    /// When a lead that is sold now will not be worth it any more, if nothing but time goes on; `None` = never, or it
    /// is not worth it now.
    #[must_use]
    pub fn falls_out(
        &self,
        judged: &Qualification,
        lead: &Lead,
        now: Timestamp,
    ) -> Option<Timestamp> {
        if !self.fades() || judged.category != Category::Sell {
            return None;
        }
        let inquiry = silent(lead);
        let counted = self.engagement.counted(&of_lead(&inquiry, lead, now));
        let fit = fit(&judged.lines);
        counted.falls_out(now, |engaged| self.category(fit, engaged, true) == Category::Sell)
    }

    /// Whether the points of a judgement are enough for whoever is being sold to.
    #[must_use]
    pub fn is_worth_selling(&self, judged: &Qualification) -> bool {
        let fit = fit(&judged.lines);
        let all: Millipoints = judged.lines.iter().map(|line| line.points).sum();
        self.category(fit, all - fit, true) == Category::Sell
    }

    /// The letter and digit, where the settings grade.
    pub(super) fn grade(&self, fit: Millipoints, engaged: Millipoints) -> Option<String> {
        let grades = self.grades.as_ref()?;
        Some(super::grades::word(grades.cell(fit, engaged)))
    }

    /// The category of fit and engagement; `sold` = the lead is being sold now.
    pub(super) fn category(&self, fit: Millipoints, engaged: Millipoints, sold: bool) -> Category {
        if let Some(grades) = &self.grades {
            return grades.category(grades.cell(fit, engaged), sold);
        }
        let score = (fit + engaged).max(0);
        if score >= if sold { self.demote } else { self.sell } {
            Category::Sell
        } else if score >= self.nurture {
            Category::Nurture
        } else {
            Category::Discard
        }
    }
}

/// What does not go with time.
pub(super) fn fit(lines: &[ScoreLine]) -> Millipoints {
    lines.iter().filter(|line| line.group != Criterion::Engagement).map(|line| line.points).sum()
}

/// Whether the lead is being sold at present.
pub(super) fn is_sold(lead: &Lead) -> bool {
    let outcome = lead.assignment.outcome();
    outcome.is_some_and(|outcome| {
        outcome.category == Category::Sell
            && matches!(outcome.stage, Stage::Lead | Stage::Accepted | Stage::Prospect)
    })
}
