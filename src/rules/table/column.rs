//! One column of conditions: the values and ranges its cells name, each with an id, and which of them are true of a
//! subject.

use ahash::AHashMap;

use super::header::{How, is_postal};
use super::ranges::{Ends, Ranges, ordered};
use crate::domain::SettingProblem;
use crate::rules::field::{FieldType, Value};
use crate::rules::fold::fold;
use crate::rules::list::Lists;
use crate::rules::operand::Operands;
use crate::rules::quantity::quantity;
use crate::rules::reader::{Reader, answers};
use crate::rules::source::Raw;
use crate::rules::{Says, Subject};

/// Stands after the upper end of a range of texts: above everything that begins with that end.
const BEYOND: u8 = 0xff;

#[derive(Debug)]
pub(super) struct Column {
    /// As the header says it.
    pub(super) heading: String,
    pub(super) path: String,
    pub(super) reader: Reader,
    how: How,
    ids: AHashMap<Box<str>, u32>,
    /// How many bytes the prefixes have, the shortest first.
    lengths: Vec<usize>,
    ranges: Ranges,
    /// While it is being read: the ranges in the order of their ids.
    spans: Vec<Ends>,
}

/// What is wrong with a cell.
pub(super) type Wrong = (String, Option<String>);

/// How narrow a cell is: the greater, the narrower.
pub(super) type Narrow = (u8, u64);

impl Column {
    pub(super) fn new(heading: &str, reader: Reader, how: How) -> Self {
        let path = heading.split_whitespace().next().unwrap_or_default();
        let path = if heading.ends_with("starts_with") || heading.ends_with("between") {
            heading.rsplit_once(char::is_whitespace).map_or(path, |(path, _)| path.trim_end())
        } else {
            heading.strip_suffix(" is").unwrap_or(heading)
        };
        Self {
            heading: heading.to_owned(),
            path: path.to_owned(),
            reader,
            how,
            ids: AHashMap::default(),
            lengths: Vec::new(),
            ranges: Ranges::default(),
            spans: Vec::new(),
        }
    }

    /// The id of one value of a cell, and how narrow it is.
    pub(super) fn id(&mut self, text: &str) -> Result<(u32, Narrow), Wrong> {
        match self.how {
            How::Is(by) => {
                let key = by.entry(self.word(text)?);
                let narrow = (3, key.len() as u64);
                Ok((self.keyed(&key), narrow))
            }
            How::StartsWith => {
                if text.contains("..") {
                    let message = "a range is no beginning".to_owned();
                    return Err((
                        message,
                        Some(format!("call the column `{} between`", self.path)),
                    ));
                }
                let key = self.squashed(fold(text).as_str());
                if key.is_empty() {
                    return Err(("this begins nothing".to_owned(), None));
                }
                if !self.lengths.contains(&key.len()) {
                    self.lengths.push(key.len());
                }
                let narrow = (2, key.len() as u64);
                Ok((self.keyed(&key), narrow))
            }
            How::Numbers => {
                let (low, high) = numbers(text)?;
                let narrow = (1, u64::from_be_bytes(ordered(low - high)));
                let key = format!("{low}..{high}");
                Ok((self.ranged(&key, ordered(low).into(), ordered(high).into()), narrow))
            }
            How::Texts => {
                let (low, high) = text.split_once("..").unwrap_or((text, text));
                let low = self.squashed(fold(low).as_str());
                let high = self.squashed(fold(high).as_str());
                let narrow = (1, low.len().max(high.len()) as u64);
                let key = format!("{low}..{high}");
                let low: Box<[u8]> = low.into_bytes().into();
                let mut high = high.into_bytes();
                high.push(BEYOND);
                if *low > *high {
                    return Err(("the lower end lies above the upper one".to_owned(), None));
                }
                Ok((self.ranged(&key, low, high.into()), narrow))
            }
        }
    }

    /// A value that the field can have, in the form in which it is compared.
    fn word(&self, text: &str) -> Result<String, Wrong> {
        if self.reader.kind() == FieldType::Flag {
            return match text.to_ascii_lowercase().as_str() {
                "yes" | "true" => Ok("true".to_owned()),
                "no" | "false" => Ok("false".to_owned()),
                _ => Err(("yes or no is needed here".to_owned(), None)),
            };
        }
        let lists = Lists::default();
        let mut problems: Vec<SettingProblem> = Vec::new();
        let mut operands =
            Operands { path: "", reader: &self.reader, lists: &lists, problems: &mut problems };
        let word = operands.word(&Raw::Text(text.to_owned()), "");
        let wrong = || match problems.pop() {
            Some(problem) => (problem.message, problem.suggestion),
            None => ("this is no value of the field".to_owned(), None),
        };
        let word = word.ok_or_else(wrong)?;
        Ok(self.squashed(&word))
    }

    /// Without blanks and hyphens where they do not count.
    fn squashed(&self, text: &str) -> String {
        if is_postal(&self.reader) {
            return text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        }
        text.to_owned()
    }

    fn keyed(&mut self, key: &str) -> u32 {
        if let Some(id) = self.ids.get(key) {
            return *id;
        }
        let id = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
        self.ids.insert(key.into(), id);
        id
    }

    fn ranged(&mut self, key: &str, low: Box<[u8]>, high: Box<[u8]>) -> u32 {
        let id = self.keyed(key);
        if id as usize == self.spans.len() {
            self.spans.push((low, high, id));
        }
        id
    }

