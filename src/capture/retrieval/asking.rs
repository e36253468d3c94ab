//! The retrieval of one source, compiled: finds references, makes requests, lays answers together.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use serde_json::value::RawValue;
use url::Url;

use crate::capture::decode::Leaf;
use crate::capture::secret::Secret;
use crate::capture::special::says;
use crate::domain::ports::{
    OutboundAnswer, OutboundError, OutboundMethod, OutboundRequest, TokenGrant,
};
use crate::domain::{Name, Reference, SettingProblem};

use super::pages::Backfill;
use super::reading::{self, Meaning};
use super::settings::{
    AskSettings, GrantSettings, ReferenceSettings, RetrievalSettings, SourceRetrievalSettings,
};
use super::template::Template;

/// One deadline for each request.
const DEADLINE: Duration = Duration::from_secs(10);
/// The name of the reference that is the event's id.
const ID: &str = "id";
/// References are ids and addresses; longer ones are none.
const REFERENCE_BYTES_MAX: usize = 500;

/// Why nothing can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotAsk {
    /// A value that the address names is neither among the references nor given by the source.
    #[error("a value that the address names is not given")]
    Value,
    /// The address leads to a host that is not listed.
    #[error("the address leads to a host that is not listed")]
    Host,
}

/// One request, compiled.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub(super) url: Template,
    pub(super) headers: Vec<(String, Template)>,
    into: Option<String>,
}

/// The retrieval of one source.
#[derive(Debug, Clone)]
pub struct Retrieval {
    pub(super) settings: RetrievalSettings,
    pub(super) given: BTreeMap<Name, String>,
    token: Secret,
    /// How a token is had, if none is given.
    grant: Option<TokenGrant>,
    /// In the place of the vendor's own address.
    at: Option<Url>,
    pub(super) requests: Vec<Ask>,
    pub(super) backfill: Option<Backfill>,
}

impl Retrieval {
    /// Lays what a source gives over what its preset says.
    ///
    /// # Errors
    /// Everything that is wrong, at once; paths are below the source's `retrieval`.
    pub(in crate::capture) fn compile(
        preset: &RetrievalSettings,
        own: &SourceRetrievalSettings,
    ) -> Result<Self, Vec<SettingProblem>> {
        let mut problems = Vec::new();
        let mut wrong = |path: &str, message: String| {
            problems.push(SettingProblem::new(path, message));
        };
        let mut given = preset.with.clone();
        for (name, value) in &own.with {
            if given.insert(name.clone(), value.clone()).is_none() {
                wrong(&format!("with.{name}"), format!("nothing names `{{{name}}}`"));
            }
        }
        if !preset.reference.contains_key(ID) {
            wrong("", "the preset's retrieval has no reference `id`".to_owned());
        }
        let short = |secret: &Secret| secret.text().len() < Secret::BYTES_MIN;
        if own.token.as_ref().is_some_and(short) {
            wrong("token", "must have at least 8 characters".to_owned());
        }
        if own.token.is_some() == own.oauth.is_some() {
            wrong("", "say `token` or `oauth`: what the vendor's API is asked with".to_owned());
        }
        let grant = own.oauth.as_ref().map(GrantSettings::grant);
        if grant.as_ref().is_some_and(|it| !Url::parse(&it.url).is_ok_and(|url| url.has_host())) {
            wrong("oauth.token_url", "must be a whole URL".to_owned());
        }
        let at = own.at.as_deref().map(Url::parse).transpose().unwrap_or_else(|_| {
            wrong("at", "must be the address of a host: `https://host[:port]`".to_owned());
            None
        });
        let known: BTreeSet<&str> =
            given.keys().chain(preset.reference.keys()).map(Name::as_str).collect();
        let known: BTreeSet<&str> = known.into_iter().chain(["token"]).collect();
        let mut requests = Vec::new();
        for (n, ask) in preset.requests.iter().enumerate() {
            match Ask::compile(ask, &known) {
                Ok(compiled) if n > 0 && compiled.into.is_none() => {
                    wrong("", "the preset's retrieval lays a further answer nowhere".to_owned());
                }
                Ok(compiled) => requests.push(compiled),
                Err(message) => wrong("", format!("the preset's retrieval: {message}")),
            }
        }
        for name in requests.iter().flat_map(Ask::names) {
            if given.get(name).is_some_and(String::is_empty) {
                wrong(&format!("with.{name}"), "is needed to ask the vendor".to_owned());
            }
        }
        if requests.is_empty() {
            wrong("", "the preset's retrieval asks for nothing".to_owned());
        }
        let backfill = preset.backfill.as_ref().map(|it| Backfill::compile(it, preset, &known));
        let backfill = backfill.transpose().unwrap_or_else(|message| {
            wrong("", format!("the preset's backfill: {message}"));
            None
        });
        if !problems.is_empty() {
            return Err(problems);
        }
        let token = own.token.clone().unwrap_or_else(|| Secret::new(""));
        Ok(Self { settings: preset.clone(), given, token, grant, at, requests, backfill })
    }

