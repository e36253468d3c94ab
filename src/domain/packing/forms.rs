//! The forms that serde knows, as JSON.

use serde::ser::{self, Serialize};

use super::numbers::{HEX, IDS, TIME};
use super::write::{Unwritable, Writer};

/// What serde calls [`crate::domain::Pii`].
const PERSONAL: &str = "Pii";

/// The name by which 16 bytes say that they are digits in quotes.
pub(in crate::domain) const DIGITS: &str = "digits";
/// The name by which the last 6 bytes of a number of milliseconds say that they are a time.
pub(in crate::domain) const MILLIS: &str = "millis";

/// Bytes of an id (named by its prefix), of [`DIGITS`] or [`MILLIS`], for who packs.
pub(in crate::domain) struct Packed<'b>(pub(in crate::domain) &'b [u8]);

impl Serialize for Packed<'_> {
    fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

fn code_of(name: &str) -> Option<u8> {
    match name {
        DIGITS => Some(HEX),
        MILLIS => Some(TIME),
        _ => (0..).zip(IDS).find(|(_, id)| &id[1..] == name.as_bytes()).map(|(code, _)| code),
    }
}

/// What stands between brackets: elements, fields, or keys and values.
pub(super) struct Between<'w> {
    writer: &'w mut Writer,
    is_first: bool,
    ends: &'static str,
}

impl<'w> Between<'w> {
    fn begin(writer: &'w mut Writer, begins: &str, ends: &'static str) -> Self {
        writer.say(begins);
        Self { writer, is_first: true, ends }
    }

    /// The only field of an object, named after the variant.
    fn of_variant(writer: &'w mut Writer, variant: &str, begins: &str, ends: &'static str) -> Self {
        writer.say("{\"");
        writer.say(variant);
        Self::begin(writer, begins, ends)
    }

    fn comma(&mut self) {
        if !std::mem::take(&mut self.is_first) {
            self.writer.run.push(b',');
        }
    }

    fn element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.comma();
        value.serialize(&mut *self.writer)
    }

    fn field<T: ?Sized + Serialize>(&mut self, key: &str, value: &T) -> Result<(), Unwritable> {
        self.comma();
        self.writer.run.push(b'"');
        self.writer.say(key);
        self.writer.say("\":");
        value.serialize(&mut *self.writer)
    }

    fn close(self) {
        self.writer.say(self.ends);
    }
}

macro_rules! integers {
    ($($method:ident: $type:ty,)*) => {$(
        fn $method(self, number: $type) -> Result<(), Unwritable> {
            self.integer(number);
            Ok(())
        }
    )*};
}

impl<'w> ser::Serializer for &'w mut Writer {
    type Ok = ();
    type Error = Unwritable;
    type SerializeSeq = Between<'w>;
    type SerializeTuple = Between<'w>;
    type SerializeTupleStruct = Between<'w>;
    type SerializeTupleVariant = Between<'w>;
    type SerializeMap = Between<'w>;
    type SerializeStruct = Between<'w>;
    type SerializeStructVariant = Between<'w>;

    integers! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
    }

    fn serialize_bool(self, value: bool) -> Result<(), Unwritable> {
        self.say(if value { "true" } else { "false" });
        Ok(())
    }

    fn serialize_f32(self, number: f32) -> Result<(), Unwritable> {
        self.serialize_f64(f64::from(number))
    }

    fn serialize_f64(self, number: f64) -> Result<(), Unwritable> {
        self.flush();
        serde_json::to_writer(&mut self.out, &number).map_err(ser::Error::custom)
    }

    fn serialize_char(self, value: char) -> Result<(), Unwritable> {
        self.text(value.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), Unwritable> {
        self.text(value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Unwritable> {
        let Some(code) = self.code else { return self.collect_seq(value) };
        self.number(code, value);
        Ok(())
    }

    /// Ids, keys and times are handed over as their bytes ([`Packed`]).
    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_none(self) -> Result<(), Unwritable> {
        self.serialize_unit()
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unwritable> {
        self.say("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unwritable> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Unwritable> {
        self.was_text = true;
        self.run.push(b'"');
        self.say(variant);
        self.run.push(b'"');
        Ok(())
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        let before = (self.is_personal, self.code);
        self.is_personal |= name == PERSONAL;
        self.code = code_of(name);
        value.serialize(&mut *self)?;
        (self.is_personal, self.code) = before;
        Ok(())
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        let mut between = Between::begin(self, "{", "}");
        between.field(variant, value)?;
        between.close();
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Between<'w>, Unwritable> {
        Ok(Between::begin(self, "[", "]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Between<'w>, Unwritable> {
        Ok(Between::begin(self, "[", "]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Between<'w>, Unwritable> {
        Ok(Between::begin(self, "[", "]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Between<'w>, Unwritable> {
        Ok(Between::of_variant(self, variant, "\":[", "]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Between<'w>, Unwritable> {
        Ok(Between::begin(self, "{", "}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Between<'w>, Unwritable> {
        Ok(Between::begin(self, "{", "}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Between<'w>, Unwritable> {
        Ok(Between::of_variant(self, variant, "\":{", "}}"))
    }
}

macro_rules! elements {
    ($($of:ident: $method:ident,)*) => {$(
        impl ser::$of for Between<'_> {
            type Ok = ();
            type Error = Unwritable;

            fn $method<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Unwritable> {
                self.element(value)
            }

            fn end(self) -> Result<(), Unwritable> {
                self.close();
                Ok(())
            }
        }
    )*};
}

elements! {
    SerializeSeq: serialize_element,
    SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field,
}

macro_rules! fields {
    ($($of:ident,)*) => {$(
        impl ser::$of for Between<'_> {
            type Ok = ();
            type Error = Unwritable;

            fn serialize_field<T: ?Sized + Serialize>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), Unwritable> {
                self.field(key, value)
            }

            fn end(self) -> Result<(), Unwritable> {
                self.close();
                Ok(())
            }
        }
    )*};
}

fields! { SerializeStruct, SerializeStructVariant, }

impl ser::SerializeMap for Between<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), Unwritable> {
        self.comma();
        self.writer.was_text = false;
        key.serialize(&mut *self.writer)?;
        let is_text = self.writer.was_text.then_some(());
        is_text.ok_or_else(|| ser::Error::custom("a key that is no text"))
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.writer.run.push(b':');
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Unwritable> {
        self.close();
        Ok(())
    }
}
