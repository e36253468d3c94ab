//! A judgement in words: names and texts of criteria, answers, points. Nothing about the person.

use std::fmt::Write;

use super::Qualifier;
use crate::domain::{Category, Expected, Millipoints, Name, Qualification, ScoreLine};
use crate::rules::{Fact, Subject};

/// Points as people write them: `25`, `-0.5`. Exact, so that lines add up to the eye too.
#[must_use]
pub fn points_in_words(points: Millipoints) -> String {
    let sign = if points < 0 { "-" } else { "" };
    let (whole, part) = (points.unsigned_abs() / 1000, points.unsigned_abs() % 1000);
    let mut text = format!("{sign}{whole}");
    if part > 0 {
        // Writing into a text cannot fail.
        let _ = write!(text, ".{part:03}");
        text.truncate(text.trim_end_matches('0').len());
    }
    text
}

impl Qualifier {
    /// A judgement in words, one sentence each: the lines, what the floor added, the score with the
    /// thresholds, eligibility, what is open and what could not be judged. With the subject, every line says by which
    /// fields it was judged; values only where they name nobody.
    #[must_use]
    pub fn explain(
        &self,
        qualification: &Qualification,
        subject: Option<&Subject<'_>>,
    ) -> Vec<String> {
        let mut said: Vec<String> =
            qualification.lines.iter().map(|line| self.explain_line(line, subject)).collect();
        if qualification.floor > 0 {
            said.push(format!(
                "A score is never below zero: {} points added.",
                points_in_words(qualification.floor)
            ));
        }
        said.push(self.explain_score(qualification));
        if let Some(name) = &qualification.ineligible {
            let reason = self.reason(name).unwrap_or("a rule of another configuration");
            said.push(format!("Not eligible ({name}): {reason}"));
        }
        said.push(match qualification.category {
            Category::Sell => "Category: sell.".to_owned(),
            Category::Nurture => "Category: nurture.".to_owned(),
            Category::Discard => "Category: discard.".to_owned(),
        });
        said.extend(qualification.expected.as_ref().map(explain_worth));
        said.push(format!(
            "Known: {} % of what is wanted.",
            points_in_words(Millipoints::from(qualification.completeness) * 100)
        ));
        if qualification.ask {
            said.push("Promising, but too much is unknown: people ask.".to_owned());
        }
        if !qualification.open.is_empty() {
            said.push(format!("Still open: {}.", list(&qualification.open)));
        }
        if !qualification.errors.is_empty() {
            said.push(format!("Could not be judged: {}.", list(&qualification.errors)));
        }
        said
    }

    fn explain_score(&self, qualification: &Qualification) -> String {
        let score = points_in_words(qualification.score);
        if let Some(grade) = &qualification.grade {
            let engaged = qualification.lines.iter().map(|line| line.points).sum::<Millipoints>()
                - super::now::fit(&qualification.lines);
            let fit = points_in_words(super::now::fit(&qualification.lines));
            let engaged = points_in_words(engaged);
            return format!("Score {score}; grade {grade} (fit {fit}, engagement {engaged}).");
        }
        let stays = if self.demote < self.sell {
            format!("; who is sold stays so down to {}", points_in_words(self.demote))
        } else {
            String::new()
        };
        format!(
            "Score {score} ({} or more is sell, {} or more is nurture{stays}).",
            points_in_words(self.sell),
            points_in_words(self.nurture)
        )
    }

    fn explain_line(&self, line: &ScoreLine, subject: Option<&Subject<'_>>) -> String {
        let Some(text) = self.line(line.line) else {
            return format!("{}: line {} of another configuration.", line.group, line.line);
        };
        let plus = if line.points > 0 { "+" } else { "" };
        let points = points_in_words(line.points);
        let mut said =
            format!("{}: {}: {}, {plus}{points} points", line.group, text.text, line.answer);
        if let Some(known) = self.lines.get(usize::from(line.line)) {
            let full = known.points(line.answer);
            if full != line.points {
                // Writing into a text cannot fail.
                let _ = write!(said, " ({} without the group's cap)", points_in_words(full));
            }
        }
        if line.by_person {
            said.push_str(", because a person found it out");
        } else if let Some(subject) = subject {
            let because = self.because(line, subject).facts;
            let facts: Vec<String> = because.iter().map(fact).collect();
            if !facts.is_empty() {
                let _ = write!(said, ", because {}", facts.join(" and "));
            }
        }
        if let Some(until) = line.until {
            let part = if self.window(line.line) { "" } else { "half of it " };
            let _ = write!(said, ", {part}until {until}");
        }
        said.push('.');
        said
    }
}

fn explain_worth(expected: &Expected) -> String {
    let Expected { segment, chance, deal, currency } = expected;
    let percent = points_in_words(Millipoints::from(*chance) * 100);
    let value = expected.value();
    format!(
        "Expected value: {percent} % of {deal} {currency} (segment {segment}), {value} {currency}."
    )
}

fn fact(fact: &Fact) -> String {
    if fact.is_plain {
        format!("`{}` is {}", fact.field, fact.value)
    } else {
        format!("of what `{}` says", fact.field)
    }
}

fn list(names: &[Name]) -> String {
    names.iter().map(Name::as_str).collect::<Vec<_>>().join(", ")
}
