//! What one inquiry and one journey count for, and where.

use std::collections::BTreeMap;

use super::figures::Figures;
use super::journey::{Arrival, Journey, MILESTONES};
use super::seconds::rounded;
use super::{Calendar, Day, Dimension, Rollup, Slot, View};
use crate::domain::{Category, Channel, Label, Money, Name, Stage, Timestamp};

/// Sums by where they count.
pub(super) type Cells = BTreeMap<(Slot, String), Figures>;

/// Bands of this many points, the last one open.
const BAND_POINTS: i32 = 10;
const BAND_LAST: i32 = 100;

/// An inquiry by itself: on its own day, for its own source, whatever becomes of it.
pub(super) fn of_inquiry(calendar: &Calendar, arrival: &Arrival, cost: Option<Money>) -> Cells {
    let mut cells = Cells::new();
    let mut figures = Figures { inquiries: 1, ..Figures::default() };
    if let Some(cost) = cost {
        figures.spend(cost);
    }
    everywhere(&mut cells, calendar.day(at(arrival.at)), arrival, &figures);
    cells
}

/// Counts for an arrival in every view.
fn everywhere(cells: &mut Cells, day: Day, arrival: &Arrival, figures: &Figures) {
    for view in View::ALL {
        for dimension in Dimension::ALL.iter().filter(|one| one.is_of_inquiries()) {
            let slot = Slot { day, view: *view, dimension: *dimension };
            *cells.entry((slot, of_arrival(*dimension, arrival))).or_default() += figures;
        }
    }
}

/// All that became of a journey.
pub(super) fn of_journey(calendar: &Calendar, journey: &Journey) -> Cells {
    let mut cells = Cells::new();
    let counted = counted(journey);
    let ends = [
        (View::First, &journey.first, Some(journey.first.at)),
        (View::Latest, journey.latest(), Some(journey.latest().at)),
        (View::Happened, &journey.first, None),
    ];
    for (view, arrival, whole) in ends {
        let mut days: BTreeMap<Day, Figures> = BTreeMap::new();
        for (happened, figures) in &counted {
            let day = calendar.day(at(whole.unwrap_or(*happened)));
            *days.entry(day).or_default() += figures;
        }
        for (day, figures) in &days {
            for dimension in Dimension::ALL {
                let slot = Slot { day: *day, view, dimension: *dimension };
                let value = if dimension.is_of_inquiries() {
                    of_arrival(*dimension, arrival)
                } else {
                    of_lead(*dimension, journey)
                };
                *cells.entry((slot, value)).or_default() += figures;
            }
        }
        // Inquiries are counted by themselves where they differ; else they go with the journey.
        let day = calendar.day(at(whole.unwrap_or(journey.first.at)));
        let inquiries = i64::from(journey.inquiries);
        for dimension in Dimension::ALL.iter().filter(|one| !one.is_of_inquiries()) {
            let slot = Slot { day, view, dimension: *dimension };
            let cell = cells.entry((slot, of_lead(*dimension, journey))).or_default();
            cell.inquiries += inquiries;
        }
    }
    if let Some(fee) = journey.fee.filter(|_| journey.reached[0].is_some()) {
        let mut figures = Figures::default();
        figures.spend(fee);
        let day = calendar.day(at(journey.first.at));
        everywhere(&mut cells, day, &journey.first, &figures);
    }
    cells
}

