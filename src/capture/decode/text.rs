//! Bytes to text, whatever they were written with: UTF-8, UTF-16 with or without a mark, else the Latin-1
//! of the web (windows-1252), or what the content type says.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The text of bytes without a stated charset. Never fails: windows-1252 reads everything.
#[must_use]
pub(super) fn text_of(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
}

/// The text of a whole file. A byte order mark goes before the charset of the content type, that before
/// what the bytes look like.
#[must_use]
pub(super) fn file_text(bytes: &[u8], content_type: Option<&str>) -> String {
    let stated = content_type.and_then(|value| parameter(value, "charset"));
    let stated = stated.and_then(|label| Encoding::for_label(label.as_bytes()));
    let guessed = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None => match stated {
            // A stated UTF-8 that is none is more often a wrong label than a broken file.
            Some(encoding) if encoding != UTF_8 => encoding,
            _ => guess(bytes),
        },
    };
    guessed.decode(bytes).0.into_owned()
}

/// UTF-16 shows by its zero bytes, UTF-8 by being valid.
fn guess(bytes: &[u8]) -> &'static Encoding {
    let start = &bytes[..bytes.len().min(1024)];
    let zeros = |odd: usize| start.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let quarter = start.len() / 8;
    if start.len() >= 4 && zeros(1) > quarter && zeros(0) == 0 {
        return UTF_16LE;
    }
    if start.len() >= 4 && zeros(0) > quarter && zeros(1) == 0 {
        return UTF_16BE;
    }
    if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 }
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
