//! What was spent on sources and campaigns.

use serde::{Deserialize, Serialize};

use super::Day;
use crate::domain::{Channel, Label, Money, Name};

/// One sum for some days. Its id recognises it when it is sent again or corrected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spend {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Name>,
    /// Without a source: the channel as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<Label>,
    /// The first day, by its number since 1970-01-01.
    pub from: i32,
    /// The last day; it is included.
    pub to: i32,
    pub amount: Money,
}

/// Longer periods are a mistake.
pub const DAYS_MAX: i32 = 3_660;

impl Spend {
    /// What falls on days within some time: each day its part of the amount.
    pub fn within(&self, first: Day, last: Day) -> impl Iterator<Item = (Day, i64)> + use<'_> {
        let from = first.number().max(self.from);
        let to = last.number().min(self.to);
        (from..=to).map(|day| (Day::from_number(day), self.part(day)))
    }

    /// The part of one day of the period: equal parts, in cents as long as the amount is of whole cents (else in
    /// thousandths); what does not divide goes to the first days, one each.
    fn part(&self, day: i32) -> i64 {
        let days = i64::from(self.to) - i64::from(self.from) + 1;
        let thousandths = self.amount.thousandths;
        let unit = if thousandths % 10 == 0 { 10 } else { 1 };
        let units = thousandths / unit;
        let rest = units % days;
        let place = i64::from(day) - i64::from(self.from);
        (units / days + i64::from(place < rest)) * unit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Currency;

    #[test]
    fn the_parts_of_days_are_the_whole() {
        for (amount, days) in [("100", 3), ("0.07", 31), ("4000", 1), ("12.345", 7), ("0", 5)] {
            let amount = Money::parse(amount, Currency::parse("EUR").unwrap()).unwrap();
            let spend = Spend {
                source: None,
                channel: None,
                campaign: None,
                from: 100,
                to: 99 + days,
                amount,
            };
            let all = (Day::from_number(0), Day::from_number(1000));
            let parts: Vec<i64> = spend.within(all.0, all.1).map(|(_, part)| part).collect();
            assert_eq!(parts.len(), usize::try_from(days).unwrap());
            assert_eq!(parts.iter().sum::<i64>(), amount.thousandths);
            let (least, most) = (parts.iter().min().unwrap(), parts.iter().max().unwrap());
            assert!(most - least <= 10 && parts.is_sorted_by(|left, right| left >= right));
        }
    }
}
