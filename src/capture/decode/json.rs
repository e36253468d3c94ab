//! JSON, strictly UTF-8. Scalars keep their token, so that an id of twenty digits stays what it is; the
//! last of equal keys wins and is flagged.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::super::preset::ListSettings;
use super::{DecodeError, Decoded, Leaf, Reader};

/// Decodes one JSON object.
pub(super) fn decode(body: &[u8], mut reader: Reader) -> Result<Decoded, DecodeError> {
    let text = text_of(body)?;
    let raw: &RawValue = parse(text)?;
    if !raw.get().starts_with('{') {
        return Err(DecodeError::new("not_an_object", "expected a JSON object"));
    }
    Walk { base: body.as_ptr() as usize, reader: &mut reader }.value(raw, &mut Vec::new())?;
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

fn text_of(body: &[u8]) -> Result<&str, DecodeError> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    std::str::from_utf8(body).map_err(|_| DecodeError::new("bad_json", "is not UTF-8"))
}

/// serde_json's messages say line and column and what was expected; syntax errors hold no values.
fn parse(text: &str) -> Result<&RawValue, DecodeError> {
    serde_json::from_str(text).map_err(|error| {
        let place = format!("no JSON at line {}, column {}", error.line(), error.column());
        DecodeError::new("bad_json", place)
    })
}

fn broken(_: serde_json::Error) -> DecodeError {
    DecodeError::new("bad_json", "no JSON")
}

struct Walk<'r, 's> {
    /// Address of the body's first byte: raw tokens are slices of it.
    base: usize,
    reader: &'r mut Reader<'s>,
}

impl Walk<'_, '_> {
    fn value(&mut self, raw: &RawValue, path: &mut Vec<String>) -> Result<(), DecodeError> {
        if path.len() > self.reader.shape.limits.depth {
            let message = format!("more than {} levels", self.reader.shape.limits.depth);
            return Err(DecodeError::new("too_deep", message));
        }
        if self.reader.is_secret(path) {
            let start = raw.get().as_ptr() as usize - self.base;
            self.reader.decoded.secret_spans.push(start..start + raw.get().len());
        }
        match raw.get().as_bytes().first() {
            Some(b'{') => self.object(raw, path),
            Some(b'[') => self.list(raw, path),
            _ => {
                let values = scalar(raw)?.into_iter().collect();
                // The caller takes the last key off again: it may as well be taken along.
                let last = path.pop();
                let mut whole = Vec::with_capacity(path.len() + 1);
                whole.extend(path.iter().cloned().chain(last));
                path.push(String::new());
                self.put(whole, values, false);
                Ok(())
            }
        }
    }

    fn object(&mut self, raw: &RawValue, path: &mut Vec<String>) -> Result<(), DecodeError> {
        let most = self.reader.shape.limits.keys;
        let entries = entries_of(raw, most)?;
        self.reader.count(entries.len())?;
        if !has_twins(&entries) {
            for (key, value) in entries {
                path.push(self.reader.key(key));
                self.value(value, path)?;
                path.pop();
            }
            return Ok(());
        }
        let mut last: BTreeMap<&str, &RawValue> = BTreeMap::new();
        for (key, value) in &entries {
            if let Some(earlier) = last.insert(key, value) {
                self.reader.decoded.key_twice |= earlier.get() != value.get();
                path.push(key.clone());
                if self.reader.is_secret(path) {
                    let start = earlier.get().as_ptr() as usize - self.base;
                    self.reader.decoded.secret_spans.push(start..start + earlier.get().len());
                }
                path.pop();
            }
        }
        for (key, _) in &entries {
            // In the order of the first occurrence; removing makes the later ones pass by.
            let Some(value) = last.remove(key.as_str()) else { continue };
            let key = self.reader.key(key.clone());
            path.push(key);
            self.value(value, path)?;
            path.pop();
        }
        Ok(())
    }

    fn list(&mut self, raw: &RawValue, path: &mut Vec<String>) -> Result<(), DecodeError> {
        let items = list_of(raw, self.reader.shape.limits.keys)?;
        self.reader.count(items.len())?;
        let lists = self.reader.shape.lists;
        let named = lists.iter().find(|list| list.at == path.join("."));
        let nested = |item: &&RawValue| item.get().starts_with(['{', '[']);
        if named.is_none() && !items.iter().any(nested) {
            let values = items.into_iter().map(scalar).collect::<Result<Vec<_>, _>>()?;
            self.put(path.clone(), values.into_iter().flatten().collect(), false);
            return Ok(());
        }
        for (n, item) in items.into_iter().enumerate() {
            if let Some(list) = named
                && self.named(item, list, n)?
            {
                continue;
            }
            path.push(n.to_string());
            self.value(item, path)?;
            path.pop();
        }
        Ok(())
    }

    /// An item of a list of name and value. False if it is none: it is then read like anything else.
    fn named(
        &mut self,
        item: &RawValue,
        list: &ListSettings,
        n: usize,
    ) -> Result<bool, DecodeError> {
        if !item.get().starts_with('{') {
            return Ok(false);
        }
        let most = self.reader.shape.limits.keys;
        let entries = entries_of(item, most)?;
        self.reader.count(entries.len())?;
        let find = |wanted: &String| entries.iter().rev().find(|(key, _)| key == wanted);
        let Some((_, value)) = list.value.iter().find_map(find) else { return Ok(false) };
        let mut name = None;
        for (_, raw) in list.name.iter().filter_map(find) {
            name = name.or(scalar(raw)?.filter(|name| !name.trim().is_empty()));
        }
        let name = name.unwrap_or_else(|| format!("answer_{}", n + 1));
        let name = self.reader.key(name);
        let values = match value.get().as_bytes().first() {
            Some(b'[') => {
                let items = list_of(value, most)?;
                self.reader.count(items.len())?;
                items.into_iter().map(scalar).collect::<Result<Vec<_>, _>>()?
            }
            _ => vec![scalar(value)?],
        };
        self.put(vec![name], values.into_iter().flatten().collect(), true);
        Ok(true)
    }

    fn put(&mut self, path: Vec<String>, values: Vec<String>, listed: bool) {
        let values = self.reader.values(values);
        self.reader.decoded.leaves.push(Leaf { path, values, listed });
    }
}

/// Whether a key stands there twice.
fn has_twins(entries: &[(String, &RawValue)]) -> bool {
    if entries.len() > FEW_KEYS {
        let mut seen = HashSet::with_capacity(entries.len());
        return !entries.iter().all(|(key, _)| seen.insert(key.as_str()));
    }
    let twin = |at: usize| entries[..at].iter().any(|(key, _)| *key == entries[at].0);
    (1..entries.len()).any(twin)
}

/// So many keys are compared with each other sooner than put into a set.
const FEW_KEYS: usize = 32;

/// The text of a scalar: a string's content, a number's or boolean's token, nothing for null. Of
/// something nested where a scalar belongs: its JSON.
fn scalar(raw: &RawValue) -> Result<Option<String>, DecodeError> {
    match raw.get().as_bytes().first() {
        Some(b'"') => serde_json::from_str(raw.get()).map(Some).map_err(|_| {
            DecodeError::new("bad_json", "a string with half a character (lone surrogate)")
        }),
        Some(b'n') => Ok(None),
        _ => Ok(Some(raw.get().to_owned())),
    }
}

fn entries_of(raw: &RawValue, most: usize) -> Result<Vec<(String, &RawValue)>, DecodeError> {
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

fn list_of(raw: &RawValue, most: usize) -> Result<Vec<&RawValue>, DecodeError> {
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
