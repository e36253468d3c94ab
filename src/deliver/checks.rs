//! The checks of a destination's settings, one kind of value each.

use std::collections::BTreeSet;
use std::time::Duration;

use url::Url;

use super::call::Call;
use super::destination::Fallback;
use super::retry::Schedule;
use super::settings::{DestinationSettings, FallbackSettings, Masked, parse_duration};
use super::sign::Secret;
use crate::domain::ports::Gather;
use crate::domain::{EventType, Name, Pace, SettingProblem, Timestamp};

const SECRETS_MAX: usize = 5;
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
const ATTEMPTS_MAX: usize = 30;
const DELAY_MAX: Duration = Duration::from_hours(7 * 24);
const WAIT: Duration = Duration::from_secs(1);
const WAIT_MAX: Duration = Duration::from_secs(30);
const RATE_MAX: u32 = 10_000;
const BURST_MAX: u32 = 10_000;
/// A fifth of a second in microseconds.
const FIFTH_US: u64 = 200_000;
const URL_BYTES_MAX: usize = 2048;

pub(super) fn checked_url(url: Option<&Masked>, problems: &mut Vec<SettingProblem>) -> Option<Url> {
    let Some(url) = url else {
        problems.push(SettingProblem::new("url", "a destination needs a `url`: where events go"));
        return None;
    };
    let text = url.expose();
    let problem = match Url::parse(text) {
        _ if text.len() > URL_BYTES_MAX => "the URL is longer than 2048 characters",
        Err(_) => "this is not a whole URL, such as https://crm.example.com/hook",
        Ok(url) if !matches!(url.scheme(), "http" | "https") => {
            "a destination's URL begins with https:// (or http://, if the egress allow-list opens it)"
        }
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            "a URL must not hold a user name or password; add an `authorization` header instead"
        }
        Ok(url) => return Some(url),
    };
    problems.push(SettingProblem::new("url", problem));
    None
}

pub(super) fn checked_secrets(
    settings: &DestinationSettings,
    optional: bool,
    problems: &mut Vec<SettingProblem>,
) -> Vec<Secret> {
    let count = settings.secrets.len();
    if (count == 0 && !optional) || count > SECRETS_MAX {
        let message =
            format!("a destination has one signing secret, during rotation up to {SECRETS_MAX}");
        problems.push(SettingProblem::new("secrets", message));
    }
    let mut secrets = Vec::new();
    for (at, text) in settings.secrets.iter().enumerate() {
        let problem = match Secret::parse(text.expose()) {
            Ok(secret) if SECRET_BYTES.contains(&secret.byte_count()) => {
                secrets.push(secret);
                continue;
            }
            Ok(secret) if secret.byte_count() == 0 => {
                "this is the public key, for the receiver: what signs begins with `whsk_`"
                    .to_owned()
            }
            Ok(_) => "a signing secret has 24 to 64 bytes".to_owned(),
            Err(error) => error.to_string(),
        };
        let mut problem = SettingProblem::new(format!("secrets[{at}]"), problem);
        problem.suggestion =
            Some("make one: `whsec_` and what `openssl rand -base64 32` prints".to_owned());
        problems.push(problem);
    }
    secrets
}

pub(super) fn checked_events(
    words: Option<&[String]>,
    problems: &mut Vec<SettingProblem>,
) -> BTreeSet<EventType> {
    let starting = |prefix: &str| {
        let all = EventType::ALL.iter().copied();
        all.filter(|kind| kind.as_str().starts_with(prefix)).collect::<Vec<_>>()
    };
    let Some(words) = words else {
        let mut events: BTreeSet<_> = starting("lead.").into_iter().collect();
        events.remove(&EventType::LeadDiscarded);
        return events;
    };
    let mut events = BTreeSet::new();
    for (at, word) in words.iter().enumerate() {
        match (word.as_str(), EventType::parse(word)) {
            ("*", _) => events.extend(EventType::ALL),
            ("lead.*", _) => events.extend(starting("lead.")),
            ("alert.*", _) => events.extend(starting("alert.")),
            (_, Some(kind)) => events.extend([kind]),
            (_, None) => problems.push(
                SettingProblem::new(format!("events[{at}]"), format!("there is no event `{word}`"))
                    .suggest(word, EventType::ALL.iter().map(|kind| kind.as_str())),
            ),
        }
    }
    if words.is_empty() {
        problems
            .push(SettingProblem::new("events", "a destination that takes no event is of no use"));
    }
    events
}

pub(super) fn checked_schedule(
    words: Option<&[String]>,
    problems: &mut Vec<SettingProblem>,
) -> Schedule {
    let Some(words) = words else { return Schedule::default() };
    if words.is_empty() || words.len() > ATTEMPTS_MAX {
        let message = format!("a schedule has 1 to {ATTEMPTS_MAX} attempts");
        problems.push(SettingProblem::new("retry", message));
    }
    let mut delays = Vec::new();
    for (at, word) in words.iter().enumerate() {
        match parse_duration(word) {
            Ok(delay) if delay <= DELAY_MAX => delays.push(delay),
            Ok(_) => problems
                .push(SettingProblem::new(format!("retry[{at}]"), "a delay is at most 7 days")),
            Err(message) => problems.push(SettingProblem::new(format!("retry[{at}]"), message)),
        }
    }
    Schedule::new(delays)
}

