//! A destination, compiled: all mistakes of its settings at once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use url::Url;

use super::call::{Call, Given};
use super::checks::{
    checked_events, checked_fallback, checked_gather, checked_pace, checked_retiring,
    checked_schedule, checked_secrets, checked_url, duration, within,
};
use super::headers;
use super::preset::DestinationPreset;
use super::retry::Schedule;
use super::settings::{DestinationSettings, Masked, Payload};
use super::sign::{Secret, Signed, VerifyError, sign, verify};
use super::subset::Subset;
use super::ways::Ways;
use crate::domain::ports::Gather;
use crate::domain::{EventType, Job, Name, Pace, Route, SettingProblem, Tier, Timestamp};
use crate::egress::TokenRequest;
use crate::rules::{Condition, Lists};

const USER_AGENT: &str = concat!("lead-router/", env!("CARGO_PKG_VERSION"));
const TIMEOUT_MS: std::ops::RangeInclusive<u32> = 1000..=30_000;
const TIMEOUT_MS_DEFAULT: u32 = 15_000;
const CONCURRENCY: std::ops::RangeInclusive<u32> = 1..=256;
const CONCURRENCY_DEFAULT: u32 = 16;
const FAILURES: std::ops::RangeInclusive<u32> = 5..=10_000;
const FAILURES_DEFAULT: u32 = 50;

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
    /// Old secrets, each with the time until which it signs too.
    pub(super) retiring: Vec<(Secret, Timestamp)>,
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
    /// How events are gathered to one request.
    pub(super) gather: Option<Gather>,
    /// How fast attempts may begin.
    pub(super) pace: Option<Pace>,
    /// So many failures in a row open the breaker.
    pub(super) pause_after_failures: u32,
    pub fallback: Option<Fallback>,
    pub payload: Payload,
    /// The preset it was made from.
    pub preset: Option<Name>,
    /// How well the preset is known to fit the receiver; ours fit themselves.
    pub tier: Tier,
    /// How its preset wants to be told, if not by signed events of our form.
    pub(super) call: Option<Call>,
    /// Its own token, for the header `authorization`; a preset's is in `call`.
    pub(super) oauth: Option<TokenRequest>,
    pub(super) when: Option<Condition>,
    pub(super) subset: Subset,
    origin: String,
}

/// What a destination's file may name outside itself.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// The preset it names.
    pub preset: Option<&'a DestinationPreset>,
    /// The workspace's lists, for conditions.
    pub lists: &'a Lists,
}

