//! What is to be reached.

use std::collections::BTreeMap;

use crate::analyse::Day;

/// Per calendar month, by the name of the column: `inquiries`, `leads`, `accepted`, `prospects`, `won`; `revenue`
/// in whole units of the workspace's currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Goals(pub BTreeMap<String, u32>);

impl Goals {
    /// What can be a goal.
    pub const NAMES: [&'static str; 6] =
        ["inquiries", "leads", "accepted", "prospects", "won", "revenue"];

    /// The part that falls on some days, each a like part of its month; rounded half up.
    #[must_use]
    pub fn within(&self, name: &str, first: Day, last: Day) -> Option<i64> {
        let goal = i64::from(*self.0.get(name)?);
        // Days per length of their month: months have 28 to 31 days.
        let mut days: BTreeMap<i64, i64> = BTreeMap::new();
        for day in first.to(last) {
            *days.entry(day.month_days()).or_default() += 1;
        }
        // One common denominator: nothing is lost on the way.
        let common: i64 = 28 * 29 * 30 * 31;
        let sum: i64 = days.iter().map(|(length, days)| days * (common / length)).sum();
        Some((goal * sum * 2 + common) / (2 * common))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_of_months_are_shared_out_over_their_days() {
        let goals = Goals([("leads".to_owned(), 100)].into());
        let within = |first: &str, last: &str| {
            goals.within("leads", first.parse().unwrap(), last.parse().unwrap())
        };
        assert_eq!(within("2026-01-01", "2026-12-31"), Some(1200));
        assert_eq!(within("2026-02-01", "2026-02-14"), Some(50));
        assert_eq!(within("2026-02-01", "2026-01-31"), Some(0));
        assert_eq!(goals.within("won", Day::from_number(0), Day::from_number(1)), None);
    }
}