    /// After the last cell: how many ids there are.
    pub(super) fn finish(&mut self) -> usize {
        self.lengths.sort_unstable();
        self.ranges = Ranges::new(std::mem::take(&mut self.spans));
        self.ids.shrink_to_fit();
        self.ids.len()
    }

    /// The ids of all that is true of the subject. Else why nothing can be said: [`Says::Missing`] or
    /// [`Says::Error`]; [`Says::NoMatch`] if there is a value and nothing is true of it.
    pub(super) fn hits(&self, subject: &Subject<'_>, hits: &mut Vec<u32>) -> Says {
        let mut says = Says::Missing;
        let mut take = |value: Value<'_>| match self.take(value, hits) {
            Says::Error => says = Says::Error,
            Says::NoMatch if says == Says::Missing => says = Says::NoMatch,
            _ => {}
        };
        match &self.reader {
            Reader::Answer { key, .. } => answers(key, subject).for_each(take),
            reader => take(reader.read(subject)),
        }
        hits.sort_unstable();
        hits.dedup();
        if hits.is_empty() { says } else { Says::Match }
    }

    fn take(&self, value: Value<'_>, hits: &mut Vec<u32>) -> Says {
        let number = match value {
            Value::Missing => return Says::Missing,
            Value::Flag(flag) => {
                hits.extend(self.ids.get(if flag { "true" } else { "false" }));
                return Says::NoMatch;
            }
            Value::Number(number) => Some(number),
            Value::Text(text) if self.how == How::Numbers => quantity(text),
            Value::Text(text) => {
                let folded = fold(text);
                if is_postal(&self.reader) {
                    self.text(&self.squashed(folded.as_str()), hits);
                } else {
                    self.text(folded.as_str(), hits);
                }
                return Says::NoMatch;
            }
        };
        // What is no number for certain cannot be judged.
        let Some(number) = number else { return Says::Error };
        let key = ordered(number + 0.0);
        self.ranges.holding(&key, &key, |id| hits.push(id));
        Says::NoMatch
    }

    fn text(&self, text: &str, hits: &mut Vec<u32>) {
        match self.how {
            How::Is(by) => {
                by.any(text, |key| {
                    hits.extend(self.ids.get(key));
                    false
                });
            }
            How::StartsWith => {
                let beginnings = self
                    .lengths
                    .iter()
                    .map_while(|length| (*length <= text.len()).then(|| text.get(..*length)));
                for beginning in beginnings.flatten() {
                    hits.extend(self.ids.get(beginning));
                }
            }
            How::Texts => self.ranges.holding(text.as_bytes(), text.as_bytes(), |id| hits.push(id)),
            How::Numbers => {}
        }
    }

    /// The ids that are true of whatever this one is true of, itself among them.
    pub(super) fn wider(&self, id: u32, texts: &[&str], hits: &mut Vec<u32>) {
        match self.how {
            How::Is(_) | How::StartsWith => {
                if let Some(text) = texts.get(id as usize) {
                    self.text(text, hits);
                }
            }
            How::Numbers | How::Texts => {}
        }
        if !hits.contains(&id) {
            hits.push(id);
        }
    }

    /// What the ids stand for, in their order.
    pub(super) fn texts(&self) -> Vec<&str> {
        let mut texts = vec![""; self.ids.len()];
        for (text, id) in &self.ids {
            if let Some(place) = texts.get_mut(*id as usize) {
                *place = text;
            }
        }
        texts
    }

    /// The same for ranges, given by their ends.
    pub(super) fn wider_ranges(&self, id: u32, hits: &mut Vec<u32>) {
        if let Some((low, high)) = self.ranges.ends(id) {
            self.ranges.holding(low, high, |id| hits.push(id));
        }
    }

    /// One id in words: `contact.country is de`.
    pub(super) fn in_words(&self, id: u32) -> String {
        let text = self.ids.iter().find(|(_, of)| **of == id).map_or("", |(text, _)| &**text);
        let text = text.strip_suffix("..inf").map_or_else(
            || {
                text.strip_prefix("-inf..")
                    .map_or_else(|| text.to_owned(), |high| format!("..{high}"))
            },
            |low| format!("{low}.."),
        );
        match self.how {
            How::Is(_) => format!("{} is {text}", self.path),
            How::StartsWith => format!("{} begins with {text}", self.path),
            How::Numbers | How::Texts => format!("{} is within {text}", self.path),
        }
    }
}

/// `250`, `250..999`, `1000..` or `..49`.
fn numbers(text: &str) -> Result<(f64, f64), Wrong> {
    let number = |text: &str, open: f64| match text.trim() {
        "" => Ok(open),
        text => {
            text.parse::<f64>().ok().filter(|n| n.is_finite()).map(|n| n + 0.0).ok_or_else(|| {
                let message = "a number or a range is needed here".to_owned();
                (message, Some("such as 250, 250..999, 1000.. or ..49".to_owned()))
            })
        }
    };
    let Some((low, high)) = text.split_once("..") else {
        let number = number(text, 0.0)?;
        return Ok((number, number));
    };
    let (low, high) = (number(low, f64::NEG_INFINITY)?, number(high, f64::INFINITY)?);
    if low > high {
        return Err(("the lower end lies above the upper one".to_owned(), None));
    }
    Ok((low, high))
}
