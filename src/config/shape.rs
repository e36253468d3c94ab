//! From the tree to a room's Settings: a serde deserializer that knows the place of every value and
//! goes on after an error.
//!
//! A node that does not fit is noted and cut out, and the whole is tried again, until it fits or
//! nothing is left: so every bad entry and element is found in one go. What an untagged or flattened
//! type says is placed at the map or list it was read from.

use std::collections::BTreeSet;

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

use super::hints;
use super::interpolate::plain;
use super::shape_error::{ShapeError, What};
use super::tree::{Entry, Kind, Node, Plain};
use super::{ConfigError, Position};
use crate::domain::closest;

/// No file has so many mistakes that more would help.
const ERRORS_MAX: usize = 100;

/// Deserialises a tree; all that does not fit, if anything.
pub fn read<T: DeserializeOwned>(file: &str, node: &Node) -> Result<T, Vec<ConfigError>> {
    let mut cut = BTreeSet::new();
    let mut errors = Vec::new();
    loop {
        let error = match T::deserialize(Shape { node, at: node.at, cut: &cut }) {
            Ok(value) if errors.is_empty() => return Ok(value),
            Ok(_) => return Err(errors),
            Err(error) => error.located(node, node.at),
        };
        let id = error.node.unwrap_or(node.id);
        if !follows_from_a_cut(node, id, &error, &cut) {
            let at = error.at;
            let (message, suggestion) = error.words();
            errors.push(ConfigError::new(file, at, message).suggesting(suggestion));
        }
        if id == node.id || !cut.insert(id) || errors.len() >= ERRORS_MAX {
            return Err(errors);
        }
    }
}

/// Whether the error is only there because something inside was cut out before.
fn follows_from_a_cut(root: &Node, id: u32, error: &ShapeError, cut: &BTreeSet<u32>) -> bool {
    let Some(node) = find(root, id) else { return false };
    match (&error.what, &node.kind) {
        (What::Missing(field), Kind::Map(entries)) => entries.iter().any(|entry| {
            cut.contains(&entry.value.id)
                && (entry.key == *field || closest(&entry.key, [*field]).is_some())
        }),
        _ => has_cut(node, cut),
    }
}

fn find(node: &Node, id: u32) -> Option<&Node> {
    if node.id == id {
        return Some(node);
    }
    node.children().find_map(|child| find(child, id))
}

fn has_cut(node: &Node, cut: &BTreeSet<u32>) -> bool {
    node.children().any(|child| cut.contains(&child.id) || has_cut(child, cut))
}

/// A node as serde sees it.
struct Shape<'a> {
    node: &'a Node,
    /// Where its errors are: the key of a list or map, else the value.
    at: Position,
    cut: &'a BTreeSet<u32>,
}

impl Shape<'_> {
    fn any<'de, V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value, ShapeError> {
        match &self.node.kind {
            Kind::Null => visitor.visit_unit(),
            Kind::Text(text) => visitor.visit_str(text),
            Kind::Plain(plain, _) => visit_plain(*plain, visitor),
            Kind::List(items) => visitor.visit_seq(Elements { items: items.iter(), cut: self.cut }),
            Kind::Map(entries) => {
                visitor.visit_map(Entries { rest: entries.iter(), value: None, cut: self.cut })
            }
        }
    }

    /// Where a number or boolean is wanted.
    fn number<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
        let result = match &self.node.kind {
            Kind::Text(text) if self.node.filled => match plain(text) {
                Some(plain) => visit_plain(plain, visitor),
                None => visitor.visit_str(text),
            },
            _ => self.any(visitor),
        };
        let hint = |error: ShapeError| error.or_suggesting(|| hints::number(self.node));
        result.map_err(|error| hint(error).located(self.node, self.at))
    }

    /// Where text is wanted: plain scalars as they were written.
    fn text<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
        let result = match &self.node.kind {
            Kind::Plain(_, written) => visitor.visit_str(written),
            _ => self.any(visitor),
        };
        result.map_err(|error| error.located(self.node, self.at))
    }
}

fn visit_plain<'de, V: Visitor<'de>>(plain: Plain, visitor: V) -> Result<V::Value, ShapeError> {
    match plain {
        Plain::Bool(value) => visitor.visit_bool(value),
        Plain::Unsigned(value) => visitor.visit_u64(value),
        Plain::Signed(value) => visitor.visit_i64(value),
        Plain::Float(value) => visitor.visit_f64(value),
    }
}

macro_rules! forward {
    ($way:ident: $($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
            self.$way(visitor)
        })*
    };
}

