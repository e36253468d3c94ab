//! Compiled criteria and the judgement they give.

use std::ops::Range;

use super::engagement::Engagement;
use super::grades::Grades;
use super::now::is_sold;
use super::worth::Worth;
use super::{Choices, DefinitionsSettings, Settings, compile};
use crate::domain::{
    Category, Criterion, Known3, Millipoints, Name, Qualification, ScoreLine, SettingProblem,
    do_not_contact, unsubscribed,
};
use crate::rules::{Condition, Lists, Says, Subject};

/// Stands in the place of an eligibility rule where a person found out that a lead is not eligible. No rule is called so.
pub const PERSON: &str = "person";

/// The same where the person wants to be left alone.
pub const DO_NOT_CONTACT: &str = "do_not_contact";

/// The same where the person wants no messages of nurture, and there is not enough for sales.
pub const UNSUBSCRIBED: &str = "unsubscribed";

/// What stands in the place of an eligibility rule.
pub(super) const RESERVED: [&str; 3] = [PERSON, DO_NOT_CONTACT, UNSUBSCRIBED];

/// How often, and with which wait between, people try to reach somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unresponsive {
    pub after: std::time::Duration,
    /// After so many tries in vain the lead is recycled.
    pub max: u32,
}

/// What a score line is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineText {
    pub name: Name,
    pub group: Criterion,
    /// In words, as the settings say it; the name if they say nothing.
    pub text: String,
}

/// One criterion or named line.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) text: LineText,
    pub(super) yes: Condition,
    pub(super) no: Option<Condition>,
    pub(super) points_yes: Millipoints,
    pub(super) points_no: Millipoints,
    pub(super) question: Option<String>,
    pub(super) wanted: bool,
    /// The fields that answer it and may be filled in by people.
    pub(super) choices: Vec<Choices>,
}

impl Line {
    /// Whether people would ask about it while it is unknown.
    pub(super) fn is_asked(&self) -> bool {
        self.wanted || self.question.is_some()
    }

    /// What the better answer gives.
    pub(super) fn best(&self) -> Millipoints {
        self.points_yes.max(self.points_no)
    }

    pub(super) fn points(&self, answer: Known3) -> Millipoints {
        match answer {
            Known3::Yes => self.points_yes,
            Known3::No => self.points_no,
            Known3::Unknown => 0,
        }
    }

    /// The answer, and whether some clause could not be evaluated.
    fn answer(&self, subject: &Subject<'_>) -> (Known3, bool) {
        let yes = self.yes.evaluate(subject);
        let no = match &self.no {
            Some(no) => no.evaluate(subject),
            // Without a condition of its own, no is what yes says is not so.
            None if yes == Says::NoMatch => Says::Match,
            None => Says::NoMatch,
        };
        let answer = match (yes, no) {
            // Evidence for both: that is not knowing.
            (Says::Match, Says::Match) => Known3::Unknown,
            (Says::Match, _) => Known3::Yes,
            (_, Says::Match) => Known3::No,
            _ => Known3::Unknown,
        };
        (answer, yes == Says::Error || no == Says::Error)
    }
}

/// The lines of one group and its bounds.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) lines: Range<usize>,
    /// At or below zero.
    pub(super) min: Option<Millipoints>,
    /// At or above zero.
    pub(super) max: Option<Millipoints>,
}

impl Group {
    pub(super) fn clamp(&self, sum: Millipoints) -> Millipoints {
        let sum = self.max.map_or(sum, |max| sum.min(max));
        self.min.map_or(sum, |min| sum.max(min))
    }

    /// Brings the points of the group's lines within its bounds, so that they go on adding up: the
    /// last lines that take the sum over `max` (or under `min`) give up as much as is too much.
    pub(super) fn cut(&self, points: &mut [Millipoints]) {
        let sum: Millipoints = points.iter().sum();
        let mut excess = sum - self.clamp(sum);
        for line in points.iter_mut().rev() {
            let cut =
                if excess > 0 { excess.min((*line).max(0)) } else { excess.max((*line).min(0)) };
            *line -= cut;
            excess -= cut;
        }
    }
}

/// One rule of the gate.
#[derive(Debug, Clone)]
pub(super) struct Gate {
    pub(super) name: Name,
    pub(super) when: Condition,
    pub(super) reason: String,
}

/// When people ask.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask {
    /// Per mille.
    pub(super) completeness_below: u16,
    pub(super) min_score: Option<Millipoints>,
}

