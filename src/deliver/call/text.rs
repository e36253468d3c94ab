//! A text with places in it: `{lead.contact.email|lower}`. `{{` and `}}` are braces.

use serde_json::Value;

use super::context::{Context, Place, Scope, is_nothing};
use super::functions::{Function, as_text};

/// More than that in one text is a mistake.
const FUNCTIONS_MAX: usize = 8;
const PARTS_MAX: usize = 40;

#[derive(Debug, Clone)]
enum Part {
    Plain(String),
    Value { place: Place, then: Vec<Function> },
}

/// A template, checked.
#[derive(Debug, Clone)]
pub(super) struct Text(Vec<Part>);

impl Text {
    /// Reads a template.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub(super) fn parse(text: &str, scope: &Scope<'_>) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            plain.push_str(before);
            if let Some(after) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
                plain.push_str(&from[..1]);
                rest = after;
                continue;
            }
            let inside = from.strip_prefix('{').and_then(|inside| inside.split_once('}'));
            let Some((inside, after)) = inside else {
                return Err(
                    "a brace stands alone: `{place}` is filled in, `{{` is a brace".to_owned()
                );
            };
            if !plain.is_empty() {
                parts.push(Part::Plain(std::mem::take(&mut plain)));
            }
            parts.push(reference(inside, scope)?);
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Plain(plain));
        }
        if parts.len() > PARTS_MAX {
            return Err(format!("a text has at most {PARTS_MAX} parts"));
        }
        Ok(Self(parts))
    }

    /// A single place gives the value that is there, of whatever type; anything else a text. `None` =
    /// nothing is there.
    pub(super) fn value(&self, context: &Context<'_>) -> Option<Value> {
        match self.0.as_slice() {
            [Part::Value { place, then }] => evaluate(place, then, context),
            _ => Some(self.text(context).into()).filter(|value| !is_nothing(value)),
        }
    }

    /// As text; what is not there is empty.
    pub(super) fn text(&self, context: &Context<'_>) -> String {
        let part = |part: &Part| match part {
            Part::Plain(text) => text.clone(),
            Part::Value { place, then } => {
                evaluate(place, then, context).as_ref().map(as_text).unwrap_or_default()
            }
        };
        self.0.iter().map(part).collect()
    }

    /// What is plain in it: for names, which have no places in them.
    pub(super) fn plain(&self) -> String {
        let plain = |part: &Part| match part {
            Part::Plain(text) => text.clone(),
            Part::Value { .. } => String::new(),
        };
        self.0.iter().map(plain).collect()
    }

    /// For an address: values percent-encoded. `None` = one of them is not there.
    pub(super) fn address(&self, context: &Context<'_>) -> Option<String> {
        let mut whole = String::new();
        for part in &self.0 {
            match part {
                Part::Plain(text) => whole.push_str(text),
                Part::Value { place, then } => {
                    whole.push_str(&encoded(&as_text(&evaluate(place, then, context)?)));
                }
            }
        }
        Some(whole)
    }
}

fn reference(inside: &str, scope: &Scope<'_>) -> Result<Part, String> {
    let mut pieces = inside.split('|');
    let place = scope.place(pieces.next().unwrap_or_default().trim())?;
    let then: Vec<Function> =
        pieces.map(|piece| Function::parse(piece, scope)).collect::<Result<_, _>>()?;
    if then.len() > FUNCTIONS_MAX {
        return Err(format!("a place has at most {FUNCTIONS_MAX} functions"));
    }
    Ok(Part::Value { place, then })
}

fn evaluate(place: &Place, then: &[Function], context: &Context<'_>) -> Option<Value> {
    let found = then.iter().fold(context.look(place), |value, f| f.apply(value, context));
    found.filter(|value| !is_nothing(value))
}

/// Everything but RFC 3986's unreserved characters as `%XX`.
pub(super) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for digit in [byte >> 4, byte & 15] {
                out.push(char::from_digit(digit.into(), 16).unwrap_or('0').to_ascii_uppercase());
            }
        }
    }
    out
}
