//! What was erased goes from the engine's files too, some time later.

use std::time::Duration;

use crate::domain::ports::LATEST;
use crate::domain::{Commit, Index, Key, Read, Timestamp, Write};
use crate::flow::context::{Flow, Unavailable};
use crate::flow::workspace::Workspace;
use crate::telemetry::Fact;

/// So long after an erasure: several of one day cost one rewriting of the files. Well below the 24 hours within which
/// it has to be done.
const AFTER: Duration = Duration::from_hours(1);

impl Flow {
    /// Has the store rewrite its files if something was erased an hour ago or earlier that may still be in them. `true` = it
    /// was done.
    ///
    /// # Errors
    /// If the store does not answer, or will not do it; it is due still, then.
    pub async fn purge_due(&self, workspace: &Workspace) -> Result<bool, Unavailable> {
        let stored = self.read_one(&workspace.name, Key::Purged).await?;
        let version = stored.as_ref().map_or(0, |stored| stored.version);
        let done = stored
            .and_then(|stored| std::str::from_utf8(&stored.body).ok()?.parse().ok())
            .map_or(Timestamp::EPOCH, Timestamp::from_millis);
        let from = done.as_millis() + 1;
        let erased =
            self.store.list(&workspace.name, &Index::Erasures, from, LATEST, false, 1).await;
        let erased = erased.map_err(|error| self.troubled("list", error))?;
        let now = self.now();
        let due =
            erased.first().is_some_and(|(_, at)| Timestamp::from_millis(*at).after(AFTER) <= now);
        if !due {
            return Ok(false);
        }
        self.store.purge().await.map_err(|error| self.troubled("purge", error))?;
        let commit = Commit {
            workspace: workspace.name.clone(),
            now,
            claim: None,
            reads: vec![Read { key: Key::Purged, version }],
            writes: vec![Write::Put {
                key: Key::Purged,
                version: version + 1,
                with_receipt: false,
                body: now.as_millis().to_string().into_bytes(),
                until: None,
            }],
            indexes: Vec::new(),
            branches: Vec::new(),
            journal: Vec::new(),
            lease: None,
        };
        let noted = self.store.commit(&commit).await;
        noted.map_err(|error| self.troubled("purge", error))?;
        self.telemetry.record(&Fact::StorePurged { workspace: &workspace.name });
        Ok(true)
    }
}
