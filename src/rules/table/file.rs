//! A table as a YAML file.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};

/// `tables/NAME.yaml`: the same as a CSV file, for tables that are kept by hand.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TableFile {
    /// The names of the columns: a field, with `starts_with` or `between` after it if its cells are not just values;
    /// or `queue`, `pool`, `member`, `name`, `note`.
    #[cfg_attr(test, schemars(length(min = 1, max = 64)))]
    pub columns: Vec<String>,
    /// The rows, each with one cell per column.
    #[cfg_attr(test, schemars(with = "Vec<Vec<CellForm>>"))]
    pub rows: Vec<Vec<CellSource>>,
}

/// One cell as written: nothing (true of everybody), a value, or several of which one is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellSource(pub String);

/// How a cell may look.
#[cfg(test)]
#[derive(schemars::JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is asked for")]
enum CellForm {
    Nothing(()),
    Text(String),
    Number(f64),
    Flag(bool),
    OneOf(Vec<String>),
}

impl<'de> Deserialize<'de> for CellSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = CellSource;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value, a list of values, or nothing")
            }

            fn visit_unit<E: Error>(self) -> Result<CellSource, E> {
                Ok(CellSource(String::new()))
            }

            fn visit_none<E: Error>(self) -> Result<CellSource, E> {
                Ok(CellSource(String::new()))
            }

            fn visit_bool<E: Error>(self, flag: bool) -> Result<CellSource, E> {
                Ok(CellSource(flag.to_string()))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<CellSource, E> {
                Ok(CellSource(number.to_string()))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<CellSource, E> {
                Ok(CellSource(number.to_string()))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<CellSource, E> {
                Ok(CellSource(number.to_string()))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<CellSource, E> {
                Ok(CellSource(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<CellSource, A::Error> {
                let mut values: Vec<String> = Vec::new();
                while let Some(CellSource(value)) = seq.next_element()? {
                    values.push(value);
                }
                Ok(CellSource(values.join(" | ")))
            }
        }
        deserializer.deserialize_any(Either)
    }
}
