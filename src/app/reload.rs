//! Taking a changed configuration into force: by looking now and then, by SIGHUP, by the API. One way,
//! one look at a time, and never a bad one for a good one.

use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};
use async_trait::async_trait;
use tokio::sync::Mutex;

use super::active::{Flags, active};
use super::loops::keep_bundles;
use crate::config::{ConfigError, Reloader, Severity};
use crate::domain::Name;
use crate::domain::ports::{Clock, Store};
use crate::http::Active;
use crate::http::configuration::{Finding, Refused, Reload, Reloaded};
use crate::telemetry::{Fact, Telemetry};

/// What made us look.
#[derive(Debug, Clone)]
pub enum Asked {
    /// Nobody: it was time.
    Poll,
    /// SIGHUP.
    Signal,
    /// A key of this name.
    Api(Name),
}

impl Asked {
    fn words(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Poll => ("poll", None),
            Self::Signal => ("signal", None),
            Self::Api(by) => ("api", Some(by.as_str())),
        }
    }
}

/// What is in force, as the handlers see it.
pub struct InForce {
    pub active: Arc<ArcSwap<Active>>,
    /// The process's own key is among the keys of every configuration.
    pub runtime_key: String,
    pub flags: Flags,
}

/// Looks at the files and takes what is good into force.
pub struct Reloading {
    reloader: Arc<Reloader>,
    force: InForce,
    refused: ArcSwapOption<Refused>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    telemetry: Telemetry,
    one_at_a_time: Mutex<()>,
}

impl std::fmt::Debug for Reloading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reloading").field("reloader", &self.reloader).finish_non_exhaustive()
    }
}

impl Reloading {
    /// Begins with what is in force.
    pub fn new(
        reloader: Arc<Reloader>,
        force: InForce,
        store: &Arc<dyn Store>,
        clock: &Arc<dyn Clock>,
        telemetry: &Telemetry,
    ) -> Self {
        Self {
            reloader,
            force,
            refused: ArcSwapOption::empty(),
            store: Arc::clone(store),
            clock: Arc::clone(clock),
            telemetry: telemetry.clone(),
            one_at_a_time: Mutex::new(()),
        }
    }

    /// Looks once, to the end: once files were read, nobody who stops waiting leaves half of it undone.
    pub async fn look(self: &Arc<Self>, asked: Asked) -> Reloaded {
        let this = Arc::clone(self);
        let looked = tokio::spawn(async move { this.look_alone(&asked).await }).await;
        looked.unwrap_or_else(|error| {
            let detail = error.to_string();
            self.telemetry.record(&Fact::LoopTroubled { name: "reload", detail: &detail });
            Reloaded::Failed
        })
    }

    async fn look_alone(&self, asked: &Asked) -> Reloaded {
        let _alone = self.one_at_a_time.lock().await;
        let looking = Arc::clone(&self.reloader);
        let (asked, by) = asked.words();
        match tokio::task::spawn_blocking(move || looking.poll()).await {
            Ok(crate::config::Reload::Unchanged) => self.unchanged(asked, by),
            Ok(crate::config::Reload::Swapped(loaded)) => {
                if let Err(error) = keep_bundles(self.store.as_ref(), &loaded).await {
                    super::loops::note(&self.telemetry, "bundle", &error);
                }
                let now = self.clock.now();
                let taken = active(&loaded, &self.force.runtime_key, &self.force.flags, now);
                self.force.active.store(Arc::new(taken));
                self.refused.store(None);
                let hash = &loaded.hash;
                self.telemetry.record(&Fact::ConfigurationReloaded { hash, asked, by });
                Reloaded::Swapped
            }
            Ok(crate::config::Reload::Refused(found)) => {
                let errors = found.iter().filter(|finding| finding.severity == Severity::Error);
                let findings = errors.map(finding).collect();
                let refused = Arc::new(Refused { at: self.clock.now(), findings });
                self.refuse(&refused, asked, by);
                self.refused.store(Some(Arc::clone(&refused)));
                Reloaded::Refused(refused)
            }
            Err(error) => {
                let detail = error.to_string();
                self.telemetry.record(&Fact::LoopTroubled { name: "reload", detail: &detail });
                Reloaded::Failed
            }
        }
    }

    /// Whoever asked is told again what was wrong; a look now and then says it once.
    fn unchanged(&self, asked: &'static str, by: Option<&str>) -> Reloaded {
        let refused = self.refused.load_full();
        if asked != "poll" {
            match &refused {
                Some(refused) => self.refuse(refused, asked, by),
                None => self.telemetry.record(&Fact::ConfigurationUnchanged { asked, by }),
            }
        }
        refused.map_or(Reloaded::Unchanged, Reloaded::Refused)
    }

    fn refuse(&self, refused: &Refused, asked: &'static str, by: Option<&str>) {
        let first = refused.findings.first().map(|finding| finding.text.as_str());
        let first = first.unwrap_or_default();
        let errors = refused.findings.len();
        self.telemetry.record(&Fact::ConfigurationRefused { errors, first, asked, by });
    }
}

fn finding(error: &ConfigError) -> Finding {
    Finding {
        file: error.file.clone(),
        line: error.line,
        column: error.column,
        message: error.message.clone(),
        suggestion: error.suggestion.clone(),
        text: error.to_string(),
    }
}

/// The way of the API.
#[derive(Debug)]
pub struct ByApi(pub Arc<Reloading>);

#[async_trait]
impl Reload for ByApi {
    async fn reload(&self, by: &Name) -> Reloaded {
        self.0.look(Asked::Api(by.clone())).await
    }

    fn refused(&self) -> Option<Arc<Refused>> {
        self.0.refused.load_full()
    }
}
