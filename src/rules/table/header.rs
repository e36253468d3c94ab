//! What a column of a table is about, from its name.

use crate::domain::{Field, closest};
use crate::rules::check::unknown_field;
use crate::rules::field::FieldType;
use crate::rules::list::By;
use crate::rules::reader::Reader;

/// Columns that are no conditions.
const RESULTS: [&str; 5] = ["queue", "pool", "member", "name", "note"];

/// What a column is for.
#[derive(Debug)]
pub(super) enum Heading {
    /// A condition on a field.
    Asks { reader: Reader, how: How },
    /// One of `queue`, `pool`, `member`: by its place among them.
    Assigns(usize),
    /// What the row is called.
    Name,
    /// For people.
    Note,
}

/// How a cell is compared with the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Equal; a domain also stands for what is below it.
    Is(By),
    /// The value begins with it.
    StartsWith,
    /// Numbers between two ends, both included.
    Numbers,
    /// Texts between two ends; the upper one stands for everything that begins with it.
    Texts,
}

/// Reads a column's name. Else what is wrong, and what was probably meant.
pub(super) fn read(text: &str) -> Result<Heading, (String, Option<String>)> {
    match text {
        "queue" | "pool" | "member" => {
            return Ok(Heading::Assigns(
                RESULTS.iter().position(|name| *name == text).unwrap_or(0),
            ));
        }
        "name" => return Ok(Heading::Name),
        "note" => return Ok(Heading::Note),
        "owner" | "assignee" | "rep" => {
            let message = format!("`{text}` is no column of a table");
            return Err((message, Some("who gets the lead is a `member`".to_owned())));
        }
        _ => {}
    }
    let (path, operator) = match text.rsplit_once(char::is_whitespace) {
        Some((path, operator)) if !operator.contains('.') => (path.trim_end(), operator),
        _ => (text, "is"),
    };
    let Some(reader) = Reader::parse(path) else {
        let problem = unknown_field("", path);
        let near = problem
            .suggestion
            .or_else(|| closest(path, RESULTS).map(|near| format!("did you mean `{near}`?")));
        return Err((problem.message, near));
    };
    how(&reader, operator).map(|how| Heading::Asks { reader, how })
}

fn how(reader: &Reader, operator: &str) -> Result<How, (String, Option<String>)> {
    use FieldType::{Answer, Country, Flag, Number, Text, Word};
    let kind = reader.kind();
    match (operator, kind) {
        ("is", Number) | ("between", Number | Answer) => Ok(How::Numbers),
        ("is", _) => Ok(How::Is(By::of(reader))),
        ("starts_with", Text | Answer) => Ok(How::StartsWith),
        ("between", Text) => Ok(How::Texts),
        ("starts_with" | "between", Country | Word | Flag | Number) => {
            let message = format!("`{operator}` cannot be asked of {}", kind.phrase());
            Err((message, Some("leave it away: the cells are values then".to_owned())))
        }
        _ => {
            let message =
                format!("a column asks `is`, `starts_with` or `between`, not `{operator}`");
            let near = closest(operator, ["is", "starts_with", "between"]);
            Err((message, near.map(|near| format!("did you mean `{near}`?"))))
        }
    }
}

/// Whether blanks and hyphens do not count in it.
pub(super) fn is_postal(reader: &Reader) -> bool {
    matches!(reader, Reader::Canonical(Field::PostalCode))
}
