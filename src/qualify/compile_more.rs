//! Compiling engagement, grades, the tries and when people ask.

use std::time::Duration;

use super::compile::Compiler;
use super::engagement::{Engagement, EngagementGroup, EngagementLine};
use super::fade::Fade;
use super::grades::{Cell, DIGITS, Grades, LETTERS};
use super::qualifier::{Ask, Group, LineText, Unresponsive};
use super::{
    AskSettings, EngagementLineSettings, EngagementSettings, GradeSettings, LINES_MAX,
    UnresponsiveSettings,
};
use crate::domain::{Criterion, Millipoints, Period};
use crate::rules::{CAMPAIGN, PAGE};

/// Longer ones are slips of the pen.
const FADE_MAX: Duration = Duration::from_hours(24 * 3_660);
/// What an inquiry is asked about as an event, and what an engagement.
const OF_INQUIRIES: [&str; 2] = ["source", "channel"];
const OF_ENGAGEMENTS: [&str; 2] = [PAGE, CAMPAIGN];

impl Compiler<'_> {
    pub(super) fn engagement(
        &mut self,
        groups: &[EngagementSettings],
        max: Option<Millipoints>,
    ) -> Engagement {
        let mut engagement = Engagement { max, ..Engagement::default() };
        for (index, group) in groups.iter().enumerate() {
            let path = format!("engagement[{index}]");
            self.name(&group.name, &path);
            let fade = self.fade(group, &path);
            let first = engagement.lines.len();
            for (index, line) in group.lines.iter().enumerate() {
                let line = self.engagement_line(line, &format!("{path}.lines[{index}]"));
                engagement.lines.extend(line);
            }
            if group.lines.is_empty() {
                self.problem(&format!("{path}.lines"), "this group has no lines", None);
            }
            let max = self.cap(group.max, &format!("{path}.max"), 1);
            let lines = first..engagement.lines.len();
            let bounds = Group { lines: lines.clone(), min: Some(0), max };
            if let Some(fade) = fade {
                engagement.groups.push(EngagementGroup { lines, fade, bounds });
            }
        }
        if engagement.lines.len() > LINES_MAX {
            let message = format!("there are at most {LINES_MAX} lines of engagement");
            self.problem("engagement", message, None);
        }
        engagement
    }

    fn fade(&mut self, group: &EngagementSettings, path: &str) -> Option<Fade> {
        let (key, period) = match (group.half_life, group.window) {
            (Some(period), None) => ("half_life", period),
            (None, Some(period)) => ("window", period),
            _ => {
                let message = "a group of engagement has either `half_life` or `window`";
                self.problem(path, message, None);
                return None;
            }
        };
        let length =
            self.period(period, &format!("{path}.{key}"), Duration::from_mins(1), FADE_MAX)?;
        let length = u64::try_from(length.as_millis()).ok()?;
        Some(if key == "window" { Fade::Window(length) } else { Fade::HalfLife(length) })
    }

    fn period(
        &mut self,
        period: Period,
        path: &str,
        least: Duration,
        most: Duration,
    ) -> Option<Duration> {
        if (least..=most).contains(&period.0) {
            return Some(period.0);
        }
        let days = most.as_secs() / 86_400;
        self.problem(path, format!("expected between 1m and {days}d"), None);
        None
    }

    fn engagement_line(
        &mut self,
        line: &EngagementLineSettings,
        path: &str,
    ) -> Option<EngagementLine> {
        let name = self.name(&line.name, path);
        let points = self.points(line.points, &format!("{path}.points"));
        if points == Some(0) {
            self.problem(&format!("{path}.points"), "this line does nothing", None);
        }
        if let Some(text) = &line.text {
            self.text(text, &format!("{path}.text"));
        }
        let when_path = format!("{path}.when");
        let when = line.when.as_ref().map(|when| self.condition(when, &when_path));
        let kinds = &line.kind.0;
        let (what, asked) = if kinds.is_empty() {
            ("an inquiry counts by its source and channel", OF_INQUIRIES)
        } else {
            ("an engagement has a page and a campaign", OF_ENGAGEMENTS)
        };
        if let Some(Some(when)) = &when
            && let Some(other) = when.fields().iter().find(|f| !asked.contains(&f.as_str()))
        {
            let message = format!("`{other}` cannot be asked here: {what}");
            let suggestion = format!("`{}` or `{}`", asked[0], asked[1]);
            self.problem(&when_path, message, Some(suggestion));
        }
        let when = if let Some(when) = when { Some(when?) } else { None };
        let (name, points) = (name?, points?);
        let text = line.text.clone().unwrap_or_else(|| name.to_string());
        Some(EngagementLine {
            text: LineText { name, group: Criterion::Engagement, text },
            kinds: kinds.clone(),
            when,
            points,
        })
    }

    pub(super) fn grades(&mut self, settings: &GradeSettings) -> Grades {
        let fit = self.steps(&settings.fit, "grades.fit", LETTERS.len());
        let engagement = self.steps(&settings.engagement, "grades.engagement", DIGITS.len());
        let mut grades =
            Grades { fit, engagement, sell: Vec::new(), nurture: Vec::new(), keep: Vec::new() };
        if settings.sell.is_empty() {
            self.problem("grades.sell", "no cell is sold", None);
        }
        grades.sell = self.cells(&grades, &settings.sell, "grades.sell");
        grades.nurture = self.cells(&grades, &settings.nurture, "grades.nurture");
        grades.keep = self.cells(&grades, &settings.keep, "grades.keep");
        let twice = |cells: &[Cell], index: &usize| grades.sell.contains(&cells[*index]);
        for (list, cells) in [("nurture", &grades.nurture), ("keep", &grades.keep)] {
            for index in (0..cells.len()).filter(|index| twice(cells, index)) {
                let message = "this cell is sold already";
                self.problem(&format!("grades.{list}[{index}]"), message, None);
            }
        }
        grades
    }

    fn steps(&mut self, steps: &[f64], path: &str, most: usize) -> Vec<Millipoints> {
        let mut points: Vec<Millipoints> = Vec::with_capacity(steps.len());
        if steps.is_empty() || steps.len() >= most {
            self.problem(path, format!("give between 1 and {} steps", most - 1), None);
        }
        for (index, step) in steps.iter().enumerate() {
            let path = format!("{path}[{index}]");
            let Some(step) = self.points(*step, &path) else { continue };
            if step <= 0 {
                self.problem(&path, "a step lies above zero", None);
            } else if points.last().is_some_and(|before| *before <= step) {
                self.problem(&path, "the steps fall from the best one down", None);
            }
            points.push(step);
        }
        points
    }

    fn cells(&mut self, grades: &Grades, cells: &[String], path: &str) -> Vec<Cell> {
        let mut found = Vec::new();
        for (index, cell) in cells.iter().enumerate() {
            if let Some(cell) = grades.parse(cell) {
                found.push(cell);
                continue;
            }
            let lowest = super::grades::word((
                u8::try_from(grades.fit.len()).unwrap_or(0),
                u8::try_from(grades.engagement.len()).unwrap_or(0),
            ));
            let message = format!("there is no cell `{cell}`: they go from A1 to {lowest}");
            self.problem(&format!("{path}[{index}]"), message, None);
        }
        found
    }

    pub(super) fn unresponsive(&mut self, settings: UnresponsiveSettings) -> Unresponsive {
        let most = Duration::from_hours(24 * 90);
        self.period(settings.after, "unresponsive.after", Duration::from_mins(1), most);
        if !(1..=50).contains(&settings.max) {
            self.problem("unresponsive.max", "expected between 1 and 50", None);
        }
        Unresponsive { after: settings.after.0, max: settings.max }
    }

    pub(super) fn ask(&mut self, ask: AskSettings, selling: Option<Millipoints>) -> Option<Ask> {
        let path = "thresholds.ask.completeness_below";
        let part = ask.completeness_below;
        if !(0.001..=1.0).contains(&part) {
            let suggestion = (part > 1.0 && part <= 100.0)
                .then(|| format!("write {} for {part} %", part / 100.0));
            self.problem(path, "completeness is a part of 1, such as 0.6", suggestion);
            return None;
        }
        if !self.lines.iter().any(|line| line.wanted) && self.problems.is_empty() {
            self.problem(path, "no criterion is wanted, so every lead is complete", None);
        }
        let path = "thresholds.ask.min_score";
        let min_score = match ask.min_score {
            Some(points) => Some(self.points(points, path)?),
            None => None,
        };
        if let (Some(least), Some(selling)) = (min_score, selling)
            && !(0..selling).contains(&least)
        {
            let message = "nobody would be asked: this has to lie between 0 and `sell`";
            self.problem(path, message, None);
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000")]
        let completeness_below = (part * 1000.0).round() as u16;
        Some(Ask { completeness_below, min_score })
    }

    /// Lines that people ask about: the best answer that gives most first, then as written.
    pub(super) fn asking(&self) -> Vec<usize> {
        let mut asking: Vec<usize> =
            (0..self.lines.len()).filter(|index| self.lines[*index].is_asked()).collect();
        asking.sort_by_key(|index| (-self.lines[*index].best(), *index));
        asking
    }
}
