//! JSON, strictly UTF-8. Scalars keep their token, so that an id of twenty digits stays what it is; the
//! last of equal keys wins and is flagged.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::walk::Walk;
use super::{DecodeError, Decoded, Reader};

/// Decodes one JSON object, or one inside a string.
pub(super) fn decode(body: &[u8], reader: Reader) -> Result<Decoded, DecodeError> {
    let text = text_of(body)?;
    let raw: &RawValue = parse(text)?;
    if raw.get().starts_with('"') {
        let inner = scalar(raw)?.unwrap_or_default();
        if inner.trim_start().starts_with('{') {
            return decode_text(&inner, reader);
        }
    }
    walked(raw, Some(body.as_ptr() as usize), reader)
}

/// Decodes a JSON object that is no part of the body as it was sent.
pub(super) fn decode_text(text: &str, reader: Reader) -> Result<Decoded, DecodeError> {
    walked(parse(text)?, None, reader)
}

fn walked(raw: &RawValue, base: Option<usize>, mut reader: Reader) -> Result<Decoded, DecodeError> {
    if !raw.get().starts_with('{') {
        return Err(DecodeError::new("not_an_object", "expected a JSON object"));
    }
    Walk::new(base, raw, &mut reader).value(raw, &mut Vec::new())?;
    Ok(reader.finish())
}

/// The items of a JSON array, or the value itself as the only item.
pub(super) fn items(body: &[u8], most: usize) -> Result<Option<Vec<&RawValue>>, DecodeError> {
    let text = text_of(body)?;
    let raw: &RawValue = parse(text)?;
    if !raw.get().starts_with('[') {
        return Ok(Some(vec![raw]));
    }
    let list = list_of(raw, most)?;
    Ok(if list.len() > most { None } else { Some(list) })
}

pub(super) fn text_of(body: &[u8]) -> Result<&str, DecodeError> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    std::str::from_utf8(body).map_err(|_| DecodeError::new("bad_json", "is not UTF-8"))
}

/// serde_json's messages say line and column and what was expected; syntax errors hold no values.
pub(super) fn parse(text: &str) -> Result<&RawValue, DecodeError> {
    serde_json::from_str(text).map_err(|error| {
        let place = format!("no JSON at line {}, column {}", error.line(), error.column());
        DecodeError::new("bad_json", place)
    })
}

fn broken(_: serde_json::Error) -> DecodeError {
    DecodeError::new("bad_json", "no JSON")
}

/// The text of a scalar: a string's content, a number's or boolean's token, nothing for null. Of
/// something nested where a scalar belongs: its JSON.
pub(super) fn scalar(raw: &RawValue) -> Result<Option<String>, DecodeError> {
    match raw.get().as_bytes().first() {
        Some(b'"') => serde_json::from_str(raw.get()).map(Some).map_err(|_| {
            DecodeError::new("bad_json", "a string with half a character (lone surrogate)")
        }),
        Some(b'n') => Ok(None),
        _ => Ok(Some(raw.get().to_owned())),
    }
}

pub(super) fn entries_of(
    raw: &RawValue,
    most: usize,
) -> Result<Vec<(String, &RawValue)>, DecodeError> {
    struct Entries(usize);
    impl<'de> Visitor<'de> for Entries {
        type Value = Vec<(String, &'de RawValue)>;
        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut entries = Vec::new();
            while let Some(entry) = map.next_entry()? {
                // One beyond the limit is enough to know.
                if entries.len() <= self.0 {
                    entries.push(entry);
                }
            }
            Ok(entries)
        }
    }
    serde_json::Deserializer::from_str(raw.get()).deserialize_map(Entries(most)).map_err(broken)
}

pub(super) fn list_of(raw: &RawValue, most: usize) -> Result<Vec<&RawValue>, DecodeError> {
    struct Items(usize);
    impl<'de> Visitor<'de> for Items {
        type Value = Vec<&'de RawValue>;
        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str("an array")
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut items = Vec::new();
            while let Some(item) = list.next_element()? {
                if items.len() <= self.0 {
                    items.push(item);
                }
            }
            Ok(items)
        }
    }
    serde_json::Deserializer::from_str(raw.get()).deserialize_seq(Items(most)).map_err(broken)
}

/// What stands at a path below a value; of equal keys the last.
fn at<'v>(raw: &'v RawValue, path: &str, most: usize) -> Result<Option<&'v RawValue>, DecodeError> {
    if path.is_empty() {
        return Ok(Some(raw));
    }
    if !raw.get().starts_with('{') {
        return Ok(None);
    }
    for (key, value) in entries_of(raw, most)?.into_iter().rev() {
        let Some(rest) = path.strip_prefix(key.as_str()) else { continue };
        if rest.is_empty() {
            return Ok(Some(value));
        }
        if let Some(rest) = rest.strip_prefix('.') {
            return at(value, rest, most);
        }
    }
    Ok(None)
}

pub(super) fn first_of<'v>(
    raw: &'v RawValue,
    paths: &[String],
    most: usize,
) -> Result<Option<&'v RawValue>, DecodeError> {
    for path in paths {
        if let Some(found) = at(raw, path, most)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

pub(super) fn text_at(
    raw: &RawValue,
    path: &str,
    most: usize,
) -> Result<Option<String>, DecodeError> {
    match at(raw, path, most)? {
        Some(found) => scalar(found),
        None => Ok(None),
    }
}

/// A list elsewhere as a table: id to text.
pub(super) fn pairs(
    raw: &RawValue,
    (list, id, text): (&str, &str, &str),
    most: usize,
) -> Result<BTreeMap<String, String>, DecodeError> {
    let mut known = BTreeMap::new();
    let Some(list) = at(raw, list, most)?.filter(|list| list.get().starts_with('[')) else {
        return Ok(known);
    };
    for item in list_of(list, most)? {
        if let (Some(id), Some(text)) = (text_at(item, id, most)?, text_at(item, text, most)?) {
            let _ = known.entry(id).or_insert(text);
        }
    }
    Ok(known)
}
