//! What qualification concluded.

use serde::{Deserialize, Serialize};

use super::status::closed_list;
use super::{Category, Currency, Name, Timestamp};

/// Thousandths of a point. Scores add up exactly; display rounds.
pub type Millipoints = i64;

closed_list! {
    /// A three-valued answer: unknown is not no.
    Known3 {
        Yes = "yes",
        No = "no",
        Unknown = "unknown",
    }
}

closed_list! {
    /// The group a criterion belongs to.
    Criterion {
        Budget = "budget",
        Authority = "authority",
        Need = "need",
        Timeline = "timeline",
        Company = "company",
        Contact = "contact",
        Approach = "approach",
        Engagement = "engagement",
    }
}

/// One line of the score. The text is looked up in the configuration bundle by `line`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreLine {
    /// Index of the criterion in the compiled qualification.
    pub line: u16,
    pub group: Criterion,
    pub answer: Known3,
    pub points: Millipoints,
    /// A person answered it, not the form.
    pub by_person: bool,
    /// Of engagement: when the points have gone, or half of them.
    pub until: Option<Timestamp>,
}

/// The whole judgement on one lead at one time. The score is the sum of the lines, never below zero:
/// what the floor took is in `floor`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Qualification {
    pub score: Millipoints,
    /// Written as one short text, because it is kept with every inquiry: see [`packed`].
    #[serde(with = "packed")]
    pub lines: Vec<ScoreLine>,
    /// Points added to lift a negative sum to zero.
    #[serde(default)]
    pub floor: Millipoints,
    /// Per mille of the wanted criteria that are known.
    pub completeness: u16,
    /// The letter of fit and the digit of engagement, where the settings grade.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<String>,
    pub category: Category,
    /// Promising, but too much is unknown: people should ask.
    pub ask: bool,
    /// Names of criteria still open, in the order to ask.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<Name>,
    /// The eligibility rule that failed, if one did; the category is then `discard`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ineligible: Option<Name>,
    /// Clauses that could not be evaluated (counted, shown, never a match): criterion or rule names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Name>,
    /// What the lead is worth on average, where the settings say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Expected>,
}

/// What a lead is worth on average.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// The segment whose deals it was judged by.
    pub segment: Name,
    /// So many of a thousand such leads are won.
    pub chance: u16,
    /// What a deal brings, in whole units.
    pub deal: u32,
    pub currency: Currency,
}

impl Expected {
    /// Chance times deal, in whole units.
    #[must_use]
    pub fn value(&self) -> u32 {
        let value = u64::from(self.deal) * u64::from(self.chance) / 1000;
        u32::try_from(value).unwrap_or(u32::MAX)
    }
}

/// Score lines as text: `line group answer points`, separated by spaces, as in `0by10000 1an-500 2nu0`.
/// A group is its first letter, but `c` company, `p` contact (person), `r` approach (reach);
/// an answer is `y`, `n` or `u`, in capitals if a person gave it. What ends has `@` and the time behind it, in milliseconds.
mod packed {
    use std::borrow::Cow;
    use std::fmt::Write as _;

    use serde::{Deserialize, Deserializer, Serializer};

    use super::{Criterion, Known3, ScoreLine, Timestamp};

    const GROUPS: [(Criterion, char); 8] = [
        (Criterion::Budget, 'b'),
        (Criterion::Authority, 'a'),
        (Criterion::Need, 'n'),
        (Criterion::Timeline, 't'),
        (Criterion::Company, 'c'),
        (Criterion::Contact, 'p'),
        (Criterion::Approach, 'r'),
        (Criterion::Engagement, 'e'),
    ];
    const ANSWERS: [(Known3, char); 3] =
        [(Known3::Yes, 'y'), (Known3::No, 'n'), (Known3::Unknown, 'u')];

    pub(super) fn serialize<S: Serializer>(
        lines: &[ScoreLine],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(lines.len() * 10);
        for line in lines {
            let group = GROUPS.iter().find(|(group, _)| *group == line.group).map_or('?', |g| g.1);
            let answer = ANSWERS.iter().find(|(a, _)| *a == line.answer).map_or('?', |a| a.1);
            let answer = if line.by_person { answer.to_ascii_uppercase() } else { answer };
            let space = if text.is_empty() { "" } else { " " };
            // Writing to a string does not fail.
            let _ = write!(text, "{space}{}{group}{answer}{}", line.line, line.points);
            if let Some(until) = line.until {
                let _ = write!(text, "@{}", until.as_millis());
            }
        }
        serializer.serialize_str(&text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<ScoreLine>, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.split(' ')
            .filter(|line| !line.is_empty())
            .map(|line| unpack(line).ok_or_else(|| serde::de::Error::custom("not a score line")))
            .collect()
    }

    fn unpack(text: &str) -> Option<ScoreLine> {
        let digits = text.find(|c: char| !c.is_ascii_digit())?;
        let (line, rest) = text.split_at(digits);
        let mut rest = rest.chars();
        let (group, letter) = (rest.next()?, rest.next()?);
        let answer = letter.to_ascii_lowercase();
        let (points, until) = match rest.as_str().split_once('@') {
            Some((points, until)) => (points, Some(Timestamp::from_millis(until.parse().ok()?))),
            None => (rest.as_str(), None),
        };
        Some(ScoreLine {
            line: line.parse().ok()?,
            group: GROUPS.iter().find(|(_, letter)| *letter == group)?.0,
            answer: ANSWERS.iter().find(|(_, letter)| *letter == answer)?.0,
            points: points.parse().ok()?,
            by_person: letter != answer,
            until,
        })
    }
}
