//! How what stands behind a reference is asked for, as data.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::capture::secret::Secret;
use crate::domain::Name;
use crate::domain::ports::TokenGrant;

use super::reading::Meaning;

/// How the data behind a reference are asked for. In addresses and headers `{token}`, the references and the
/// values of `with` are filled in by their names.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RetrievalSettings {
    /// The hosts that may be asked, by https on the usual port. No other ever gets the token.
    pub hosts: Vec<String>,
    /// Values that the addresses name; a source may give others. An empty one has to be given by the source,
    /// if what is asked for names it.
    #[serde(default)]
    pub with: BTreeMap<Name, String>,
    /// What is posted in the data's place. All have to be there. `id` is the event's id, so that the same event
    /// is recognised however it comes: posted again, or pulled.
    pub reference: BTreeMap<Name, ReferenceSettings>,
    /// Only where one of these paths has one of its values.
    #[serde(default)]
    pub when: BTreeMap<String, Vec<String>>,
    /// Not where one of these paths is there: then these are the data.
    #[serde(default)]
    pub unless: Vec<String>,
    /// What is asked for, in order. The first answer is the inquiry, read as if it had been posted.
    pub requests: Vec<AskSettings>,
    /// What was posted beside the reference counts too, where the first answer says nothing: a scanner's notes.
    #[serde(default)]
    pub with_posted: bool,
    /// What answers mean; the first that fits. Else 2xx is taken, 401 and 403 are the credentials, 404 and 410
    /// gone, 429 too much at once; everything else is tried again.
    #[serde(default)]
    pub answers: Vec<AnswerSettings>,
    /// How many may be asked for at once, over all replicas.
    #[serde(default = "four")]
    #[cfg_attr(test, schemars(range(min = 1, max = 64)))]
    pub permits: u32,
    /// How what was missed is listed.
    #[serde(default)]
    pub backfill: Option<BackfillSettings>,
}

/// Where a reference stands.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReferenceSettings {
    /// Its paths; the first that is there counts.
    pub at: Vec<String>,
    /// It begins behind the last of these that stands in the value: `urn:li:leadGenForm:`.
    #[serde(default)]
    pub after: Vec<String>,
    /// It ends before the first of these characters.
    #[serde(default)]
    pub until: String,
}

/// One request.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AskSettings {
    /// The address; what is filled in is percent-encoded, but for a reference that is the beginning of it.
    pub url: String,
    /// Headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The key of the first answer under which this one is laid. Needed for all but the first.
    #[serde(default)]
    pub into: Option<String>,
}

/// What an answer means.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AnswerSettings {
    /// Its HTTP status is one of these; without any: whatever it is.
    #[serde(default)]
    pub status: Vec<u16>,
    /// At these JSON Pointers of its body stands one of the values.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, Vec<serde_json::Value>>"))]
    pub body: BTreeMap<String, Vec<serde_json::Value>>,
    /// What that means.
    pub means: Meaning,
}

/// How what was missed is listed. Each page is read as if it had been posted.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BackfillSettings {
    /// The address of a page: `{since}`, `{until}` and `{page}` too.
    pub url: String,
    /// Headers, if not those of the first request.
    #[serde(default)]
    pub headers: Option<BTreeMap<String, String>>,
    /// How times are written.
    #[serde(default)]
    pub times: StatedTime,
    /// A value of `with` that may be several, separated by commas, of which each has a list of its own.
    #[serde(default)]
    pub over: Option<Name>,
    /// The JSON Pointer of the next page's `{page}` in the answer.
    #[serde(default)]
    pub next: Option<String>,
    /// There is a next page only where something stands at this JSON Pointer that is not `false`.
    #[serde(default)]
    pub more: Option<String>,
    /// Pages are counted by items instead: so many at once, as long as the list at `items` is not empty.
    #[serde(default)]
    pub step: Option<u32>,
    /// The JSON Pointer of the list in the answer.
    #[serde(default)]
    pub items: Option<String>,
}

/// How a time is written in an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "lowercase")]
pub enum StatedTime {
    /// Unix seconds.
    #[default]
    Seconds,
    /// Unix milliseconds.
    Milliseconds,
    /// RFC 3339, to the second, in UTC.
    Rfc3339,
}

/// What a source gives for fetching what its vendor posts only references to.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SourceRetrievalSettings {
    /// The vendor's access token; best as `${env:NAME}` or `${file:PATH}`.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Option<String>", extend("examples" = ["${env:META_PAGE_TOKEN}"])))]
    pub token: Option<Secret>,
    /// How a token is had instead, where the vendor's last an hour or so.
    #[serde(default)]
    pub oauth: Option<GrantSettings>,
    /// Values for the preset's `with`.
    #[serde(default)]
    pub with: BTreeMap<Name, String>,
    /// Where the vendor's API is, if not at its usual address: a sandbox, a proxy. `https://host[:port]`
    #[serde(default)]
    pub at: Option<String>,
}

/// OAuth 2 by client credentials. A token is asked for once per expiry, whatever the number of replicas, and kept sealed.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GrantSettings {
    /// Where tokens are had: a whole URL.
    #[cfg_attr(test, schemars(extend("examples" = ["https://api-platform.cvent.com/ea/oauth2/token"])))]
    pub token_url: String,
    /// Who we are there.
    pub client_id: String,
    /// What proves it; best as `${env:NAME}`. Sent as HTTP Basic.
    #[cfg_attr(test, schemars(with = "String", extend("examples" = ["${env:CVENT_CLIENT_SECRET}"])))]
    pub client_secret: Secret,
    /// What is asked for.
    #[serde(default)]
    pub scope: Option<String>,
}

impl GrantSettings {
    pub(super) fn grant(&self) -> TokenGrant {
        TokenGrant {
            url: self.token_url.clone(),
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.text().to_owned(),
            scope: self.scope.clone(),
        }
    }
}

fn four() -> u32 {
    4
}
