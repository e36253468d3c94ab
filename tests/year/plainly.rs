//! The figures of reports, computed straightforwardly: every journey is written down whole, then each figure is a
//! filter over all of them. Nothing is folded, bounded or kept between rows but the journeys themselves.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use lead_router::domain::{Disposition, JournalRow, LeadId, Receipt, Stage, Status, Timestamp};

use super::way::{Came, Way};

/// What was found in the rows.
#[derive(Debug, Default)]
pub struct Plainly {
    pub inquiries: Vec<Came>,
    pub ways: Vec<Way>,
    current: BTreeMap<LeadId, usize>,
    merged: BTreeMap<LeadId, (LeadId, Option<usize>)>,
}

impl Plainly {
    pub fn of(rows: &[(Option<Receipt>, JournalRow)]) -> Self {
        let mut found = Self::default();
        for (receipt, row) in rows {
            found.row(receipt.as_ref(), row);
        }
        found
    }

    fn row(&mut self, receipt: Option<&Receipt>, row: &JournalRow) {
        let Some(mut lead) = row.lead else { return };
        if matches!(row.status, Some(Status::Test | Status::Filtered)) {
            return;
        }
        while let Some((into, _)) = self.merged.get(&lead) {
            lead = *into;
        }
        if row.fact.as_str() == "leads_unmerged" {
            for back in &row.merged {
                if let Some((_, Some(way))) = self.merged.remove(back) {
                    self.ways[way].gone = false;
                    self.current.insert(*back, way);
                }
            }
        } else {
            row.merged.iter().for_each(|gone| self.merge(lead, *gone));
        }
        let arrives = row.fact.as_str() == "inquiry_decided";
        if arrives {
            self.came(lead, row);
        }
        let Some(way) = self.current.get(&lead).map(|way| &mut self.ways[*way]) else { return };
        if row.disposition.is_some() && row.cycle.max(1) < way.cycle {
            return;
        }
        let event = row.happened_at.unwrap_or(row.at).as_millis();
        let at = if arrives { row.at.as_millis() } else { event };
        way.now = way.now.max(row.cycle);
        way.score = row.score.or(way.score);
        way.amount = row.amount.or(way.amount);
        let no_touch = [
            Disposition::Accepted,
            Disposition::NotAFit,
            Disposition::Duplicate,
            Disposition::BadData,
            Disposition::Unsubscribed,
        ];
        if row.disposition.is_some_and(|said| !no_touch.contains(&said)) {
            way.touches.push(at);
        }
        let stated = match row.disposition {
            Some(Disposition::Accepted) => Some(Stage::Accepted),
            Some(Disposition::Qualified) => Some(Stage::Prospect),
            Some(Disposition::Won) => Some(Stage::Won),
            _ => None,
        };
        way.there.extend(stated.map(|stage| (at, stage)));
        let member = receipt.and_then(|receipt| receipt.member.as_ref()).map(ToString::to_string);
        let branch = receipt.map_or(0, |receipt| usize::from(receipt.branch));
        if let Some(outcome) = row.outcomes.get(branch) {
            if member.is_some() {
                way.pool = outcome.pool.as_ref().map(ToString::to_string).or(way.pool.take());
            }
            way.category = Some(outcome.category.to_string());
            if outcome.stage != way.stage() {
                way.there.push((at, outcome.stage));
            }
            // What leaves it where it is changes why, but not when.
            let since = way.stages.last().filter(|(_, stage, _)| *stage == outcome.stage);
            let at = since.map_or(at, |(at, ..)| *at);
            let reason = row.reason.as_ref().map(ToString::to_string);
            way.stages.push((at, outcome.stage, reason));
        }
        way.owner = member.or(way.owner.take());
    }