pub(super) fn checked_fallback(
    name: &Name,
    settings: Option<&FallbackSettings>,
    problems: &mut Vec<SettingProblem>,
) -> Option<Fallback> {
    let settings = settings?;
    let after = duration("fallback.after", Some(&settings.after), problems);
    let to = match Name::parse(&settings.to) {
        Ok(to) if to != *name => to,
        Ok(_) => {
            let message = "a destination cannot be its own fallback";
            problems.push(SettingProblem::new("fallback.to", message));
            return None;
        }
        Err(error) => {
            problems.push(SettingProblem::new("fallback.to", error.to_string()));
            return None;
        }
    };
    Some(Fallback { to, after: after? })
}

pub(super) fn duration(
    path: &str,
    text: Option<&str>,
    problems: &mut Vec<SettingProblem>,
) -> Option<Duration> {
    match parse_duration(text?) {
        Ok(duration) if !duration.is_zero() => return Some(duration),
        Ok(_) => problems.push(SettingProblem::new(path, "a duration longer than zero is needed")),
        Err(message) => problems.push(SettingProblem::new(path, message)),
    }
    None
}

pub(super) fn within(
    path: &str,
    given: Option<u32>,
    default: u32,
    range: &std::ops::RangeInclusive<u32>,
    problems: &mut Vec<SettingProblem>,
) -> u32 {
    let value = given.unwrap_or(default);
    if !range.contains(&value) {
        let message = format!("expected {} to {}", range.start(), range.end());
        problems.push(SettingProblem::new(path, message));
    }
    value
}

/// Secrets that still sign until a time.
pub(super) fn checked_retiring(
    settings: &DestinationSettings,
    problems: &mut Vec<SettingProblem>,
) -> Vec<(Secret, Timestamp)> {
    let mut retiring = Vec::new();
    for (at, old) in settings.retiring.iter().enumerate() {
        let until = Timestamp::parse(&old.until);
        if until.is_none() {
            let message = "a time such as `2026-12-01T00:00:00Z` is needed";
            problems.push(SettingProblem::new(format!("retiring[{at}].until"), message));
        }
        match Secret::parse(old.secret.expose()) {
            Ok(secret) if secret.byte_count() > 0 => {
                retiring.extend(until.map(|until| (secret, until)));
            }
            Ok(_) | Err(_) => {
                let message = "a signing secret is needed here, `whsec_…` or `whsk_…`";
                problems.push(SettingProblem::new(format!("retiring[{at}].secret"), message));
            }
        }
    }
    if settings.retiring.len() > SECRETS_MAX {
        let message = format!("at most {SECRETS_MAX} secrets may retire at a time");
        problems.push(SettingProblem::new("retiring", message));
    }
    retiring
}

/// How fast attempts may begin, each with so many requests at most.
pub(super) fn checked_pace(
    settings: &DestinationSettings,
    requests: u32,
    problems: &mut Vec<SettingProblem>,
) -> Option<Pace> {
    if settings.burst.is_some() && settings.rate.is_none() {
        let message = "only with a `rate`: so many more than it says there may be in a second";
        problems.push(SettingProblem::new("burst", message));
    }
    let Some((count, period_us)) = settings.rate.as_deref().map(parse_rate)? else {
        let message = format!(
            "expected 1 to {RATE_MAX} requests a time, such as `100/s`, `600/min`, `5000/h`"
        );
        problems.push(SettingProblem::new("rate", message));
        return None;
    };
    let usual = (u64::from(count) * FIFTH_US).div_ceil(period_us).max(1);
    let usual = u32::try_from(usual).unwrap_or(u32::MAX);
    let burst = within("burst", settings.burst, usual, &(1..=BURST_MAX), problems);
    Some(Pace {
        every_us: (period_us * u64::from(requests)).div_ceil(u64::from(count)),
        // The other half is the way's.
        burst: (burst / 2 / requests).max(1),
        jobs: 1,
    })
}

/// Requests, and in how many microseconds.
fn parse_rate(text: &str) -> Option<(u32, u64)> {
    let (count, period) = text.split_once('/')?;
    let period_us = match period.trim() {
        "s" => 1_000_000,
        "min" => 60_000_000,
        "h" => 3_600_000_000,
        _ => return None,
    };
    let count = count.trim().parse().ok().filter(|count| (1..=RATE_MAX).contains(count))?;
    Some((count, period_us))
}

/// How events are gathered, as many as the preset's vendor takes at most.
pub(super) fn checked_gather(
    settings: &DestinationSettings,
    call: Option<&Call>,
    problems: &mut Vec<SettingProblem>,
) -> Option<Gather> {
    let wanted = settings.batch.as_ref()?;
    let Some(most) = call.and_then(Call::batch_max) else {
        // Without a call the preset's own problem was said.
        if call.is_some() || settings.preset.is_none() {
            let message = "only with a preset that knows a request for several events";
            problems.push(SettingProblem::new("batch", message));
        }
        return None;
    };
    let max = within("batch.max", wanted.max, most, &(2..=most), problems);
    let wait = match wanted.wait.as_deref() {
        None => WAIT,
        Some(text) => duration("batch.wait", Some(text), problems)?,
    };
    if wait > WAIT_MAX {
        problems.push(SettingProblem::new("batch.wait", "at most 30 s: nobody waits longer"));
    }
    Some(Gather { max: max as usize, wait })
}
