//! Schemas of the types that read themselves: names, lengths of time, points, one-of shapes.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use crate::assign::{
    ElseSettings, MemberInFull, MemberSettings, TableInFull, TableSettings, TargetSettings,
};
use crate::config::Period;
use crate::domain::{BusinessTime, EventType, Name};
use crate::qualify::{PointsEach, PointsSettings};
use crate::rules::ConditionSource;
use crate::simulate::{Body, Bounds, Matched, OneOf, Text, Texts};

/// Of a [`Name`]; the length is in it, so that it also fits as one half of an alternative.
pub const NAME: &str = "^[a-z0-9][a-z0-9._-]{0,63}$";
/// Of a [`Period`].
const PERIOD: &str = "^\\d+ ?(ms|s|m|h|d)$";

macro_rules! schema {
    ($type:ty, $name:literal, |$generator:ident| $schema:expr) => {
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

schema!(Name, "Name", |_generator| json_schema!({
    "description": "A name: lower-case letters, digits, `-`, `_`, `.`; at most 64.",
    "type": "string",
    "pattern": NAME,
}));

schema!(Period, "Period", |_generator| json_schema!({
    "description": "A length of time such as `500ms`, `60s`, `30m`, `2h` or `7d`.",
    "type": "string",
    "pattern": PERIOD,
}));

schema!(BusinessTime, "BusinessTime", |_generator| json_schema!({
    "description": "A length of business time such as `30m`, `4h` or `2d`; a day is as long as a working day, on average.",
    "type": "string",
    "pattern": "^[1-9]\\d* ?(m|h|d)$",
}));

schema!(ConditionSource, "Condition", |_generator| super::conditions::schema());

schema!(PointsSettings, "Points", |generator| {
    let each = generator.subschema_for::<PointsEach>();
    json_schema!({
        "description": "Points such as `25`, or `{yes: 25, no: -5}`; up to three decimals.",
        "anyOf": [{ "type": "number" }, each],
    })
});

schema!(ElseSettings, "Else", |generator| {
    let target = generator.subschema_for::<TargetSettings>();
    json_schema!({
        "description": "`hold`, the name of a queue, or `{queue, pool, …}`.",
        "anyOf": [{ "type": "string", "pattern": NAME }, target],
    })
});

schema!(MemberSettings, "Member", |generator| {
    let full = generator.subschema_for::<MemberInFull>();
    json_schema!({
        "description": "A member's name, or `{name, weight, caps, paused}`.",
        "anyOf": [{ "type": "string", "pattern": NAME }, full],
    })
});

schema!(TableSettings, "Table", |generator| {
    let full = generator.subschema_for::<TableInFull>();
    json_schema!({
        "description": "The name of a file in `tables`, or `{name, match}`.",
        "anyOf": [{ "type": "string", "pattern": NAME }, full],
    })
});

schema!(Text, "Text", |_generator| json_schema!({
    "description": "A text; a number or a flag is taken as it is written.",
    "type": ["string", "number", "boolean"],
}));

schema!(Texts, "Texts", |generator| {
    let text = generator.subschema_for::<Text>();
    json_schema!({
        "description": "A text, or several.",
        "anyOf": [{ "type": ["string", "number", "boolean"] }, { "type": "array", "items": text }],
    })
});

schema!(Body, "Body", |_generator| json_schema!({
    "description": "A raw body: a text as it stands, or a mapping to be posted as JSON.",
    "type": ["string", "object"],
}));

schema!(OneOf, "OneOf", |_generator| json_schema!({
    "description": "A word, or a list of words of which one is enough; `none` stands for nothing.",
    "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }],
}));

schema!(Matched, "Matched", |_generator| json_schema!({
    "description": "Whether the person is known, or the number of the given inquiry whose person it is.",
    "type": ["boolean", "integer"],
}));

schema!(Bounds, "Bounds", |_generator| {
    let bound = |about: &str| serde_json::json!({ "description": about, "type": "number" });
    json_schema!({
        "description": "A number, or what it lies between.",
        "anyOf": [{ "type": "number" }, {
            "type": "object",
            "properties": {
                "gt": bound("Greater than this."),
                "gte": bound("At least this."),
                "lt": bound("Less than this."),
                "lte": bound("At most this."),
            },
            "additionalProperties": false,
        }],
    })
});

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let millis = self.0.as_millis();
        let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms")];
        let (unit, word) =
            units.into_iter().find(|(unit, _)| millis.is_multiple_of(*unit)).unwrap();
        // Up to two minutes people say seconds.
        let (unit, word) =
            if unit == 60_000 && millis < 120_000 { (1_000, "s") } else { (unit, word) };
        serializer.serialize_str(&format!("{}{word}", millis / unit))
    }
}

/// The words of a destination's `events`.
pub fn events() -> Vec<&'static str> {
    ["*", "lead.*", "alert.*"]
        .into_iter()
        .chain(EventType::ALL.iter().map(|kind| kind.as_str()))
        .collect()
}