    fn came(&mut self, lead: LeadId, row: &JournalRow) {
        let text = |text: Option<String>| text.unwrap_or_else(|| "(none)".to_owned());
        let came = Came {
            at: row.happened_at.unwrap_or(row.at).as_millis(),
            received: row.at.as_millis(),
            source: text(row.source.as_ref().map(ToString::to_string)),
            channel: text(row.channel.as_ref().map(ToString::to_string)),
            campaign: text(row.campaign.as_ref().map(ToString::to_string)),
            cost: row.cost,
            fee: row.fee,
            version: text(row.version.clone()),
        };
        self.inquiries.push(came.clone());
        let cycle = row.cycle.max(1);
        if let Some(way) = self.current.get(&lead).map(|way| &mut self.ways[*way])
            && !(way.is_over() && cycle > way.now)
        {
            way.came.push(came);
            return;
        }
        self.current.insert(lead, self.ways.len());
        self.ways.push(Way { came: vec![came], cycle, now: cycle, ..Way::default() });
    }

    fn merge(&mut self, lead: LeadId, gone: LeadId) {
        if self.merged.contains_key(&gone) {
            return;
        }
        let theirs = self.current.remove(&gone);
        self.merged.insert(gone, (lead, theirs));
        let Some(theirs) = theirs else { return };
        let Some(&ours) = self.current.get(&lead) else {
            let whole = self.ways[theirs].clone();
            self.ways[theirs].gone = true;
            self.current.insert(lead, self.ways.len());
            self.ways.push(whole);
            return;
        };
        if self.ways[ours].is_over() || self.ways[theirs].is_over() {
            return;
        }
        let other = self.ways[theirs].clone();
        self.ways[theirs].gone = true;
        let way = &mut self.ways[ours];
        if (other.first().received, other.first().at) < (way.first().received, way.first().at) {
            way.cycle = way.cycle.min(other.cycle);
            way.came.splice(0..0, other.came);
        } else {
            way.came.extend(other.came);
        }
        // The stage it is at now is the survivor's.
        way.there.extend(other.there);
        way.now = way.now.max(other.now);
        way.owner = way.owner.take().or(other.owner);
        way.pool = way.pool.take().or(other.pool);
        way.amount = way.amount.or(other.amount);
        way.touches.extend(other.touches);
    }
}

/// One row of the funnel: inquiries, journeys, leads, accepted, prospects, won, lost, recycled, discarded.
pub type Funnel = BTreeMap<String, [i64; 9]>;

/// By what, and of which day, something counts.
pub struct Asked {
    pub by: &'static str,
    pub first: String,
    pub last: String,
    pub latest: bool,
    pub happened: bool,
}

impl Plainly {
    pub fn counted(&self) -> impl Iterator<Item = &Way> {
        self.ways.iter().filter(|way| !way.gone)
    }

    pub fn funnel(&self, asked: &Asked) -> Funnel {
        let mut funnel = Funnel::new();
        let mut add = |value: String, at: i64, place: usize, count: i64| {
            let day = day(at);
            if day >= asked.first && day <= asked.last && count > 0 {
                let value = if asked.by == "day" { day } else { value };
                funnel.entry(value).or_default()[place] += count;
            }
        };
        let of_inquiry = |came: &Came| match asked.by {
            "source" => came.source.clone(),
            "channel" => came.channel.clone(),
            "campaign" => came.campaign.clone(),
            "source/campaign" => format!("{} / {}", came.source, came.campaign),
            _ => "all".to_owned(),
        };
        let by_way = ["category", "pool", "owner", "version", "score"].contains(&asked.by);
        if !by_way {
            for came in &self.inquiries {
                add(of_inquiry(came), came.at, 0, 1);
            }
        }
        for way in self.counted() {
            let touch = if asked.latest { way.latest() } else { way.first() };
            let none = || "(none)".to_owned();
            let value = match asked.by {
                "category" => way.category.clone().unwrap_or_else(none),
                "pool" => way.pool.clone().unwrap_or_else(none),
                "owner" => way.owner.clone().unwrap_or_else(none),
                "version" => way.first().version.clone(),
                "score" => way.score.map_or_else(none, band),
                _ => of_inquiry(touch),
            };
            let on = |happened: i64| if asked.happened { happened } else { touch.at };
            if by_way {
                add(value.clone(), on(way.first().at), 0, count(way.came.len()));
            }
            add(value.clone(), on(way.first().at), 1, 1);
            for (place, stage) in
                [(2, Stage::Lead), (3, Stage::Accepted), (4, Stage::Prospect), (5, Stage::Won)]
            {
                if let Some(at) = way.reached(stage) {
                    add(value.clone(), on(at), place, 1);
                }
            }
            for (place, stage) in [(6, Stage::Lost), (7, Stage::Recycled), (8, Stage::Discarded)] {
                if way.stage() == stage {
                    let at = way.stages.last().map_or(way.first().at, |(at, ..)| *at);
                    add(value.clone(), on(at), place, 1);
                }
            }
        }
        funnel
    }

