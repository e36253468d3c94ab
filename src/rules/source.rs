//! A condition as it stands in the configuration, not yet checked.

use std::fmt;

use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};

/// A condition as written. Reading one never fails on its content: every mistake in it is found by
/// [`super::Condition::compile`], all at once and each with its path.
#[derive(Debug, Clone, PartialEq)]
pub struct ConditionSource(pub(super) Raw);

impl ConditionSource {
    /// `{field: FIELD, in: [WORD, …]}`.
    #[must_use]
    pub fn one_of(field: &str, words: &[&str]) -> Self {
        let words = words.iter().map(|word| Raw::Text((*word).to_owned())).collect();
        Self(Raw::Map(vec![
            ("field".to_owned(), Raw::Text(field.to_owned())),
            ("in".to_owned(), Raw::List(words)),
        ]))
    }
}

impl<'de> Deserialize<'de> for ConditionSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Raw::deserialize(deserializer).map(Self)
    }
}

/// Any YAML or JSON value. Maps keep order and repeated keys, so that both can be reported.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Raw {
    Null,
    Flag(bool),
    Number(f64),
    Text(String),
    List(Vec<Raw>),
    Map(Vec<(String, Raw)>),
}

impl Raw {
    /// What it is, in words, for messages. Never the value itself.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Flag(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a condition")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Raw, E> {
        Ok(Raw::Flag(flag))
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers in conditions stay below 2^53")]
    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Raw, E> {
        Ok(Raw::Number(number as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers in conditions stay below 2^53")]
    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Raw, E> {
        Ok(Raw::Number(number as f64))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Raw, E> {
        Ok(Raw::Number(number))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut map = Vec::new();
        while let Some((key, value)) = entries.next_entry::<String, Raw>()? {
            map.push((key, value));
        }
        Ok(Raw::Map(map))
    }
}
