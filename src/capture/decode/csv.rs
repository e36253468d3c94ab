//! Tables with a header line, as scanner apps and spreadsheets export them: `,` `;` tab or `|`, quoted or
//! not, with or without Excel's `sep=` line.

use serde_json::{Map, Value};

use super::rows::{Row, Rows};
use super::{DecodeError, Reader, Shape};

/// Reads the rows of a table.
pub(super) fn rows(text: &str, shape: Shape) -> Result<Rows, DecodeError> {
    let text = text.trim_start_matches('\u{feff}');
    let (stated, text) = excel_separator(text);
    let delimiter = stated.unwrap_or_else(|| delimiter_of(text));
    if let Some(line) = unclosed_quote(text, delimiter) {
        let message = format!("a quote is opened in line {line} and never closed");
        return Err(DecodeError::new("bad_csv", message));
    }
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    let bad = |_| DecodeError::new("bad_csv", "is no table");
    let headers = match records.next() {
        Some(record) => header(&record.map_err(bad)?),
        None => return Err(DecodeError::new("empty", "there is no header line")),
    };
    if headers.len() > shape.limits.keys {
        let message = format!("more than {} columns", shape.limits.keys);
        return Err(DecodeError::new("too_many_keys", message));
    }
    let mut rows = Vec::new();
    for record in records {
        let record = record.map_err(bad)?;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if rows.len() == shape.limits.rows {
            return Ok(Rows::TooMany);
        }
        rows.push(row(&headers, &record, shape));
    }
    Ok(Rows::Rows(rows))
}

/// The column names; a column without one is called by its number.
fn header(record: &csv::StringRecord) -> Vec<String> {
    let name = |(n, cell): (usize, &str)| match cell.trim() {
        "" => format!("column_{}", n + 1),
        name => name.to_owned(),
    };
    record.iter().enumerate().map(name).collect()
}

fn row(headers: &[String], record: &csv::StringRecord, shape: Shape) -> Row {
    let mut cells = Vec::with_capacity(record.len());
    for (n, cell) in record.iter().enumerate() {
        if !cell.trim().is_empty() {
            let name = headers.get(n).cloned().unwrap_or_else(|| format!("column_{}", n + 1));
            cells.push((name, cell));
        }
    }
    let mut object = Map::new();
    let mut reader = Reader::new(shape);
    let mut problem = None;
    for (name, cell) in cells {
        if shape.secret_paths.contains(&name) {
            // The row as kept leaves secrets out; the value is still needed to judge it.
        } else {
            let twice = object.insert(name.clone(), Value::from(cell));
            if let Some(Value::String(earlier)) = twice {
                let _ = object.insert(name.clone(), Value::from(format!("{earlier}, {cell}")));
            }
        }
        let taken = reader.leaf(vec![name], vec![cell.to_owned()], None);
        problem = problem.or(taken.err());
    }
    let raw = Value::Object(object).to_string().into_bytes();
    Row { decoded: problem.map_or(Ok(reader.finish()), Err), raw }
}

/// `sep=;` in the first line says it.
fn excel_separator(text: &str) -> (Option<u8>, &str) {
    let Some(rest) = text.strip_prefix("sep=").or_else(|| text.strip_prefix("\"sep=")) else {
        return (None, text);
    };
    let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
    match line.trim_end_matches(['\r', '"']).as_bytes() {
        [separator @ (b',' | b';' | b'\t' | b'|')] => (Some(*separator), after),
        _ => (None, text),
    }
}

/// The delimiter that stands most often in the header line, outside quotes.
fn delimiter_of(text: &str) -> u8 {
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut quoted = false;
    for byte in text.trim_start_matches(['\r', '\n']).bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            other if !quoted => {
                for (delimiter, count) in &mut counts {
                    *count += usize::from(other == *delimiter);
                }
            }
            _ => {}
        }
    }
    // The first of the most frequent ones.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter)
}

/// The line in which a quote is opened that nothing closes: the rest of the table would silently be one
/// cell. `None` if all are closed.
fn unclosed_quote(text: &str, delimiter: u8) -> Option<usize> {
    let (mut line, mut opened, mut cell_start) = (1, None, true);
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        line += usize::from(byte == b'\n');
        match (opened, byte) {
            (Some(_), b'"') if bytes.peek() == Some(&b'"') => {
                let _ = bytes.next();
            }
            (Some(_), b'"') => opened = None,
            (None, b'"') if cell_start => opened = Some(line),
            _ => {}
        }
        cell_start = opened.is_none() && (byte == delimiter || byte == b'\n' || byte == b'\r');
    }
    opened
}