    /// How many may be asked for at once, over all replicas.
    #[must_use]
    pub fn permits(&self) -> u32 {
        self.settings.permits.clamp(1, 64)
    }

    /// How many requests one retrieval takes.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.requests.len()
    }

    /// How a token is had, if none is given.
    #[must_use]
    pub fn grant(&self) -> Option<&TokenGrant> {
        self.grant.as_ref()
    }

    /// What is asked with. It goes to the listed hosts only.
    #[must_use]
    pub fn token(&self) -> &str {
        self.token.text()
    }

    /// Whether another token may be had for one that is not taken; none after a second one.
    #[must_use]
    pub fn renews(&self, refused: Option<&str>) -> bool {
        self.grant.is_some() && refused.is_none()
    }

    /// The same, asking with a token that was had.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Secret::new(token), ..self.clone() }
    }

    /// How long one retrieval takes at most: with a token that has to be had, twice as long, for that may have to be renewed.
    #[must_use]
    pub fn takes(&self) -> Duration {
        let once = DEADLINE * u32::try_from(self.requests.len()).unwrap_or(1);
        if self.grant.is_some() { (once + TokenGrant::WITHIN) * 2 } else { once }
    }

    /// What is posted in the data's place, if it is that.
    pub(in crate::capture) fn reference(&self, leaves: &[Leaf]) -> Reference {
        let settings = &self.settings;
        let there = |path: &String| leaves.iter().any(|leaf| leaf.is_at(path));
        if (!settings.when.is_empty() && !says(leaves, &settings.when))
            || settings.unless.iter().any(there)
        {
            return Reference::new();
        }
        let found = settings
            .reference
            .iter()
            .map(|(name, it)| Some((name.to_string(), it.find(leaves)?)))
            .collect::<Option<Reference>>();
        found.unwrap_or_default()
    }

    /// The event's id, of a reference.
    pub(in crate::capture) fn event_id(reference: &Reference) -> Option<String> {
        reference.get(ID).cloned()
    }

    /// The `n`th request for what stands behind a reference.
    ///
    /// # Errors
    /// If it cannot be made; nothing is asked then.
    pub fn request(&self, n: usize, reference: &Reference) -> Result<OutboundRequest, CannotAsk> {
        let ask = self.requests.get(n).ok_or(CannotAsk::Value)?;
        self.made(ask, |name| reference.get(name).map(String::as_str))
    }

    /// A request with further values.
    pub(super) fn made<'a>(
        &'a self,
        ask: &Ask,
        more: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<OutboundRequest, CannotAsk> {
        let value = |name: &str| {
            let own = (name == "token").then(|| self.token.text());
            let given = || self.given.get(name).map(String::as_str);
            more(name).or_else(|| own.or_else(given).filter(|value| !value.is_empty()))
        };
        let url = ask.url.address(value).ok_or(CannotAsk::Value)?;
        let headers =
            ask.headers.iter().map(|(name, text)| Some((name.clone(), text.text(value)?)));
        let headers: Option<Vec<_>> = headers.collect();
        Ok(OutboundRequest {
            method: OutboundMethod::Get,
            url: self.placed(&url)?,
            headers: headers.ok_or(CannotAsk::Value)?,
            body: Bytes::new(),
            deadline: DEADLINE,
            wants_headers: false,
            answer_max: OutboundRequest::ANSWER_BYTES,
        })
    }

    /// An address that may be asked, where the vendor's API is.
    fn placed(&self, url: &str) -> Result<String, CannotAsk> {
        let mut url = Url::parse(url).map_err(|_| CannotAsk::Host)?;
        let listed = url.host_str().is_some_and(|host| {
            self.settings.hosts.iter().any(|listed| listed.eq_ignore_ascii_case(host))
        });
        let plain = url.username().is_empty() && url.password().is_none();
        if !listed || !plain || url.scheme() != "https" || url.port().is_some() {
            return Err(CannotAsk::Host);
        }
        if let Some(at) = &self.at {
            url.set_scheme(at.scheme()).map_err(|()| CannotAsk::Host)?;
            url.set_host(at.host_str()).map_err(|_| CannotAsk::Host)?;
            url.set_port(at.port()).map_err(|()| CannotAsk::Host)?;
        }
        Ok(url.into())
    }

    /// What an answer means.
    #[must_use]
    pub fn judge(&self, answer: &Result<OutboundAnswer, OutboundError>) -> Meaning {
        reading::judge(&self.settings.answers, answer)
    }

    /// The answers as one document, as if it had been posted: the first with the others laid into it. What is
    /// no JSON object stays as it came, and will be kept unread.
    #[must_use]
    pub fn document(&self, answers: &[Bytes], posted: &[u8]) -> Vec<u8> {
        let Some((first, rest)) = answers.split_first() else { return Vec::new() };
        self.laid(first, rest, posted).unwrap_or_else(|| first.to_vec())
    }

    fn laid(&self, first: &[u8], rest: &[Bytes], posted: &[u8]) -> Option<Vec<u8>> {
        let mut whole: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(first).ok()?;
        for (answer, ask) in rest.iter().zip(self.requests.iter().skip(1)) {
            let held: Box<RawValue> = serde_json::from_slice(answer).ok()?;
            whole.insert(ask.into.clone()?, held);
        }
        if self.settings.with_posted {
            let posted: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(posted).ok()?;
            for (key, value) in posted {
                whole.entry(key).or_insert(value);
            }
        }
        serde_json::to_vec(&whole).ok()
    }
}

