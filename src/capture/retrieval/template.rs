//! A text with names in braces, filled in.

use std::collections::BTreeSet;

use crate::capture::proof::escaped;

/// A template, checked: it names nothing that nobody gives.
#[derive(Debug, Clone)]
pub(super) struct Template(Vec<Part>);

#[derive(Debug, Clone)]
enum Part {
    Plain(String),
    Named(String),
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub(super) fn parse(text: &str, known: &BTreeSet<&str>) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, from)) = rest.split_once('{') {
            let Some((name, after)) = from.split_once('}') else {
                return Err("a brace is opened and not closed".to_owned());
            };
            if !known.contains(name) {
                let known: Vec<&str> = known.iter().copied().collect();
                return Err(format!("`{{{name}}}` is not known here: {}", known.join(", ")));
            }
            if !before.is_empty() {
                parts.push(Part::Plain(before.to_owned()));
            }
            parts.push(Part::Named(name.to_owned()));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Plain(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    /// The names in it.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Plain(_) => None,
            Part::Named(name) => Some(name.as_str()),
        })
    }

    /// As it is, for a header. `None` = a value is missing.
    pub(super) fn text<'a>(&self, value: impl Fn(&str) -> Option<&'a str>) -> Option<String> {
        self.filled(|_, name| value(name).map(str::to_owned))
    }

    /// For an address: values are percent-encoded, but for one that it begins with.
    pub(super) fn address<'a>(&self, value: impl Fn(&str) -> Option<&'a str>) -> Option<String> {
        self.filled(|first, name| {
            let value = value(name)?;
            Some(if first { value.to_owned() } else { escaped(value) })
        })
    }

    fn filled(&self, value: impl Fn(bool, &str) -> Option<String>) -> Option<String> {
        let parts = self.0.iter().enumerate().map(|(n, part)| match part {
            Part::Plain(text) => Some(text.clone()),
            Part::Named(name) => value(n == 0, name),
        });
        parts.collect()
    }
}