impl<'de> de::Deserializer<'de> for Shape<'_> {
    type Error = ShapeError;

    forward! { number:
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_i128 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_u128 deserialize_f32 deserialize_f64
    }
    forward! { text:
        deserialize_char deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf
        deserialize_identifier
    }
    forward! { deserialize_any: deserialize_ignored_any deserialize_unit }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
        let result = self.any(visitor);
        let hint = |error: ShapeError| error.or_suggesting(|| hints::list(self.node));
        result.map_err(|error| hint(error).located(self.node, self.at))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
        let result = match &self.node.kind {
            Kind::List(_) => Err(de::Error::invalid_type(de::Unexpected::Seq, &"a map")),
            _ => self.any(visitor),
        };
        let hint = |error: ShapeError| error.or_suggesting(|| hints::map(self.node, &[]));
        result.map_err(|error| hint(error).located(self.node, self.at))
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
        self.any(visitor).map_err(|error| error.located(self.node, self.at))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
        match self.node.kind {
            Kind::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ShapeError> {
        self.deserialize_any(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ShapeError> {
        let (node, at) = (self.node, self.at);
        visitor.visit_newtype_struct(self).map_err(|error| error.located(node, at))
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, ShapeError> {
        self.deserialize_any(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, ShapeError> {
        self.deserialize_any(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ShapeError> {
        // A list in the order of the fields would do for serde; nobody means that.
        let result = match &self.node.kind {
            Kind::List(_) => Err(de::Error::invalid_type(de::Unexpected::Seq, &"a map")),
            _ => self.any(visitor),
        };
        let hint = |error: ShapeError| error.or_suggesting(|| hints::map(self.node, fields));
        result.map_err(|error| hint(error).located(self.node, self.at))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ShapeError> {
        let result = match &self.node.kind {
            Kind::Text(word) | Kind::Plain(_, word) => {
                visitor.visit_enum(word.as_str().into_deserializer())
            }
            Kind::Map(entries) => {
                let mut left = entries.iter().filter(|e| !self.cut.contains(&e.value.id));
                match (left.next(), left.next()) {
                    (Some(entry), None) => visitor.visit_enum(Variant { entry, cut: self.cut }),
                    _ => Err(de::Error::invalid_type(de::Unexpected::Map, &"a map with one key")),
                }
            }
            _ => self.any(visitor),
        };
        result.map_err(|error| error.located(self.node, self.at))
    }
}

/// A value below a key: errors about a list or map are said at the key.
fn below<'a>(entry: &'a Entry, cut: &'a BTreeSet<u32>) -> Shape<'a> {
    let block = matches!(entry.value.kind, Kind::List(_) | Kind::Map(_) | Kind::Null);
    Shape { node: &entry.value, at: if block { entry.at } else { entry.value.at }, cut }
}

struct Elements<'a> {
    items: std::slice::Iter<'a, Node>,
    cut: &'a BTreeSet<u32>,
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = ShapeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ShapeError> {
        let cut = self.cut;
        match self.items.find(|item| !cut.contains(&item.id)) {
            Some(node) => seed
                .deserialize(Shape { node, at: node.at, cut })
                .map(Some)
                .map_err(|error| error.located(node, node.at)),
            None => Ok(None),
        }
    }
}

struct Entries<'a> {
    rest: std::slice::Iter<'a, Entry>,
    value: Option<&'a Entry>,
    cut: &'a BTreeSet<u32>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = ShapeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ShapeError> {
        let cut = self.cut;
        let Some(entry) = self.rest.find(|entry| !cut.contains(&entry.value.id)) else {
            return Ok(None);
        };
        self.value = Some(entry);
        // Keys are never filled in, so what is said about one may name it: the node only says what to cut.
        let key: de::value::StrDeserializer<'_, ShapeError> =
            entry.key.as_str().into_deserializer();
        seed.deserialize(key).map(Some).map_err(|mut error| {
            error.node = Some(entry.value.id);
            error.at = entry.at;
            error
        })
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, ShapeError> {
        match self.value.take() {
            Some(entry) => {
                let shape = below(entry, self.cut);
                let at = shape.at;
                // Also what is said after the deserializer was left: a type's own parse error.
                seed.deserialize(shape).map_err(|error| error.located(&entry.value, at))
            }
            None => Err(de::Error::custom("a value was asked for before its key")),
        }
    }
}

/// `{variant: content}`.
struct Variant<'a> {
    entry: &'a Entry,
    cut: &'a BTreeSet<u32>,
}

impl<'a, 'de> EnumAccess<'de> for Variant<'a> {
    type Error = ShapeError;
    type Variant = Content<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Content<'a>), ShapeError> {
        let key: de::value::StrDeserializer<'_, ShapeError> =
            self.entry.key.as_str().into_deserializer();
        let value = seed.deserialize(key).map_err(|mut error| {
            error.node = Some(self.entry.value.id);
            error.at = self.entry.at;
            error
        })?;
        Ok((value, Content(below(self.entry, self.cut))))
    }
}

struct Content<'a>(Shape<'a>);

impl<'de> VariantAccess<'de> for Content<'_> {
    type Error = ShapeError;

    fn unit_variant(self) -> Result<(), ShapeError> {
        de::Deserialize::deserialize(self.0)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, ShapeError> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, ShapeError> {
        de::Deserializer::deserialize_any(self.0, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ShapeError> {
        de::Deserializer::deserialize_any(self.0, visitor)
    }
}
