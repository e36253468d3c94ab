//! What came of recommending: how many people somebody brought, and those in turn, and what they bought.

use std::collections::BTreeMap;

use crate::domain::{Currency, Lead, Money, Stage};

/// Somebody whom a person brought, directly (depth 1) or through others.
#[derive(Debug, Clone)]
pub struct Referred {
    pub depth: u32,
    pub lead: Lead,
}

/// What came of one depth, or of all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Brought {
    pub people: u64,
    /// Those who became a prospect at least, and were not lost.
    pub prospects: u64,
    pub won: u64,
    /// What they bought for, by currency.
    pub value: BTreeMap<Currency, i64>,
}

impl Brought {
    fn add(&mut self, lead: &Lead) {
        self.people += 1;
        let stage = lead.stage();
        self.prospects += u64::from(matches!(stage, Stage::Prospect | Stage::Won));
        if stage != Stage::Won {
            return;
        }
        self.won += 1;
        if let Some(deal) = lead.said.as_ref().and_then(|said| said.deal) {
            let sum = self.value.entry(deal.currency).or_default();
            *sum = sum.saturating_add(deal.thousandths);
        }
    }

    /// The value, one amount for each currency.
    pub fn amounts(&self) -> impl Iterator<Item = Money> {
        self.value
            .iter()
            .map(|(currency, thousandths)| Money { thousandths: *thousandths, currency: *currency })
    }
}

/// What came of it: all together, and depth by depth from 1 on.
#[must_use]
pub fn brought(referred: &[Referred]) -> (Brought, Vec<Brought>) {
    let mut all = Brought::default();
    let mut depths: Vec<Brought> = Vec::new();
    for one in referred {
        let place = usize::try_from(one.depth.saturating_sub(1)).unwrap_or(usize::MAX);
        if depths.len() <= place {
            depths.resize(place + 1, Brought::default());
        }
        all.add(&one.lead);
        depths[place].add(&one.lead);
    }
    (all, depths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Assignment, BranchOutcome, Category, Name, Said, Status};
    use crate::rules::example::Example;

    fn person(stage: Stage, deal: Option<(i64, &str)>) -> Lead {
        let mut lead = Example::rich().lead;
        lead.assignment = Assignment::Settled {
            outcome: BranchOutcome {
                status: Status::Routed,
                stage,
                category: Category::Sell,
                queue: Name::fixed("sales"),
                pool: None,
                wait: None,
                opens_at: None,
                clock: None,
                counted: false,
            },
            owner: None,
        };
        let deal = deal.map(|(thousandths, currency)| Money {
            thousandths,
            currency: Currency::parse(currency).unwrap(),
        });
        lead.said = Some(Box::new(Said { deal, ..Said::default() }));
        lead
    }

    #[test]
    fn value_is_counted_by_depth_and_currency_and_only_what_was_won() {
        let one = |depth, lead| Referred { depth, lead };
        let (all, depths) = brought(&[
            one(1, person(Stage::Won, Some((9_000_000, "EUR")))),
            one(1, person(Stage::Lost, Some((5_000_000, "EUR")))),
            one(2, person(Stage::Prospect, None)),
            one(2, person(Stage::Won, Some((1_500_000, "EUR")))),
            one(3, person(Stage::Won, Some((700_000, "CHF")))),
        ]);
        assert_eq!((all.people, all.prospects, all.won), (5, 4, 3));
        let value: Vec<(String, i64)> =
            all.amounts().map(|it| (it.currency.to_string(), it.thousandths)).collect();
        assert_eq!(value, [("CHF".to_owned(), 700_000), ("EUR".to_owned(), 10_500_000)]);
        assert_eq!(depths.iter().map(|it| it.people).collect::<Vec<_>>(), [2, 2, 1]);
        assert_eq!(brought(&[]), (Brought::default(), Vec::new()));
    }
}
