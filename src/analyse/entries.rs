//! What one inquiry and one journey count for, and where.

use std::sync::Arc;

use super::figures::Figures;
use super::journey::{Arrival, Journey, MILESTONES};
use super::seconds::rounded;
use super::{Calendar, Day, Dimension, Rollup, View};
use crate::domain::{Category, Channel, Label, Money, Name, Stage, Timestamp};

/// The values of an inquiry, or those of a lead: what counts for one of them counts for all.
pub(super) type Values = Arc<[(Dimension, String)]>;

/// Figures that count under the same values, by day.
#[derive(Debug)]
pub(super) struct Entry {
    pub view: View,
    pub values: Values,
    pub days: Vec<(Day, Figures)>,
}

/// Bands of this many points, the last one open.
const BAND_POINTS: i32 = 10;
const BAND_LAST: i32 = 100;

/// An inquiry by itself: on its own day, for its own source, whatever becomes of it.
pub(super) fn of_inquiry(
    calendar: &Calendar,
    arrival: &Arrival,
    cost: Option<Money>,
) -> Vec<Entry> {
    let mut figures = Figures { inquiries: 1, ..Figures::default() };
    if let Some(cost) = cost {
        figures.spend(cost);
    }
    let (values, days) = (of_arrival(arrival), vec![(calendar.day(at(arrival.at)), figures)]);
    let entry = |view: &View| Entry { view: *view, values: values.clone(), days: days.clone() };
    View::ALL.iter().map(entry).collect()
}

/// All that became of a journey; what stands at one place is the same thing for every journey.
pub(super) fn of_journey(calendar: &Calendar, journey: &Journey) -> Vec<Entry> {
    let counted = counted(journey);
    let mut whole = Figures::default();
    let mut happened = Vec::new();
    for (when, figures) in counted {
        whole += &figures;
        add_on(&mut happened, calendar.day(at(when)), figures);
    }
    let first_day = calendar.day(at(journey.first.at));
    let latest_day = calendar.day(at(journey.latest().at));
    let first = of_arrival(&journey.first);
    let latest = journey.latest.as_ref().map_or_else(|| first.clone(), of_arrival);
    let lead = of_lead(journey);
    let views = [
        (View::First, &first, first_day, vec![(first_day, whole.clone())]),
        (View::Latest, &latest, latest_day, vec![(latest_day, whole)]),
        (View::Happened, &first, first_day, happened),
    ];
    let mut entries = Vec::with_capacity(3 * views.len());
    for (view, arrival, day, days) in views {
        // Inquiries are counted by themselves where they differ; else they go with the journey.
        let inquiries = Figures { inquiries: i64::from(journey.inquiries), ..Figures::default() };
        let mut with_inquiries = days.clone();
        add_on(&mut with_inquiries, day, inquiries);
        entries.push(Entry { view, values: arrival.clone(), days });
        entries.push(Entry { view, values: lead.clone(), days: with_inquiries });
    }
    let owed = journey.fee.filter(|_| journey.reached[0].is_some());
    entries.extend(View::ALL.iter().map(|view| {
        let fee = |fee: Money| {
            let mut figures = Figures::default();
            figures.spend(fee);
            (first_day, figures)
        };
        Entry { view: *view, values: first.clone(), days: owed.map(fee).into_iter().collect() }
    }));
    entries
}

fn add_on(days: &mut Vec<(Day, Figures)>, day: Day, figures: Figures) {
    match days.iter_mut().find(|(known, _)| *known == day) {
        Some((_, sum)) => *sum += &figures,
        None => days.push((day, figures)),
    }
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

fn of_arrival(arrival: &Arrival) -> Values {
    let of = |dimension: Dimension| {
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
    };
    let dimensions = Dimension::ALL.iter().filter(|one| one.is_of_inquiries());
    dimensions.map(|one| (*one, of(*one))).collect()
}

fn of_lead(journey: &Journey) -> Values {
    let of = |dimension: Dimension| {
        let value = match dimension {
            Dimension::Category => journey.category.map(Category::as_str),
            Dimension::Pool => journey.pool.as_ref().map(Name::as_str),
            Dimension::Owner => journey.owner.as_ref().map(Name::as_str),
            Dimension::Version => journey.version.as_deref(),
            _ => return band(journey.score),
        };
        value.unwrap_or(Rollup::NONE).to_owned()
    };
    let dimensions = Dimension::ALL.iter().filter(|one| !one.is_of_inquiries());
    dimensions.map(|one| (*one, of(*one))).collect()
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
