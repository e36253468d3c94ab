//! YAML as a tree in which every node knows its line and column.
//!
//! serde-saphyr parses; its spans give the places. Numbers, booleans and nulls keep the text they
//! were written as, so that a field that wants text gets `NO`, `007` and `1.10` as they stand.
//! Limits: 1 MiB a file, 100,000 nodes after aliases are expanded, 48 levels, one document.

use serde::Deserialize;
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Spanned};

use super::{ConfigError, Position, hints};

/// The most bytes one file may have.
pub const BYTES_MAX: usize = 1 << 20;
/// The most nodes one file may have, aliases expanded.
pub const NODES_MAX: usize = 100_000;

/// A value in the tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Unlike any other of the same file.
    pub id: u32,
    pub at: Position,
    pub kind: Kind,
    /// Something was filled in here or below: its text may be a secret and is never shown.
    pub filled: bool,
}

/// What kind of value.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    Null,
    /// Quoted, or plain and neither number nor boolean nor null.
    Text(String),
    /// Plain `true` or `5`: what it is, and as it was written.
    Plain(Plain, String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// What a plain scalar is by YAML 1.2.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Plain {
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
}

/// One key with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub key: String,
    pub at: Position,
    pub value: Node,
}

impl Node {
    /// Where `path` (`rules[3].when.all[1].field`) is: the value, or the key if the value is a list
    /// or a map. What does not exist is at the nearest thing above it that does.
    #[must_use]
    pub fn position(&self, path: &str) -> Position {
        let mut node = self;
        let mut at = self.at;
        let mut rest = path;
        loop {
            rest = rest.strip_prefix('.').unwrap_or(rest);
            let next = match &node.kind {
                Kind::Map(entries) => entries
                    .iter()
                    .filter(|entry| begins_with(rest, &entry.key))
                    .max_by_key(|entry| entry.key.len())
                    .map(|entry| (&entry.value, entry.at, entry.key.len())),
                Kind::List(items) => index(rest)
                    .and_then(|(n, length)| Some((items.get(n)?, items.get(n)?.at, length))),
                _ => None,
            };
            let Some((value, found_at, length)) = next else { return at };
            at = if matches!(value.kind, Kind::List(_) | Kind::Map(_)) {
                found_at
            } else {
                value.at
            };
            node = value;
            rest = &rest[length..];
        }
    }

    /// The value of a key of this map.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.kind {
            Kind::Map(entries) => entries.iter().find(|e| e.key == key).map(|e| &e.value),
            _ => None,
        }
    }

    /// Everything directly inside.
    pub fn children(&self) -> impl Iterator<Item = &Self> {
        let (entries, items): (&[Entry], &[Self]) = match &self.kind {
            Kind::Map(entries) => (entries, &[]),
            Kind::List(items) => (&[], items),
            _ => (&[], &[]),
        };
        entries.iter().map(|entry| &entry.value).chain(items)
    }
}

/// Whether a path goes on with `key` as a whole step.
fn begins_with(path: &str, key: &str) -> bool {
    path.strip_prefix(key)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || rest.starts_with('['))
}

/// Reads `[3]`: the number, and how long it is with its brackets.
fn index(path: &str) -> Option<(usize, usize)> {
    let end = path.find(']')?;
    Some((path.strip_prefix('[')?.get(..end - 1)?.parse().ok()?, end + 1))
}

/// Parses a file. An empty one is an empty map.
pub fn parse(file: &str, bytes: &[u8]) -> Result<Node, Vec<ConfigError>> {
    let at_start = |message: &str| vec![ConfigError::new(file, Position::START, message)];
    if bytes.len() > BYTES_MAX {
        return Err(at_start("the file is larger than 1 MiB"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| at_start("the file is not UTF-8 text"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.lines().all(|line| line.trim_start().is_empty() || line.trim_start().starts_with('#')) {
        let kind = Kind::Map(Vec::new());
        return Ok(Node { id: 0, at: Position::START, kind, filled: false });
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: NODES_MAX,
            max_events: 4 * NODES_MAX,
            max_depth: 48,
            max_documents: 2,
            max_total_scalar_bytes: BYTES_MAX,
        },
        // Found here instead, with the place of the first one, and without hiding other errors.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        strict_booleans: true,
        with_snippet: false,
    };
    let raw: Raw = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let at = error.location().map_or(Position::START, position);
        let message = syntax(&error);
        let hint = hints::syntax(&message).map(str::to_owned);
        vec![ConfigError::new(file, at, message).suggesting(hint)]
    })?;
    let mut builder = Builder { file, text, next: 0, problems: Vec::new() };
    let node = builder.node(raw.0);
    if builder.next as usize > NODES_MAX {
        return Err(at_start("the file has more than 100,000 values (aliases expanded)"));
    }
    if builder.problems.is_empty() { Ok(node) } else { Err(builder.problems) }
}

/// The parser's own words, without its " at line …" and on one line.
fn syntax(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    if text.contains("multiple YAML documents") {
        return "a file holds one document: no `---` but at its beginning".to_owned();
    }
    let text = text.lines().next().unwrap_or_default();
    let text = text.find(" at line ").map_or(text, |end| &text[..end]);
    format!("this is not the YAML it should be: {}", text.trim_end_matches([',', ' ']))
}

fn position(location: serde_saphyr::Location) -> Position {
    let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX).max(1);
    Position { line: number(location.line()), column: number(location.column()) }
}

