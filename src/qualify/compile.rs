//! From `qualification.yaml` as written to a [`Qualifier`]: every mistake, each with its path.

use std::collections::BTreeSet;

use super::explain::points_in_words;
use super::qualifier::{Gate, Group, Line, LineText, RESERVED};
use super::{
    CapSettings, DefinitionSettings, EligibilitySettings, LINES_MAX, LineSettings, POINTS_MAX,
    PointsSettings, Qualifier, Settings, TEXT_MAX,
};
use crate::domain::{Criterion, Millipoints, Name, SettingProblem};
use crate::rules::{Condition, ConditionSource, Lists};

/// Fields that are only known once qualification is done.
const CONCLUSIONS: [&str; 3] = ["category", "completeness", "score"];

/// Checks and compiles.
pub(super) fn compile(
    settings: &Settings,
    lists: &Lists,
) -> Result<Qualifier, Vec<SettingProblem>> {
    let mut compiler = Compiler {
        lists,
        problems: Vec::new(),
        names: BTreeSet::new(),
        lines: Vec::new(),
        groups: Vec::new(),
        gates: Vec::new(),
    };
    let criteria = &settings.criteria;
    let caps = &settings.caps;
    for (group, path, lines, cap) in [
        (Criterion::Budget, "criteria.budget", &criteria.budget, caps.budget),
        (Criterion::Authority, "criteria.authority", &criteria.authority, caps.authority),
        (Criterion::Need, "criteria.need", &criteria.need, caps.need),
        (Criterion::Timeline, "criteria.timeline", &criteria.timeline, caps.timeline),
        (Criterion::Company, "company", &settings.company, caps.company),
        (Criterion::Contact, "contact", &settings.contact, caps.contact),
        (Criterion::Approach, "approach", &settings.approach, caps.approach),
    ] {
        compiler.group(group, path, lines, cap);
    }
    if compiler.lines.len() > LINES_MAX {
        let message = format!("there are at most {LINES_MAX} criteria and lines");
        compiler.problem("criteria", message, None);
    }
    for (index, gate) in settings.eligibility.iter().enumerate() {
        compiler.gate(gate, &format!("eligibility[{index}]"));
    }
    for (word, definition) in [
        ("inquiry", &settings.definitions.inquiry),
        ("lead", &settings.definitions.lead),
        ("prospect", &settings.definitions.prospect),
    ] {
        if let Some(definition) = definition {
            compiler.definition(definition, &format!("definitions.{word}"));
        }
    }
    compiler.finish(settings)
}

pub(super) struct Compiler<'a> {
    lists: &'a Lists,
    pub(super) problems: Vec<SettingProblem>,
    names: BTreeSet<Name>,
    pub(super) lines: Vec<Line>,
    groups: Vec<Group>,
    gates: Vec<Gate>,
}

