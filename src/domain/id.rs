//! Typed, prefixed ids. All are UUIDv7, minted outside the pure rooms and passed in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;
use uuid::fmt::Simple;

use super::packing::Packed;

/// The longest prefix and the digits.
const TEXT_BYTES_MAX: usize = 8 + Simple::LENGTH;

/// Why a text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an id of the form {prefix}<32 hexadecimal digits>")]
pub struct ParseIdError {
    prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// The text before the digits.
            pub const PREFIX: &'static str = $prefix;

            /// An id from its sixteen bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The sixteen bytes, as kept in the store.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl $name {
            /// The text, in a place on the stack.
            fn write_to<'b>(&self, place: &'b mut [u8; TEXT_BYTES_MAX]) -> &'b str {
                let length = $prefix.len() + Simple::LENGTH;
                place[..$prefix.len()].copy_from_slice($prefix.as_bytes());
                Uuid::from_bytes(self.0).simple().encode_lower(&mut place[$prefix.len()..length]);
                // Prefix and digits are ASCII.
                std::str::from_utf8(&place[..length]).unwrap_or($prefix)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.write_to(&mut [0; TEXT_BYTES_MAX]))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                let error = ParseIdError { prefix: $prefix };
                let digits = text.strip_prefix($prefix).ok_or(error.clone())?;
                if digits.len() != 32 {
                    return Err(error);
                }
                Uuid::try_parse(digits).map(|id| Self(id.into_bytes())).map_err(|_| error)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if !serializer.is_human_readable() {
                    return serializer.serialize_newtype_struct($prefix, &Packed(&self.0));
                }
                serializer.serialize_str(self.write_to(&mut [0; TEXT_BYTES_MAX]))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// One inquiry: what arrived, verified.
    InquiryId = "inq_";
    /// The record about one person at one company.
    LeadId = "lead_";
    /// One event on its way to one destination.
    DeliveryId = "dlv_";
    /// One HTTP try of a delivery.
    AttemptId = "att_";
    /// One thing that happened to a lead; goes out as `webhook-id`.
    EventId = "evt_";
    /// One large upload, worked off in chunks.
    BatchId = "bat_";
    /// One HTTP request, for logs and the `x-request-id` header.
    RequestId = "req_";
}

/// A run of ids derived from one minted UUIDv7: the same seed yields the same ids in the same
/// order, so that a decision can be repeated byte for byte.
///
/// The low 32 bits of the seed count up; the 42 random bits above them keep blocks apart.
#[derive(Debug, Clone)]
pub struct IdBlock {
    seed: u128,
    next: u32,
}

impl IdBlock {
    /// A block that begins at `seed`, the bytes of a freshly minted UUIDv7.
    #[must_use]
    pub fn new(seed: [u8; 16]) -> Self {
        Self { seed: u128::from_be_bytes(seed) & !0xffff_ffff, next: 0 }
    }

    /// The inquiry that an id was minted along with, if it was minted for one: a block begins with it.
    #[must_use]
    pub fn inquiry_beside(id: &[u8; 16]) -> InquiryId {
        InquiryId((u128::from_be_bytes(*id) & !0xffff_ffff).to_be_bytes())
    }

    /// The first `count` ids of the block that holds `id`.
    pub fn beside(id: &[u8; 16], count: u32) -> impl Iterator<Item = [u8; 16]> {
        let seed = u128::from_be_bytes(*id) & !0xffff_ffff;
        (0..count).map(move |next| (seed | u128::from(next)).to_be_bytes())
    }

    /// When a UUIDv7 was minted, by its first 48 bits.
    #[must_use]
    pub fn minted_at(id: &[u8; 16]) -> super::Timestamp {
        let millis = u128::from_be_bytes(*id) >> 80;
        super::Timestamp::from_millis(i64::try_from(millis).unwrap_or_default())
    }

    fn next_bytes(&mut self) -> [u8; 16] {
        let id = self.seed | u128::from(self.next);
        self.next += 1;
        id.to_be_bytes()
    }

    /// The next inquiry id.
    pub fn inquiry(&mut self) -> InquiryId {
        InquiryId(self.next_bytes())
    }

    /// The next lead id.
    pub fn lead(&mut self) -> LeadId {
        LeadId(self.next_bytes())
    }

    /// The next delivery id.
    pub fn delivery(&mut self) -> DeliveryId {
        DeliveryId(self.next_bytes())
    }

    /// The next event id.
    pub fn event(&mut self) -> EventId {
        EventId(self.next_bytes())
    }

    /// The next batch id.
    pub fn batch(&mut self) -> BatchId {
        BatchId(self.next_bytes())
    }
}
