//! A decoded body: what leaves are, how they are collected within the limits, and which decoder reads
//! which single body.

use std::ops::Range;

use super::super::limits::Limits;
use super::super::preset::{Decoding, EmbeddedSettings, ListSettings};
use super::text::{file_text, xml_text};
use super::{card, form, json, multipart, nested, xml};

/// One value with its place: the keys from the outside to the inside, exactly as sent.
#[derive(Clone)]
pub(in crate::capture) struct Leaf {
    pub(in crate::capture) path: Vec<String>,
    /// More than one for lists of scalars and repeated keys.
    pub(in crate::capture) values: Vec<String>,
    /// Came out of a list of name and value: its path is a person's label, no place in the body.
    pub(in crate::capture) listed: bool,
    /// A name that it counts under where its own says nothing: by its kind in such a list.
    pub(in crate::capture) hint: Option<String>,
}

impl Leaf {
    /// Whether it stands at this exact place.
    pub(in crate::capture) fn is_at(&self, path: &str) -> bool {
        !self.listed && is_path(&self.path, path)
    }

    /// Whether it stands at or below this place.
    pub(in crate::capture) fn is_under(&self, path: &str) -> bool {
        !self.listed && (1..=self.path.len()).any(|end| is_path(&self.path[..end], path))
    }
}

/// Whether the keys, joined by dots, are this path; `*` in it is any key.
pub(super) fn is_path(keys: &[String], path: &str) -> bool {
    let mut rest = path;
    for (n, key) in keys.iter().enumerate() {
        let behind = if n == 0 { Some(rest) } else { rest.strip_prefix('.') };
        let Some(behind) = behind else { return false };
        let Some(behind) = behind.strip_prefix(key.as_str()).or_else(|| behind.strip_prefix('*'))
        else {
            return false;
        };
        rest = behind;
    }
    rest.is_empty()
}

/// A decoded body or row.
#[derive(Default)]
pub(in crate::capture) struct Decoded {
    pub(in crate::capture) leaves: Vec<Leaf>,
    /// Some values were cut.
    pub(in crate::capture) truncated: bool,
    /// A key came twice with different values; the last was taken.
    pub(in crate::capture) key_twice: bool,
    /// Where the values at the preset's secret paths stand in the body.
    pub(in crate::capture) secret_spans: Vec<Range<usize>>,
}

impl Decoded {
    /// The first text at an exact path.
    pub(in crate::capture) fn at(&self, path: &str) -> Option<&str> {
        let leaf = self.leaves.iter().find(|leaf| leaf.is_at(path))?;
        leaf.values.last().map(String::as_str)
    }
}

/// Why a body could not be decoded. No values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::capture) struct DecodeError {
    /// A reason as in [`crate::capture::Unreadable::reason`].
    pub(in crate::capture) reason: &'static str,
    /// What is wrong.
    pub(in crate::capture) message: String,
}

impl DecodeError {
    pub(in crate::capture) fn new(reason: &'static str, message: impl Into<String>) -> Self {
        Self { reason, message: message.into() }
    }
}

/// What decoding needs to know of the source.
#[derive(Debug, Clone, Copy)]
pub(in crate::capture) struct Shape<'a> {
    pub(in crate::capture) limits: &'a Limits,
    /// Lists of name and value.
    pub(in crate::capture) lists: &'a [ListSettings],
    /// Exact paths of secrets.
    pub(in crate::capture) secret_paths: &'a [String],
    /// Values that hold another document.
    pub(in crate::capture) embedded: &'a [EmbeddedSettings],
    /// Whether values may hold a business card.
    pub(in crate::capture) cards: bool,
}

/// Decodes a single body.
pub(in crate::capture) fn single(
    decoding: Decoding,
    body: &[u8],
    content_type: Option<&str>,
    shape: Shape,
) -> Result<Decoded, DecodeError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(DecodeError::new("empty", "there is no body"));
    }
    let reader = Reader::new(shape);
    let decoded = match decoding {
        // JSON under a form's content type is a common mistake; as a form it would be one long key.
        Decoding::Urlencoded if body.trim_ascii_start().starts_with(b"{") => {
            json::decode(body, reader)
                .or_else(|_| form::decode(body, content_type, Reader::new(shape)))
        }
        Decoding::Urlencoded => form::decode(body, content_type, reader),
        Decoding::Multipart => multipart::decode(body, content_type.unwrap_or(""), reader),
        Decoding::Json => json::decode(body, reader),
        Decoding::Xml => {
            json::decode_text(&xml::to_json(&xml_text(body, content_type), shape)?, reader)
        }
        Decoding::Card => card::decode(&file_text(body, content_type), reader),
        Decoding::Ndjson | Decoding::Csv => {
            return Err(DecodeError::new("batch_only", "this content type is for batches"));
        }
    };
    let mut decoded = decoded?;
    let flat = matches!(decoding, Decoding::Urlencoded | Decoding::Multipart);
    if flat && shape.lists.iter().any(|list| list.keyed) {
        decoded = nested::decode(decoded, shape)?;
    }
    unfolded(decoded, shape)
}

