//! A judgement in words: names and texts of criteria, answers, points. Nothing about the person.

use std::fmt::Write;

use super::Qualifier;
use crate::domain::{Category, Known3, Millipoints, Name, Qualification, ScoreLine};

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
    /// thresholds, eligibility, what is open and what could not be judged.
    #[must_use]
    pub fn explain(&self, qualification: &Qualification) -> Vec<String> {
        let mut said: Vec<String> =
            qualification.lines.iter().map(|line| self.explain_line(line)).collect();
        if qualification.floor > 0 {
            said.push(format!(
                "A score is never below zero: {} points added.",
                points_in_words(qualification.floor)
            ));
        }
        said.push(format!(
            "Score {} ({} or more is sell, {} or more is nurture).",
            points_in_words(qualification.score),
            points_in_words(self.sell),
            points_in_words(self.nurture)
        ));
        if let Some(name) = &qualification.ineligible {
            let reason = self.reason(name).unwrap_or("a rule of another configuration");
            said.push(format!("Not eligible ({name}): {reason}"));
        }
        said.push(match qualification.category {
            Category::Sell => "Category: sell.".to_owned(),
            Category::Nurture => "Category: nurture.".to_owned(),
            Category::Discard => "Category: discard.".to_owned(),
        });
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

    fn explain_line(&self, line: &ScoreLine) -> String {
        let Some(known) = self.lines.get(usize::from(line.line)) else {
            return format!("{}: line {} of another configuration.", line.group, line.line);
        };
        let plus = if line.points > 0 { "+" } else { "" };
        let points = points_in_words(line.points);
        let mut said =
            format!("{}: {}: {}, {plus}{points} points", line.group, known.text.text, line.answer);
        let full = match line.answer {
            Known3::Yes => known.points_yes,
            Known3::No => known.points_no,
            Known3::Unknown => 0,
        };
        if full != line.points {
            let _ = write!(said, " ({} without the group's cap)", points_in_words(full));
        }
        said.push('.');
        said
    }
}

fn list(names: &[Name]) -> String {
    names.iter().map(Name::as_str).collect::<Vec<_>>().join(", ")
}