/// Settings, checked and compiled.
#[derive(Debug, Clone)]
pub struct Qualifier {
    pub(super) lines: Vec<Line>,
    pub(super) groups: Vec<Group>,
    pub(super) gates: Vec<Gate>,
    /// Lines that people ask about, those first whose best answer gives most.
    pub(super) asking: Vec<usize>,
    pub(super) sell: Millipoints,
    pub(super) nurture: Millipoints,
    /// Below it a lead that is being sold is so no more.
    pub(super) demote: Millipoints,
    /// The bounds of all lines together.
    pub(super) fit: Group,
    pub(super) engagement: Engagement,
    pub(super) grades: Option<Grades>,
    pub(super) unresponsive: Unresponsive,
    pub(super) worth: Option<Worth>,
    pub(super) ask: Option<Ask>,
    pub(super) definitions: DefinitionsSettings,
}

impl Qualifier {
    /// Checks and compiles the settings; `lists` are those that conditions may name. All mistakes at once, paths from the top of the file.
    pub fn compile(settings: &Settings, lists: &Lists) -> Result<Self, Vec<SettingProblem>> {
        compile::compile(settings, lists)
    }

    /// The text of a score line.
    #[must_use]
    pub fn line(&self, line: u16) -> Option<&LineText> {
        let index = usize::from(line);
        match self.lines.get(index) {
            Some(line) => Some(&line.text),
            None => self.engagement.lines.get(index - self.lines.len()).map(|line| &line.text),
        }
    }

    /// Every line: its text, points for yes and for no, whether it is wanted.
    pub fn lines(&self) -> impl Iterator<Item = (&LineText, Millipoints, Millipoints, bool)> {
        self.lines.iter().map(|line| (&line.text, line.points_yes, line.points_no, line.wanted))
    }

    /// The rules of the gate: name and reason.
    pub fn gates(&self) -> impl Iterator<Item = (&Name, &str)> {
        self.gates.iter().map(|gate| (&gate.name, gate.reason.as_str()))
    }

    /// The answer to every line, also those that no judgement lists.
    #[must_use]
    pub fn answers(&self, subject: &Subject<'_>) -> Vec<(Name, Known3)> {
        let subject = &Subject { qualification: None, ..*subject };
        let answer = |line: &Line| {
            let answer = found(line, subject).unwrap_or_else(|| line.answer(subject).0);
            (line.text.name.clone(), answer)
        };
        self.lines.iter().map(answer).collect()
    }

    /// The question that finds out about a criterion, if the settings have one.
    #[must_use]
    pub fn question(&self, name: &Name) -> Option<&str> {
        self.lines.iter().find(|line| line.text.name == *name)?.question.as_deref()
    }

    /// Why an eligibility rule excludes, for people.
    #[must_use]
    pub fn reason(&self, name: &Name) -> Option<&str> {
        match name.as_str() {
            PERSON => return Some("a person found out that we cannot sell to them"),
            DO_NOT_CONTACT => return Some("the person wants to be left alone"),
            UNSUBSCRIBED => {
                return Some("the person wants no messages, and there is too little for sales");
            }
            _ => {}
        }
        self.gates.iter().find(|gate| gate.name == *name).map(|gate| gate.reason.as_str())
    }

    /// What the business agreed to call an inquiry, a lead and a prospect.
    #[must_use]
    pub fn definitions(&self) -> &DefinitionsSettings {
        &self.definitions
    }

    /// The scores from which on a lead is sold and nurtured; none where grades say so.
    #[must_use]
    pub fn thresholds(&self) -> Option<(Millipoints, Millipoints)> {
        self.grades.is_none().then_some((self.sell, self.nurture))
    }

    /// What becomes of people who do not answer.
    #[must_use]
    pub fn unresponsive(&self) -> Unresponsive {
        self.unresponsive
    }

    /// The highest score there can be.
    pub(super) fn highest(&self) -> Millipoints {
        let best = |lines: &[Line]| lines.iter().map(|line| line.best().max(0)).sum();
        let fit: Millipoints =
            self.groups.iter().map(|g| g.clamp(best(&self.lines[g.lines.clone()]))).sum();
        self.fit.clamp(fit) + self.engagement.highest()
    }

    /// What fit would be if every open question had its best answer.
    fn within_reach(&self, answers: &[Known3]) -> Millipoints {
        let points = |index: usize| match (&self.lines[index], answers[index]) {
            (line, Known3::Unknown) if line.is_asked() => line.best().max(0),
            (line, answer) => line.points(answer),
        };
        let sum: Millipoints =
            self.groups.iter().map(|g| g.clamp(g.lines.clone().map(points).sum())).sum();
        self.fit.clamp(sum)
    }

    /// The rule of the gate that excludes the subject: a person's word stands above them all.
    fn excluded(&self, subject: &Subject<'_>, errors: &mut Vec<Name>) -> Option<Name> {
        if do_not_contact(&subject.lead.consents).is_some() {
            return Some(Name::fixed(DO_NOT_CONTACT));
        }
        match subject.lead.findings.eligible() {
            Known3::Yes => return None,
            Known3::No => return Some(Name::fixed(PERSON)),
            Known3::Unknown => {}
        }
        for gate in &self.gates {
            match gate.when.evaluate(subject) {
                Says::Match => return Some(gate.name.clone()),
                Says::Error => errors.push(gate.name.clone()),
                Says::NoMatch | Says::Missing => {}
            }
        }
        None
    }

