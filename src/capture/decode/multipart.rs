//! `multipart/form-data` (RFC 7578) from bytes that are all there. Files are reduced to their names.

use encoding_rs::Encoding;

use super::form::CHARSET;
use super::text::{charset, parameter, stated_charset, text_in, text_of};
use super::{DecodeError, Decoded, Reader};

/// Parts beyond this are too many for any form.
const PARTS_MAX: usize = 2_000;
/// Bytes of the headers of one part.
const HEAD_BYTES_MAX: usize = 8 * 1024;

/// One part.
pub(super) struct Part<'a> {
    pub(super) name: String,
    /// The file's name, if it is a file.
    pub(super) file: Option<String>,
    /// In what it says it is written.
    charset: Option<&'static Encoding>,
    /// It says that it holds JSON.
    json: bool,
    pub(super) body: &'a [u8],
}

/// Decodes a body.
pub(super) fn decode(
    body: &[u8],
    content_type: &str,
    mut reader: Reader,
) -> Result<Decoded, DecodeError> {
    let parts = parts(body, content_type)?;
    let said = parts.iter().find(|part| part.name == CHARSET);
    let said = said.and_then(|part| charset(&text_of(part.body)));
    for part in parts {
        let value = match part.file {
            // An empty file input is sent as a file without a name.
            Some(name) if name.is_empty() && part.body.is_empty() => continue,
            Some(name) => name.rsplit(['/', '\\']).next().unwrap_or("").to_owned(),
            None => text_in(part.body, part.charset.or(said)),
        };
        let start = part.body.as_ptr() as usize - body.as_ptr() as usize;
        let span = start..start + part.body.len();
        let path = super::form::path_of(&part.name);
        if part.json && !reader.is_secret(&path) && reader.document(&path, &value)? {
            continue;
        }
        reader.leaf(path, vec![value], Some(span))?;
    }
    Ok(reader.finish())
}

/// The parts of a body, strictly: every part needs a name, the last boundary must be there.
pub(super) fn parts<'a>(body: &'a [u8], content_type: &str) -> Result<Vec<Part<'a>>, DecodeError> {
    let bad = |message: &str| DecodeError::new("bad_multipart", message);
    let boundary = parameter(content_type, "boundary").unwrap_or_default();
    if boundary.is_empty() || boundary.len() > 70 {
        return Err(bad("the content type names no boundary of 1 to 70 characters"));
    }
    let delimiter = [b"\r\n--", boundary.as_bytes()].concat();
    // The first boundary may stand at the very beginning or behind a preamble.
    let mut rest = match body.strip_prefix(&delimiter[2..]) {
        Some(rest) => rest,
        None => split_at(body, &delimiter).ok_or_else(|| bad("there is no boundary"))?.1,
    };
    let mut parts = Vec::new();
    loop {
        if rest.starts_with(b"--") {
            return Ok(parts);
        }
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let inner = rest[blanks..].strip_prefix(b"\r\n");
        let inner = inner.ok_or_else(|| bad("a boundary is not followed by a line end"))?;
        let (content, after) =
            split_at(inner, &delimiter).ok_or_else(|| bad("the last boundary is missing"))?;
        parts.push(part(content)?);
        if parts.len() > PARTS_MAX {
            return Err(DecodeError::new("too_many_keys", "too many parts"));
        }
        rest = after;
    }
}

fn part(content: &[u8]) -> Result<Part<'_>, DecodeError> {
    let bad = |message: &str| DecodeError::new("bad_multipart", message);
    let (head, body) = match content.strip_prefix(b"\r\n") {
        Some(_) => return Err(bad("a part has no headers")),
        None => {
            split_at(content, b"\r\n\r\n").ok_or_else(|| bad("a part has no end of headers"))?
        }
    };
    if head.len() > HEAD_BYTES_MAX {
        return Err(bad("the headers of a part are too long"));
    }
    let head = text_of(head);
    let header = |wanted: &str| {
        head.split("\r\n").find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().to_owned())
        })
    };
    let kind = header("content-type");
    let charset = stated_charset(kind.as_deref());
    let essence = kind.as_deref().and_then(|kind| kind.split(';').next()).unwrap_or_default();
    let disposition = header("content-disposition");
    let disposition = disposition.ok_or_else(|| bad("a part has no Content-Disposition"))?;
    let name = parameter(&disposition, "name").ok_or_else(|| bad("a part has no name"))?;
    let file = parameter(&disposition, "filename");
    let file = file.or_else(|| parameter(&disposition, "filename*"));
    let json = file.is_none() && essence.trim().eq_ignore_ascii_case("application/json");
    Ok(Part { name: browser_unescaped(&name), file, charset, json, body })
}

/// Browsers write `"`, CR and LF inside names as `%22`, `%0D`, `%0A` and nothing else so.
fn browser_unescaped(name: &str) -> String {
    name.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n")
}

fn split_at<'a>(bytes: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    // Boundaries begin with CR, which is rare: look for that first.
    let first = *at.first()?;
    let mut start = 0;
    while let Some(found) = bytes.get(start..)?.iter().position(|byte| *byte == first) {
        let candidate = start + found;
        if bytes[candidate..].starts_with(at) {
            return Some((&bytes[..candidate], &bytes[candidate + at.len()..]));
        }
        start = candidate + 1;
    }
    None
}
