//! By what an inquiry is known when it is sent again, and for how long: an idempotency key, the sender's id of the event, or
//! what it says.

use std::time::Duration;

use super::context::Flow;
use super::inquiry::Caller;
use super::privacy::REMEMBERED;
use super::workspace::Workspace;
use crate::capture::Source;
use crate::domain::{Claim, InquiryId, Name, Submission, Timestamp};

/// A form without an id: the same answers within this time are the same submission.
const FORM_TTL: Duration = Duration::from_mins(10);
/// Google's test button always sends the same id.
const TEST_TTL: Duration = Duration::from_mins(1);

impl Flow {
    /// What is claimed for an inquiry.
    pub(super) fn claim_for(
        &self,
        (workspace, source): (&Workspace, &Source),
        submission: &Submission,
        caller: &Caller,
        id: InquiryId,
        now: Timestamp,
    ) -> Claim {
        let scope: &[u8] = if submission.is_test { b"test" } else { b"real" };
        let ids = workspace.decide.claim_ttl;
        if let Some(key) = &caller.idempotency_key {
            let who = caller.api_key.as_ref().map_or("", Name::as_str);
            let scope = [scope, who.as_bytes()];
            let key = self.claim_key(source.name(), "key", key.as_bytes(), &scope);
            let mut claim = claim(key, id, now.after(ids));
            let hash = self.pepper.hash("content", &[&submission.content]);
            claim.fingerprint.copy_from_slice(&hash[..8]);
            return claim;
        }
        let ttl = |otherwise| if submission.is_test { TEST_TTL } else { otherwise };
        if let Some(event) = &submission.event_id {
            // What is to be forgotten some day is found by it.
            let age = ttl(if source.tells_of_erasures() { REMEMBERED } else { ids });
            let key = self.claim_key(source.name(), "event", event.as_bytes(), &[scope]);
            return claim(key, id, now.after(age));
        }
        let form = FORM_TTL.max(caller.proof_holds_for);
        let age = ttl(if caller.batch_row { ids } else { form });
        let key = self.claim_key(source.name(), "content", &submission.content, &[scope]);
        claim(key, id, now.after(age))
    }

    /// What is claimed for an inquiry whose idempotency key stands for another one: what it says.
    pub(super) fn claim_of_content(
        &self,
        (workspace, source): (&Workspace, &Source),
        content: &[u8],
        id: InquiryId,
        now: Timestamp,
    ) -> Claim {
        let key = self.claim_key(source.name(), "content", content, &[]);
        claim(key, id, now.after(workspace.decide.claim_ttl))
    }

    /// Under which keys an id that the sender gave may be remembered: as an event's, the first of them, or as an
    /// idempotency key without an API key.
    pub(super) fn claims_of(&self, source: &Name, id: &str) -> [[u8; 16]; 4] {
        let key = |kind, scope: &[&[u8]]| self.claim_key(source, kind, id.as_bytes(), scope);
        [
            key("event", &[b"real"]),
            key("key", &[b"real", b""]),
            key("event", &[b"test"]),
            key("key", &[b"test", b""]),
        ]
    }

    fn claim_key(&self, source: &Name, kind: &str, what: &[u8], scope: &[&[u8]]) -> [u8; 16] {
        let mut parts = vec![kind.as_bytes(), source.as_str().as_bytes(), what];
        parts.extend_from_slice(scope);
        let hash = self.pepper.hash("claim", &parts);
        let mut key = [0; 16];
        key.copy_from_slice(&hash[..16]);
        key
    }
}

fn claim(key: [u8; 16], inquiry: InquiryId, until: Timestamp) -> Claim {
    Claim { key, fingerprint: [0; 8], inquiry, until }
}
