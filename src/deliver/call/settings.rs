//! What `request` in a destination's preset may say.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::deliver::oauth::OauthSettings;
use crate::domain::Name;

/// How a vendor is told of an event: one request, or several in order. In every text `{place}` stands for a
/// value of the event, see docs/destinations.md.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CallSettings {
    /// Where the vendor is, if that is the same for everybody; a destination's `url` goes before.
    #[serde(default)]
    pub url: Option<String>,
    /// What a destination says under `with`: tokens, ids of forms and boards, who is who there.
    #[serde(default)]
    pub with: BTreeMap<String, WithSettings>,
    /// How we prove who we are.
    #[serde(default)]
    pub auth: AuthSettings,
    /// How a token is had where a destination gives none: it then stands as `with.token`.
    #[serde(default)]
    pub oauth: Option<OauthSettings>,
    /// Headers of every request.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Places of which at least one must be there; else the event is given up at once as `invalid`.
    #[serde(default)]
    pub needs: Vec<String>,
    /// The requests, in order.
    #[cfg_attr(test, schemars(length(min = 1, max = 5)))]
    pub steps: Vec<StepSettings>,
    /// How several events become one request; without it each goes by itself.
    #[serde(default)]
    pub batch: Option<BatchSettings>,
    /// What answers mean, for every step; the first that fits counts. What fits none is judged by its
    /// status alone.
    #[serde(default)]
    pub answers: Vec<AnswerSettings>,
}

/// One thing that a destination says under `with`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WithSettings {
    /// What it is and where it is found.
    pub help: String,
    /// Kept in a file of its own, never shown.
    #[serde(default)]
    pub secret: bool,
    /// A destination without it does not load.
    #[serde(default)]
    pub required: bool,
    /// What counts if a destination does not say it.
    #[serde(default)]
    pub default: Option<String>,
    /// It is a table, such as from owners to the vendor's ids of them.
    #[serde(default)]
    pub table: bool,
}

/// How several events become one request. In its body `$each: {…}` stands for a list with one entry per event; places
/// outside of it hold nothing but `with`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BatchSettings {
    /// So many at most: the vendor's limit.
    pub max: u32,
    /// No two events with the same value of this are in one request.
    #[serde(default)]
    pub distinct: Option<String>,
    /// Lists in the answer (JSON Pointers; an empty one is the whole) that hold something for each: to each event they
    /// stand there with its own entries alone, and are read as the answer to one.
    #[serde(default)]
    pub split: BTreeMap<String, SplitSettings>,
    /// The request, if it is another one than for a single event.
    #[serde(default)]
    pub step: Option<StepSettings>,
    /// What answers mean, before the preset's own.
    #[serde(default)]
    pub answers: Vec<AnswerSettings>,
}

/// Which entries of a list are an event's own: without `by` the one at its place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SplitSettings {
    /// Where in an entry (JSON Pointer) it says whose it is: a text, or a list of texts.
    #[serde(default)]
    pub by: Option<String>,
    /// What stands there for an event.
    #[serde(default)]
    pub is: Option<String>,
}

/// How we prove who we are; nothing = by the URL, or a header.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AuthSettings {
    /// `authorization: Bearer …`.
    #[serde(default)]
    pub bearer: Option<String>,
    /// `authorization: Basic …`.
    #[serde(default)]
    pub basic: Option<BasicSettings>,
}

/// Name and password.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BasicSettings {
    /// Who we are.
    pub user: String,
    /// What proves it.
    pub password: String,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StepSettings {
    /// What it does, in a word: shown with the attempt.
    pub name: Name,
    /// Done only if this is not empty.
    #[serde(default, rename = "if")]
    pub only_if: Option<String>,
    /// Done only if this is empty.
    #[serde(default)]
    pub unless: Option<String>,
    /// How it is asked.
    #[serde(default)]
    pub method: MethodWord,
    /// What follows the URL. Every place in it must be there, and is percent-encoded.
    #[serde(default)]
    pub path: String,
    /// The query. Every place in it must be there.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// A JSON body: a tree whose texts may hold places. What is not there is left out, with its key.
    #[serde(default)]
    pub json: Option<Value>,
    /// A form instead: names and values. `$fields: "true"` adds the destination's own.
    #[serde(default)]
    pub form: Option<BTreeMap<String, String>>,
    /// If it is another than the usual one.
    #[serde(default)]
    pub content_type: Option<String>,
    /// What is kept of the answer: a name, and where it stands (JSON Pointer). Later steps know it as
    /// `{kept.NAME}`; people see it with the delivery.
    #[serde(default)]
    pub keep: BTreeMap<String, String>,
    /// What its answers mean, before the preset's.
    #[serde(default)]
    pub answers: Vec<AnswerSettings>,
}

/// The method of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
pub enum MethodWord {
    #[default]
    #[serde(rename = "POST")]
    Post,
    #[serde(rename = "GET")]
    Get,
    #[serde(rename = "PUT")]
    Put,
    #[serde(rename = "PATCH")]
    Patch,
}

/// Which answers, and what they mean.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AnswerSettings {
    /// Any of these statuses, such as `429` or `5xx`; none = any.
    #[serde(default)]
    pub status: Vec<Value>,
    /// All of these places (JSON Pointers; an empty one is the whole body as text) hold one of these
    /// values; `*` at the end = begins so; an empty list = anything.
    #[serde(default)]
    pub body: BTreeMap<String, Vec<Value>>,
    /// None of these places holds anything.
    #[serde(default)]
    pub without: Vec<String>,
    /// What it means.
    pub means: Meaning,
    /// Where the vendor's own code stands (JSON Pointer), for people.
    #[serde(default)]
    pub code: Option<String>,
    /// What is kept of it, as in a step.
    #[serde(default)]
    pub keep: BTreeMap<String, String>,
}

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// Done; the next step may run.
    Taken,
    /// The vendor has it already: as good as taken.
    AlreadyThere,
    /// Taken, but not all of it.
    Partial,
    /// Worth another try.
    Again,
    /// Too fast: nothing more goes there for a while.
    Limited,
    /// The token or key is not good (any more): nothing more goes there for a while, and people are told.
    Credentials,
    /// These data will never be taken: given up at once, for people to mend.
    Invalid,
    /// Refused for another reason; tried again by the schedule.
    Refused,
    /// Nothing is wanted any more.
    Gone,
}
