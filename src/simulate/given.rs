//! One inquiry as people write it down.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

use super::world::Business;
use crate::capture::{Captured, Request, Source, capture};
use crate::domain::{
    Answer, Attribution, Consent, Field, Inquiry, InquiryId, Name, SettingProblem, Submission,
    Timestamp,
};
use crate::identify::{Hints, normalise};

/// An inquiry: canonical fields, or the raw body its source would post.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Given {
    /// The source's name.
    pub source: String,
    /// When it arrives (RFC 3339).
    pub at: Option<String>,
    /// By the path of the field, such as `contact.email`.
    pub fields: BTreeMap<String, Text>,
    /// By key; several where boxes are ticked.
    pub answers: BTreeMap<String, Texts>,
    /// By purpose, or purpose and channel: `marketing`, `marketing.email`.
    pub consents: BTreeMap<String, bool>,
    /// Where the person came from, such as `utm_campaign`.
    pub attribution: BTreeMap<String, Text>,
    /// The sender's own id of the event: the same again is a duplicate.
    pub event_id: Option<String>,
    /// A test of the sender's.
    pub test: bool,
    /// The spam trap was touched.
    pub filtered: bool,
    /// Instead of the members above: what is posted.
    pub body: Option<Body>,
    /// Of the body; without it `application/json` for a mapping or what begins like JSON, else a form's.
    pub content_type: Option<String>,
}

/// A text; a number or a flag is taken as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(pub String);

/// One text or several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts(pub Vec<Text>);

/// A raw body.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// As it stands.
    Text(String),
    /// Posted as JSON.
    Json(serde_json::Value),
}

/// What one posted inquiry turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    Inquiry(Box<Inquiry>),
    /// It would be kept as unreadable; why.
    Unreadable(Name),
}

impl Given {
    /// The inquiries it stands for: one, or the rows of a batch. `id` gives ids.
    ///
    /// # Errors
    /// An unknown source, field or time, or a body that the source does not take; paths within the inquiry.
    pub fn read(
        &self,
        business: &Business<'_>,
        now: Timestamp,
        mut id: impl FnMut() -> InquiryId,
    ) -> Result<Vec<Taken>, Vec<SettingProblem>> {
        let Some(source) = business.sources.get(self.source.as_str()) else {
            let message = match self.source.as_str() {
                "" => "it has to be said which `source` it comes from".to_owned(),
                name => format!("there is no source `{name}`"),
            };
            let known = business.sources.keys().map(Name::as_str);
            return Err(vec![SettingProblem::new("source", message).suggest(&self.source, known)]);
        };
        let submissions = match &self.body {
            Some(body) => self.posted(source, body, now).map_err(|problem| vec![problem])?,
            None => vec![Ok(self.submission(source, now)?)],
        };
        let taken = submissions.into_iter().map(|submission| match submission {
            Ok(submission) => {
                let hints = Hints {
                    country: source.country().map(str::to_owned),
                    language: source.language().map(str::to_owned),
                };
                Taken::Inquiry(Box::new(normalise(submission, &hints, id(), now)))
            }
            Err(reason) => Taken::Unreadable(reason),
        });
        Ok(taken.collect())
    }

    /// When it arrives, if it is said.
    ///
    /// # Errors
    /// If it is no RFC 3339 time.
    pub fn time(&self) -> Result<Option<Timestamp>, SettingProblem> {
        let Some(text) = &self.at else { return Ok(None) };
        Timestamp::parse(text).map(Some).ok_or_else(|| {
            let mut problem = SettingProblem::new("at", "this is no time");
            problem.suggestion = Some("write it like 2026-03-02T09:00:00Z".to_owned());
            problem
        })
    }

