//! What people found out, as it is sent.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::problem::{Problem, ProblemCode};
use crate::domain::{Found, Known3, Name, Pii, Timestamp};
use crate::flow::Answers;

/// No call is longer.
const ANSWERS_MAX: usize = 200;
const NOTE_BYTES_MAX: usize = 2_000;
const VALUE_BYTES_MAX: usize = 10_000;

/// What was found out about a lead: per criterion *yes*, *no* or *unknown*, values of fields, or both.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Answering {
    /// By the name of the criterion: `yes`, `no`, or `unknown` (it was asked, and nobody knows).
    #[schema(value_type = Object, example = json!({"budget-fits": "yes", "decides": "unknown"}))]
    pub criteria: BTreeMap<Name, Known3>,
    /// By the path that conditions use.
    #[schema(value_type = Object, example = json!({"need.timeline": "this quarter", "company.employees": 250}))]
    pub fields: BTreeMap<String, Given>,
    /// Whether we can sell to them at all: `yes` and `no` stand above the rules of eligibility.
    #[schema(value_type = Option<String>, example = "yes")]
    pub eligible: Option<Known3>,
    /// Nobody needs to ask any further: the lead is first-level qualified.
    pub qualified: bool,
    /// Beside the answers, for whoever reads them.
    #[schema(value_type = Option<String>)]
    pub note: Option<Given>,
    /// When it was found out (RFC 3339); now if absent.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
}

/// A text, or a number or flag taken as it is written. Never printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Given(pub Pii);

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl Visitor<'_> for Any {
            type Value = Given;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a number or a flag")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Given, E> {
                Ok(Given(text.into()))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Given, E> {
                Ok(Given(number.to_string().into()))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Given, E> {
                Ok(Given(number.to_string().into()))
            }
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Given, E> {
                Ok(Given(number.to_string().into()))
            }
            fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Given, E> {
                Ok(Given(flag.to_string().into()))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

impl Answering {
    /// As the flow takes it.
    ///
    /// # Errors
    /// If there is too much of it.
    pub fn answers(self) -> Result<Answers, Problem> {
        let long = |given: &Given, most: usize| given.0.expose().len() > most;
        if self.criteria.len() + self.fields.len() > ANSWERS_MAX
            || self.note.as_ref().is_some_and(|note| long(note, NOTE_BYTES_MAX))
            || self.fields.values().any(|value| long(value, VALUE_BYTES_MAX))
        {
            let detail = "At most 200 answers at once, 10,000 bytes each, and 2,000 of a note.";
            return Err(Problem::saying(ProblemCode::BadRequest, detail));
        }
        let criteria =
            self.criteria.into_iter().map(|(name, answer)| Found::Criterion(name, answer));
        let fields = self.fields.into_iter().map(|(path, value)| Found::Field(path, value.0));
        let eligible = self.eligible.map(Found::Eligible);
        Ok(Answers {
            found: criteria.chain(fields).chain(eligible).collect(),
            qualified: self.qualified,
            note: self.note.map(|note| note.0).filter(|note| !note.is_empty()),
            at: self.at,
        })
    }
}
