//! What a source's proof says beyond that it holds.

use std::time::Duration;

use super::request::Request;
use super::source::Source;
use super::verify::Verifier;
use crate::domain::Timestamp;

impl Source {
    /// How long the very same request, sent again by whoever saw it, would be proved again. What has no event id is known
    /// by its content for at least that long.
    #[must_use]
    pub fn proof_holds_for(&self) -> Duration {
        match &self.verifier {
            Verifier::Signed(signature) => signature.holds_for(),
            _ => Duration::ZERO,
        }
    }

    /// Whether its requests are signed. A key that comes with each of them may have become known to others.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        matches!(
            &self.verifier,
            Verifier::Signed(_) | Verifier::Jws { .. } | Verifier::StandardWebhooks { .. }
        )
    }

    /// Whether it may say some day that what it sent is to be forgotten.
    #[must_use]
    pub fn tells_of_erasures(&self) -> bool {
        self.preset.erasure_of.is_some()
    }

    /// Whether its requests are signed, but not the headers in which they could name themselves: whoever repeats one
    /// could call it another.
    #[must_use]
    pub fn signs_no_id(&self) -> bool {
        match &self.verifier {
            Verifier::Signed(signature) => !signature.covers_id(),
            Verifier::Jws { .. } => true,
            _ => false,
        }
    }

    /// Which of several forms of what is signed held, where the vendor's text leaves it open.
    #[must_use]
    pub fn signed_form(&self, request: &Request, now: Timestamp) -> Option<&str> {
        match &self.verifier {
            Verifier::Signed(signature) if signature.has_forms() => signature.form(request, now),
            _ => None,
        }
    }
}
