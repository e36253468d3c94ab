//! What ends a clock: somebody says that they have the lead, or gets in touch with the person. Nothing else does.

use std::time::Duration;

use super::run::met;
use crate::assign::Calendar;
use crate::domain::{Clocks, Disposition, Lead, Said, Timestamp, TouchTimes};
use crate::follow_up::dispositions::{acknowledges, is_touch};

/// Ends what waits for what was said of the lead since it was as `before`. The first touch of a cycle gives how long it
/// took; breaches do not end the measuring.
pub fn heard(
    lead: &mut Lead,
    before: Option<&Said>,
    calendar: &Calendar<'_>,
) -> Option<TouchTimes> {
    let said = lead.said.as_deref()?;
    let known = |disposition| before.and_then(|before| before.last.get(disposition));
    let news = said.last.iter().filter(|(disposition, at)| known(disposition) != Some(at));
    let news: Vec<(Disposition, Timestamp)> = news.map(|(what, at)| (*what, *at)).collect();
    let first = said.first_touch;
    let mut measured = None;
    for (disposition, at) in news {
        if is_touch(disposition) {
            let at = first.filter(|first| *first < at).unwrap_or(at);
            measured = measured.or(touched(lead, calendar, at));
        } else if acknowledges(disposition) {
            acknowledged(lead, at);
        }
    }
    measured
}

/// Whoever has the lead said so.
fn acknowledged(lead: &mut Lead, at: Timestamp) {
    if let Some(clocks) = lead.clocks.as_deref_mut().filter(|clocks| since(clocks, at)) {
        clocks.acknowledged_at.get_or_insert(at.max(clocks.assigned_at));
    }
}

/// Whether something happened since whoever has the lead has it. People's tools say seconds.
fn since(clocks: &Clocks, at: Timestamp) -> bool {
    at.as_secs() >= clocks.assigned_at.as_secs()
}

/// Somebody got in touch with the person, or tried to, at that time.
fn touched(lead: &mut Lead, calendar: &Calendar<'_>, at: Timestamp) -> Option<TouchTimes> {
    let clocked = lead.clocks.as_ref().is_some_and(|clocks| clocks.cycle == lead.cycle);
    // Without a clock nobody noted when it was received: it was with its only inquiry, or with the newest one.
    let received_at = match lead.touches.last() {
        Some(newest) if lead.inquiries > 1 => newest.at,
        _ => lead.created_at,
    };
    let mut fresh = Clocks::new(lead.cycle, received_at, received_at);
    let opens_at = lead.assignment.outcome().and_then(|outcome| outcome.opens_at);
    let met = met(lead, calendar, at);
    let clocks = if clocked { lead.clocks.as_deref_mut()? } else { &mut fresh };
    if since(clocks, at) {
        clocks.touched_at.get_or_insert(at.max(clocks.assigned_at));
    }
    if clocks.first_touch_at.is_some() {
        return None;
    }
    let touched_at = at.max(clocks.received_at);
    clocks.first_touch_at = Some(touched_at);
    // Who was given it ahead of time had it from their opening on.
    let opened = opens_at.filter(|_| clocks.first_assigned_at == clocks.assigned_at);
    let assigned_at = opened.map_or(clocks.first_assigned_at, |at| at.min(touched_at));
    let seconds = |length: Duration| u32::try_from(length.as_secs()).ok();
    let business = |from| seconds(calendar.between(from, touched_at));
    let speed_from = clocks.received_at;
    let times = TouchTimes {
        raw: seconds(touched_at.since(speed_from)),
        business: business(speed_from),
        sla_raw: seconds(touched_at.since(assigned_at)).filter(|_| clocked),
        sla: business(assigned_at).filter(|_| clocked),
        met,
    };
    if !clocked {
        lead.clocks = Some(Box::new(fresh));
    }
    Some(times)
}
