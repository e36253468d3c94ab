//! A field by its path, for rooms that want its texts instead of a condition on it.

use super::Subject;
use super::field::Value;
use super::reader::{Reader, answers};

/// A field, ready to be read.
#[derive(Debug, Clone)]
pub struct Named {
    path: String,
    reader: Reader,
}

impl Named {
    /// The field of that path, if there is one.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        Reader::parse(path).map(|reader| Self { path: path.to_owned(), reader })
    }

    /// How it was named.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What the subject has there, as text; several where a question was answered several times.
    #[must_use]
    pub fn texts(&self, subject: &Subject<'_>) -> Vec<String> {
        let text = |value: Value<'_>| match value {
            Value::Missing => None,
            Value::Text(text) => Some(text.to_owned()),
            Value::Number(number) => Some(number.to_string()),
            Value::Flag(flag) => Some(flag.to_string()),
        };
        match &self.reader {
            Reader::Answer { key, .. } => answers(key, subject).filter_map(text).collect(),
            reader => text(reader.read(subject)).into_iter().collect(),
        }
    }
}
