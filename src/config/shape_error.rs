//! What serde says about a value that does not fit, kept apart by kind so that it can be said well
//! and without showing values that may be secrets.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

use super::tree::Node;
use super::{Position, hints};
use crate::domain::closest;

/// Why a tree does not fit a type.
#[derive(Debug, Clone)]
pub struct ShapeError {
    pub(super) what: What,
    /// The node at fault (its id), once known.
    pub(super) node: Option<u32>,
    pub(super) at: Position,
}

/// The kinds of misfit.
#[derive(Debug, Clone)]
pub(super) enum What {
    /// Said in words that hold no value of the file.
    Plain { message: String, suggestion: Option<String> },
    /// Said by somebody else; may hold a value, so not shown where something was filled in.
    Custom(String),
    /// A required key is not there.
    Missing(&'static str),
}

impl ShapeError {
    fn plain(message: String, suggestion: Option<String>) -> Self {
        Self { what: What::Plain { message, suggestion }, node: None, at: Position::default() }
    }

    /// The same with a suggestion, if this is about the value itself and there is none yet.
    pub(super) fn or_suggesting(mut self, hint: impl FnOnce() -> Option<String>) -> Self {
        if self.node.is_none()
            && let What::Plain { suggestion, .. } = &mut self.what
            && suggestion.is_none()
        {
            *suggestion = hint();
        }
        self
    }

    /// Says where, unless a deeper place is known already.
    pub(super) fn located(mut self, node: &Node, at: Position) -> Self {
        if self.node.is_none() {
            self.node = Some(node.id);
            self.at = at;
            if node.filled && matches!(self.what, What::Custom(_)) {
                let message = "the filled-in value is not accepted here".to_owned();
                self.what = What::Plain { message, suggestion: None };
            }
        }
        self
    }

    /// The sentence and the suggestion.
    pub(super) fn words(self) -> (String, Option<String>) {
        match self.what {
            What::Plain { message, suggestion } => (message, suggestion),
            What::Custom(message) => (message, None),
            What::Missing(field) => (format!("`{field}` is missing"), None),
        }
    }
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.clone().words().0)
    }
}

impl std::error::Error for ShapeError {}

impl de::Error for ShapeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let message = message.to_string();
        if message.starts_with("data did not match any variant of untagged") {
            return Self::plain(
                "this has none of the forms that are possible here".to_owned(),
                None,
            );
        }
        if let Some(wanted) = hints::foreign(&message) {
            return Self::plain(format!("expected {wanted}"), None);
        }
        Self { what: What::Custom(message), node: None, at: Position::default() }
    }

    fn invalid_type(unexpected: Unexpected, expected: &dyn Expected) -> Self {
        Self::plain(format!("expected {}, found {}", wanted(expected), kind(unexpected)), None)
    }

    fn invalid_value(unexpected: Unexpected, expected: &dyn Expected) -> Self {
        let (found, wanted) = (kind(unexpected), wanted(expected));
        Self::plain(format!("this {found} is not accepted here: expected {wanted}"), None)
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Self::plain(format!("expected {expected}, found {length} elements"), None)
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        // The word itself may be a secret put in the wrong place; it is in the file anyway.
        Self::plain("this is not one of the known words".to_owned(), among(variant, expected))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::plain(format!("unknown key `{field}`"), among(field, expected))
    }

    fn missing_field(field: &'static str) -> Self {
        Self { what: What::Missing(field), node: None, at: Position::default() }
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::plain(format!("key `{field}` is given twice"), None)
    }
}

/// The nearest of the known words, or all of them.
fn among(given: &str, known: &'static [&'static str]) -> Option<String> {
    if let Some(near) = closest(given, known.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    match known {
        [] => None,
        [only] => Some(format!("known here: {only}")),
        many => Some(format!("known here: {}", many.join(", "))),
    }
}

/// What was found, in words, without the value.
fn kind(unexpected: Unexpected) -> &'static str {
    match unexpected {
        Unexpected::Bool(_) => "true or false",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "whole number",
        Unexpected::Float(_) => "number",
        Unexpected::Char(_) | Unexpected::Str(_) => "text",
        Unexpected::Bytes(_) => "binary data",
        Unexpected::Unit | Unexpected::Option => "nothing",
        Unexpected::Seq => "list",
        Unexpected::Map => "map",
        _ => "something else",
    }
}

/// What is wanted, in words for people who write YAML.
fn wanted(expected: &dyn Expected) -> String {
    let words = expected.to_string();
    let most = match words.as_str() {
        "u8" => u64::from(u8::MAX),
        "u16" => u64::from(u16::MAX),
        "u32" => u64::from(u32::MAX),
        "u64" | "usize" => return "a whole number, not negative".to_owned(),
        "i8" | "i16" | "i32" | "i64" | "isize" => return "a whole number".to_owned(),
        "f32" | "f64" => return "a number".to_owned(),
        "a boolean" => return "true or false".to_owned(),
        "a string" => return "text".to_owned(),
        "a sequence" => return "a list".to_owned(),
        _ if words.starts_with("struct ") => return "a map".to_owned(),
        _ => return words,
    };
    format!("a whole number from 0 to {most}")
}
