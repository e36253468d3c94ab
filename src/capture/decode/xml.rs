//! XML as JSON: elements become keys, attributes `@name`, text beside them `#text`, repeated elements
//! lists. Names are in lower case and without namespace prefix. Real documents are often not well formed
//! (blanks before the declaration, a raw `&`, a tag closed in the wrong place), so what can be
//! understood is; a document that is cut off cannot. No entities but the five of XML and numbers, no
//! document type: nothing is ever expanded or fetched.

use serde_json::{Map, Value};

use super::{DecodeError, Shape};

/// An element that is open.
struct Open {
    name: String,
    members: Map<String, Value>,
    text: String,
}

/// The document as JSON text.
pub(super) fn to_json(text: &str, shape: Shape) -> Result<String, DecodeError> {
    let bad = |message: &str| DecodeError::new("bad_xml", message);
    let mut open = vec![Open { name: String::new(), members: Map::new(), text: String::new() }];
    let (mut rest, mut elements) = (text.trim_start_matches('\u{feff}'), 0_usize);
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        if let Some(top) = open.last_mut() {
            top.text.push_str(&unescaped(before));
        }
        if let Some(skipped) = beside(tag, &mut open) {
            rest = skipped.ok_or_else(|| bad("is cut off"))?;
            continue;
        }
        let end = end_of_tag(tag).ok_or_else(|| bad("is cut off inside a tag"))?;
        let inner = &tag[1..end];
        rest = &tag[end + 1..];
        if let Some(name) = inner.strip_prefix('/') {
            close(&mut open, &local(name));
            continue;
        }
        let empty = inner.ends_with('/');
        let (name, attributes) = opened(inner.trim_end_matches('/'));
        if name.is_empty() {
            continue;
        }
        elements += 1 + attributes.len();
        if elements > shape.limits.keys * 2 {
            let message = format!("more than {} elements", shape.limits.keys * 2);
            return Err(DecodeError::new("too_many_keys", message));
        }
        if open.len() > shape.limits.depth {
            let message = format!("more than {} levels", shape.limits.depth);
            return Err(DecodeError::new("too_deep", message));
        }
        open.push(Open { name, members: attributes, text: String::new() });
        if empty {
            close_one(&mut open);
        }
    }
    if elements == 0 {
        return Err(bad("holds no element"));
    }
    if open.len() > 1 {
        return Err(bad("is cut off: elements are not closed"));
    }
    Ok(Value::Object(open.pop().map(|root| root.members).unwrap_or_default()).to_string())
}

/// Comments, declarations, document types and CDATA. The outer `None` says that it is a tag, the inner
/// one that it has no end.
#[expect(clippy::option_option, reason = "two different nothings, both local")]
fn beside<'a>(tag: &'a str, open: &mut [Open]) -> Option<Option<&'a str>> {
    if let Some(cdata) = tag.strip_prefix("<![CDATA[") {
        let Some((text, rest)) = cdata.split_once("]]>") else { return Some(None) };
        if let Some(top) = open.last_mut() {
            top.text.push_str(text);
        }
        return Some(Some(rest));
    }
    if let Some(comment) = tag.strip_prefix("<!--") {
        return Some(comment.split_once("-->").map(|(_, rest)| rest));
    }
    if tag.starts_with("<?") {
        return Some(tag.split_once('>').map(|(_, rest)| rest));
    }
    if let Some(declared) = tag.strip_prefix("<!") {
        // A document type may hold declarations of its own in brackets.
        let end = declared.find('>')?;
        let rest = match declared.find('[') {
            Some(bracket) if bracket < end => {
                let (_, rest) = declared.split_once(']').unwrap_or(("", ""));
                rest.split_once('>').map(|(_, rest)| rest)
            }
            _ => Some(&declared[end + 1..]),
        };
        return Some(rest);
    }
    // A `<` that begins no name is text.
    let named = tag[1..].starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '/');
    if named {
        return None;
    }
    if let Some(top) = open.last_mut() {
        top.text.push('<');
    }
    Some(Some(&tag[1..]))
}

/// Where a tag ends, outside quotes.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            (None, b'>') => return Some(at),
            _ => {}
        }
    }
    // A quote that is never closed: the first `>` will do.
    tag.find('>')
}

/// The name of a tag and its attributes.
fn opened(inner: &str) -> (String, Map<String, Value>) {
    let end = inner.find(char::is_whitespace).unwrap_or(inner.len());
    let (name, mut rest) = inner.split_at(end);
    let mut attributes = Map::new();
    while let Some((key, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let (value, next) = match after.chars().next() {
            Some(quote @ ('"' | '\'')) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
            _ => after.split_once(char::is_whitespace).unwrap_or((after, "")),
        };
        let key = key.trim().rsplit(char::is_whitespace).next().unwrap_or("");
        if !key.is_empty() {
            let _ = attributes.insert(format!("@{}", local(key)), unescaped(value).into());
        }
        rest = next;
    }
    (local(name), attributes)
}

/// A name without its prefix, in lower case.
fn local(name: &str) -> String {
    let name = name.trim();
    name.rsplit(':').next().unwrap_or(name).to_lowercase()
}

/// Closes the nearest element of that name and what is open inside it; a name that is not open is passed
/// over.
fn close(open: &mut Vec<Open>, name: &str) {
    let Some(at) = open.iter().rposition(|element| element.name == name) else { return };
    while at > 0 && open.len() > at {
        close_one(open);
    }
}

fn close_one(open: &mut Vec<Open>) {
    let Some(Open { name, mut members, text }) = open.pop() else { return };
    let Some(parent) = open.last_mut() else { return };
    let text = text.trim();
    let value = if members.is_empty() {
        Value::from(text)
    } else {
        if !text.is_empty() {
            let _ = members.insert("#text".to_owned(), text.into());
        }
        Value::Object(members)
    };
    match parent.members.get_mut(&name) {
        Some(Value::Array(several)) => several.push(value),
        Some(one) => *one = Value::Array(vec![one.take(), value]),
        None => {
            let _ = parent.members.insert(name, value);
        }
    }
}

/// Text with the five entities and character numbers undone; any other `&` is one.
fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut parts = text.split('&');
    plain.push_str(parts.next().unwrap_or(""));
    for part in parts {
        let entity = part.split_once(';').filter(|(name, _)| name.len() <= 8);
        if let Some((character, rest)) =
            entity.and_then(|(name, rest)| Some((character(name)?, rest)))
        {
            plain.push(character);
            plain.push_str(rest);
        } else {
            plain.push('&');
            plain.push_str(part);
        }
    }
    plain
}

fn character(entity: &str) -> Option<char> {
    let number = |digits: &str, radix| char::from_u32(u32::from_str_radix(digits, radix).ok()?);
    match entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        numbered => {
            let digits = numbered.strip_prefix('#')?;
            let found = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => number(hex, 16),
                None => number(digits, 10),
            };
            found.filter(|character| !character.is_control() || character.is_whitespace())
        }
    }
}
