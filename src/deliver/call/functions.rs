//! What may be done with a value: a closed table. Each is total and linear.

use serde_json::Value;

use super::context::{Context, Place, Scope, is_nothing};

/// One function of a placeholder, with its argument.
#[derive(Debug, Clone)]
pub(super) enum Function {
    /// Another place, if nothing is there.
    Or(Place),
    /// This text, if nothing is there.
    Else(String),
    /// At most so many characters.
    Cut(usize),
    Lower,
    Upper,
    /// `&`, `<` and `>` as entities: for places where a vendor reads markup.
    Escape,
    /// The day of a time: its first ten characters.
    Date,
    /// A text as a number; nothing if it is none.
    Number,
    /// A number or another value as text.
    Text,
    /// The value as JSON text.
    Json,
    /// A list as one text.
    Join(String),
    /// What a table of `with` says for it; nothing if it says nothing.
    Map(String),
}

/// The names, for messages and the documentation.
pub(super) const NAMES: [&str; 12] = [
    "or:PLACE",
    "else:TEXT",
    "cut:N",
    "escape",
    "lower",
    "upper",
    "date",
    "number",
    "text",
    "json",
    "join:TEXT",
    "map:TABLE",
];

impl Function {
    pub(super) fn parse(text: &str, scope: &Scope<'_>) -> Result<Self, String> {
        let (name, argument) = text.split_once(':').unwrap_or((text, ""));
        Ok(match name {
            "or" => Self::Or(scope.place(argument)?),
            "else" => Self::Else(argument.to_owned()),
            "cut" => {
                let count = argument.parse().ok().filter(|count| *count > 0);
                Self::Cut(count.ok_or_else(|| "`cut` needs a number: `cut:255`".to_owned())?)
            }
            "lower" => Self::Lower,
            "upper" => Self::Upper,
            "escape" => Self::Escape,
            "date" => Self::Date,
            "number" => Self::Number,
            "text" => Self::Text,
            "json" => Self::Json,
            "join" => Self::Join(argument.to_owned()),
            "map" => Self::Map(scope.table(argument)?),
            _ => {
                let known = NAMES.join(", ");
                return Err(format!("there is no function `{name}`; there are {known}"));
            }
        })
    }

    pub(super) fn apply(&self, value: Option<Value>, context: &Context<'_>) -> Option<Value> {
        let value = value.filter(|value| !is_nothing(value));
        match self {
            Self::Or(place) => value.or_else(|| context.look(place)),
            Self::Else(text) => value.or_else(|| Some(text.as_str().into())),
            Self::Json => Some(value?.to_string().into()),
            Self::Join(between) => match value? {
                Value::Array(items) => {
                    let texts: Vec<String> = items.iter().map(as_text).collect();
                    Some(texts.join(between).into())
                }
                other => Some(other),
            },
            Self::Map(table) => context.mapped(table, &as_text(&value?)),
            Self::Number => match value? {
                Value::String(text) => {
                    text.trim().parse::<serde_json::Number>().ok().map(Value::Number)
                }
                number @ Value::Number(_) => Some(number),
                _ => None,
            },
            Self::Cut(count) => {
                Some(as_text(&value?).chars().take(*count).collect::<String>().into())
            }
            Self::Lower => Some(as_text(&value?).to_lowercase().into()),
            Self::Escape => {
                let text = as_text(&value?);
                Some(text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").into())
            }
            Self::Upper => Some(as_text(&value?).to_uppercase().into()),
            Self::Date => Some(as_text(&value?).chars().take(10).collect::<String>().into()),
            Self::Text => Some(as_text(&value?).into()),
        }
    }
}

/// A value inside a text.
pub(super) fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
