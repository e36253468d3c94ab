//! The files of one workspace to a [`Workspace`]: each room compiles its own, and what no room can
//! see alone is checked here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::confirming::confirmations;
use super::lists::in_table;
use super::load::{Loader, Read};
use super::{ConfigError, Position, Workspace, WorkspaceSettings, account, snapshot};
use crate::assign::{PoolSettings, Router, RoutingSettings};
use crate::capture::{PresetSettings, Presets, SaysPresets, Source, SourceSettings};
use crate::decide::{Configuration, DestinationRoute, EventFilter, Filters};
use crate::deliver::{
    Around, Destination, DestinationPreset, DestinationPresets, DestinationSettings,
    check_fallbacks,
};
use crate::domain::{Name, SettingProblem};
use crate::qualify::{self, Qualifier};
use crate::rules::Lists;

/// Where a deployment's own presets of sources are.
const SOURCE_PRESETS: &str = "presets/sources/";
/// And those of destinations.
const DESTINATION_PRESETS: &str = "presets/destinations/";

impl Loader<'_> {
    /// The shipped presets, with the deployment's own over them.
    pub(super) fn presets(&mut self) -> Presets {
        let mut presets = Presets::shipped().unwrap_or_else(|problems| {
            // A test keeps this from happening.
            self.found.extend(problems.into_iter().map(|problem| {
                let file = format!("(shipped) {SOURCE_PRESETS}{}.yaml", problem.path);
                ConfigError::of_problem(&file, Position::default(), problem)
            }));
            Presets::default()
        });
        for (name, path) in self.named(SOURCE_PRESETS) {
            if let Some(read) = self.read::<PresetSettings>(&path) {
                presets.overlay(name, read.settings);
            }
        }
        presets
    }

    /// The shipped presets of destinations, with the deployment's own over them.
    pub(super) fn destination_presets(&mut self) -> DestinationPresets {
        // A test keeps the shipped ones good.
        let mut presets = DestinationPresets::shipped().unwrap_or_default();
        for (name, path) in self.named(DESTINATION_PRESETS) {
            if let Some(read) = self.read::<DestinationPreset>(&path) {
                presets.overlay(name, read.settings);
            }
        }
        presets
    }

    /// One workspace, if everything in it is right; else what is wrong is noted.
    pub(super) fn workspace(
        &mut self,
        name: &Name,
        presets: &Presets,
        receivers: &DestinationPresets,
        crms: &SaysPresets,
    ) -> Option<Workspace> {
        let inside = format!("workspaces/{name}/");
        let settings = self.workspace_settings(&inside);
        // A bad hint is said once, not again by everything it is handed to.
        let sound = settings.as_ref().filter(|read| read.settings.problems().is_empty());
        let hints = sound.map(|read| read.settings.clone()).unwrap_or_default();
        let sources = self.sources(&inside, presets, &hints);
        let lists = self.lists(&inside);
        let destinations = self.destinations(&inside, receivers, &lists);
        let qualifier = self.qualifier(&inside, &lists);
        let names = self.named(&format!("{inside}destinations/")).into_keys().collect();
        let router = self.router(&inside, &hints, &names, &lists);
        if let (Some(router), Some(qualifier)) = (&router, &qualifier) {
            self.check_between(&inside, router, qualifier);
        }
        let follow_up = self.follow_up(&inside, router.as_ref(), qualifier.as_ref(), &lists);
        let settings = settings?;
        let accounts = self.named_accounts(&settings, &lists, router.as_ref());
        let filters = self.filters(&settings, &sources, &lists);
        self.check_alerts(&settings, &inside, &names);
        self.check_confirmations(&inside, &sources, &destinations);
        let says = self.says(&settings, crms, &names);
        if let Some(router) = &router {
            let used = confirmations(&sources);
            let used = used.values().map(|terms| &terms.destination);
            self.check_use(&inside, &settings.settings, router, (&destinations, used.collect()));
        }
        let files = self.snapshot.of_workspace(name);
        let (settings, hash) = (settings.settings, snapshot::hash(&files));
        let decide = Configuration {
            workspace: name.clone(),
            hash: hash.clone(),
            filters,
            qualifier: qualifier?,
            router: router?,
            follow_up: follow_up?,
            destinations: destinations.iter().map(|(n, d)| (n.clone(), route(d))).collect(),
            known_person: sources.iter().map(|(n, it)| (n.clone(), it.known_person())).collect(),
            confirmations: confirmations(&sources),
            costs: sources.iter().map(|(n, it)| (n.clone(), it.cost())).collect(),
            named_accounts: accounts?,
            alerted: settings.alerts.destination.clone(),
            coalesce: settings.coalesce.0,
            claim_ttl: settings.retention.claims.0,
            test_ttl: settings.retention.tests.0,
            filtered_ttl: settings.retention.filtered.0,
        };
        Some(Workspace {
            name: name.clone(),
            hash,
            bundle: snapshot::bundle(&files),
            settings,
            sources,
            says,
            destinations: destinations.into_iter().map(|(n, d)| (n, Arc::new(d))).collect(),
            decide,
        })
    }

    /// How a workspace qualified and routed.
    pub(super) fn past(&mut self, name: &Name, hash: &str) -> Option<Configuration> {
        let inside = format!("workspaces/{name}/");
        let settings = self.workspace_settings(&inside);
        let hints = settings.map(|read| read.settings).unwrap_or_default();
        let names = self.named(&format!("{inside}destinations/")).into_keys().collect();
        let lists = self.lists(&inside);
        let qualifier = self.qualifier(&inside, &lists);
        let router = self.router(&inside, &hints, &names, &lists);
        let follow_up = self.follow_up(&inside, router.as_ref(), qualifier.as_ref(), &lists);
        Some(Configuration {
            workspace: name.clone(),
            hash: hash.to_owned(),
            filters: Filters::default(),
            qualifier: qualifier?,
            router: router?,
            follow_up: follow_up?,
            destinations: BTreeMap::new(),
            known_person: BTreeMap::new(),
            confirmations: BTreeMap::new(),
            costs: BTreeMap::new(),
            named_accounts: account::compile(&hints.accounts, &lists).unwrap_or_default(),
            alerted: None,
            coalesce: hints.coalesce.0,
            claim_ttl: hints.retention.claims.0,
            test_ttl: hints.retention.tests.0,
            filtered_ttl: hints.retention.filtered.0,
        })
    }

    /// The YAML files directly in a folder: by the name of the thing, the path.
    pub(super) fn named(&self, folder: &str) -> BTreeMap<Name, String> {
        let paths = self.snapshot.files.keys();
        paths
            .filter_map(|path| {
                let stem = path.strip_prefix(folder)?.strip_suffix(".yaml")?;
                Some((Name::parse(stem).ok()?, path.clone()))
            })
            .collect()
    }

    fn workspace_settings(&mut self, inside: &str) -> Option<Read<WorkspaceSettings>> {
        let read: Read<WorkspaceSettings> = self.read(&format!("{inside}workspace.yaml"))?;
        self.problems(&read, read.settings.problems());
        Some(read)
    }

    fn sources(
        &mut self,
        inside: &str,
        presets: &Presets,
        hints: &WorkspaceSettings,
    ) -> BTreeMap<Name, Source> {
        let files = self.named(&format!("{inside}sources/"));
        if files.is_empty() {
            let message = "there is no source: nothing can arrive in this workspace";
            self.note(&format!("{inside}sources"), message);
        }
        let compile = |name: &Name, mut settings: SourceSettings| {
            settings.country = settings.country.or_else(|| hints.country.clone());
            settings.language = settings.language.or_else(|| hints.language.clone());
            settings.zone = settings.zone.or_else(|| Some(hints.zone.clone()));
            Source::compile(name, &settings, presets)
        };
        self.compile_all(files, compile)
    }

    fn destinations(
        &mut self,
        inside: &str,
        presets: &DestinationPresets,
        lists: &Lists,
    ) -> BTreeMap<Name, Destination> {
        let files = self.named(&format!("{inside}destinations/"));
        if files.is_empty() {
            let message = "there is no destination: nobody would hear of a lead";
            self.note(&format!("{inside}destinations"), message);
        }
        let guard = self.guard.clone();
        let count = files.len();
        let compile = |name: &Name, settings: DestinationSettings| {
            let named = settings.preset.as_ref();
            let preset = named.and_then(|preset| presets.get(preset.as_str()));
            if let Some(missing) = named.filter(|_| preset.is_none()) {
                let message = format!("there is no preset `{missing}`");
                let problem = SettingProblem::new("preset", message);
                let known = presets.names().map(Name::as_str);
                return Err(vec![problem.suggest(missing.as_str(), known)]);
            }
            let destination = Destination::compile_with(name, &settings, Around { preset, lists })?;
            let refused = |url: &str| guard.as_ref()?.check_url(&url::Url::parse(url).ok()?).err();
            let of_url = refused(destination.url().expose()).map(|refusal| ("url", refusal));
            let of_token = || Some(("oauth.token_url", refused(destination.token_url()?)?));
            match of_url.or_else(of_token) {
                Some((at, refusal)) => {
                    let mut problem = SettingProblem::new(at, refusal.to_string());
                    problem.suggestion = Some("see `egress` in server.yaml".to_owned());
                    Err(vec![problem])
                }
                None => Ok(destination),
            }
        };
        let destinations = self.compile_all(files.clone(), compile);
        // While some are missing, so might be what a fallback names.
        if destinations.len() == count {
            for (name, problem) in check_fallbacks(&destinations) {
                // Read once already without a complaint: only the places are wanted.
                let path = &files[&name];
                if let Some(read) = self.read::<DestinationSettings>(path) {
                    self.problems(&read, vec![problem]);
                }
            }
        }
        destinations
    }

    /// Reads and compiles files of one kind, each on its own.
    fn compile_all<S: DeserializeOwned, T>(
        &mut self,
        files: BTreeMap<Name, String>,
        compile: impl Fn(&Name, S) -> Result<T, Vec<SettingProblem>>,
    ) -> BTreeMap<Name, T> {
        let mut compiled = BTreeMap::new();
        for (name, path) in files {
            let Some(Read { path, tree, settings }) = self.read::<S>(&path) else { continue };
            match compile(&name, settings) {
                Ok(thing) => {
                    compiled.insert(name, thing);
                }
                Err(problems) => self.problems(&Read { path, tree, settings: () }, problems),
            }
        }
        compiled
    }

    fn qualifier(&mut self, inside: &str, lists: &Lists) -> Option<Qualifier> {
        let read: Read<qualify::Settings> = self.read(&format!("{inside}qualification.yaml"))?;
        Qualifier::compile(&read.settings, lists)
            .map_err(|problems| self.problems(&read, problems))
            .ok()
    }

    fn router(
        &mut self,
        inside: &str,
        hints: &WorkspaceSettings,
        destinations: &BTreeSet<Name>,
        lists: &Lists,
    ) -> Option<Router> {
        let routing = self.read::<RoutingSettings>(&format!("{inside}routing.yaml"));
        let pools = self.read::<PoolSettings>(&format!("{inside}pools.yaml"));
        let (routing, mut pools) = (routing?, pools?);
        if pools.settings.zone.is_none() {
            pools.settings.zone = Some(hints.zone.clone());
        }
        // Both files speak through one voice; the first step of a path says which one is meant.
        let of_pools = |problem: &SettingProblem| {
            problem.path.starts_with("pools") || problem.path.starts_with("zone")
        };
        let rules = routing.settings.rules.iter();
        let named: Vec<&str> =
            rules.filter_map(|rule| Some(rule.table.as_ref()?.name.as_str())).collect();
        self.unused_tables(inside, lists, &named);
        match Router::compile(&routing.settings, &pools.settings, destinations, lists) {
            Ok(router) => {
                let (table_words, words): (Vec<_>, Vec<_>) =
                    router.warnings().iter().cloned().partition(in_table);
                let found = self.of_tables(inside, table_words);
                self.found.extend(found.into_iter().map(ConfigError::warning));
                let (pool_words, words): (Vec<_>, Vec<_>) = words.into_iter().partition(of_pools);
                self.warn(&routing, &words);
                self.warn(&pools, &pool_words);
                Some(router)
            }
            Err(problems) => {
                let (table_problems, problems): (Vec<_>, Vec<_>) =
                    problems.into_iter().partition(in_table);
                let found = self.of_tables(inside, table_problems);
                self.found.extend(found);
                let (pool_problems, problems) = problems.into_iter().partition(of_pools);
                self.problems(&routing, problems);
                self.problems(&pools, pool_problems);
                None
            }
        }
    }

    /// Alerts go to a destination there is, and watch sources there are.
    fn check_alerts(
        &mut self,
        read: &Read<WorkspaceSettings>,
        inside: &str,
        destinations: &BTreeSet<Name>,
    ) {
        let alerts = &read.settings.alerts;
        let sources = self.named(&format!("{inside}sources/"));
        let mut problems = Vec::new();
        if let Some(name) = alerts.destination.as_ref().filter(|name| !destinations.contains(*name))
        {
            problems.push(
                SettingProblem::new(
                    "alerts.destination",
                    format!("there is no destination `{name}`"),
                )
                .suggest(name.as_str(), destinations.iter().map(Name::as_str)),
            );
        }
        for name in alerts.source_silent.keys().filter(|name| !sources.contains_key(*name)) {
            problems.push(
                SettingProblem::new(
                    format!("alerts.source_silent.{name}"),
                    format!("there is no source `{name}`"),
                )
                .suggest(name.as_str(), sources.keys().map(Name::as_str)),
            );
        }
        self.problems(read, problems);
    }

    /// Destinations that nothing is ever sent to, and an alert destination that takes no alerts.
    fn check_use(
        &mut self,
        inside: &str,
        settings: &WorkspaceSettings,
        router: &Router,
        (destinations, mut used): (&BTreeMap<Name, Destination>, BTreeSet<&Name>),
    ) {
        let alerted = settings.alerts.destination.as_ref();
        used.extend(alerted);
        used.extend(router.queues().flat_map(|queue| router.destinations(queue)));
        used.extend(destinations.values().filter_map(|d| Some(&d.fallback.as_ref()?.to)));
        for name in destinations.keys().filter(|name| !used.contains(name)) {
            let message = "no queue, fallback, alert or confirmation names this destination: nothing is sent to it";
            self.note(&format!("{inside}destinations/{name}.yaml"), message);
        }
        if let Some((name, destination)) = alerted.and_then(|name| destinations.get_key_value(name))
            && !destination.events.iter().any(|event| event.as_str().starts_with("alert."))
        {
            let file = format!("{inside}destinations/{name}.yaml");
            let message = "operators' alerts are to go here, but its `events` take none";
            let warning = ConfigError::new(&file, Position::START, message).warning();
            self.found.push(warning.suggesting(Some("add \"alert.*\" to `events`".to_owned())));
        }
    }

    /// A warning about a file or folder as a whole.
    pub(super) fn note(&mut self, path: &str, message: &str) {
        self.found.push(ConfigError::new(path, Position::default(), message).warning());
    }
}

/// What a decision needs to know of a destination.
fn route(destination: &Destination) -> DestinationRoute {
    DestinationRoute {
        route: destination.route(),
        tests: destination.tests,
        events: EventFilter::of(destination.events.iter().copied()),
        fallback: destination.fallback.as_ref().map(|fallback| fallback.to.clone()),
        preset: destination.preset.clone().map(|preset| (preset, destination.tier)),
    }
}
