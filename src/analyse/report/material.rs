//! What a report is made of: sums and spending, brought together by value.

use std::collections::BTreeMap;

use super::Terms;
use crate::analyse::spend::Spend;
use crate::analyse::{Day, Dimension, Figures, Rollup};
use crate::domain::{Channel, Currency, Label, Name};

/// By what a report's rows are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Dimension(Dimension),
    Day,
}

impl By {
    /// Every one, in the order in which they are offered.
    pub fn all() -> impl Iterator<Item = Self> {
        Dimension::ALL.iter().copied().map(Self::Dimension).chain([Self::Day])
    }

    /// The one named so.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::all().find(|one| one.as_str() == text)
    }

    /// Its name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Dimension(dimension) => dimension.as_str(),
        }
    }

    /// The sums it reads.
    #[must_use]
    pub fn dimension(self) -> Dimension {
        match self {
            Self::Day => Dimension::All,
            Self::Dimension(dimension) => dimension,
        }
    }
}

/// Everything a report is made of.
#[derive(Debug, Clone)]
pub struct Material {
    pub first: Day,
    pub last: Day,
    pub by: By,
    /// The sums of each day that has any.
    pub rollups: Vec<(Day, Rollup)>,
    pub spending: Vec<Spend>,
    /// The channel of each source, as it is configured now.
    pub channels: BTreeMap<Name, Channel>,
    pub terms: Terms,
}

/// One value's sums.
#[derive(Debug, Clone, Default)]
pub(super) struct Sum {
    pub figures: Figures,
    pub spent: BTreeMap<Currency, i64>,
    /// Figures by day.
    pub days: BTreeMap<Day, Figures>,
}

/// More values than these are summed up in the last one: a list for people ends somewhere.
const ROWS_MAX: usize = 500;

impl Material {
    /// The sums of each value, and of all.
    pub(super) fn sums(&self) -> (BTreeMap<String, Sum>, Sum) {
        let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
        let mut all = Sum::default();
        for (day, rollup) in &self.rollups {
            for (value, figures) in &rollup.values {
                let value = if self.by == By::Day { day.to_string() } else { value.clone() };
                let sum = sums.entry(value).or_default();
                for sum in [sum, &mut all] {
                    sum.figures += figures;
                    *sum.days.entry(*day).or_default() += figures;
                }
            }
        }
        for spend in &self.spending {
            for (day, part) in spend.within(self.first, self.last) {
                let sum = sums.entry(self.value_of(spend, day)).or_default();
                for sum in [sum, &mut all] {
                    *sum.spent.entry(spend.amount.currency).or_default() += part;
                }
            }
        }
        for sum in sums.values_mut().chain([&mut all]) {
            for (currency, cost) in sum.figures.cost.clone() {
                *sum.spent.entry(currency).or_default() += cost;
            }
        }
        (bounded(sums), all)
    }

    /// Where spending counts.
    fn value_of(&self, spend: &Spend, day: Day) -> String {
        let channel = || {
            let by_source = spend.source.as_ref().and_then(|source| self.channels.get(source));
            by_source.copied().or(spend.channel).map(Channel::as_str)
        };
        let value = match self.by {
            By::Day => return day.to_string(),
            By::Dimension(Dimension::SourceCampaign) => {
                return Rollup::pair(spend.source.as_ref(), spend.campaign.as_ref());
            }
            By::Dimension(Dimension::Source) => spend.source.as_ref().map(Name::as_str),
            By::Dimension(Dimension::Channel) => channel(),
            By::Dimension(Dimension::Campaign) => spend.campaign.as_ref().map(Label::as_str),
            By::Dimension(Dimension::All) => Some("all"),
            By::Dimension(_) => None,
        };
        value.unwrap_or(Rollup::NONE).to_owned()
    }

    /// Values in the order of a report: days and bands as they follow each other, others by their count.
    pub(super) fn ordered(&self, sums: BTreeMap<String, Sum>) -> Vec<(String, Sum)> {
        let mut ordered: Vec<(String, Sum)> = sums.into_iter().collect();
        if !matches!(self.by, By::Day | By::Dimension(Dimension::Band)) {
            // Equal ones stay in the order of their names.
            ordered.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.figures.inquiries));
        }
        ordered
    }

    /// A count for each day, for a small plot.
    pub(super) fn series(&self, sum: &Sum, count: impl Fn(&Figures) -> i64) -> Vec<i64> {
        if self.by == By::Day {
            return Vec::new();
        }
        self.first.to(self.last).map(|day| sum.days.get(&day).map_or(0, &count)).collect()
    }
}

/// The values with the most inquiries; the others as one.
fn bounded(sums: BTreeMap<String, Sum>) -> BTreeMap<String, Sum> {
    if sums.len() <= ROWS_MAX {
        return sums;
    }
    let mut ordered: Vec<(String, Sum)> = sums.into_iter().collect();
    ordered.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.figures.inquiries));
    let rest = ordered.split_off(ROWS_MAX - 1);
    let mut sums: BTreeMap<String, Sum> = ordered.into_iter().collect();
    let other = sums.entry(Rollup::OTHER.to_owned()).or_default();
    for (_, sum) in rest {
        other.figures += &sum.figures;
        for (currency, amount) in sum.spent {
            *other.spent.entry(currency).or_default() += amount;
        }
        for (day, figures) in sum.days {
            *other.days.entry(day).or_default() += &figures;
        }
    }
    sums
}