/// What counts, each with when it happened.
fn counted(journey: &Journey) -> Vec<(i64, Figures)> {
    let one = Figures::default;
    let mut counted = vec![(journey.first.at, Figures { journeys: 1, ..one() })];
    for (milestone, reached) in MILESTONES.iter().zip(journey.reached) {
        let Some(reached) = reached else { continue };
        let figures = match milestone {
            Stage::Lead => Figures { leads: 1, ..one() },
            Stage::Accepted => Figures { accepted: 1, ..one() },
            Stage::Prospect => Figures { prospects: 1, ..one() },
            _ => continue,
        };
        counted.push((reached, figures));
    }
    if let Some(won) = journey.won_at() {
        let mut figures = Figures { won: 1, ..one() };
        if let Some(amount) = journey.amount {
            figures.earn(amount);
        }
        counted.push((won, figures));
    }
    counted.extend(ended(journey));
    if let Some((since, reason)) = &journey.held {
        let reasons = [(format!("held:{reason}"), 1)].into();
        counted.push((*since, Figures { held: 1, reasons, ..one() }));
    }
    if journey.reached[0].is_some() {
        counted.extend(dealt_with(journey));
    }
    counted
}

/// Lost, discarded or passed back.
fn ended(journey: &Journey) -> Option<(i64, Figures)> {
    let mut figures = match journey.stage {
        Stage::Lost => Figures { lost: 1, ..Figures::default() },
        Stage::Recycled => Figures { recycled: 1, ..Figures::default() },
        Stage::Discarded => Figures { discarded: 1, ..Figures::default() },
        _ => return None,
    };
    let reason = journey.reason.as_ref().map_or("(none)", Name::as_str);
    figures.reasons.insert(format!("{}:{reason}", journey.stage), 1);
    Some((journey.ended.unwrap_or(journey.first.at), figures))
}

/// How soon somebody dealt with a lead.
fn dealt_with(journey: &Journey) -> Option<(i64, Figures)> {
    let mut figures = Figures::default();
    let times = journey.times.unwrap_or_default();
    match (journey.missed, times.met) {
        (true, _) | (_, Some(false)) => figures.sla_missed = 1,
        (false, Some(true)) => figures.sla_met = 1,
        (false, None) => {}
    }
    if let Some(speed) = journey.speed() {
        figures.touched = 1;
        figures.speed.insert(speed, 1);
        figures.business.extend(times.business.map(|seconds| (rounded(seconds), 1)));
        figures.sla.extend(times.sla.map(|seconds| (rounded(seconds), 1)));
        figures.sla_raw.extend(times.sla_raw.map(|seconds| (rounded(seconds), 1)));
    }
    let when = journey.touched.or(journey.reached[0]).unwrap_or(journey.first.at);
    (!figures.is_empty()).then_some((when, figures))
}

fn of_arrival(dimension: Dimension, arrival: &Arrival) -> String {
    let value = match dimension {
        Dimension::SourceCampaign => {
            return Rollup::pair(arrival.source.as_ref(), arrival.campaign.as_ref());
        }
        Dimension::Source => arrival.source.as_ref().map(Name::as_str),
        Dimension::Channel => arrival.channel.map(Channel::as_str),
        Dimension::Campaign => arrival.campaign.as_ref().map(Label::as_str),
        Dimension::Medium => arrival.medium.as_ref().map(Label::as_str),
        _ => Some("all"),
    };
    value.unwrap_or(Rollup::NONE).to_owned()
}

fn of_lead(dimension: Dimension, journey: &Journey) -> String {
    let value = match dimension {
        Dimension::Category => journey.category.map(Category::as_str),
        Dimension::Pool => journey.pool.as_ref().map(Name::as_str),
        Dimension::Owner => journey.owner.as_ref().map(Name::as_str),
        Dimension::Version => journey.version.as_deref(),
        _ => return band(journey.score),
    };
    value.unwrap_or(Rollup::NONE).to_owned()
}

/// `70-79`; everything from 100 on is one band. Two digits, so that their order is that of the texts.
fn band(score: Option<i32>) -> String {
    let Some(score) = score else { return Rollup::NONE.to_owned() };
    let low = score.clamp(0, BAND_LAST) / BAND_POINTS * BAND_POINTS;
    if low >= BAND_LAST {
        return format!("{BAND_LAST}+");
    }
    format!("{low:02}-{:02}", low + BAND_POINTS - 1)
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}
