//! The loaded configuration as each room wants to see it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;

use arc_swap::ArcSwap;
use async_trait::async_trait;

use crate::capture::SigningKeys;
use crate::config::{Loaded, Reloader, RetentionSettings};
use crate::deliver::{Destination, Directory, Lines, Link};
use crate::domain::{InquiryId, Lead, LeadId, Name, Timestamp};
use crate::flow::{AlertSettings, Flow, MadeBy, Recompile, Workspace};
use crate::http::Active;
use crate::http::configuration::{Origin, ShownFile, Step};
use crate::http::keys::Scope;

/// The name under which the process's own key acts.
#[expect(clippy::expect_used, reason = "a start-up proof: a literal that is a name")]
fn runtime() -> Name {
    Name::parse("runtime").expect("a literal name")
}

/// What the command line said instead of `server.yaml`: the key there, the flag, the address.
pub type Flags = Vec<(&'static str, &'static str, SocketAddr)>;

/// What is shown, with what the command line said in the place of what the file says. What an
/// environment variable said is shown as its own already.
fn with_flags(shown: &Arc<Vec<ShownFile>>, flags: &Flags) -> Arc<Vec<ShownFile>> {
    let mut files = Vec::clone(shown);
    let of_server = files.iter_mut().filter(|file| file.file == "server.yaml");
    for value in of_server.flat_map(|file| &mut file.values) {
        let [Step::Key(key)] = value.path.as_slice() else { continue };
        let Some((_, flag, address)) = flags.iter().find(|(name, ..)| name == key) else {
            continue;
        };
        let text = address.to_string();
        if value.origin != Origin::Environment || value.value != text.as_str() {
            value.value = text.into();
            value.origin = Origin::Flag;
            value.place = None;
            value.filled = vec![(*flag).to_owned()];
        }
    }
    Arc::new(files)
}

/// For the handlers, in force from now on. The process's own key (in the runtime file) is among the
/// keys.
pub fn active(loaded: &Loaded, runtime_key: &str, flags: &Flags, now: Timestamp) -> Active {
    let workspace = |from: &crate::config::Workspace| Workspace {
        name: from.name.clone(),
        hash: from.hash.clone(),
        sources: from.sources.clone(),
        says: from.says.clone(),
        decide: from.decide.clone(),
        retention: from.settings.retention.compile(),
        unreadable_ttl: from.settings.retention.unreadable.0,
        returned_ttl: from.settings.retention.returned.0,
        deliveries_ttl: from.settings.retention.deliveries.0,
        zone: jiff::tz::TimeZone::get(&from.settings.zone).unwrap_or(jiff::tz::TimeZone::UTC),
        country: from.settings.country.clone(),
        public_url: loaded.server.public_url.clone(),
        // Proved to be of the right form when the file was read.
        dispositions: SigningKeys::compile(&from.settings.dispositions.secrets).unwrap_or_default(),
        engagements: SigningKeys::compile(&from.settings.engagements.secrets).unwrap_or_default(),
        reports: from.settings.reports.compile().unwrap_or_default(),
        alerts: AlertSettings {
            destination: from.settings.alerts.destination.clone(),
            oldest_undelivered: from.settings.alerts.oldest_undelivered.0,
            oldest_dead: from.settings.alerts.oldest_dead.0,
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
        shown: with_flags(&loaded.shown, flags),
    }
}

/// How old records come by their names: bundles compiled as the files of now are.
pub fn recompile(reloader: &Arc<Reloader>) -> Recompile {
    let reloader = Arc::clone(reloader);
    Box::new(move |workspace, hash, bundle| reloader.recompile(workspace, hash, bundle))
}

/// For the courier: always the configuration in force.
pub struct Configured {
    loaded: Arc<ArcSwap<Loaded>>,
    active: Arc<ArcSwap<Active>>,
    /// Knows configurations of the past. It hands jobs over, so it must not be held by what they run on.
    flow: Weak<Flow>,
    /// Base of record links where a workspace names none.
    private_url: String,
}

impl Configured {
    /// What is in force, now and after every reload.
    pub fn new(
        loaded: &Arc<ArcSwap<Loaded>>,
        active: &Arc<ArcSwap<Active>>,
        flow: &Arc<Flow>,
        private_url: String,
    ) -> Self {
        let (loaded, active, flow) = (Arc::clone(loaded), Arc::clone(active), Arc::downgrade(flow));
        Self { loaded, active, flow, private_url }
    }
}

#[async_trait]
impl Directory for Configured {
    fn destination(&self, workspace: &Name, queue: &Name) -> Option<Arc<Destination>> {
        let loaded = self.loaded.load();
        loaded.workspaces.get(workspace)?.destinations.get(queue).cloned()
    }

    async fn lines(&self, workspace: &Name, config: &str) -> Lines {
        let workspace = self.active.load().workspaces.get(workspace).cloned();
        let Some((workspace, flow)) = workspace.zip(self.flow.upgrade()) else {
            return Box::new(|_| None);
        };
        let past = match flow.made_by(&workspace, config).await {
            Ok(MadeBy::Current(_)) => None,
            Ok(MadeBy::Past(configuration)) => Some(configuration),
            Ok(MadeBy::Gone(_)) | Err(_) => return Box::new(|_| None),
        };
        Box::new(move |line| {
            let made_by = past.as_deref().unwrap_or(&workspace.decide);
            Some(made_by.qualifier.line(line)?.text.clone())
        })
    }

    async fn given(
        &self,
        workspace: &Name,
        lead: LeadId,
        destination: &Name,
        ids: &BTreeMap<String, String>,
    ) {
        if let Some(flow) = self.flow.upgrade() {
            // A store that does not answer was noted; the delivery keeps them for a week.
            drop(flow.keep_given(workspace, lead, destination, ids).await);
        }
    }

    fn record_url(&self, workspace: &Name, inquiry: InquiryId) -> Option<String> {
        let loaded = self.loaded.load();
        let settings = &loaded.workspaces.get(workspace)?.settings;
        Some(match &settings.record_url {
            Some(url) => url.replace("{inquiry}", &inquiry.to_string()),
            None => format!("{}/v1/{workspace}/inquiries/{inquiry}/record", self.private_url),
        })
    }

    fn kept(&self, workspace: &Name) -> Duration {
        let loaded = self.loaded.load();
        let settings = loaded.workspaces.get(workspace).map(|workspace| &workspace.settings);
        settings.map_or(RetentionSettings::default().deliveries.0, |it| it.retention.deliveries.0)
    }

    fn confirmation_url(&self, workspace: &Name, lead: &Lead) -> Option<String> {
        let workspace = self.active.load().workspaces.get(workspace).cloned();
        let (workspace, flow) = workspace.zip(self.flow.upgrade())?;
        flow.confirmation_url(&workspace, lead)
    }

    fn links(&self, workspace: &Name, lead: LeadId, cycle: u32, at: Timestamp) -> Vec<Link> {
        let workspace = self.active.load().workspaces.get(workspace).cloned();
        let Some((workspace, flow)) = workspace.zip(self.flow.upgrade()) else {
            return Vec::new();
        };
        let terms = &workspace.decide.follow_up.dispositions;
        let links = flow.links(&workspace, lead, cycle, at).into_iter();
        let label = |disposition| terms.label(disposition).to_owned();
        links
            .map(|(disposition, url)| Link { disposition, label: label(disposition), url })
            .collect()
    }
}