/// The same with the documents and business cards inside its values opened. What cannot be opened stays
/// as it is, for people to see.
pub(super) fn unfolded(decoded: Decoded, shape: Shape) -> Result<Decoded, DecodeError> {
    let mut decoded = decoded;
    for embedded in shape.embedded {
        let Some(at) = decoded.leaves.iter().position(|leaf| leaf.is_at(&embedded.at)) else {
            continue;
        };
        let Some(text) = decoded.leaves[at].values.last() else { continue };
        let inner = match embedded.decoding {
            Decoding::Xml => xml::to_json(text, shape).ok(),
            _ => Some(text.clone()),
        };
        let inner = inner.and_then(|text| json::decode_text(&text, Reader::new(shape)).ok());
        let Some(inner) = inner else { continue };
        let _ = decoded.leaves.remove(at);
        decoded.leaves.extend(inner.leaves);
        decoded.truncated |= inner.truncated;
        decoded.key_twice |= inner.key_twice;
    }
    if shape.cards {
        card::open(&mut decoded, shape);
    }
    if decoded.leaves.len() > shape.limits.keys * 2 {
        let message = format!("more than {} keys", shape.limits.keys);
        return Err(DecodeError::new("too_many_keys", message));
    }
    Ok(decoded)
}

/// Collects leaves within the limits.
pub(in crate::capture) struct Reader<'a> {
    pub(super) shape: Shape<'a>,
    keys: usize,
    pub(super) decoded: Decoded,
}

impl<'a> Reader<'a> {
    pub(in crate::capture) fn new(shape: Shape<'a>) -> Self {
        Self { shape, keys: 0, decoded: Decoded::default() }
    }

    /// Counts `count` more keys or list items.
    pub(in crate::capture) fn count(&mut self, count: usize) -> Result<(), DecodeError> {
        self.keys += count;
        if self.keys > self.shape.limits.keys {
            let message = format!("more than {} keys", self.shape.limits.keys);
            return Err(DecodeError::new("too_many_keys", message));
        }
        Ok(())
    }

    /// A key cut to its limit.
    pub(super) fn key(&mut self, mut key: String) -> String {
        self.decoded.truncated |= cut(&mut key, self.shape.limits.key_bytes);
        key
    }

    pub(super) fn is_secret(&self, path: &[String]) -> bool {
        self.shape.secret_paths.iter().any(|secret| is_path(path, secret))
    }

    /// Takes a leaf of a form: one with a known path gets further values. `span` = where its (encoded)
    /// value stands in the body.
    pub(in crate::capture) fn leaf(
        &mut self,
        path: Vec<String>,
        values: Vec<String>,
        span: Option<Range<usize>>,
    ) -> Result<(), DecodeError> {
        self.count(values.len().max(1))?;
        if path.len() > self.shape.limits.depth {
            let message = format!("more than {} levels", self.shape.limits.depth);
            return Err(DecodeError::new("too_deep", message));
        }
        let path: Vec<String> = path.into_iter().map(|key| self.key(key)).collect();
        if let Some(span) = span.filter(|_| self.is_secret(&path)) {
            self.decoded.secret_spans.push(span);
        }
        let values = self.values(values);
        match self.decoded.leaves.iter_mut().find(|leaf| leaf.path == path && !leaf.listed) {
            Some(leaf) => leaf.values.extend(values),
            None => {
                self.decoded.leaves.push(Leaf { path, values, listed: false, hint: None });
            }
        }
        Ok(())
    }

    /// Takes a JSON document that stands at a path. False if it is none.
    pub(super) fn document(&mut self, path: &[String], text: &str) -> Result<bool, DecodeError> {
        let Ok(inner) = json::decode_text(text, Reader::new(self.shape)) else { return Ok(false) };
        self.count(inner.leaves.len())?;
        self.decoded.truncated |= inner.truncated;
        self.decoded.key_twice |= inner.key_twice;
        self.decoded.leaves.extend(inner.leaves.into_iter().map(|leaf| {
            let whole = path.iter().cloned().chain(leaf.path).collect();
            Leaf { path: whole, ..leaf }
        }));
        Ok(true)
    }

    pub(super) fn values(&mut self, mut values: Vec<String>) -> Vec<String> {
        for value in &mut values {
            self.decoded.truncated |= cut(value, self.shape.limits.value_bytes);
        }
        values
    }

    /// Everything that was collected.
    pub(in crate::capture) fn finish(self) -> Decoded {
        self.decoded
    }
}

/// Cuts a text to at most `bytes`, between characters. Whether something was cut.
pub(in crate::capture) fn cut(text: &mut String, bytes: usize) -> bool {
    if text.len() <= bytes {
        return false;
    }
    let end = (0..=bytes).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.truncate(end);
    true
}
