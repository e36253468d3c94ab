//! What was concluded about one inquiry, and why.

use serde::{Deserialize, Serialize};

use super::{
    AccountOwner, Assignment, Commit, Inquiry, Lead, LeadId, Name, OwnerStep, PoolPick,
    Qualification, Status,
};

/// Why a decision came out as it did, compact: indexes into the configuration named by `config`,
/// expanded to names and prose on read. Kept with the inquiry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Content hash of the configuration bundle, 32 hexadecimal digits.
    pub config: String,
    /// Revision of the overlay.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub overlay: u64,
    /// Set where the status does not depend on the branch: filtered, test, repeat, unreadable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    pub qualification: Qualification,
    /// What each routing rule up to the winner said, in order: `y` match, `n` no match, `m` a field
    /// was missing, `e` error, `-` not asked because it does not ask for the category of what is to be
    /// discarded. Rules after the winner were not asked. Written with runs counted (`n17y`), for there may be
    /// many.
    #[serde(with = "runs")]
    pub rules: String,
    /// The rule that won; `None` = the fallback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Name>,
    /// The line of its decision table's row that won, if it has a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    /// Who was asked before the rules' pools, in order: the plan's first branches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<(OwnerStep, Name)>,
    /// By which index keys a known person was found: `email`, `phone_name`, `external_id` …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matched_on: Vec<String>,
    /// Leads that share a key but were judged to be somebody else, with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<(LeadId, String)>,
    /// Other records of the same person, which this inquiry showed to be one: they went up in the lead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<LeadId>,
    /// Who owns the company's account, as far as that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_owner: Option<AccountOwner>,
    /// Members that were not candidates, with the reason (`paused`, `previous_owner` …).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ruled_out: Vec<(Name, String)>,
}

/// What `decide` returns: the conclusion and the commit that makes it so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub inquiry: Inquiry,
    /// As it will be stored, assignment pending. None for filtered ones.
    pub lead: Option<Lead>,
    /// Whether the lead was known before.
    pub known: bool,
    pub record: Record,
    pub assignment: Assignment,
    /// For showing, of a test, of which the commit picks nobody: what the plan would pick from, per branch.
    pub dry: Vec<Option<PoolPick>>,
    pub commit: Commit,
}

impl Decision {
    /// Whom the way of this number picks from, or would.
    #[must_use]
    pub fn pick(&self, way: usize) -> Option<&PoolPick> {
        let branch = self.commit.branches.get(way).and_then(|branch| branch.pick.as_ref());
        branch.or_else(|| self.dry.get(way)?.as_ref())
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Letters, with the length of a run behind its letter where that is shorter: `nnnnny` as `n5y`.
mod runs {
    use std::borrow::Cow;
    use std::fmt::Write as _;

    use serde::{Deserialize, Deserializer, Serializer};

    /// No configuration has so many rules.
    const RUN_MAX: usize = 1 << 20;

    pub(super) fn serialize<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
        let mut written = String::with_capacity(text.len().min(64));
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let end = rest.find(|c| c != letter).unwrap_or(rest.len());
            let count = end / letter.len_utf8();
            if count > 2 {
                // Writing to a string does not fail.
                let _ = write!(written, "{letter}{count}");
            } else {
                written.push_str(&rest[..end]);
            }
            rest = &rest[end..];
        }
        serializer.serialize_str(&written)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<String, D::Error> {
        let written = Cow::<'de, str>::deserialize(deserializer)?;
        let mut text = String::with_capacity(written.len());
        let mut rest = &*written;
        while let Some(letter) = rest.chars().next() {
            rest = &rest[letter.len_utf8()..];
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let count: usize = match &rest[..digits] {
                "" => 1,
                digits => digits.parse().map_err(serde::de::Error::custom)?,
            };
            if count > RUN_MAX || letter.is_ascii_digit() {
                return Err(serde::de::Error::custom("no rule's letters"));
            }
            text.extend(std::iter::repeat_n(letter, count));
            rest = &rest[digits..];
        }
        Ok(text)
    }

    #[cfg(test)]
    mod tests {
        #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        struct Kept(#[serde(with = "super")] String);

        #[test]
        fn runs_are_counted_and_read_back() {
            for (text, written) in [
                ("", ""),
                ("y", "y"),
                ("nny", "nny"),
                ("nnnny", "n4y"),
                ("---nmmmmmmmmmmme", "-3nm11e"),
            ] {
                let kept = Kept(text.to_owned());
                assert_eq!(serde_json::to_string(&kept).unwrap(), format!("\"{written}\""));
                // As it was written before, too.
                for form in [written, text] {
                    let read: Kept = serde_json::from_str(&format!("\"{form}\"")).unwrap();
                    assert_eq!(read, kept);
                }
            }
            for wrong in ["7n", "n9999999", "n99999999999999999999999"] {
                assert!(serde_json::from_str::<Kept>(&format!("\"{wrong}\"")).is_err());
            }
        }
    }
}
