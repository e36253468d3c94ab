//! What all replicas know of a destination's token: one sealed value in the store.

use serde::{Deserialize, Serialize};

use super::turns::{Shared, TokenError};
use crate::domain::{Commit, CommitOutcome, Key, Name, Read, Timestamp, Write};

/// The value, sealed. Empty where there is nothing.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// What it was asked by.
    pub(super) of: String,
    pub(super) access: String,
    /// From then on whoever comes first renews it.
    pub(super) renew_at: Timestamp,
    pub(super) until: Timestamp,
    /// In place of the configured one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) refresh: Option<String>,
    /// Somebody is asking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) turn: Option<Turn>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) trouble: Option<Trouble>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Turn {
    pub(super) until: Timestamp,
}

/// A refusal that counts for all until then.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Trouble {
    pub(super) until: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// Too many were asked for: no refusal of ours.
    #[serde(default)]
    limited: bool,
}

impl Trouble {
    /// `None` = worth another try at once.
    pub(super) fn of(error: &TokenError, until: Timestamp) -> Option<Self> {
        match error {
            TokenError::Refused { status, code } => {
                Some(Self { until, status: *status, code: code.clone(), limited: false })
            }
            TokenError::Limited { status } => {
                Some(Self { until, status: Some(*status), code: None, limited: true })
            }
            _ => None,
        }
    }

    pub(super) fn error(&self) -> TokenError {
        match self.status {
            Some(status) if self.limited => TokenError::Limited { status },
            status => TokenError::Refused { status, code: self.code.clone() },
        }
    }
}

/// Where it stands.
pub(super) struct Kept<'a> {
    pub(super) shared: &'a Shared,
    pub(super) workspace: &'a Name,
    pub(super) destination: &'a Name,
}

impl Kept<'_> {
    fn name(&self) -> String {
        format!("token/{}", self.destination)
    }

    /// Nothing moves from one workspace or destination to another.
    fn about(&self) -> Vec<u8> {
        format!("{}/{}", self.workspace, self.name()).into_bytes()
    }

    /// The version and what is there; what was asked by something else, or cannot be opened, counts as nothing.
    pub(super) async fn read(&self, of: &str) -> Result<(u64, State), TokenError> {
        let key = Key::Sealed(self.name());
        let values = self.shared.store.read(self.workspace, &[key]).await?;
        let Some(stored) = values.into_iter().next().flatten() else {
            return Ok((0, State::default()));
        };
        let opened = self.shared.vault.open(&self.about(), &stored.body);
        let state = opened.and_then(|bytes| serde_json::from_slice::<State>(&bytes).ok());
        Ok((stored.version, state.filter(|state| state.of == of).unwrap_or_default()))
    }

    /// Writes it over that version; gives the new one, `None` = somebody else was faster.
    pub(super) async fn write(
        &self,
        version: u64,
        state: &State,
        now: Timestamp,
    ) -> Result<Option<u64>, TokenError> {
        let key = Key::Sealed(self.name());
        // Plain data: writing it cannot fail.
        let bytes = serde_json::to_vec(state).unwrap_or_default();
        let Some(body) = self.shared.vault.seal(&self.about(), &bytes) else {
            return Err(TokenError::Odd { status: 0 });
        };
        let new = version + 1;
        let put =
            Write::Put { key: key.clone(), version: new, with_receipt: false, body, until: None };
        let commit = Commit {
            workspace: self.workspace.clone(),
            now,
            claim: None,
            reads: vec![Read { key, version }],
            writes: vec![put],
            indexes: Vec::new(),
            branches: Vec::new(),
            journal: Vec::new(),
            lease: None,
        };
        let outcome = self.shared.store.commit(&commit).await?;
        Ok(matches!(outcome, CommitOutcome::Committed(_)).then_some(new))
    }
}
