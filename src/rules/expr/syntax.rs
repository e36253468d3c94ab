//! From text to a tree, and mistakes with their place marked.

use cel::common::ast::{IdedExpr, SourceInfo};

use super::SOURCE_BYTES_MAX;
use super::functions::ENVIRONMENT;
use crate::domain::SettingProblem;

/// The parser counts some levels for itself between one part and the next, so this is more than
/// [`super::EXPR_DEPTH_MAX`].
const PARSER_DEPTH: u16 = 128;

/// An expression with the places of its parts.
pub(super) struct Parsed {
    pub(super) root: IdedExpr,
    places: SourceInfo,
}

/// Parses; macros stay the calls they are written as.
pub(super) fn parse(source: &str, path: &str) -> Result<Parsed, Vec<SettingProblem>> {
    let refuse = |message: String| Err(vec![SettingProblem::new(path, message)]);
    if source.trim().is_empty() {
        return refuse("an empty expression says nothing".to_owned());
    }
    if source.len() > SOURCE_BYTES_MAX {
        return refuse(format!("an expression has at most {SOURCE_BYTES_MAX} bytes"));
    }
    if let Some(odd) = source.chars().find(|c| c.is_control() && !c.is_whitespace()) {
        return refuse(format!("an expression cannot hold the character {}", odd.escape_unicode()));
    }
    let parser = ENVIRONMENT.parser().max_recursion_depth(PARSER_DEPTH).error_recovery_limit(5);
    match parser.parse_with_source_info(source) {
        Ok((root, places)) => Ok(Parsed { root, places }),
        Err(errors) => {
            let first = errors.errors.first();
            let message = first.map_or("", |error| error.msg.lines().next().unwrap_or_default());
            let message = plain(message.trim_start_matches("Syntax error: "));
            let at = first.and_then(|error| offset(source, error.pos));
            let message = format!("this is no expression: {message}");
            Err(vec![SettingProblem::new(path, marked(source, at, &message))])
        }
    }
}

/// The parser's words without the list of everything it would have taken.
fn plain(message: &str) -> String {
    let short = message.split(" expecting ").next().unwrap_or(message);
    short.replace("<EOF>", "its end")
}

/// The parser's line and column, from 1 and in bytes, as a place in the whole.
fn offset(source: &str, (line, column): (isize, isize)) -> Option<usize> {
    let (line, column) = (usize::try_from(line).ok()?, usize::try_from(column).ok()?);
    let before = source.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len);
    Some(before.sum::<usize>() + column.saturating_sub(1))
}

impl Parsed {
    /// A sentence about one part, with the line it stands in and a mark below.
    pub(super) fn marked(&self, part: u64, message: &str) -> String {
        let at = self.places.offset_for(part).and_then(|(start, _)| usize::try_from(start).ok());
        marked(&self.places.source, at, message)
    }
}

/// Puts the line and a caret below the message; `at` counts bytes.
fn marked(source: &str, at: Option<usize>, message: &str) -> String {
    let Some(at) = at else { return message.to_owned() };
    let mut start = 0;
    for (number, whole) in source.split_inclusive('\n').enumerate() {
        if at < start + whole.len() || start + whole.len() == source.len() {
            let line = whole.trim_end();
            let before = line.get(..at - start).unwrap_or(line).chars().count();
            let place = match number {
                0 => format!("character {}", before + 1),
                _ => format!("line {}, character {}", number + 1, before + 1),
            };
            let blank = " ".repeat(before);
            return format!("{message}, at {place} of the expression:\n    {line}\n    {blank}^");
        }
        start += whole.len();
    }
    message.to_owned()
}