impl Destination {
    /// Checks the settings of a destination that names no preset and no list.
    ///
    /// # Errors
    /// As [`Destination::compile_with`].
    pub fn compile(
        name: &Name,
        settings: &DestinationSettings,
    ) -> Result<Self, Vec<SettingProblem>> {
        Self::compile_with(name, settings, Around { preset: None, lists: &Lists::default() })
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// All problems at once, with paths inside the file. No problem holds a secret or the URL.
    pub fn compile_with(
        name: &Name,
        settings: &DestinationSettings,
        around: Around<'_>,
    ) -> Result<Self, Vec<SettingProblem>> {
        let mut problems = Vec::new();
        checked_name(name, &mut problems);
        let known = around.preset.and_then(|preset| preset.request.as_ref()?.url.clone());
        let masked = settings.url.clone().or_else(|| known.map(Masked::new));
        let url = checked_url(masked.as_ref(), &mut problems);
        let call = checked_call(settings, around, url.as_ref(), &mut problems);
        let oauth = checked_oauth(settings, call.as_ref(), url.as_ref(), &mut problems);
        let by_vendor = around.preset.is_some_and(|preset| preset.request.is_some());
        let secrets = checked_secrets(settings, by_vendor, &mut problems);
        let retiring = checked_retiring(settings, &mut problems);
        let events = checked_events(settings.events.as_deref(), &mut problems);
        let schedule = checked_schedule(settings.retry.as_deref(), &mut problems);
        let give_up_after =
            duration("give_up_after", settings.give_up_after.as_deref(), &mut problems);
        let fallback = checked_fallback(name, settings.fallback.as_ref(), &mut problems);
        let (given, default) = (settings.timeout_ms, TIMEOUT_MS_DEFAULT);
        let timeout_ms = within("timeout_ms", given, default, &TIMEOUT_MS, &mut problems);
        let (given, default) = (settings.concurrency, CONCURRENCY_DEFAULT);
        let concurrency = within("concurrency", given, default, &CONCURRENCY, &mut problems);
        let (given, default) = (settings.pause_after_failures, FAILURES_DEFAULT);
        let failures = within("pause_after_failures", given, default, &FAILURES, &mut problems);
        let pace = checked_pace(settings, call.as_ref().map_or(1, Call::requests), &mut problems);
        let gather = checked_gather(settings, call.as_ref(), &mut problems);
        let pairs = settings.headers.iter().map(|(name, value)| (name.as_str(), value.expose()));
        let headers = headers::check(pairs).unwrap_or_else(|mut found| {
            problems.append(&mut found);
            Vec::new()
        });
        let when = checked_when(settings, around.lists, &mut problems);
        let subset = Subset::compile(settings, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            name: name.clone(),
            origin: url.map(|url| url.origin().ascii_serialization()).unwrap_or_default(),
            url: masked.unwrap_or_else(|| Masked::new("")),
            secrets,
            retiring,
            headers,
            timeout: Duration::from_millis(timeout_ms.into()),
            schedule,
            give_up_after,
            events,
            tests: settings.tests,
            concurrency,
            gather,
            pace,
            pause_after_failures: failures,
            fallback,
            payload: settings.payload,
            preset: settings.preset.clone(),
            tier: around.preset.map_or(Tier::Confirmed, |preset| preset.tier),
            call,
            oauth,
            when,
            subset,
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

    /// The headers of a request here, but its content type: the signature's, then the added ones. A
    /// destination without a secret (a vendor's) is sent none of a signature.
    pub(super) fn request_headers(
        &self,
        id: &str,
        at: Timestamp,
        body: &[u8],
    ) -> Vec<(String, String)> {
        let mut headers = vec![("user-agent".to_owned(), USER_AGENT.to_owned())];
        if !self.secrets.is_empty() {
            headers.push(("webhook-id".to_owned(), id.to_owned()));
            headers.push(("webhook-timestamp".to_owned(), at.as_secs().to_string()));
            let old = self.retiring.iter().filter(|(_, until)| at < *until).map(|(old, _)| old);
            let signature = sign(self.secrets.iter().chain(old), id, at, body);
            headers.push(("webhook-signature".to_owned(), signature));
        }
        let own = self.headers.iter();
        headers.extend(own.map(|(name, value)| (name.clone(), value.expose().to_owned())));
        headers
    }

    /// The same, with the token that was fetched for the destination itself (a preset's is in its texts).
    pub(super) fn request_headers_with(
        &self,
        id: &str,
        at: Timestamp,
        body: &[u8],
        token: Option<&str>,
    ) -> Vec<(String, String)> {
        let mut headers = self.request_headers(id, at, body);
        if let Some(token) = token.filter(|_| self.oauth.is_some()) {
            headers.push(("authorization".to_owned(), format!("Bearer {token}")));
        }
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
        let (most, wait) = self.gather.map_or((1, Duration::ZERO), |gather| {
            (u32::try_from(gather.max).unwrap_or(1), gather.wait)
        });
        let lease = self.attempt_max() + wait + LEASE_MARGIN;
        Route {
            queue: self.name.clone(),
            permits: self.concurrency.saturating_mul(most),
            lease_ms: u32::try_from(lease.as_millis()).unwrap_or(u32::MAX),
            pace: self.pace.map(|pace| Pace { jobs: most, ..pace }),
        }
    }

    /// How its events are gathered to one request.
    #[must_use]
    pub fn gather(&self) -> Option<Gather> {
        self.gather
    }

    /// How its access token is had, if it wants one.
    pub(super) fn token_request(&self) -> Option<&TokenRequest> {
        self.oauth.as_ref().or_else(|| self.call.as_ref()?.token.as_ref())
    }

    /// Where its access token is had, for the egress guard to judge at load. Not for showing.
    #[must_use]
    pub fn token_url(&self) -> Option<&str> {
        self.token_request().map(|request| request.url.as_str())
    }

    /// How long an attempt takes at most.
    pub(super) fn attempt_max(&self) -> Duration {
        match self.token_request() {
            None => self.timeout,
            Some(_) => self.timeout + Ways::beyond(self.timeout),
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

fn checked_name(name: &Name, problems: &mut Vec<SettingProblem>) {
    if name.as_str() == Job::CLOCK {
        let message = "`clock` is the service's own queue; call the file by another name";
        problems.push(SettingProblem::new("", message));
    }
}

fn checked_call(
    settings: &DestinationSettings,
    around: Around<'_>,
    address: Option<&Url>,
    problems: &mut Vec<SettingProblem>,
) -> Option<Call> {
    let Some(request) = around.preset.and_then(|preset| preset.request.as_ref()) else {
        for (key, used) in
            [("with", !settings.with.0.is_empty()), ("fields", !settings.fields.is_empty())]
        {
            if used {
                let message =
                    "only with the preset of a vendor: events of our own form have no such fields";
                problems.push(SettingProblem::new(key, message));
            }
        }
        return None;
    };
    let given = Given { with: &settings.with.0, fields: &settings.fields, address };
    Call::compile(request, &given).map_err(|mut found| problems.append(&mut found)).ok()
}

fn checked_oauth(
    settings: &DestinationSettings,
    call: Option<&Call>,
    address: Option<&Url>,
    problems: &mut Vec<SettingProblem>,
) -> Option<TokenRequest> {
    let oauth = settings.oauth.as_ref()?;
    if settings.headers.keys().any(|name| name.eq_ignore_ascii_case("authorization")) {
        let message = "`oauth` fills this header: leave one of the two out";
        problems.push(SettingProblem::new("headers.authorization", message));
    }
    if call.is_some_and(|call| call.token.is_some()) {
        let message = "the preset has tokens by itself: it asks for what it needs under `with`";
        problems.push(SettingProblem::new("oauth", message));
    }
    let found = problems.len();
    let request = oauth.request(address, &|text| Ok(text.to_owned()), problems);
    if request.is_none() && problems.len() == found {
        let message = "id, secret and (for that grant) refresh token must not be empty";
        problems.push(SettingProblem::new("oauth", message));
    }
    request
}

fn checked_when(
    settings: &DestinationSettings,
    lists: &Lists,
    problems: &mut Vec<SettingProblem>,
) -> Option<Condition> {
    let compiled = Condition::compile(settings.when.as_ref()?, lists);
    compiled
        .map_err(|found| {
            problems.extend(found.into_iter().map(|problem| problem.below("when")));
        })
        .ok()
}