    /// Per mille of the wanted criteria that are known; all of them if none is wanted.
    fn completeness(&self, answers: &[Known3]) -> u16 {
        let wanted = || self.lines.iter().zip(answers).filter(|(line, _)| line.wanted);
        let known = wanted().filter(|(_, answer)| **answer != Known3::Unknown).count();
        (known * 1000).checked_div(wanted().count()).map_or(1000, |part| {
            // At most a thousand, because no more are known than wanted.
            u16::try_from(part).unwrap_or(1000)
        })
    }

    fn asks(
        &self,
        (score, engaged): (Millipoints, Millipoints),
        completeness: u16,
        answers: &[Known3],
    ) -> bool {
        let Some(ask) = self.ask else { return false };
        let promising = ask.min_score.map_or_else(
            || self.category(self.within_reach(answers), engaged, false) == Category::Sell,
            |least| score >= least,
        );
        completeness < ask.completeness_below && promising
    }
}

/// Judges a subject. Same settings, same subject: the same judgement.
///
/// A line is listed if it gave points, was answered yes, or is wanted; the rest would only say that
/// nothing follows from them. `subject.qualification` is not looked at.
#[must_use]
pub fn qualify(qualifier: &Qualifier, subject: &Subject<'_>) -> Qualification {
    let subject = &Subject { qualification: None, ..*subject };
    let mut errors = Vec::new();
    let mut answers = Vec::with_capacity(qualifier.lines.len());
    for line in &qualifier.lines {
        let (answer, failed) = match found(line, subject) {
            Some(answer) => (answer, false),
            None => line.answer(subject),
        };
        answers.push(answer);
        if failed {
            errors.push(line.text.name.clone());
        }
    }
    let given: Vec<Millipoints> =
        qualifier.lines.iter().zip(&answers).map(|(line, answer)| line.points(*answer)).collect();
    let mut points = given.clone();
    for group in &qualifier.groups {
        group.cut(&mut points[group.lines.clone()]);
    }
    qualifier.fit.cut(&mut points);
    let mut ineligible = qualifier.excluded(subject, &mut errors);
    let fit: Millipoints = points.iter().sum();
    let engaged = qualifier.engaged(subject);
    let score = (fit + engaged.sum).max(0);
    let completeness = qualifier.completeness(&answers);
    let mut category = match ineligible {
        Some(_) => Category::Discard,
        None => qualifier.category(fit, engaged.sum, is_sold(subject.lead)),
    };
    let ask = ineligible.is_none()
        && category != Category::Sell
        && qualifier.asks((score, engaged.sum), completeness, &answers);
    if category == Category::Nurture && !ask && unsubscribed(&subject.lead.consents) {
        category = Category::Discard;
        ineligible = Some(Name::fixed(UNSUBSCRIBED));
    }
    let worth = qualifier.worth.as_ref().filter(|_| category != Category::Discard);
    let expected = worth.and_then(|worth| worth.of(subject, score, &mut errors));
    let unknown = |index: &&usize| answers[**index] == Known3::Unknown;
    let open = qualifier.asking.iter().filter(unknown);
    let mut lines = listed(qualifier, subject, &answers, &given, &points);
    lines.extend(engaged.lines);
    Qualification {
        score,
        lines,
        floor: score - fit - engaged.sum,
        completeness,
        grade: qualifier.grade(fit, engaged.sum),
        category,
        ask,
        open: open.map(|index| qualifier.lines[*index].text.name.clone()).collect(),
        ineligible,
        errors,
        expected,
    }
}

/// What a person found out about a line: it holds whatever the inquiries say.
fn found(line: &Line, subject: &Subject<'_>) -> Option<Known3> {
    subject.lead.findings.criterion(&line.text.name)
}

/// The lines worth listing. `given` are the points before the bounds, `points` after.
fn listed(
    qualifier: &Qualifier,
    subject: &Subject<'_>,
    answers: &[Known3],
    given: &[Millipoints],
    points: &[Millipoints],
) -> Vec<ScoreLine> {
    (0_u16..)
        .zip(qualifier.lines.iter().zip(answers).zip(given.iter().zip(points)))
        .filter(|(_, ((line, answer), (given, _)))| {
            line.wanted || **given != 0 || **answer == Known3::Yes
        })
        .map(|(index, ((line, answer), (_, points)))| ScoreLine {
            line: index,
            group: line.text.group,
            answer: *answer,
            points: *points,
            by_person: found(line, subject).is_some(),
            until: None,
        })
        .collect()
}
