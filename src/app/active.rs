//! The loaded configuration as each room wants to see it.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::capture::SigningKeys;
use crate::config::{Loaded, Reloader};
use crate::deliver::{Destination, Directory};
use crate::domain::{InquiryId, Name, Timestamp};
use crate::flow::{AlertSettings, Recompile, Workspace};
use crate::http::Active;
use crate::http::keys::Scope;

/// The name under which the process's own key acts.
#[expect(clippy::expect_used, reason = "a start-up proof: a literal that is a name")]
fn runtime() -> Name {
    Name::parse("runtime").expect("a literal name")
}

/// For the handlers, in force from now on. The process's own key (in the runtime file) is among the
/// keys.
pub fn active(loaded: &Loaded, runtime_key: &str, now: Timestamp) -> Active {
    let public_url = loaded.server.public_url.as_ref();
    let public_url = public_url.map(|url| url.as_str().trim_end_matches('/').to_owned());
    let workspace = |from: &crate::config::Workspace| Workspace {
        name: from.name.clone(),
        hash: from.hash.clone(),
        sources: from.sources.clone(),
        decide: from.decide.clone(),
        unreadable_ttl: from.settings.retention.unreadable.0,
        returned_ttl: from.settings.retention.returned.0,
        zone: jiff::tz::TimeZone::get(&from.settings.zone).unwrap_or(jiff::tz::TimeZone::UTC),
        country: from.settings.country.clone(),
        public_url: public_url.clone(),
        // Proved to be of the right form when the file was read.
        dispositions: SigningKeys::compile(&from.settings.dispositions.secrets).unwrap_or_default(),
        alerts: AlertSettings {
            destination: from.settings.alerts.destination.clone(),
            oldest_undelivered: from.settings.alerts.oldest_undelivered.0,
            silent: from
                .settings
                .alerts
                .source_silent
                .iter()
                .map(|(source, after)| (source.clone(), after.0))
                .collect(),
        },
    };
    let workspaces: BTreeMap<Name, Arc<Workspace>> = loaded
        .workspaces
        .iter()
        .map(|(name, from)| (name.clone(), Arc::new(workspace(from))))
        .collect();
    Active {
        workspaces,
        keys: loaded.keys.clone().with_key(runtime(), runtime_key, Scope::ALL),
        trusted_proxies: loaded.server.trusted_proxies.clone(),
        hash: loaded.hash.clone(),
        since: now,
        shown: Arc::clone(&loaded.shown),
        public: loaded.server.public_base(),
    }
}

/// How old records come by their names: bundles compiled as the files of now are.
pub fn recompile(reloader: &Arc<Reloader>) -> Recompile {
    let reloader = Arc::clone(reloader);
    Box::new(move |workspace, hash, bundle| reloader.recompile(workspace, hash, bundle))
}

/// For the courier: always the configuration in force.
pub struct Configured {
    pub loaded: Arc<ArcSwap<Loaded>>,
    /// Base of record links where a workspace names none.
    pub private_url: String,
}

impl Directory for Configured {
    fn destination(&self, workspace: &Name, queue: &Name) -> Option<Arc<Destination>> {
        let loaded = self.loaded.load();
        loaded.workspaces.get(workspace)?.destinations.get(queue).cloned()
    }

    fn line(&self, workspace: &Name, config: &str, line: u16) -> Option<String> {
        let loaded = self.loaded.load();
        let workspace = loaded.workspaces.get(workspace)?;
        if workspace.hash != config {
            return None;
        }
        Some(workspace.decide.qualifier.line(line)?.text.clone())
    }

    fn record_url(&self, workspace: &Name, inquiry: InquiryId) -> Option<String> {
        let loaded = self.loaded.load();
        let settings = &loaded.workspaces.get(workspace)?.settings;
        Some(match &settings.record_url {
            Some(url) => url.replace("{inquiry}", &inquiry.to_string()),
            None => format!("{}/v1/{workspace}/inquiries/{inquiry}/record", self.private_url),
        })
    }
}
