//! Bytes to text, whatever they were written with: UTF-8, UTF-16 with or without a mark, what is stated, else the Latin-1 of
//! the web (windows-1252).

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::super::preset::Decoding;

/// Where XML declares its charset, if it does.
const XML_HEAD_BYTES: usize = 200;

/// The text of bytes without a stated charset. Never fails: windows-1252 reads everything.
#[must_use]
pub(super) fn text_of(bytes: &[u8]) -> String {
    text_in(bytes, None)
}

/// The text of one value. What is UTF-8 beyond ASCII is that, whatever is stated: a wrong label is far more common than such a
/// coincidence.
#[must_use]
pub(super) fn text_in(bytes: &[u8], stated: Option<&'static Encoding>) -> String {
    let stated = stated.filter(|it| *it != UTF_8);
    if let Ok(text) = std::str::from_utf8(bytes)
        && (stated.is_none() || !bytes.is_ascii())
    {
        return text.to_owned();
    }
    stated.unwrap_or(WINDOWS_1252).decode_without_bom_handling(bytes).0.into_owned()
}

/// The charset that a label names (`iso-8859-2`, `Shift_JIS`); none for UTF-16, which shows by its bytes.
#[must_use]
pub(super) fn charset(label: &str) -> Option<&'static Encoding> {
    let named = Encoding::for_label(label.trim().as_bytes());
    named.filter(|it| *it != UTF_16LE && *it != UTF_16BE)
}

/// The charset that a content type names.
#[must_use]
pub(super) fn stated_charset(content_type: Option<&str>) -> Option<&'static Encoding> {
    charset(&parameter(content_type?, "charset")?)
}

/// The text of a whole file. A byte order mark goes before what the bytes look like, that before the charset of
/// the content type.
#[must_use]
pub(super) fn file_text(bytes: &[u8], content_type: Option<&str>) -> String {
    file_text_in(bytes, || stated_charset(content_type))
}

/// The same of XML, whose first line may state the charset too.
#[must_use]
pub(super) fn xml_text(bytes: &[u8], content_type: Option<&str>) -> String {
    let declared = || {
        let head = String::from_utf8_lossy(&bytes[..bytes.len().min(XML_HEAD_BYTES)]);
        let (_, label) = head.split_once("encoding=")?;
        charset(label.trim_start_matches(['"', '\'']).split(['"', '\'', '?', ' ']).next()?)
    };
    file_text_in(bytes, || stated_charset(content_type).or_else(declared))
}

fn file_text_in(bytes: &[u8], stated: impl FnOnce() -> Option<&'static Encoding>) -> String {
    match Encoding::for_bom(bytes).map(|(encoding, _)| encoding).or_else(|| utf16(bytes)) {
        Some(encoding) => encoding.decode(bytes).0.into_owned(),
        None => text_in(bytes, stated()),
    }
}

/// A JSON body in UTF-8, as the standard wants it. What senders write in another charset is turned into it, once and for all:
/// what is kept of the body is that text too.
#[must_use]
pub(in crate::capture) fn in_utf8<'a>(
    decoding: Decoding,
    body: &'a [u8],
    content_type: Option<&str>,
) -> Cow<'a, [u8]> {
    let json = matches!(decoding, Decoding::Json | Decoding::Ndjson);
    let plain = || {
        let stated = stated_charset(content_type).is_none_or(|it| it == UTF_8);
        std::str::from_utf8(body).is_ok() && (stated || !body.is_ascii()) && utf16(body).is_none()
    };
    if !json || plain() {
        return Cow::Borrowed(body);
    }
    Cow::Owned(file_text(body, content_type).into_bytes())
}

/// UTF-16 shows by its zero bytes.
fn utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let start = &bytes[..bytes.len().min(1024)];
    let zeros = |odd: usize| start.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let quarter = start.len() / 8;
    if start.len() >= 4 && zeros(1) > quarter && zeros(0) == 0 {
        return Some(UTF_16LE);
    }
    let big = start.len() >= 4 && zeros(0) > quarter && zeros(1) == 0;
    big.then_some(UTF_16BE)
}

/// A parameter of a header value such as a content type, unquoted.
#[must_use]
pub(super) fn parameter(header: &str, wanted: &str) -> Option<String> {
    let mut rest = header.split_once(';')?.1;
    loop {
        let (name, tail) = rest.split_once('=')?;
        let tail = tail.trim_start();
        let (value, after) = if let Some(quoted) = tail.strip_prefix('"') {
            unquoted(quoted)?
        } else {
            let end = tail.find(';').unwrap_or(tail.len());
            (tail[..end].trim().to_owned(), &tail[end..])
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = after.split_once(';')?.1;
    }
}

/// A quoted string behind its first quote, and what follows. A backslash escapes quotes and backslashes
/// only: browsers of old send Windows paths.
fn unquoted(quoted: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = quoted.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' if matches!(characters.peek(), Some((_, '"' | '\\'))) => {
                value.extend(characters.next().map(|(_, escaped)| escaped));
            }
            other => value.push(other),
        }
    }
    None
}
