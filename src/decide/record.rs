//! Writing stored values down.

use serde::Serialize;

use crate::domain::{
    InquiryEntry, JournalRow, Key, Lead, Name, Qualification, Record, Status, Timestamp, Write,
    packing,
};

/// JSON bytes of a stored value.
///
/// The types written here (structs, lists, maps with text keys) always have a JSON form; an empty value
/// in its stead would be a record lost, so this one place stops instead.
#[expect(
    clippy::expect_used,
    reason = "only maps with other keys than texts fail, and there are none"
)]
pub(super) fn json<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    serde_json::to_writer(&mut bytes, value).expect("stored types have a JSON form");
    bytes
}

/// Most leads and inquiries are shorter: their bytes are written where they lie.
const USUAL_BYTES: usize = 2048;

/// The packed bytes of a stored value, for what every inquiry writes.
#[expect(clippy::expect_used, reason = "as in `json`")]
pub(super) fn packed<T: Serialize>(value: &T) -> Vec<u8> {
    let bytes = packing::packed(value).expect("stored types have a JSON form");
    debug_assert_eq!(packing::unpack(bytes.clone()), Some(json(value)));
    bytes
}

/// Puts a lead, the receipt beside it.
pub(super) fn put_lead(lead: &Lead, version: u64, until: Option<Timestamp>) -> Write {
    Write::Put { key: Key::Lead(lead.id), version, with_receipt: true, body: packed(lead), until }
}

/// Puts an inquiry's entry, the receipt beside it.
pub(super) fn put_entry(entry: &InquiryEntry, version: u64, until: Option<Timestamp>) -> Write {
    Write::Put {
        key: Key::Inquiry(entry.inquiry.id),
        version,
        with_receipt: true,
        body: packed(entry),
        until,
    }
}

/// A record in which no rule was asked.
pub(super) fn record(
    config: &str,
    overlay: u64,
    status: Option<Status>,
    qualification: Qualification,
) -> Record {
    Record {
        config: config.to_owned(),
        overlay,
        status,
        qualification,
        rules: String::new(),
        rule: None,
        row: None,
        owners: Vec::new(),
        matched_on: Vec::new(),
        refused: Vec::new(),
        merged: Vec::new(),
        account_owner: None,
        ruled_out: Vec::new(),
    }
}

/// A journal row that says only when and what.
pub(super) fn row(at: Timestamp, fact: &'static str) -> JournalRow {
    JournalRow::new(at, Name::fixed(fact))
}
