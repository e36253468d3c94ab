//! A table of figures.

use super::Report;

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Count,
    /// A part of one.
    Share,
    /// In the row's currency.
    Amount,
    Seconds,
    /// How many times.
    Times,
    Text,
}

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name in the API.
    pub name: &'static str,
    pub unit: Unit,
}

/// One figure, exact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// There is nothing to say: nothing to divide by, nothing measured.
    Blank,
    Count(i64),
    /// Ten-thousandths.
    Share(i64),
    /// Hundredths of the currency's unit.
    Amount(i64),
    Seconds(u32),
    Text(String),
}

/// One line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Of which source, campaign, day …
    pub value: String,
    pub cells: Vec<Cell>,
    /// The row's main count for each day, for a small plot.
    pub series: Vec<i64>,
}

/// A report's figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub report: Report,
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
    /// Over all rows; none where that would be no sum.
    pub totals: Vec<Row>,
    /// What was to be reached in this time.
    pub goals: Option<Row>,
}

/// Ten-thousandths, rounded half up; blank where there is nothing to divide by.
pub(super) fn share(part: i64, whole: i64) -> Cell {
    if whole <= 0 { Cell::Blank } else { Cell::Share((part * 20_000 + whole) / (2 * whole)) }
}

/// Hundredths for each, of thousandths in all, rounded half up; blank where there is nothing to divide by.
pub(super) fn each(thousandths: i64, count: i64) -> Cell {
    if count <= 0 {
        return Cell::Blank;
    }
    Cell::Amount((thousandths + 5 * count).div_euclid(10 * count))
}

impl Cell {
    /// The figure as plain text: nothing, `12`, `0.4`, `66.67`, `90`.
    #[must_use]
    pub fn plain(&self) -> String {
        match self {
            Self::Blank => String::new(),
            Self::Count(count) => count.to_string(),
            Self::Share(parts) => {
                decimal(*parts, 10_000, 4).trim_end_matches('0').trim_end_matches('.').to_owned()
            }
            Self::Amount(cents) => decimal(*cents, 100, 2),
            Self::Seconds(seconds) => seconds.to_string(),
            Self::Text(text) => text.clone(),
        }
    }

    /// The figure as people read it: `–`, `12`, `40 %`, `66.67`, `1 h 30 min`.
    #[must_use]
    pub fn shown(&self, unit: Unit) -> String {
        match (self, unit) {
            (Self::Blank, _) => "–".to_owned(),
            (Self::Share(parts), Unit::Times) => {
                format!("{}×", decimal((parts + 50) / 100, 100, 2))
            }
            (Self::Share(parts), _) => format!("{} %", decimal((parts + 5) / 10, 10, 1)),
            (Self::Seconds(seconds), _) => length(*seconds),
            (other, _) => other.plain(),
        }
    }
}

fn decimal(number: i64, unit: i64, digits: usize) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let number = number.abs();
    format!("{sign}{}.{:0digits$}", number / unit, number % unit)
}

/// The two largest units of a length of time.
fn length(seconds: u32) -> String {
    let units = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")];
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (unit, name) in units {
        if rest >= unit {
            parts.push(format!("{} {name}", rest / unit));
            rest %= unit;
        }
    }
    parts.truncate(2);
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_rounded_half_up_and_blank_without_a_divisor() {
        assert_eq!(each(10_000_000, 200).plain(), "50.00");
        assert_eq!(each(4_000_000, 60).plain(), "66.67");
        assert_eq!(each(4_000_000, 6).plain(), "666.67");
        assert_eq!(each(4_000_000, 0), Cell::Blank);
        assert_eq!(share(80, 200).plain(), "0.4");
        assert_eq!(share(1, 3).shown(Unit::Share), "33.3 %");
        assert_eq!(share(5, 0), Cell::Blank);
        assert_eq!(Cell::Seconds(5400).shown(Unit::Seconds), "1 h 30 min");
        assert_eq!(
            (Cell::Blank.plain(), Cell::Blank.shown(Unit::Count)),
            (String::new(), "–".to_owned())
        );
    }
}
