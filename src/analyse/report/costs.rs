//! What it cost, and what it brought.

use std::collections::{BTreeMap, BTreeSet};

use super::Report;
use super::material::{Material, Sum};
use super::table::{Cell, Column, Row, Table, Unit, each, share};
use crate::domain::Currency;

/// How much of the workspace's currency one unit of another one is: exact millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(i64);

impl Rate {
    /// Reads `0.93` or `1.085`: at most six digits behind the point, above nought, below a million.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, rest) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 6 || rest.len() > 6 || !digits(whole) || !digits(rest)
        {
            return None;
        }
        let millionths: i64 = format!("{whole}{rest:0<6}").parse().ok()?;
        (millionths > 0).then_some(Self(millionths))
    }

    fn convert(self, thousandths: i64) -> i64 {
        let exact = i128::from(thousandths) * i128::from(self.0);
        i64::try_from((exact + 500_000).div_euclid(1_000_000)).unwrap_or(i64::MAX)
    }
}

/// Currencies that are converted, and into which.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rates {
    pub currency: Option<Currency>,
    pub of: BTreeMap<Currency, Rate>,
}

impl Rates {
    /// Sums in as few currencies as the rates allow; each sum is converted as a whole, to thousandths.
    fn converted(&self, sums: &BTreeMap<Currency, i64>) -> BTreeMap<Currency, i64> {
        let mut converted: BTreeMap<Currency, i64> = BTreeMap::new();
        for (currency, sum) in sums {
            let (into, sum) = match (self.currency, self.of.get(currency)) {
                (Some(into), Some(rate)) if into != *currency => (into, rate.convert(*sum)),
                _ => (*currency, *sum),
            };
            *converted.entry(into).or_default() += sum;
        }
        converted
    }
}

const COLUMNS: [(&str, Unit); 12] = [
    ("currency", Unit::Text),
    ("spent", Unit::Amount),
    ("inquiries", Unit::Count),
    ("cost_per_inquiry", Unit::Amount),
    ("leads", Unit::Count),
    ("cost_per_lead", Unit::Amount),
    ("prospects", Unit::Count),
    ("cost_per_prospect", Unit::Amount),
    ("won", Unit::Count),
    ("cost_per_sale", Unit::Amount),
    ("revenue", Unit::Amount),
    ("return", Unit::Times),
];

/// One row for each value and currency that cannot be converted into another.
pub(super) fn table(material: &Material) -> Table {
    let (sums, all) = material.sums();
    let mut rows = Vec::new();
    for (value, sum) in material.ordered(sums) {
        rows.extend(by_currency(material, &value, &sum));
    }
    let goal = material.terms.goals.within("revenue", material.first, material.last);
    let goals = goal.map(|revenue| Row {
        value: "goals".to_owned(),
        cells: COLUMNS
            .iter()
            .map(|(name, _)| match *name {
                "currency" => currency_cell(material.terms.rates.currency),
                "revenue" => Cell::Amount(revenue * 100),
                name => material
                    .terms
                    .goals
                    .within(name, material.first, material.last)
                    .map_or(Cell::Blank, Cell::Count),
            })
            .collect(),
        series: Vec::new(),
    });
    Table {
        report: Report::Costs,
        columns: COLUMNS.iter().map(|(name, unit)| Column { name, unit: *unit }).collect(),
        rows,
        totals: by_currency(material, "total", &all),
        goals,
    }
}

fn by_currency(material: &Material, value: &str, sum: &Sum) -> Vec<Row> {
    let spent = material.terms.rates.converted(&sum.spent);
    let revenue = material.terms.rates.converted(&sum.figures.revenue);
    let mut currencies: BTreeSet<Option<Currency>> =
        spent.keys().chain(revenue.keys()).copied().map(Some).collect();
    if currencies.is_empty() {
        currencies.insert(material.terms.rates.currency);
    }
    let of = |sums: &BTreeMap<Currency, i64>, currency: Option<Currency>| {
        currency.and_then(|currency| sums.get(&currency).copied())
    };
    let row = |currency: Option<Currency>| {
        let (spent, revenue) = (of(&spent, currency), of(&revenue, currency));
        Row {
            value: value.to_owned(),
            cells: cells(sum, currency, spent, revenue),
            series: material.series(sum, |figures| figures.inquiries),
        }
    };
    currencies.into_iter().map(row).collect()
}

fn currency_cell(currency: Option<Currency>) -> Cell {
    currency.map_or(Cell::Blank, |currency| Cell::Text(currency.to_string()))
}

/// What nothing was spent on has no cost: the cells stay blank, for spending may not have been reported yet.
fn cells(
    sum: &Sum,
    currency: Option<Currency>,
    spent: Option<i64>,
    revenue: Option<i64>,
) -> Vec<Cell> {
    let it = &sum.figures;
    let per = |count: i64| spent.map_or(Cell::Blank, |spent| each(spent, count));
    let amount = |sum: Option<i64>| sum.map_or(Cell::Blank, |sum| each(sum, 1));
    let back = match (spent, revenue) {
        (Some(spent), revenue) if spent > 0 => share(revenue.unwrap_or(0), spent),
        _ => Cell::Blank,
    };
    vec![
        currency_cell(currency),
        amount(spent),
        Cell::Count(it.inquiries),
        per(it.inquiries),
        Cell::Count(it.leads),
        per(it.leads),
        Cell::Count(it.prospects),
        per(it.prospects),
        Cell::Count(it.won),
        per(it.won),
        amount(revenue),
        back,
    ]
}
