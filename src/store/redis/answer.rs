//! Reading what the server answered.

use ::redis::Value;

use crate::domain::Timestamp;
use crate::domain::ports::StoreError;

/// An array's items, one after another.
#[derive(Debug)]
pub(super) struct Answer(std::vec::IntoIter<Value>);

fn unexpected() -> StoreError {
    StoreError::Corrupt("an answer of another form than asked for".to_owned())
}

impl Answer {
    pub(super) fn of(value: Value) -> Result<Self, StoreError> {
        match value {
            Value::Array(items) | Value::Set(items) => Ok(Self(items.into_iter())),
            Value::Nil => Ok(Self(Vec::new().into_iter())),
            // A commit of which only the receipt is to be told.
            receipt @ Value::BulkString(_) => Ok(Self(vec![Value::Int(0), receipt].into_iter())),
            _ => Err(unexpected()),
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.0.len() == 0
    }

    fn next(&mut self) -> Result<Value, StoreError> {
        self.0.next().ok_or_else(unexpected)
    }

    pub(super) fn int(&mut self) -> Result<i64, StoreError> {
        int(&self.next()?)
    }

    pub(super) fn items(&mut self) -> Result<Self, StoreError> {
        Self::of(self.next()?)
    }

    /// A string of bytes, or the inner answer if it is an array.
    pub(super) fn bytes_or_items(&mut self) -> Result<Result<Vec<u8>, Self>, StoreError> {
        match self.next()? {
            Value::Array(items) => Ok(Err(Self(items.into_iter()))),
            other => bytes(other).map(Ok),
        }
    }

    pub(super) fn bytes(&mut self) -> Result<Vec<u8>, StoreError> {
        bytes(self.next()?)
    }

    pub(super) fn id(&mut self) -> Result<[u8; 16], StoreError> {
        self.bytes()?.try_into().map_err(|_| unexpected())
    }

    /// Nil = `None`.
    pub(super) fn maybe_bytes(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        maybe_bytes(self.next()?)
    }

    /// The rest may lack the item.
    pub(super) fn last_bytes(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.next().map_or(Ok(None), maybe_bytes)
    }

    pub(super) fn text(&mut self) -> Result<String, StoreError> {
        String::from_utf8(self.bytes()?).map_err(|_| unexpected())
    }

    /// An index's score.
    pub(super) fn score(&mut self) -> Result<i64, StoreError> {
        score(&self.text()?)
    }

    /// -1 = `None`.
    pub(super) fn maybe_time(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let ms = self.int()?;
        Ok((ms >= 0).then(|| Timestamp::from_millis(ms)))
    }

    /// Members and scores in turn, to the end.
    pub(super) fn members(mut self) -> Result<Vec<(Vec<u8>, i64)>, StoreError> {
        let mut members = Vec::with_capacity(self.0.len() / 2);
        while !self.is_over() {
            members.push((self.bytes()?, self.score()?));
        }
        Ok(members)
    }
}

pub(super) fn int(value: &Value) -> Result<i64, StoreError> {
    match value {
        Value::Int(number) => Ok(*number),
        _ => Err(unexpected()),
    }
}

pub(super) fn bytes(value: Value) -> Result<Vec<u8>, StoreError> {
    maybe_bytes(value)?.ok_or_else(unexpected)
}

pub(super) fn maybe_bytes(value: Value) -> Result<Option<Vec<u8>>, StoreError> {
    match value {
        Value::BulkString(bytes) => Ok(Some(bytes)),
        Value::SimpleString(text) => Ok(Some(text.into_bytes())),
        Value::Nil => Ok(None),
        _ => Err(unexpected()),
    }
}

/// Scores are integers below 2⁵³, written as Redis writes doubles.
fn score(text: &str) -> Result<i64, StoreError> {
    if let Ok(score) = text.parse() {
        return Ok(score);
    }
    let score: f64 = text.parse().map_err(|_| unexpected())?;
    #[expect(clippy::cast_possible_truncation, reason = "an integer, or saturates at the ends")]
    Ok(score as i64)
}
