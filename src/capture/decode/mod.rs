//! From bytes to leaves: every encoding becomes the same flat list of paths and texts, within the
//! source's limits. Numbers keep the digits they were sent with.

mod body;
mod card;
mod csv;
pub(super) mod form;
mod json;
mod multipart;
mod nested;
mod pieces;
mod rows;
mod text;
mod vcard;
mod walk;
mod xml;

pub(super) use body::{DecodeError, Decoded, Leaf, Shape, cut, single};
pub(super) use pieces::pieces;
pub(super) use rows::{Row, Rows, rows};
pub(super) use text::in_utf8;

use body::Reader;
