//! The sums of one value of one slot.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use crate::domain::{Currency, Money};

/// Counts of inquiries and of what became of them. All of it can be added up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Figures {
    #[serde(rename = "i", skip_serializing_if = "is_zero")]
    pub inquiries: i64,
    /// People's ways from a first inquiry on.
    #[serde(rename = "j", skip_serializing_if = "is_zero")]
    pub journeys: i64,
    #[serde(rename = "l", skip_serializing_if = "is_zero")]
    pub leads: i64,
    #[serde(rename = "a", skip_serializing_if = "is_zero")]
    pub accepted: i64,
    #[serde(rename = "p", skip_serializing_if = "is_zero")]
    pub prospects: i64,
    #[serde(rename = "w", skip_serializing_if = "is_zero")]
    pub won: i64,
    #[serde(rename = "x", skip_serializing_if = "is_zero")]
    pub lost: i64,
    #[serde(rename = "r", skip_serializing_if = "is_zero")]
    pub recycled: i64,
    #[serde(rename = "d", skip_serializing_if = "is_zero")]
    pub discarded: i64,
    /// That waited in triage at some time.
    #[serde(rename = "h", skip_serializing_if = "is_zero")]
    pub held: i64,
    /// Leads that a person dealt with.
    #[serde(rename = "t", skip_serializing_if = "is_zero")]
    pub touched: i64,
    #[serde(rename = "m", skip_serializing_if = "is_zero")]
    pub sla_met: i64,
    #[serde(rename = "n", skip_serializing_if = "is_zero")]
    pub sla_missed: i64,
    /// Thousandths by currency: what single inquiries cost.
    #[serde(rename = "c", skip_serializing_if = "BTreeMap::is_empty")]
    pub cost: BTreeMap<Currency, i64>,
    /// Thousandths by currency: what people bought for.
    #[serde(rename = "v", skip_serializing_if = "BTreeMap::is_empty")]
    pub revenue: BTreeMap<Currency, i64>,
    /// Leads by the seconds from inquiry to first touch ([`super::rounded`]).
    #[serde(rename = "s", skip_serializing_if = "BTreeMap::is_empty")]
    pub speed: BTreeMap<u32, i64>,
    /// The same in business time, where that is known.
    #[serde(rename = "b", skip_serializing_if = "BTreeMap::is_empty")]
    pub business: BTreeMap<u32, i64>,
    /// Leads by the business seconds from assignment to first touch.
    #[serde(rename = "g", skip_serializing_if = "BTreeMap::is_empty")]
    pub sla: BTreeMap<u32, i64>,
    /// The same by the clock on the wall.
    #[serde(rename = "k", skip_serializing_if = "BTreeMap::is_empty")]
    pub sla_raw: BTreeMap<u32, i64>,
    /// Why: `discarded:spam`, `lost:price`, `held:nobody_available` …
    #[serde(rename = "y", skip_serializing_if = "BTreeMap::is_empty")]
    pub reasons: BTreeMap<String, i64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

impl Figures {
    /// More reasons of one value than these count as [`super::Rollup::OTHER`].
    pub const REASONS_MAX: usize = 50;

    pub(super) fn spend(&mut self, money: Money) {
        *self.cost.entry(money.currency).or_default() += money.thousandths;
    }

    pub(super) fn earn(&mut self, money: Money) {
        *self.revenue.entry(money.currency).or_default() += money.thousandths;
    }

    /// What is to be added to `before` so that it is `self`.
    #[must_use]
    pub(super) fn less(&self, before: &Self) -> Self {
        let mut difference = before.clone();
        difference.each(|count| *count = -*count);
        difference += self;
        difference.tidy();
        difference
    }

    /// Nothing is counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn each(&mut self, change: impl FnMut(&mut i64)) {
        let counts = [
            &mut self.inquiries,
            &mut self.journeys,
            &mut self.leads,
            &mut self.accepted,
            &mut self.prospects,
            &mut self.won,
            &mut self.lost,
            &mut self.recycled,
            &mut self.discarded,
            &mut self.held,
            &mut self.touched,
            &mut self.sla_met,
            &mut self.sla_missed,
        ];
        let money = self.cost.values_mut().chain(self.revenue.values_mut());
        let lengths = [&mut self.speed, &mut self.business, &mut self.sla, &mut self.sla_raw];
        counts
            .into_iter()
            .chain(money)
            .chain(lengths.into_iter().flat_map(BTreeMap::values_mut))
            .chain(self.reasons.values_mut())
            .for_each(change);
    }

    /// Drops what is nought; reasons stay, so that theirs is the place they once got.
    pub(super) fn tidy(&mut self) {
        self.tidy_sums();
        self.reasons.retain(|_, count| *count != 0);
    }

    fn tidy_sums(&mut self) {
        self.cost.retain(|_, sum| *sum != 0);
        self.revenue.retain(|_, sum| *sum != 0);
        for lengths in [&mut self.speed, &mut self.business, &mut self.sla, &mut self.sla_raw] {
            lengths.retain(|_, count| *count != 0);
        }
    }

    /// Adds a change, its reasons within the bound.
    pub(super) fn change(&mut self, by: &Self) {
        self.add_sums(by);
        for (reason, count) in &by.reasons {
            if let Some(known) = self.reasons.get_mut(reason) {
                *known += count;
                continue;
            }
            let admitted = self.reasons.len() < Self::REASONS_MAX;
            let place = if admitted { reason.as_str() } else { super::Rollup::OTHER };
            *self.reasons.entry(place.to_owned()).or_default() += count;
        }
        self.tidy_sums();
    }

    /// All but the reasons.
    fn add_sums(&mut self, more: &Self) {
        self.inquiries += more.inquiries;
        self.journeys += more.journeys;
        self.leads += more.leads;
        self.accepted += more.accepted;
        self.prospects += more.prospects;
        self.won += more.won;
        self.lost += more.lost;
        self.recycled += more.recycled;
        self.discarded += more.discarded;
        self.held += more.held;
        self.touched += more.touched;
        self.sla_met += more.sla_met;
        self.sla_missed += more.sla_missed;
        add(&mut self.cost, &more.cost);
        add(&mut self.revenue, &more.revenue);
        add(&mut self.speed, &more.speed);
        add(&mut self.business, &more.business);
        add(&mut self.sla, &more.sla);
        add(&mut self.sla_raw, &more.sla_raw);
    }
}

impl AddAssign<&Self> for Figures {
    fn add_assign(&mut self, more: &Self) {
        self.add_sums(more);
        add(&mut self.reasons, &more.reasons);
    }
}

fn add<K: Ord + Clone>(sums: &mut BTreeMap<K, i64>, more: &BTreeMap<K, i64>) {
    for (key, count) in more {
        *sums.entry(key.clone()).or_default() += count;
    }
}