impl Ask {
    fn compile(settings: &AskSettings, known: &BTreeSet<&str>) -> Result<Self, String> {
        let into = settings.into.clone();
        Self::of(&settings.url, &settings.headers, known).map(|ask| Self { into, ..ask })
    }

    pub(super) fn of(
        url: &str,
        headers: &BTreeMap<String, String>,
        known: &BTreeSet<&str>,
    ) -> Result<Self, String> {
        let header = |(name, text): (&String, &String)| {
            Ok((name.to_ascii_lowercase(), Template::parse(text, known)?))
        };
        let headers = headers.iter().map(header).collect::<Result<_, String>>()?;
        Ok(Self { url: Template::parse(url, known)?, headers, into: None })
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.url.names().chain(self.headers.iter().flat_map(|(_, text)| text.names()))
    }
}

impl ReferenceSettings {
    /// What is referred to; `None` = nothing stands there.
    pub(in crate::capture) fn find(&self, leaves: &[Leaf]) -> Option<String> {
        let value = |path: &String| leaves.iter().find(|leaf| leaf.is_at(path))?.values.last();
        let whole = self.at.iter().find_map(value)?.trim();
        let from =
            self.after.iter().filter_map(|mark| Some(whole.rfind(mark.as_str())? + mark.len()));
        let part = &whole[from.max().unwrap_or(0)..];
        let end = part.find(|c| self.until.contains(c)).unwrap_or(part.len());
        let part = &part[..end];
        (!part.is_empty() && part.len() <= REFERENCE_BYTES_MAX).then(|| part.to_owned())
    }
}
