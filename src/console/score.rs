//! A score as a waterfall: each line begins where the one before ended.

use askama::Template;
use askama::filters::HtmlSafe;

use super::words::{Mark, percent, points, signed};
use crate::decide::{Because, Configuration, reasons};
use crate::domain::{Expected, InquiryEntry, Lead, Millipoints, Qualification, Timestamp};

/// The drawing is so wide, in units of its own.
const WIDTH: Millipoints = 1_000;

/// The judgement on an inquiry.
#[derive(Debug, Clone, Template)]
#[template(path = "score.html")]
pub struct Score {
    total: String,
    completeness: String,
    category: Mark,
    ask: bool,
    rows: Vec<Row>,
    /// Where the total's bar ends, and the thresholds' lines.
    total_bar: Bar,
    sell: Option<(i64, String)>,
    nurture: Option<(i64, String)>,
    floor: Option<(String, Bar)>,
    open: Vec<(String, Option<String>)>,
    ineligible: Option<String>,
    worth: Option<String>,
    errors: Vec<String>,
    summary: String,
}

impl HtmlSafe for Score {}

/// One line.
#[derive(Debug, Clone)]
struct Row {
    group: &'static str,
    text: String,
    answer: Mark,
    /// By which fields, or by whom, and until when.
    because: Option<String>,
    points: String,
    bar: Bar,
}

/// A bar between two places of the drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    x: i64,
    width: i64,
    class: &'static str,
    /// Where the bar above ended, and where the one below begins.
    from: i64,
    to: i64,
}

/// Turns points into places.
#[derive(Debug, Clone, Copy)]
struct Scale {
    low: Millipoints,
    span: Millipoints,
}

impl Scale {
    fn over(values: impl Iterator<Item = Millipoints>) -> Self {
        let (low, high) = values.fold((0, 0), |(low, high), v| (v.min(low), v.max(high)));
        // A little room on the right, so that the last line does not touch the edge.
        let span = (high - low).max(1_000);
        Self { low, span: span + span / 25 }
    }

    fn at(self, value: Millipoints) -> i64 {
        (value - self.low).saturating_mul(WIDTH) / self.span
    }

    fn bar(self, from: Millipoints, to: Millipoints) -> Bar {
        let (left, right) = (self.at(from.min(to)), self.at(from.max(to)));
        let class = match to.cmp(&from) {
            std::cmp::Ordering::Greater => "up",
            std::cmp::Ordering::Less => "down",
            std::cmp::Ordering::Equal => "none",
        };
        let (from, to) = (self.at(from), self.at(to));
        Bar { x: left, width: (right - left).max(3), class, from, to }
    }
}

impl Score {
    /// As it reads now, with what each line was judged by.
    pub fn of_now(
        entry: &InquiryEntry,
        lead: &Lead,
        configuration: &Configuration,
        now: Timestamp,
    ) -> Self {
        let (judged, made_by) = (&entry.record.qualification, &entry.record.config);
        if *made_by != configuration.hash {
            return Self::of(judged, made_by, configuration);
        }
        let judged = configuration.qualifier.read_at(judged, lead, now);
        let mut score = Self::of(&judged, made_by, configuration);
        let because = reasons(configuration, entry, Some(lead), &judged, now);
        for ((row, because), line) in score.rows.iter_mut().zip(&because).zip(&judged.lines) {
            row.because = said(because, line.until);
        }
        score
    }

    /// By the names of `configuration`, if it is the one that judged.
    pub fn of(judged: &Qualification, made_by: &str, configuration: &Configuration) -> Self {
        let ours = Some(configuration).filter(|configuration| configuration.hash == made_by);
        let thresholds = ours.and_then(|ours| ours.qualifier.thresholds());
        let mut sum = 0;
        let steps: Vec<(Millipoints, Millipoints)> = judged
            .lines
            .iter()
            .map(|line| {
                let from = sum;
                sum += line.points;
                (from, sum)
            })
            .collect();
        let marks = thresholds.into_iter().flat_map(|(sell, nurture)| [sell, nurture]);
        let scale = Scale::over(steps.iter().map(|step| step.1).chain([judged.score]).chain(marks));
        let rows = judged.lines.iter().zip(&steps).map(|(line, (from, to))| {
            let text = ours.and_then(|ours| ours.qualifier.line(line.line));
            Row {
                group: line.group.as_str(),
                text: text.map_or_else(|| format!("#{}", line.line), |text| text.text.clone()),
                answer: Mark::status(line.answer.as_str()),
                because: None,
                points: signed(line.points),
                bar: scale.bar(*from, *to),
            }
        });
        let question = |name| ours.and_then(|ours| ours.qualifier.question(name));
        let reason = |name| ours.and_then(|ours| ours.qualifier.reason(name));
        let floor = judged.floor != 0;
        let threshold = |at: Millipoints| (scale.at(at), points(at));
        let total = points(judged.score);
        Self {
            completeness: percent(judged.completeness),
            category: Mark::status(judged.category.as_str()),
            ask: judged.ask,
            rows: rows.collect(),
            total_bar: Bar { class: "total", ..scale.bar(0, judged.score) },
            sell: thresholds.map(|(sell, _)| threshold(sell)),
            nurture: thresholds.map(|(_, nurture)| threshold(nurture)),
            floor: floor.then(|| (signed(judged.floor), scale.bar(sum, judged.score))),
            open: judged
                .open
                .iter()
                .map(|name| (name.to_string(), question(name).map(str::to_owned)))
                .collect(),
            worth: judged.expected.as_ref().map(worth),
            ineligible: judged.ineligible.as_ref().map(|name| {
                let why = reason(name).map_or_else(String::new, |why| format!(": {why}"));
                format!("{name}{why}")
            }),
            errors: judged.errors.iter().map(ToString::to_string).collect(),
            summary: format!("{} lines add up to {total} points", judged.lines.len()),
            total,
        }
    }
}

fn worth(expected: &Expected) -> String {
    let Expected { segment, chance, deal, currency } = expected;
    let (value, percent) = (expected.value(), points(Millipoints::from(*chance) * 100));
    format!("Worth {value} {currency} on average: {percent} % of {deal} {currency} ({segment})")
}

/// By whom or which fields a line was judged, and when its points go.
fn said(because: &Because, until: Option<Timestamp>) -> Option<String> {
    let mut said: Vec<String> = if because.by_person {
        vec!["a person found it out".to_owned()]
    } else {
        because.facts.iter().map(|f| format!("{}: {}", f.field, f.value)).collect()
    };
    said.extend(until.map(|until| format!("goes by {}", &until.to_string()[..10])));
    (!said.is_empty()).then(|| said.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_follow_each_other_and_stay_inside() {
        let scale = Scale::over([20_000, 10_000, 50_000].into_iter());
        let (up, down) = (scale.bar(0, 20_000), scale.bar(20_000, 10_000));
        assert_eq!((up.x, up.class, down.class), (0, "up", "down"));
        assert_eq!(up.x + up.width, down.x + down.width);
        assert_eq!((up.to, down.to), (down.from, down.x));
        assert!(scale.at(50_000) < WIDTH && scale.at(50_000) > 900);
        let below = Scale::over([-5_000].into_iter());
        assert_eq!((below.at(-5_000), below.bar(0, 0).class), (0, "none"));
        assert!(below.bar(0, -5_000).width > 900);
    }
}
