//! What people found out about a lead, beside what its inquiries say.

use serde::{Deserialize, Serialize};

use super::{DeliveryId, Known3, Name, Pii, Timestamp};

/// What a finding is about, and what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// A criterion of qualification, by its name. Unknown: it was asked, and nobody knows.
    Criterion(Name, Known3),
    /// A field of the record, by the path that conditions use: `need.timeline`, `answers.seats`.
    Field(String, Pii),
    /// Whether the lead is eligible, whatever the rules of the gate say; unknown leaves it to them.
    Eligible(Known3),
}

impl Found {
    /// Whether both answer the same question.
    #[must_use]
    pub fn is_about_the_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Criterion(a, _), Self::Criterion(b, _)) => a == b,
            (Self::Field(a, _), Self::Field(b, _)) => a.eq_ignore_ascii_case(b),
            (Self::Eligible(_), Self::Eligible(_)) => true,
            _ => false,
        }
    }
}

/// One thing that a person found out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub found: Found,
    /// The name of the key used, or who a signed disposition is from.
    pub by: Name,
    /// When it was found out; of two answers to the same question the later one holds.
    pub at: Timestamp,
    /// What the person wrote beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Pii>,
}

/// Everything that people found out about one lead: one finding per question, in the order they were first answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// Beyond it the oldest go.
    pub const MAX: usize = 200;

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.0.iter()
    }

    /// Takes one in; `false` = the same question was answered later than that.
    pub fn note(&mut self, finding: Finding) -> bool {
        let place = self.0.iter_mut().find(|it| it.found.is_about_the_same(&finding.found));
        match place {
            Some(place) if place.at > finding.at => return false,
            Some(place) => *place = finding,
            None => self.0.push(finding),
        }
        if self.0.len() > Self::MAX
            && let Some(oldest) = (0..self.0.len()).min_by_key(|index| self.0[*index].at)
        {
            self.0.remove(oldest);
        }
        true
    }

    /// Forgets the findings that the inquiry of that time answers again itself.
    pub fn drop_answered(&mut self, at: Timestamp, answers: impl Fn(&str) -> bool) {
        self.0.retain(|finding| match &finding.found {
            Found::Field(path, _) => finding.at > at || !answers(path),
            Found::Criterion(..) | Found::Eligible(_) => true,
        });
    }

    /// What was found out about a criterion.
    #[must_use]
    pub fn criterion(&self, name: &Name) -> Option<Known3> {
        self.0.iter().find_map(|finding| match &finding.found {
            Found::Criterion(about, answer) if about == name => Some(*answer),
            _ => None,
        })
    }

    /// What was found out about eligibility; unknown if nothing was.
    #[must_use]
    pub fn eligible(&self) -> Known3 {
        let said = self.0.iter().find_map(|finding| match &finding.found {
            Found::Eligible(answer) => Some(*answer),
            _ => None,
        });
        said.unwrap_or(Known3::Unknown)
    }

    /// When a field was found out.
    #[must_use]
    pub fn field(&self, path: &str) -> Option<Timestamp> {
        self.0.iter().find_map(|finding| match &finding.found {
            Found::Field(about, _) if about.eq_ignore_ascii_case(path) => Some(finding.at),
            _ => None,
        })
    }
}

/// How often a person was tried in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tries {
    pub count: u32,
    pub last: Timestamp,
    /// When to try again; absent once it was given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Timestamp>,
    /// It was said that the time to try again has come.
    #[serde(default, skip_serializing_if = "super::contact::is_false")]
    pub told: bool,
}

/// When a lead is looked at again by itself, and the one job that does it: a job that the lead does not name does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookAgain {
    pub job: DeliveryId,
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64, found: Found) -> Finding {
        Finding { found, by: Name::fixed("desk"), at: Timestamp::from_millis(millis), note: None }
    }

    #[test]
    fn the_later_answer_to_a_question_holds_whatever_comes_first() {
        let budget = |answer| Found::Criterion(Name::fixed("budget"), answer);
        let mut findings = Findings::default();
        assert!(findings.note(at(5, budget(Known3::Yes))));
        assert!(!findings.note(at(4, budget(Known3::No))));
        assert_eq!(findings.criterion(&Name::fixed("budget")), Some(Known3::Yes));
        assert!(findings.note(at(6, budget(Known3::Unknown))));
        assert_eq!(findings.criterion(&Name::fixed("budget")), Some(Known3::Unknown));
        assert_eq!(findings.criterion(&Name::fixed("need")), None);
        assert_eq!(findings.iter().count(), 1);
    }

    #[test]
    fn a_later_inquiry_that_answers_a_field_itself_is_newer() {
        let mut findings = Findings::default();
        findings.note(at(5, Found::Field("need.timeline".into(), "now".into())));
        findings.note(at(5, Found::Eligible(Known3::Yes)));
        findings.drop_answered(Timestamp::from_millis(4), |_| true);
        assert!(findings.field("Need.Timeline").is_some());
        findings.drop_answered(Timestamp::from_millis(9), |path| path == "need.budget");
        assert!(findings.field("need.timeline").is_some());
        findings.drop_answered(Timestamp::from_millis(9), |path| path == "need.timeline");
        assert_eq!((findings.field("need.timeline"), findings.eligible()), (None, Known3::Yes));
    }

    #[test]
    fn of_too_many_the_oldest_go() {
        let mut findings = Findings::default();
        for n in 0..i64::try_from(Findings::MAX + 5).unwrap() {
            findings.note(at(n, Found::Field(format!("answers.k{n}"), "x".into())));
        }
        assert_eq!(findings.iter().count(), Findings::MAX);
        assert!(findings.field("answers.k4").is_none() && findings.field("answers.k5").is_some());
    }
}
