//! Configurations of the past, so that a record made by one reads with its names: compiled again from
//! the bundles that the store keeps by hash.

use std::collections::VecDeque;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use super::context::{Flow, Unavailable};
use super::workspace::Workspace;
use crate::decide::Configuration;
use crate::domain::{Key, Name};

/// Compiles a bundle (workspace, hash, the files as one JSON object); `None` if this version cannot
/// read it any more.
pub type Recompile = Box<dyn Fn(&Name, &str, &[u8]) -> Option<Configuration> + Send + Sync>;

/// So many are kept compiled.
const KEPT: usize = 16;

/// The lately used ones, the newest last. What could not be compiled is remembered too.
#[derive(Default)]
pub(super) struct Past {
    recompile: Option<Recompile>,
    kept: Mutex<VecDeque<Kept>>,
}

type Kept = (Name, String, Option<Arc<Configuration>>);

impl fmt::Debug for Past {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Past").finish_non_exhaustive()
    }
}

/// The configuration that a record's names are read by.
#[derive(Debug, Clone)]
pub enum MadeBy<'a> {
    /// The one in force made it.
    Current(&'a Configuration),
    /// An older one, compiled again.
    Past(Arc<Configuration>),
    /// An older one that is not to be had: numbers stay numbers. Holds the one in force, whose hash is
    /// not the record's.
    Gone(&'a Configuration),
}

impl Deref for MadeBy<'_> {
    type Target = Configuration;

    fn deref(&self) -> &Configuration {
        match self {
            Self::Current(configuration) | Self::Gone(configuration) => configuration,
            Self::Past(configuration) => configuration,
        }
    }
}

impl Past {
    pub(super) fn new(recompile: Recompile) -> Self {
        Self { recompile: Some(recompile), kept: Mutex::default() }
    }

    /// What was come to the last time: [`None`] inside if it could not be compiled.
    #[expect(clippy::option_option, reason = "not looked at yet, and looked at in vain")]
    fn known(&self, workspace: &Name, hash: &str) -> Option<Option<Arc<Configuration>>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let place = kept.iter().position(|(of, by, _)| of == workspace && by == hash)?;
        let found = kept.remove(place)?;
        let configuration = found.2.clone();
        kept.push_back(found);
        Some(configuration)
    }

    fn keep(&self, workspace: &Name, hash: &str, configuration: Option<Arc<Configuration>>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back((workspace.clone(), hash.to_owned(), configuration));
        if kept.len() > KEPT {
            kept.pop_front();
        }
    }
}

impl Flow {
    /// The configuration that made a record, by the hash in it.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn made_by<'a>(
        &self,
        workspace: &'a Workspace,
        hash: &str,
    ) -> Result<MadeBy<'a>, Unavailable> {
        let current = &workspace.decide;
        if current.hash == hash {
            return Ok(MadeBy::Current(current));
        }
        let Some(recompile) = &self.past.recompile else { return Ok(MadeBy::Gone(current)) };
        let found = if let Some(found) = self.past.known(&workspace.name, hash) {
            found
        } else {
            let Some(key) = bundle_key(hash) else { return Ok(MadeBy::Gone(current)) };
            let stored = self.read_one(&workspace.name, key).await?;
            let compiled = stored
                .and_then(|stored| recompile(&workspace.name, hash, &stored.body))
                .map(Arc::new);
            self.past.keep(&workspace.name, hash, compiled.clone());
            compiled
        };
        Ok(found.map_or(MadeBy::Gone(current), MadeBy::Past))
    }
}

/// 32 hexadecimal digits as the store's key.
fn bundle_key(hash: &str) -> Option<Key> {
    uuid::Uuid::try_parse(hash).ok().map(|hash| Key::Bundle(hash.into_bytes()))
}
