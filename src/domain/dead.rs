//! Why a delivery was given up: on whose side the trouble is, and what it is called.

use super::status::closed_list;
use super::{DeliveryState, Verdict};

closed_list! {
    /// On whose side the trouble of a dead letter is.
    DeadKind {
        /// The event could not be told: nobody answered, or nothing of use; we were not let in; the guard, a
        /// token or our own template stood in the way. It may be taken once that is mended.
        Fault = "fault",
        /// The receiver answered and said no to this event. It will again, unless the data or the receiver changes.
        Refusal = "refusal",
    }
}

impl DeadKind {
    /// As a job's kept state says; a state that is not ours to read is a fault.
    #[must_use]
    pub fn of_state(state: &[u8]) -> Self {
        serde_json::from_slice::<DeliveryState>(state).map_or(Self::Fault, |state| state.kind())
    }
}

impl DeliveryState {
    /// Whether it was given up and waits for a person.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        matches!(self.ended.as_deref(), Some(Self::DEAD | Self::UNREADABLE))
    }

    /// On whose side the trouble of the newest attempt is.
    #[must_use]
    pub fn kind(&self) -> DeadKind {
        let Some(last) = self.attempts.last() else { return DeadKind::Fault };
        match (last.verdict, last.http_status) {
            // Not let in is no answer to the event; and without a status nobody was asked: our own template could not
            // be filled in.
            (Verdict::Refused, Some(401 | 403 | 407)) => DeadKind::Fault,
            (Verdict::Invalid, Some(_)) | (Verdict::Refused, Some(400..=499)) => DeadKind::Refusal,
            _ => DeadKind::Fault,
        }
    }

    /// What the newest attempt met, in a word: `http_503`, `timeout`, `blocked_address` …; `given_up` without one.
    #[must_use]
    pub fn problem(&self) -> String {
        let Some(last) = self.attempts.last() else { return "given_up".to_owned() };
        match (last.http_status, &last.error) {
            (Some(status), _) => format!("http_{status}"),
            (None, Some(error)) => error.clone(),
            (None, None) => last.verdict.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Attempt, AttemptId, Timestamp};

    fn ended(verdict: Verdict, http_status: Option<u16>, error: Option<&str>) -> DeliveryState {
        let attempt = Attempt {
            id: AttemptId::from_bytes([1; 16]),
            at: Timestamp::EPOCH,
            verdict,
            http_status,
            error: error.map(str::to_owned),
            step: None,
            said: None,
            took_ms: 1,
            next: None,
        };
        DeliveryState { count: 1, attempts: vec![attempt], ..DeliveryState::default() }
    }

    #[test]
    fn faults_and_refusals_are_told_apart() {
        use {DeadKind as Kind, Verdict as V};
        for (verdict, status, error, kind, problem) in [
            (V::Retriable, None, Some("timeout"), Kind::Fault, "timeout"),
            (V::Retriable, Some(503), Some("status"), Kind::Fault, "http_503"),
            (V::Retriable, Some(429), Some("limited"), Kind::Fault, "http_429"),
            (V::Blocked, None, Some("blocked_address"), Kind::Fault, "blocked_address"),
            (V::Credentials, Some(401), Some("credentials"), Kind::Fault, "http_401"),
            (V::Refused, Some(403), Some("status"), Kind::Fault, "http_403"),
            (V::Refused, Some(302), Some("redirect"), Kind::Fault, "http_302"),
            (V::Refused, None, Some("bad_request"), Kind::Fault, "bad_request"),
            (V::Invalid, None, Some("invalid"), Kind::Fault, "invalid"),
            (V::Invalid, Some(200), Some("invalid"), Kind::Refusal, "http_200"),
            (V::Invalid, Some(422), Some("invalid"), Kind::Refusal, "http_422"),
            (V::Refused, Some(400), Some("status"), Kind::Refusal, "http_400"),
            (V::Refused, Some(404), Some("status"), Kind::Refusal, "http_404"),
        ] {
            let state = ended(verdict, status, error);
            assert_eq!((state.kind(), state.problem().as_str()), (kind, problem), "{state:?}");
            let kept = serde_json::to_vec(&state).unwrap();
            assert_eq!(DeadKind::of_state(&kept), kind);
        }
        assert_eq!(DeadKind::of_state(b"not ours"), DeadKind::Fault);
        assert_eq!(DeliveryState::default().problem(), "given_up");
    }
}
