//! Expected value: how often leads of such a score are won, times what a deal brings in their segment.

use super::compile::Compiler;
use super::{ChanceSettings, ExpectedValueSettings, LINES_MAX, Qualifier};
use crate::domain::{Currency, Expected, Millipoints, Name};
use crate::rules::{Condition, Says, Subject};

/// Larger deals are slips of the pen.
const DEAL_MAX: u32 = 1_000_000_000;

/// Compiled segments.
#[derive(Debug, Clone)]
pub(super) struct Worth {
    currency: Currency,
    /// The first that matches.
    segments: Vec<Segment>,
}

#[derive(Debug, Clone)]
struct Segment {
    name: Name,
    /// `None` = everybody else.
    when: Option<Condition>,
    deal: u32,
    chances: Vec<Chance>,
}

/// From this score on so many of a thousand are won; the best first.
#[derive(Debug, Clone, Copy)]
struct Chance {
    from: Millipoints,
    per_mille: u16,
}

impl Worth {
    /// What a lead of that score is worth; none if it is in no segment. Segments that could not be evaluated are
    /// added to the errors.
    pub(super) fn of(
        &self,
        subject: &Subject<'_>,
        score: Millipoints,
        errors: &mut Vec<Name>,
    ) -> Option<Expected> {
        for segment in &self.segments {
            match segment.when.as_ref().map_or(Says::Match, |when| when.evaluate(subject)) {
                Says::Match => return Some(self.expected(segment, score)),
                Says::Error => errors.push(segment.name.clone()),
                Says::NoMatch | Says::Missing => {}
            }
        }
        None
    }

    /// The same lead at another score.
    pub(super) fn again(&self, expected: &Expected, score: Millipoints) -> Option<Expected> {
        let segment = self.segments.iter().find(|segment| segment.name == expected.segment)?;
        Some(self.expected(segment, score))
    }

    fn expected(&self, segment: &Segment, score: Millipoints) -> Expected {
        let reached = segment.chances.iter().find(|chance| chance.from <= score);
        Expected {
            segment: segment.name.clone(),
            chance: reached.map_or(0, |chance| chance.per_mille),
            deal: segment.deal,
            currency: self.currency,
        }
    }
}

impl Qualifier {
    /// Whether it says what leads are worth on average.
    #[must_use]
    pub fn knows_worth(&self) -> bool {
        self.worth.is_some()
    }
}

impl Compiler<'_> {
    pub(super) fn worth(&mut self, settings: &ExpectedValueSettings) -> Option<Worth> {
        let common = self.chances(&settings.chances, "expected_value.chances");
        let mut segments: Vec<Segment> = Vec::with_capacity(settings.segments.len());
        let mut everybody = false;
        if settings.segments.is_empty() || settings.segments.len() > LINES_MAX {
            let message = format!("give between 1 and {LINES_MAX} segments");
            self.problem("expected_value.segments", message, None);
        }
        for (index, segment) in settings.segments.iter().enumerate() {
            let path = format!("expected_value.segments[{index}]");
            if everybody {
                self.problem(
                    &path,
                    "the segment before it takes everybody: it has no `when`",
                    None,
                );
            }
            everybody |= segment.when.is_none();
            let name = self.name(&segment.name, &path);
            if !(1..=DEAL_MAX).contains(&segment.deal) {
                let message = format!("a deal is a whole amount from 1 to {DEAL_MAX}");
                self.problem(&format!("{path}.deal"), message, None);
            }
            let at = format!("{path}.chances");
            let own = segment.chances.as_ref().map(|chances| self.chances(chances, &at));
            if own.as_ref().unwrap_or(&common).is_empty() {
                let message = "say how often such leads are won, here or under `expected_value`";
                self.problem(&at, message, None);
            }
            let at = format!("{path}.when");
            let when = segment.when.as_ref().map(|when| self.condition(when, &at));
            let when = if let Some(when) = when { Some(when?) } else { None };
            let chances = own.unwrap_or_else(|| common.clone());
            segments.push(Segment { name: name?, when, deal: segment.deal, chances });
        }
        Some(Worth { currency: settings.currency, segments })
    }

    fn chances(&mut self, settings: &[ChanceSettings], path: &str) -> Vec<Chance> {
        let mut chances: Vec<Chance> = Vec::with_capacity(settings.len());
        for (index, chance) in settings.iter().enumerate() {
            let path = format!("{path}[{index}]");
            let from = self.points(chance.from, &format!("{path}.from"));
            let percent = chance.percent;
            let per_mille = (percent * 10.0).round();
            if !(0.0..=100.0).contains(&percent) || (percent * 10.0 - per_mille).abs() > 1e-6 {
                let message = "a chance is a percentage from 0 to 100, with one decimal at most";
                self.problem(&format!("{path}.percent"), message, None);
                continue;
            }
            let Some(from) = from else { continue };
            if chances.last().is_some_and(|before| before.from <= from) {
                self.problem(&path, "the scores fall from the best one down", None);
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "0 to 1000"
            )]
            chances.push(Chance { from, per_mille: per_mille as u16 });
        }
        chances
    }
}