impl Compiler<'_> {
    pub(super) fn problem(
        &mut self,
        path: &str,
        message: impl Into<String>,
        suggestion: Option<String>,
    ) {
        let mut problem = SettingProblem::new(path, message);
        problem.suggestion = suggestion;
        self.problems.push(problem);
    }

    fn group(&mut self, group: Criterion, path: &str, lines: &[LineSettings], cap: CapSettings) {
        let first = self.lines.len();
        for (index, line) in lines.iter().enumerate() {
            if let Some(line) = self.line(group, line, &format!("{path}[{index}]")) {
                self.lines.push(line);
            }
        }
        let cap_path = format!("caps.{group}");
        let min = self.cap(cap.min, &format!("{cap_path}.min"), -1);
        let max = self.cap(cap.max, &format!("{cap_path}.max"), 1);
        if lines.is_empty() && (min.is_some() || max.is_some()) {
            self.problem(&cap_path, format!("`{group}` has no lines to cap"), None);
        }
        self.groups.push(Group { lines: first..self.lines.len(), min, max });
    }

    pub(super) fn cap(
        &mut self,
        points: Option<f64>,
        path: &str,
        sign: i64,
    ) -> Option<Millipoints> {
        let cap = self.points(points?, path)?;
        if cap * sign < 0 {
            let side = if sign > 0 { "at or above" } else { "at or below" };
            self.problem(path, format!("this cap is {side} zero"), None);
            return None;
        }
        Some(cap)
    }

    fn line(&mut self, group: Criterion, line: &LineSettings, path: &str) -> Option<Line> {
        let name = self.name(&line.name, path);
        let yes = match (&line.yes, &line.when) {
            (Some(yes), None) => self.condition(yes, &format!("{path}.yes")),
            (None, Some(when)) => self.condition(when, &format!("{path}.when")),
            (Some(_), Some(_)) => {
                let message = "`when` is another word for `yes`; give one of them";
                self.problem(&format!("{path}.when"), message, None);
                None
            }
            (None, None) => {
                let message = "a line needs a condition under `yes` (or `when`)";
                self.problem(path, message, None);
                None
            }
        };
        let no = line.no.as_ref().map(|no| self.condition(no, &format!("{path}.no")));
        let points_path = format!("{path}.points");
        let (points_yes, points_no) = match line.points {
            PointsSettings::Yes(yes) => (self.points(yes, &points_path), Some(0)),
            PointsSettings::Each(each) => (
                self.points(each.yes, &format!("{points_path}.yes")),
                self.points(each.no, &format!("{points_path}.no")),
            ),
        };
        let bant = matches!(
            group,
            Criterion::Budget | Criterion::Authority | Criterion::Need | Criterion::Timeline
        );
        let wanted = line.wanted.unwrap_or(bant);
        if points_yes == Some(0) && points_no == Some(0) && !wanted {
            let message = "this line does nothing: it gives no points and is not wanted";
            self.problem(
                &points_path,
                message,
                Some("give it points or `wanted: true`".to_owned()),
            );
        }
        for (key, text) in [("text", &line.text), ("ask", &line.ask)] {
            if let Some(text) = text {
                self.text(text, &format!("{path}.{key}"));
            }
        }
        let (name, yes, points_yes, points_no) = (name?, yes?, points_yes?, points_no?);
        let no = if let Some(no) = no { Some(no?) } else { None };
        let text = line.text.clone().unwrap_or_else(|| name.to_string());
        Some(Line {
            text: LineText { name, group, text },
            yes,
            no,
            points_yes,
            points_no,
            question: line.ask.clone(),
            wanted,
            choices: super::questions::choices(line),
        })
    }

    fn gate(&mut self, gate: &EligibilitySettings, path: &str) {
        let name = self.name(&gate.name, path);
        if RESERVED.contains(&gate.name.as_str()) {
            let message = format!("`{}` is what people say: name it otherwise", gate.name);
            self.problem(&format!("{path}.name"), message, None);
        }
        let when = self.condition(&gate.when, &format!("{path}.when"));
        self.text(&gate.reason, &format!("{path}.reason"));
        if let (Some(name), Some(when)) = (name, when) {
            self.gates.push(Gate { name, when, reason: gate.reason.clone() });
        }
    }

    /// A name not used before in this file.
    pub(super) fn name(&mut self, text: &str, path: &str) -> Option<Name> {
        let path = format!("{path}.name");
        match Name::parse(text) {
            Ok(name) if self.names.contains(&name) => {
                self.problem(&path, format!("the name `{name}` is used twice"), None);
                None
            }
            Ok(name) => {
                self.names.insert(name.clone());
                Some(name)
            }
            Err(error) => {
                let meant = text.trim().to_lowercase().replace(' ', "-");
                let suggestion = Name::parse(&meant).ok().map(|name| format!("write `{name}`"));
                self.problem(&path, error.to_string(), suggestion);
                None
            }
        }
    }

    pub(super) fn condition(&mut self, source: &ConditionSource, path: &str) -> Option<Condition> {
        match Condition::compile(source, self.lists) {
            Ok(condition) => {
                let conclusion =
                    condition.fields().iter().find(|field| CONCLUSIONS.contains(&field.as_str()));
                if let Some(field) = conclusion {
                    let message = format!("`{field}` is not known before qualification is done");
                    let suggestion = "use it in routing.yaml".to_owned();
                    self.problem(path, message, Some(suggestion));
                    return None;
                }
                Some(condition)
            }
            Err(problems) => {
                self.problems.extend(problems.into_iter().map(|problem| problem.below(path)));
                None
            }
        }
    }

    /// Points in thousandths.
    pub(super) fn points(&mut self, points: f64, path: &str) -> Option<Millipoints> {
        let millipoints = points * 1000.0;
        #[expect(clippy::cast_precision_loss, reason = "a small constant")]
        let limit = POINTS_MAX as f64;
        if !points.is_finite() || points.abs() > limit {
            self.problem(path, format!("points lie between -{POINTS_MAX} and {POINTS_MAX}"), None);
            return None;
        }
        if (millipoints - millipoints.round()).abs() > 1e-6 {
            self.problem(path, "points have at most three decimals", None);
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "within the limit above")]
        Some(millipoints.round() as Millipoints)
    }

    pub(super) fn text(&mut self, text: &str, path: &str) {
        if text.trim().is_empty() {
            self.problem(path, "this text is empty", None);
        } else if text.len() > TEXT_MAX {
            self.problem(path, format!("a text has at most {TEXT_MAX} bytes"), None);
        }
    }

    fn definition(&mut self, definition: &DefinitionSettings, path: &str) {
        self.text(&definition.text, &format!("{path}.text"));
        let agreed = self.date(definition.agreed_on.as_deref(), &format!("{path}.agreed_on"));
        let review_path = format!("{path}.review_by");
        let review = self.date(definition.review_by.as_deref(), &review_path);
        if let (Some(agreed), Some(review)) = (agreed, review)
            && review < agreed
        {
            self.problem(&review_path, "this date lies before `agreed_on`", None);
        }
    }

    fn date(&mut self, text: Option<&str>, path: &str) -> Option<jiff::civil::Date> {
        let date = text?.parse().ok();
        if date.is_none() {
            self.problem(path, "a date is written like 2026-03-01", None);
        }
        date
    }

    fn finish(mut self, settings: &Settings) -> Result<Qualifier, Vec<SettingProblem>> {
        let grades = settings.grades.as_ref().map(|grades| self.grades(grades));
        let thresholds = settings.thresholds;
        let (mut selling, mut nurture) = (None, None);
        if grades.is_none() {
            selling = self.threshold(thresholds.sell, "thresholds.sell");
            nurture = self.threshold(thresholds.nurture, "thresholds.nurture");
        } else if thresholds.sell.or(thresholds.nurture).or(thresholds.demote).is_some() {
            let message = "`grades` says what is sold; thresholds beside it would do nothing";
            self.problem("thresholds", message, None);
        }
        if let (Some(selling), Some(nurture)) = (selling, nurture)
            && nurture >= selling
        {
            let message = "nothing could be nurtured: `nurture` has to lie below `sell`";
            self.problem("thresholds.nurture", message, None);
        }
        let demote = self.demote(thresholds.demote, nurture, selling);
        let ask = thresholds.ask.and_then(|ask| self.ask(ask, selling));
        let asking = self.asking();
        let fit = Group {
            lines: 0..self.lines.len(),
            min: self.cap(settings.caps.fit.min, "caps.fit.min", -1),
            max: self.cap(settings.caps.fit.max, "caps.fit.max", 1),
        };
        if settings.caps.engagement.min.is_some() {
            let message = "engagement is never below zero by itself";
            self.problem("caps.engagement.min", message, None);
        }
        let most = self.cap(settings.caps.engagement.max, "caps.engagement.max", 1);
        let engagement = self.engagement(&settings.engagement, most);
        let unresponsive = self.unresponsive(settings.unresponsive);
        let worth = settings.expected_value.as_ref().and_then(|value| self.worth(value));
        let qualifier = Qualifier {
            lines: self.lines,
            groups: self.groups,
            gates: self.gates,
            asking,
            sell: selling.unwrap_or_default(),
            nurture: nurture.unwrap_or_default(),
            demote: demote.or(selling).unwrap_or_default(),
            fit,
            engagement,
            grades,
            unresponsive,
            worth,
            ask,
            definitions: settings.definitions.clone(),
        };
        // With mistakes among the lines, what they add up to says nothing.
        if self.problems.is_empty()
            && qualifier.grades.is_none()
            && qualifier.highest() < qualifier.sell
        {
            let highest = points_in_words(qualifier.highest());
            let message = format!("no lead can reach this: all points add up to {highest}");
            self.problems.push(SettingProblem::new("thresholds.sell", message));
        }
        if self.problems.is_empty() { Ok(qualifier) } else { Err(self.problems) }
    }

    /// Below which a lead that is being sold is so no more.
    fn demote(
        &mut self,
        points: Option<f64>,
        nurture: Option<Millipoints>,
        selling: Option<Millipoints>,
    ) -> Option<Millipoints> {
        let demote = self.points(points?, "thresholds.demote")?;
        if let (Some(nurture), Some(selling)) = (nurture, selling)
            && !(nurture..=selling).contains(&demote)
        {
            let message = "this lies between `nurture` and `sell`";
            self.problem("thresholds.demote", message, None);
        }
        Some(demote)
    }

    fn threshold(&mut self, points: Option<f64>, path: &str) -> Option<Millipoints> {
        let Some(points) = points else {
            let message = "a threshold is missing: some scores would have no category";
            self.problem(path, message, None);
            return None;
        };
        let threshold = self.points(points, path)?;
        if threshold <= 0 && path.ends_with("sell") {
            self.problem(path, "every lead would be sold: this has to lie above zero", None);
            return None;
        }
        if threshold < 0 {
            self.problem(path, "a score is never below zero", Some("write 0".to_owned()));
            return None;
        }
        Some(threshold)
    }
}
