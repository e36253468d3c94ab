//! Plots of a report, as SVG without scripts or colours of its own: classes say what is what.

use std::fmt::Write as _;

use super::table::{Cell, Unit};
use super::{Row, Table};
use crate::domain::in_html;

/// Bars of a plot; what has no place is in the table.
const BARS_MAX: usize = 12;
/// How the columns of a distribution begin; all behind the first of them belong to it.
const CLASS: &str = "up_to_";
/// Points of a line; more days than these share points.
const POINTS_MAX: usize = 120;

impl Table {
    /// The column that plots show: the first that counts something.
    #[must_use]
    pub fn main_column(&self) -> Option<usize> {
        let first = |unit: Unit| self.columns.iter().position(|column| column.unit == unit);
        first(Unit::Count)
    }

    /// What there is to look at before reading: a line over the days, a bar for each of the first rows. Each is a
    /// figure that says what it shows; empty if there is nothing to show.
    #[must_use]
    pub fn plots(&self, by: &str) -> String {
        let Some(column) = self.main_column() else { return String::new() };
        let name = self.columns[column].name.replace('_', " ");
        self.line(column, &name) + &self.bars(column, &name, by)
    }

    /// One bar for each class of the distribution, if the report has one, else for each of the first rows.
    fn bars(&self, column: usize, name: &str, by: &str) -> String {
        let classes = self.classes();
        let (counts, mut caption) = if classes.is_empty() {
            let row = |row: &Row| Some((row.value.clone(), count(row, column)?));
            (self.rows.iter().filter_map(row).collect(), format!("{name} by {by}"))
        } else {
            (classes, "leads by how soon people dealt with them".to_owned())
        };
        let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
        if most <= 0 {
            return String::new();
        }
        let shown = counts.len().min(BARS_MAX);
        let height = shown * 24 + 4;
        if shown < counts.len() {
            // Writing to a string does not fail.
            let _ = write!(caption, ", the first {shown} of {}", counts.len());
        }
        let mut svg =
            format!("<svg class=\"bars\" viewBox=\"0 0 640 {height}\" aria-hidden=\"true\">");
        for (place, (value, count)) in counts.iter().take(BARS_MAX).enumerate() {
            let (top, wide) = (place * 24 + 4, count * 380 / most);
            let _ = write!(
                svg,
                "<text x=\"190\" y=\"{}\" text-anchor=\"end\">{}</text><rect class=\"bar\" x=\"200\" y=\"{top}\" width=\"{}\" height=\"18\"/><text x=\"{}\" y=\"{}\">{count}</text>",
                top + 14,
                in_html(&shortened(value)),
                wide.max(1),
                206 + wide.max(1),
                top + 14,
            );
        }
        svg.push_str("</svg>");
        figure(&caption, &svg)
    }

    /// The distribution of all: the columns that are its classes, in order.
    fn classes(&self) -> Vec<(String, i64)> {
        let Some(total) = self.totals.first() else { return Vec::new() };
        let columns = self.columns.iter().enumerate();
        let classes = columns.skip_while(|(_, column)| !column.name.starts_with(CLASS));
        let named = |(place, column): (usize, &super::Column)| {
            Some((column.name.replace('_', " "), count(total, place)?))
        };
        classes.filter_map(named).collect()
    }

    /// A line over the days of the first total, or over the rows if there is none.
    fn line(&self, column: usize, name: &str) -> String {
        let series = self.totals.first().map(|total| total.series.as_slice()).unwrap_or_default();
        let (points, what) = if series.is_empty() {
            let counts = self.rows.iter().filter_map(|row| count(row, column));
            (counts.collect(), "row by row".to_owned())
        } else {
            let points = gathered(series, POINTS_MAX);
            let what = match series.len().div_ceil(points.len()) {
                1 => "day by day".to_owned(),
                days => format!("in steps of {days} days"),
            };
            (points, what)
        };
        let most = points.iter().copied().max().unwrap_or(0);
        if points.len() < 2 || most <= 0 {
            return String::new();
        }
        let mut path = String::new();
        let last = i64::try_from(points.len() - 1).unwrap_or(1);
        for (place, count) in (0_i64..).zip(&points) {
            let (x, y) = (place * 640 / last, 118 - count * 110 / most);
            let _ = write!(path, "{x},{y} ");
        }
        let svg = format!(
            "<svg class=\"line\" viewBox=\"0 0 640 120\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><polyline points=\"{}\"/></svg>",
            path.trim_end()
        );
        figure(&format!("{name}, {what}; the highest point is {most}"), &svg)
    }
}

/// The caption says in words what is to be seen; the figures themselves are in the table.
fn figure(caption: &str, svg: &str) -> String {
    format!("<figure class=\"plot\"><figcaption>{}</figcaption>{svg}</figure>", in_html(caption))
}

fn count(row: &Row, column: usize) -> Option<i64> {
    match row.cells.get(column) {
        Some(Cell::Count(count)) => Some(*count),
        _ => None,
    }
}

/// At most so many sums of neighbours.
#[must_use]
pub fn gathered(series: &[i64], most: usize) -> Vec<i64> {
    let each = series.len().div_ceil(most.max(1)).max(1);
    series.chunks(each).map(|some| some.iter().sum()).collect()
}

/// A line of text that rises and falls: one of eight heights for each point.
#[must_use]
pub fn sparkline(series: &[i64], most_points: usize) -> String {
    const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let points = gathered(series, most_points);
    let most = points.iter().copied().max().unwrap_or(0);
    let height = |count: i64| {
        let place = if most <= 0 { 0 } else { (count.max(0) * 7 + most / 2) / most };
        HEIGHTS[usize::try_from(place).unwrap_or(0).min(7)]
    };
    points.into_iter().map(height).collect()
}

fn shortened(value: &str) -> String {
    if value.chars().count() <= 26 {
        return value.to_owned();
    }
    value.chars().take(25).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Column, Report};
    use super::*;

    #[test]
    fn lines_of_text_rise_and_fall() {
        assert_eq!(sparkline(&[0, 1, 7, 14], 4), "▁▂▅█");
        assert_eq!(sparkline(&[0, 0], 4), "▁▁");
        assert_eq!(sparkline(&[1, 1, 2, 2], 2), "▅█");
        assert_eq!(sparkline(&[], 4), "");
    }

    #[test]
    fn plots_say_what_they_show() {
        let column = Column { name: "open_leads", unit: Unit::Count };
        let row = |number: i64| Row {
            value: format!("<{number}>"),
            cells: vec![Cell::Count(number)],
            series: Vec::new(),
        };
        let total = Row { series: vec![0, 3, 1], ..Row::default() };
        let table = Table {
            report: Report::Funnel,
            columns: vec![column],
            rows: (1..=13).map(row).collect(),
            totals: vec![total],
            goals: None,
        };
        let plots = table.plots("source");
        let captions: Vec<&str> = plots
            .split("<figcaption>")
            .skip(1)
            .filter_map(|rest| rest.split("</figcaption>").next())
            .collect();
        assert_eq!(
            captions,
            [
                "open leads, day by day; the highest point is 3",
                "open leads by source, the first 12 of 13"
            ]
        );
        assert!(plots.contains("&lt;1&gt;") && !plots.contains("<1>"), "{plots}");
        assert_eq!(Table { rows: Vec::new(), totals: Vec::new(), ..table }.plots("source"), "");
    }
}
