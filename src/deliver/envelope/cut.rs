//! Cutting free text so that a body stays short.

/// How much of what people wrote goes out.
pub(super) struct Limits {
    /// Bytes of one free text (answers, messages), as JSON.
    pub(super) text: usize,
    /// Bytes of one contact or company field, as JSON.
    pub(super) field: usize,
    /// Entries of one list.
    pub(super) items: usize,
}

/// Fullest first. The last one fits whatever was sent: about sixty short texts.
pub(super) const LEVELS: &[Limits] = &[
    Limits { text: 4000, field: 500, items: 100 },
    Limits { text: 1000, field: 250, items: 50 },
    Limits { text: 250, field: 120, items: 25 },
    Limits { text: 60, field: 60, items: 10 },
];

/// The beginning of a text that needs at most `budget` bytes inside a JSON string, with an ellipsis
/// where something is missing.
pub(super) fn cut(text: &str, budget: usize) -> String {
    let cost = |c: char| match c {
        '"' | '\\' | '\n' | '\r' | '\t' => 2,
        c if u32::from(c) < 0x20 => 6,
        c => c.len_utf8(),
    };
    let mut spent = 0;
    let mut end = 0;
    for (at, c) in text.char_indices() {
        spent += cost(c);
        if spent > budget {
            return format!("{}…", &text[..end]);
        }
        if spent + '…'.len_utf8() <= budget {
            end = at + c.len_utf8();
        }
    }
    text.to_owned()
}
