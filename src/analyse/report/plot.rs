//! Plots of a report, as SVG without scripts or colours of its own: classes say what is what.

use std::fmt::Write as _;

use super::table::{Cell, Unit};
use super::{Row, Table};

/// Bars of a plot; what has no place is in the table.
const BARS_MAX: usize = 12;
/// Points of a line; more days than these share points.
const POINTS_MAX: usize = 120;

impl Table {
    /// The column that plots show: the first that counts something.
    #[must_use]
    pub fn main_column(&self) -> Option<usize> {
        let first = |unit: Unit| self.columns.iter().position(|column| column.unit == unit);
        first(Unit::Count)
    }

    /// One bar for each of the first rows; empty if there is nothing to show.
    #[must_use]
    pub fn bars(&self) -> String {
        let Some(column) = self.main_column() else { return String::new() };
        let counts: Vec<(&str, i64)> = self
            .rows
            .iter()
            .filter_map(|row| Some((row.value.as_str(), count(row, column)?)))
            .collect();
        let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
        if most <= 0 {
            return String::new();
        }
        let shown = counts.len().min(BARS_MAX);
        let height = shown * 24 + 4;
        let label = format!("{} by value", self.columns[column].name);
        let mut svg = format!(
            "<svg class=\"bars\" viewBox=\"0 0 640 {height}\" role=\"img\" aria-label=\"{}\">",
            escaped(&label)
        );
        for (place, (value, count)) in counts.iter().take(BARS_MAX).enumerate() {
            let (top, wide) = (place * 24 + 4, count * 380 / most);
            // Writing to a string does not fail.
            let _ = write!(
                svg,
                "<text x=\"190\" y=\"{}\" text-anchor=\"end\">{}</text><rect class=\"bar\" x=\"200\" y=\"{top}\" width=\"{}\" height=\"18\"/><text x=\"{}\" y=\"{}\">{count}</text>",
                top + 14,
                escaped(&shortened(value)),
                wide.max(1),
                206 + wide.max(1),
                top + 14,
            );
        }
        svg.push_str("</svg>");
        svg
    }

    /// A line over the days of the first total; empty if there is none.
    #[must_use]
    pub fn line(&self) -> String {
        let days: Vec<i64> = match self.totals.first() {
            Some(total) if !total.series.is_empty() => gathered(&total.series, POINTS_MAX),
            _ => {
                let column = self.main_column();
                let counts = self.rows.iter().filter_map(|row| count(row, column?));
                counts.collect()
            }
        };
        let most = days.iter().copied().max().unwrap_or(0);
        if days.len() < 2 || most <= 0 {
            return String::new();
        }
        let mut points = String::new();
        let last = i64::try_from(days.len() - 1).unwrap_or(1);
        for (place, count) in (0_i64..).zip(&days) {
            let (x, y) = (place * 640 / last, 118 - count * 110 / most);
            let _ = write!(points, "{x},{y} ");
        }
        format!(
            "<svg class=\"line\" viewBox=\"0 0 640 120\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"over time, at most {most}\"><polyline points=\"{}\"/></svg>",
            points.trim_end()
        )
    }
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

/// A text of strangers inside HTML.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_text_rise_and_fall() {
        assert_eq!(sparkline(&[0, 1, 7, 14], 4), "▁▂▅█");
        assert_eq!(sparkline(&[0, 0], 4), "▁▁");
        assert_eq!(sparkline(&[1, 1, 2, 2], 2), "▅█");
        assert_eq!(sparkline(&[], 4), "");
    }

    #[test]
    fn nothing_of_strangers_is_markup() {
        assert_eq!(escaped("<b a=\"x\">&'"), "&lt;b a=&quot;x&quot;&gt;&amp;&#39;");
    }
}