    fn submission(
        &self,
        source: &Source,
        now: Timestamp,
    ) -> Result<Submission, Vec<SettingProblem>> {
        let mut problems = Vec::new();
        let mut fields = BTreeMap::new();
        for (path, text) in &self.fields {
            if let Some(field) = Field::parse(path) {
                fields.insert(field, text.0.as_str().into());
            } else {
                let known = Field::ALL.iter().map(|field| field.as_str());
                let message = format!("an inquiry has no field `{path}`");
                let at = format!("fields.{path}");
                problems.push(SettingProblem::new(at, message).suggest(path, known));
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let answers = self.answers.iter().flat_map(|(key, texts)| {
            texts.0.iter().map(|text| Answer { key: key.clone(), value: text.0.as_str().into() })
        });
        let consents = self.consents.iter().map(|(key, granted)| {
            let (purpose, channel) = key.split_once('.').unwrap_or((key.as_str(), "any"));
            Consent {
                purpose: purpose.to_owned(),
                channel: channel.to_owned(),
                granted: *granted,
                text: None,
                at: now,
            }
        });
        Ok(Submission {
            source: source.name().clone(),
            channel: source.channel(),
            event_id: self.event_id.clone(),
            is_test: self.test,
            filtered: self.filtered,
            filtered_by: None,
            challenge: None,
            erases: false,
            reference: crate::domain::Reference::new(),
            fields,
            answers: answers.collect(),
            consents: consents.collect(),
            attribution: self
                .attribution
                .iter()
                .map(|(key, text)| (key.clone(), text.0.clone()))
                .collect::<Attribution>(),
            occurred_at: None,
            flags: Vec::new(),
            content: Vec::new(),
        })
    }

    /// Posts the body as the source's sender would, proved by an API key.
    fn posted(
        &self,
        source: &Source,
        body: &Body,
        now: Timestamp,
    ) -> Result<Vec<Result<Submission, Name>>, SettingProblem> {
        let extra =
            !self.fields.is_empty() || !self.answers.is_empty() || !self.consents.is_empty();
        let said = self.test || self.filtered || self.event_id.is_some();
        if extra || !self.attribution.is_empty() || said {
            let message = "a `body` says everything: no fields, answers and the like beside it";
            return Err(SettingProblem::new("body", message));
        }
        let bytes = match body {
            Body::Text(text) => text.clone(),
            Body::Json(json) => json.to_string(),
        };
        let json = matches!(body, Body::Json(_)) || bytes.trim_start().starts_with(['{', '[']);
        let kind = self.content_type.as_deref();
        let guesses: &[&str] = match kind {
            Some(_) => &[],
            None if json => &["application/json", "application/x-ndjson"],
            None => &["application/x-www-form-urlencoded", "text/csv"],
        };
        let ways = kind.iter().chain(guesses).flat_map(|kind| [(*kind, false), (*kind, true)]);
        let Some((kind, batch)) =
            ways.into_iter().find(|(kind, batch)| source.accepts(Some(kind), *batch))
        else {
            let mut problem = SettingProblem::new("body", "the source does not take such a body");
            problem.suggestion = Some("say its `content_type`".to_owned());
            return Err(problem);
        };
        let request =
            Request { batch, caller_known: true, ..Request::post(Some(kind), bytes.as_bytes()) };
        match capture(source, &request, now) {
            Ok(Captured::Inquiry { submission, .. }) => Ok(vec![Ok(*submission)]),
            Ok(Captured::Batch(rows)) => {
                Ok(rows.into_iter().map(|row| row.map_err(|problem| problem.reason)).collect())
            }
            Ok(Captured::Unreadable(unreadable)) => Ok(vec![Err(unreadable.reason)]),
            Ok(Captured::Ping | Captured::Handshake(_)) => {
                Err(SettingProblem::new("body", "this asks only who is there"))
            }
            Err(refused) => Err(SettingProblem::new("body", refused.message)),
        }
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;
        impl Visitor<'_> for Written {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.to_owned()))
            }

            fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Text, E> {
                Ok(Text(flag.to_string()))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Text, E> {
                Ok(Text(number.to_string()))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Text, E> {
                Ok(Text(number.to_string()))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Text, E> {
                Ok(Text(number.to_string()))
            }
        }
        deserializer.deserialize_string(Written)
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;
        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Texts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Texts, E> {
                Ok(Texts(vec![Text(text.to_owned())]))
            }

            fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Texts, E> {
                self.visit_str(&flag.to_string())
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Texts, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Texts, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Texts, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Texts, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = items.next_element()? {
                    texts.push(text);
                }
                Ok(Texts(texts))
            }
        }
        deserializer.deserialize_any(OneOrMany)
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Body;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or a mapping to be posted as JSON")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Body, E> {
                Ok(Body::Text(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Body, A::Error> {
                let map = de::value::MapAccessDeserializer::new(map);
                serde_json::Value::deserialize(map).map(Body::Json)
            }
        }
        deserializer.deserialize_any(Either)
    }
}
