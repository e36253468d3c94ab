//! Other words for dispositions, as the field uses them.

use crate::domain::Disposition;

/// Words of CRMs and lead exchanges, in the form of [`plain`].
pub(super) const KNOWN: &[(&str, Disposition)] = &[
    ("mql", Disposition::FirstLevelQualified),
    ("sal", Disposition::Accepted),
    ("working", Disposition::Accepted),
    ("in_progress", Disposition::Accepted),
    ("attempted", Disposition::NoAnswer),
    ("attempted_to_contact", Disposition::NoAnswer),
    ("voicemail", Disposition::NoAnswer),
    ("unresponsive", Disposition::NoAnswer),
    ("connected", Disposition::Contacted),
    ("meeting_booked", Disposition::Contacted),
    ("sql", Disposition::Qualified),
    ("opportunity", Disposition::Qualified),
    ("closed_won", Disposition::Won),
    ("closedwon", Disposition::Won),
    ("customer", Disposition::Won),
    ("conversion", Disposition::Won),
    ("closed_lost", Disposition::Lost),
    ("closedlost", Disposition::Lost),
    ("bad_timing", Disposition::TimelineLater),
    ("not_now", Disposition::TimelineLater),
    ("unqualified", Disposition::NotAFit),
    ("disqualified", Disposition::NotAFit),
    ("return", Disposition::NotAFit),
    ("junk", Disposition::BadData),
    ("junk_lead", Disposition::BadData),
    ("spam", Disposition::BadData),
    ("do_not_contact", Disposition::Unsubscribed),
    ("opted_out", Disposition::Unsubscribed),
];

/// A word without what people write differently: small letters, everything else but letters and digits one `_`.
pub(super) fn plain(word: &str) -> String {
    let mut plain = String::with_capacity(word.len());
    for letter in word.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            plain.push(letter);
        } else if !plain.is_empty() && !plain.ends_with('_') {
            plain.push('_');
        }
    }
    plain.truncate(plain.trim_end_matches('_').len());
    plain
}
