//! From leaves to a submission: what each value means by the source's names; what nothing takes becomes an
//! answer, so that nothing a person said is lost.

use crate::domain::{Consent, Flag, Submission, Timestamp};

use super::content;
use super::decode::{Decoded, Leaf};
use super::redact::scrubbed;
use super::sorting::{Origin, Sorting};
use super::source::Source;
use super::special::Specials;

/// What mapping needs beside the leaves.
pub(super) struct Context<'a> {
    pub(super) source: &'a Source,
    pub(super) now: Timestamp,
    /// The page's origin is not listed.
    pub(super) unlisted_origin: bool,
    /// A row of a batch: its content is its cells as sent.
    pub(super) row: bool,
    /// Somebody asks what became of each value.
    pub(super) traced: bool,
}

/// A submission and the page the form asked for.
pub(super) struct Mapped {
    pub(super) submission: Submission,
    pub(super) thanks_page: Option<String>,
    /// What became of each value, if it was asked for.
    pub(super) origins: Vec<Origin>,
}

/// Maps a decoded body or row.
pub(super) fn map(context: &Context, decoded: Decoded) -> Mapped {
    let source = context.source;
    let Decoded { leaves, truncated, key_twice, .. } = decoded;
    let mut sorting = Sorting::new(context);
    let mut leaves: Vec<Leaf> = leaves.into_iter().filter_map(|leaf| clean(source, leaf)).collect();
    let row_content = context.row.then(|| content::of_row(&leaves));
    let specials = Specials::take(context, &mut leaves);
    for leaf in leaves {
        sorting.sort(leaf);
    }
    sorting.settle_time();
    sorting.read_pages();
    if source.preset.find_email {
        sorting.find_email();
    }
    let mut flags = std::mem::take(&mut sorting.flags);
    for (set, flag) in [
        (truncated, Flag::Truncated),
        (key_twice, Flag::KeyTwice),
        (context.unlisted_origin, Flag::UnlistedOrigin),
        (specials.filled_fast, Flag::FilledFast),
    ] {
        if set {
            let _ = flags.insert(flag);
        }
    }
    let fields = sorting.taken_fields();
    let at = sorting.occurred_at.unwrap_or(context.now);
    let mut consents = std::mem::take(&mut sorting.consents);
    for (n, consent) in &mut consents {
        consent.at = at;
        consent.text = sorting.consent_texts.remove(n).or(consent.text.take());
    }
    let consents: Vec<Consent> = consents.into_values().collect();
    let same_by =
        row_content.unwrap_or_else(|| content::of_form(&fields, &sorting.answers, &consents));
    let submission = Submission {
        source: source.name.clone(),
        channel: source.channel,
        event_id: specials.event_id,
        is_test: specials.is_test,
        filtered: specials.filtered_by.is_some(),
        filtered_by: specials.filtered_by,
        challenge: specials.challenge,
        erases: specials.erases,
        reference: specials.reference,
        fields,
        answers: sorting.answers,
        consents,
        attribution: sorting.attribution,
        occurred_at: sorting.occurred_at,
        flags: flags.into_iter().collect(),
        content: same_by,
    };
    let origins = specials.origins.into_iter().chain(sorting.origins).collect();
    Mapped { submission, thanks_page: specials.thanks_page, origins }
}

/// A leaf without the source's secrets; none if it is one.
fn clean(source: &Source, leaf: Leaf) -> Option<Leaf> {
    if source.secret_paths.iter().any(|path| leaf.is_at(path)) {
        return None;
    }
    if source.secrets.is_empty() {
        return Some(leaf);
    }
    let clean = |texts: Vec<String>| {
        texts.into_iter().map(|text| scrubbed(text, &source.secrets)).collect()
    };
    Some(Leaf { path: clean(leaf.path), values: clean(leaf.values), ..leaf })
}
