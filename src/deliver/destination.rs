//! A destination, compiled: all mistakes of its settings at once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use url::Url;

use super::headers;
use super::retry::Schedule;
use super::settings::{DestinationSettings, FallbackSettings, Masked, Payload, parse_duration};
use super::sign::{Secret, Signed, VerifyError, verify};
use crate::domain::{EventType, Job, Name, Route, SettingProblem, Timestamp};

const USER_AGENT: &str = concat!("lead-router/", env!("CARGO_PKG_VERSION"));
const TIMEOUT_MS: std::ops::RangeInclusive<u32> = 1000..=30_000;
const TIMEOUT_MS_DEFAULT: u32 = 15_000;
const CONCURRENCY: std::ops::RangeInclusive<u32> = 1..=256;
const CONCURRENCY_DEFAULT: u32 = 16;
const SECRETS_MAX: usize = 5;
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
const ATTEMPTS_MAX: usize = 30;
const DELAY_MAX: Duration = Duration::from_hours(7 * 24);
const URL_BYTES_MAX: usize = 2048;

/// What a lease has beyond the attempt's deadline: for reading the lead before it and settling after.
pub(super) const LEASE_MARGIN: Duration = Duration::from_secs(15);

/// The fallback of a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fallback {
    pub to: Name,
    pub after: Duration,
}

/// An outbound endpoint, checked.
#[derive(Debug, Clone)]
pub struct Destination {
    pub name: Name,
    pub(super) url: Masked,
    pub(super) secrets: Vec<Secret>,
    pub(super) headers: Vec<(String, Masked)>,
    pub(super) timeout: Duration,
    pub(super) schedule: Schedule,
    pub(super) give_up_after: Option<Duration>,
    /// The event types it takes.
    pub events: BTreeSet<EventType>,
    /// Whether it takes test leads.
    pub tests: bool,
    /// How many requests may be under way at once.
    pub concurrency: u32,
    pub fallback: Option<Fallback>,
    pub payload: Payload,
    /// The preset it was made from.
    pub preset: Option<Name>,
    origin: String,
}

impl Destination {
    /// Checks the settings.
    ///
    /// # Errors
    /// All problems at once, with paths inside the file. No problem holds a secret or the URL.
    pub fn compile(
        name: &Name,
        settings: &DestinationSettings,
    ) -> Result<Self, Vec<SettingProblem>> {
        let mut problems = Vec::new();
        if name.as_str() == Job::CLOCK {
            let message = "`clock` is the service's own queue; call the file by another name";
            problems.push(SettingProblem::new("", message));
        }
        let url = checked_url(settings, &mut problems);
        let secrets = checked_secrets(settings, &mut problems);
        let events = checked_events(settings.events.as_deref(), &mut problems);
        let schedule = checked_schedule(settings.retry.as_deref(), &mut problems);
        let give_up_after =
            duration("give_up_after", settings.give_up_after.as_deref(), &mut problems);
        let fallback = checked_fallback(name, settings.fallback.as_ref(), &mut problems);
        let timeout_ms = within(
            "timeout_ms",
            settings.timeout_ms,
            TIMEOUT_MS_DEFAULT,
            &TIMEOUT_MS,
            &mut problems,
        );
        let concurrency = within(
            "concurrency",
            settings.concurrency,
            CONCURRENCY_DEFAULT,
            &CONCURRENCY,
            &mut problems,
        );
        let pairs = settings.headers.iter().map(|(name, value)| (name.as_str(), value.expose()));
        let headers = headers::check(pairs).unwrap_or_else(|mut found| {
            problems.append(&mut found);
            Vec::new()
        });
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            name: name.clone(),
            origin: url.as_ref().map(origin).unwrap_or_default(),
            url: settings.url.clone(),
            secrets,
            headers,
            timeout: Duration::from_millis(timeout_ms.into()),
            schedule,
            give_up_after,
            events,
            tests: settings.tests,
            concurrency,
            fallback,
            payload: settings.payload,
            preset: settings.preset.clone(),
        })
    }

    /// Scheme, host and port: what may be shown of the URL (paths and queries hold tokens).
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The URL, for the egress guard to judge at load. Not for showing.
    #[must_use]
    pub fn url(&self) -> &Masked {
        &self.url
    }

    /// The headers of a request here, the added ones last.
    pub(super) fn request_headers(
        &self,
        id: String,
        at: Timestamp,
        signature: String,
    ) -> Vec<(String, String)> {
        let mut headers = vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("user-agent".to_owned(), USER_AGENT.to_owned()),
            ("webhook-id".to_owned(), id),
            ("webhook-timestamp".to_owned(), at.as_secs().to_string()),
            ("webhook-signature".to_owned(), signature),
        ];
        let own = self.headers.iter();
        headers.extend(own.map(|(name, value)| (name.clone(), value.expose().to_owned())));
        headers
    }

    /// Whether a request was signed with one of this destination's secrets: the receiver's side.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn verify(
        &self,
        signed: Signed<'_>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), VerifyError> {
        verify(&self.secrets, signed, body, now)
    }

    /// The queue of this destination's jobs.
    #[must_use]
    pub fn route(&self) -> Route {
        let lease = self.timeout + LEASE_MARGIN;
        Route {
            queue: self.name.clone(),
            permits: self.concurrency,
            lease_ms: u32::try_from(lease.as_millis()).unwrap_or(u32::MAX),
        }
    }

    /// Whether events of this type, of a test lead or not, go here.
    #[must_use]
    pub fn takes(&self, event: EventType, is_test: bool) -> bool {
        self.events.contains(&event) && (self.tests || !is_test)
    }
}

/// What no destination can see alone: fallbacks that do not exist, and circles of fallbacks.
#[must_use]
pub fn check_fallbacks(all: &BTreeMap<Name, Destination>) -> Vec<(Name, SettingProblem)> {
    let mut problems = Vec::new();
    for (name, destination) in all {
        let Some(fallback) = &destination.fallback else { continue };
        if !all.contains_key(&fallback.to) {
            let problem = SettingProblem::new(
                "fallback.to",
                format!("there is no destination `{}`", fallback.to),
            )
            .suggest(fallback.to.as_str(), all.keys().map(Name::as_str));
            problems.push((name.clone(), problem));
            continue;
        }
        let mut seen = BTreeSet::from([name]);
        let mut next = Some(&fallback.to);
        while let Some(at) = next {
            if at == name {
                let message = "the fallbacks lead back to this destination";
                problems.push((name.clone(), SettingProblem::new("fallback.to", message)));
            }
            next = if seen.insert(at) {
                all.get(at).and_then(|d| d.fallback.as_ref()).map(|f| &f.to)
            } else {
                None
            };
        }
    }
    problems
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

fn checked_url(settings: &DestinationSettings, problems: &mut Vec<SettingProblem>) -> Option<Url> {
    let text = settings.url.expose();
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

fn checked_secrets(
    settings: &DestinationSettings,
    problems: &mut Vec<SettingProblem>,
) -> Vec<Secret> {
    let count = settings.secrets.len();
    if count == 0 || count > SECRETS_MAX {
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

fn checked_events(
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

fn checked_schedule(words: Option<&[String]>, problems: &mut Vec<SettingProblem>) -> Schedule {
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

fn checked_fallback(
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

fn duration(
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

fn within(
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