    /// By source of the first inquiry: lengths to the first touch of leads, rounded down as reports say.
    pub fn speeds(&self, first: &str, last: &str) -> BTreeMap<String, (i64, Vec<u32>)> {
        let mut speeds: BTreeMap<String, (i64, Vec<u32>)> = BTreeMap::new();
        for way in self.counted().filter(|way| way.reached_lead()) {
            let day = day(way.first().at);
            if day.as_str() < first || day.as_str() > last {
                continue;
            }
            let (leads, lengths) = speeds.entry(way.first().source.clone()).or_default();
            *leads += 1;
            lengths.extend(way.speed().map(floor));
        }
        for (_, lengths) in speeds.values_mut() {
            lengths.sort_unstable();
        }
        speeds
    }

    /// By source: thousandths of euros that single inquiries cost and that sales brought, and sales.
    pub fn money(&self, first: &str, last: &str) -> BTreeMap<String, (i64, i64)> {
        let mut money: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        let inside = |at: i64| (first..=last).contains(&day(at).as_str());
        for came in self.inquiries.iter().filter(|came| inside(came.at)) {
            let cost = came.cost.map_or(0, |cost| cost.thousandths);
            money.entry(came.source.clone()).or_default().0 += cost;
        }
        for way in self.counted().filter(|way| inside(way.first().at)) {
            let sums = money.entry(way.first().source.clone()).or_default();
            if way.reached_lead() {
                sums.0 += way.first().fee.map_or(0, |fee| fee.thousandths);
            }
            if way.reached(Stage::Won).is_some() {
                sums.1 += way.amount.map_or(0, |amount| amount.thousandths);
            }
        }
        money
    }

    /// How often each end has each reason.
    pub fn reasons(&self, first: &str, last: &str) -> BTreeMap<(String, String), i64> {
        let mut reasons = BTreeMap::new();
        for way in self.counted() {
            let day = day(way.first().at);
            if (first..=last).contains(&day.as_str())
                && let Some((stage, reason)) = way.reason()
            {
                *reasons.entry((stage.to_string(), reason)).or_insert(0) += 1;
            }
        }
        reasons
    }

    /// All sources.
    pub fn sources(&self) -> BTreeSet<String> {
        self.inquiries.iter().map(|came| came.source.clone()).collect()
    }
}

/// The day in Berlin.
pub fn day(at: i64) -> String {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let at = jiff::Timestamp::from_millisecond(at).unwrap();
    at.to_zoned(zone).date().to_string()
}

fn band(score: i32) -> String {
    match score {
        100.. => "100+".to_owned(),
        ..10 => "00-09".to_owned(),
        score => format!("{0}0-{0}9", score / 10),
    }
}

/// Down to the second below a minute, five below ten, a minute below four hours, ten below three days, an hour
/// below thirty.
fn floor(seconds: u32) -> u32 {
    let step = match seconds {
        ..60 => 1,
        60..600 => 5,
        600..14_400 => 60,
        14_400..259_200 => 600,
        259_200..2_592_000 => 3600,
        _ => 86_400,
    };
    seconds / step * step
}

/// The nearest rank.
pub fn rank(sorted: &[u32], percent: usize) -> Option<u32> {
    let place = (sorted.len() * percent).div_ceil(100);
    sorted.get(place.max(1) - 1).copied()
}

/// When something was, for the generator.
pub fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// As reports count.
pub fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap()
}