/// A node as serde-saphyr gives it.
struct Raw(Spanned<RawKind>);

enum RawKind {
    Null,
    Text(String),
    Plain(Plain),
    List(Vec<Raw>),
    Map(Vec<(Spanned<String>, Raw)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spanned::deserialize(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for RawKind {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = RawKind;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<RawKind, E> {
        Ok(RawKind::Null)
    }

    fn visit_none<E>(self) -> Result<RawKind, E> {
        Ok(RawKind::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<RawKind, E> {
        Ok(RawKind::Plain(Plain::Bool(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<RawKind, E> {
        Ok(RawKind::Plain(Plain::Unsigned(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<RawKind, E> {
        Ok(RawKind::Plain(Plain::Signed(value)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<RawKind, E> {
        Ok(RawKind::Plain(Plain::Float(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<RawKind, E> {
        Ok(RawKind::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<RawKind, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(RawKind::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawKind, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(RawKind::Map(entries))
    }
}

/// Numbers the nodes, finds keys given twice, fetches the text of plain scalars.
struct Builder<'a> {
    file: &'a str,
    text: &'a str,
    next: u32,
    problems: Vec<ConfigError>,
}

impl Builder<'_> {
    fn node(&mut self, raw: Spanned<RawKind>) -> Node {
        let id = self.next;
        self.next += 1;
        let at = position(raw.referenced);
        let kind = match raw.value {
            RawKind::Null => Kind::Null,
            RawKind::Text(text) => {
                self.check(&text, at);
                Kind::Text(text)
            }
            RawKind::Plain(plain) => Kind::Plain(plain, self.written(raw.defined, plain)),
            RawKind::List(items) => {
                Kind::List(items.into_iter().map(|item| self.node(item.0)).collect())
            }
            RawKind::Map(entries) => self.map(entries),
        };
        Node { id, at, kind, filled: false }
    }

    /// `"\b"` in double quotes is no pattern's word boundary: it would silently never match.
    fn check(&mut self, text: &str, at: Position) {
        if text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            let message = "this text holds a control character: in double quotes `\\b` is one";
            let hint = "use single quotes, or write `\\\\b`".to_owned();
            self.problems.push(ConfigError::new(self.file, at, message).suggesting(Some(hint)));
        }
    }

    fn map(&mut self, raw: Vec<(Spanned<String>, Raw)>) -> Kind {
        let mut entries: Vec<Entry> = Vec::with_capacity(raw.len());
        for (key, value) in raw {
            let at = position(key.referenced);
            if let Some(first) = entries.iter().find(|entry| entry.key == key.value) {
                let message =
                    format!("key `{}` is given twice, first in line {}", key.value, first.at.line);
                self.problems.push(ConfigError::new(self.file, at, message));
            }
            let value = self.node(value.0);
            entries.push(Entry { key: key.value, at, value });
        }
        Kind::Map(entries)
    }

    /// The text of a plain scalar as it stands in the file.
    fn written(&self, location: serde_saphyr::Location, plain: Plain) -> String {
        let span = location.span();
        let text = span.byte_offset().zip(span.byte_len()).and_then(|(from, length)| {
            let from = usize::try_from(from).ok()?;
            self.text.get(from..from.checked_add(usize::try_from(length).ok()?)?)
        });
        match (text.map(str::trim), plain) {
            (Some(text), _) if !text.is_empty() => text.to_owned(),
            (_, Plain::Bool(value)) => value.to_string(),
            (_, Plain::Unsigned(value)) => value.to_string(),
            (_, Plain::Signed(value)) => value.to_string(),
            (_, Plain::Float(value)) => value.to_string(),
        }
    }
}
