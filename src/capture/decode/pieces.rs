//! One delivery with several inquiries: cut into as many whole documents as its lists have items, so that
//! each is read, judged and kept for itself.

use serde_json::value::RawValue;

use super::super::preset::Decoding;
use super::json::{entries_of, list_of, parse, text_of};
use super::text::{file_text, xml_text};
use super::{DecodeError, Shape, card, xml};

/// What stands beside the lists is repeated in each piece: together they are at most so many times the
/// body, and this much more.
const TIMES_MAX: usize = 8;
const MORE_BYTES: usize = 64 * 1024;

/// The pieces as JSON. `None` if the body has no such lists: it is read as one.
///
/// # Errors
/// If it cannot be read, or is too much to be cut.
pub(in crate::capture) fn pieces(
    decoding: Decoding,
    body: &[u8],
    content_type: Option<&str>,
    (each, shape): (&[String], Shape),
) -> Result<Option<Vec<String>>, DecodeError> {
    let owned;
    let text = match decoding {
        Decoding::Card => return Ok(Some(card::pieces(&file_text(body, content_type)))),
        _ if each.is_empty() => return Ok(None),
        Decoding::Json => text_of(body)?,
        Decoding::Xml => {
            owned = xml::to_json(&xml_text(body, content_type), shape)?;
            &owned
        }
        _ => return Ok(None),
    };
    let raw: &RawValue = parse(text)?;
    let patterns: Vec<&str> = each.iter().map(|at| at.strip_prefix('.').unwrap_or(at)).collect();
    let mut cutting = Cutting {
        bytes_left: text.len() * TIMES_MAX + MORE_BYTES,
        rows: shape.limits.rows,
        depth: shape.limits.depth,
    };
    cutting.cut(raw, &patterns, 0).map(Some)
}

struct Cutting {
    bytes_left: usize,
    rows: usize,
    depth: usize,
}

impl Cutting {
    fn cut(
        &mut self,
        raw: &RawValue,
        patterns: &[&str],
        depth: usize,
    ) -> Result<Vec<String>, DecodeError> {
        if depth > self.depth {
            let message = format!("more than {} levels", self.depth);
            return Err(DecodeError::new("too_deep", message));
        }
        match raw.get().as_bytes().first() {
            Some(b'[') if patterns.contains(&"") => {
                let items = list_of(raw, self.rows)?;
                let inner: Vec<&str> =
                    patterns.iter().copied().filter(|at| !at.is_empty()).collect();
                let mut pieces = Vec::new();
                for item in items {
                    pieces.extend(self.cut(item, &inner, depth + 1)?);
                    if pieces.len() > self.rows {
                        let message =
                            format!("more than {} inquiries; send them in parts", self.rows);
                        return Err(DecodeError::new("too_many_keys", message));
                    }
                }
                Ok(pieces)
            }
            Some(b'{') if patterns.iter().any(|at| !at.is_empty()) => {
                self.cut_object(raw, patterns, depth)
            }
            _ => {
                self.spend(raw.get().len())?;
                Ok(vec![raw.get().to_owned()])
            }
        }
    }

    fn cut_object(
        &mut self,
        raw: &RawValue,
        patterns: &[&str],
        depth: usize,
    ) -> Result<Vec<String>, DecodeError> {
        let entries = entries_of(raw, usize::MAX - 1)?;
        for (n, (key, value)) in entries.iter().enumerate() {
            let inner: Vec<&str> = patterns.iter().filter_map(|at| behind(at, key)).collect();
            if inner.is_empty() || !value.get().starts_with(['{', '[']) {
                continue;
            }
            // The first member with a list is the one; a body has one list of inquiries, not two.
            let cut = self.cut(value, &inner, depth + 1)?;
            let mut pieces = Vec::with_capacity(cut.len());
            for piece in cut {
                self.spend(raw.get().len() - value.get().len())?;
                let mut whole = String::from("{");
                for (m, (key, other)) in entries.iter().enumerate() {
                    if m > 0 {
                        whole.push(',');
                    }
                    whole.push_str(&serde_json::to_string(key).unwrap_or_default());
                    whole.push(':');
                    whole.push_str(if m == n { &piece } else { other.get() });
                }
                whole.push('}');
                pieces.push(whole);
            }
            return Ok(pieces);
        }
        self.spend(raw.get().len())?;
        Ok(vec![raw.get().to_owned()])
    }

    fn spend(&mut self, bytes: usize) -> Result<(), DecodeError> {
        self.bytes_left = self.bytes_left.checked_sub(bytes).ok_or_else(|| {
            DecodeError::new("too_many_keys", "too much stands beside its list of inquiries")
        })?;
        Ok(())
    }
}

/// What is left of a path below a key.
fn behind<'a>(path: &'a str, key: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(key)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('.') }
}
