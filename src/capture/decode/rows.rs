//! The rows of a batch: NDJSON lines, items of a JSON array, records of a table.

use super::super::preset::Decoding;
use super::body::unfolded;
use super::text::file_text;
use super::{DecodeError, Decoded, Reader, Shape, csv, json};

/// One row: what it says, or why it cannot be read; and its bytes, to be kept if it is not understood.
pub(in crate::capture) struct Row {
    pub(in crate::capture) decoded: Result<Decoded, DecodeError>,
    pub(in crate::capture) raw: Vec<u8>,
}

/// All rows of a batch.
pub(in crate::capture) enum Rows {
    /// At most as many as the limit says.
    Rows(Vec<Row>),
    /// More than that; nothing was read further.
    TooMany,
}

/// Splits and decodes a batch.
///
/// # Errors
/// If the whole cannot be divided into rows.
pub(in crate::capture) fn rows(
    decoding: Decoding,
    body: &[u8],
    content_type: Option<&str>,
    shape: Shape,
) -> Result<Rows, DecodeError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(DecodeError::new("empty", "there is no body"));
    }
    let most = shape.limits.rows;
    let json_row = |raw: &[u8]| Row {
        decoded: json::decode(raw, Reader::new(shape)).and_then(|row| unfolded(row, shape)),
        raw: raw.to_vec(),
    };
    match decoding {
        Decoding::Csv => match csv::rows(&file_text(body, content_type), shape)? {
            Rows::Rows(rows) => {
                let unfold = |row: Row| Row {
                    decoded: row.decoded.and_then(|decoded| unfolded(decoded, shape)),
                    ..row
                };
                Ok(Rows::Rows(rows.into_iter().map(unfold).collect()))
            }
            Rows::TooMany => Ok(Rows::TooMany),
        },
        Decoding::Ndjson => {
            let lines = body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
            let lines: Vec<&[u8]> = lines.filter(|line| !line.is_empty()).take(most + 1).collect();
            if lines.len() > most {
                return Ok(Rows::TooMany);
            }
            Ok(Rows::Rows(lines.into_iter().map(json_row).collect()))
        }
        Decoding::Json => match json::items(body, most)? {
            Some(items) => {
                Ok(Rows::Rows(items.iter().map(|item| json_row(item.get().as_bytes())).collect()))
            }
            None => Ok(Rows::TooMany),
        },
        Decoding::Urlencoded | Decoding::Multipart | Decoding::Xml | Decoding::Card => {
            Err(DecodeError::new("single_only", "this content type is for single inquiries"))
        }
    }
}
