//! CRMs' own webhooks: `dispositions.webhooks` of `workspace.yaml` against the presets there are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::load::{Loader, Read};
use super::{Workspace, WorkspaceSettings};
use crate::capture::{Says, SaysPreset, SaysPresets};
use crate::domain::{Name, SettingProblem};

/// Where a deployment's own presets of CRMs' webhooks are.
const DISPOSITION_PRESETS: &str = "presets/dispositions/";

impl Loader<'_> {
    /// The shipped presets of CRMs' webhooks, with the deployment's own over them.
    pub(super) fn says_presets(&mut self) -> SaysPresets {
        // A test keeps the shipped ones good.
        let mut presets = SaysPresets::shipped().unwrap_or_default();
        for (name, path) in self.named(DISPOSITION_PRESETS) {
            if let Some(read) = self.read::<SaysPreset>(&path) {
                presets.overlay(name, read.settings);
            }
        }
        presets
    }

    /// CRMs whose webhooks say what became of leads.
    pub(super) fn says(
        &mut self,
        read: &Read<WorkspaceSettings>,
        presets: &SaysPresets,
        destinations: &BTreeSet<Name>,
    ) -> BTreeMap<Name, Says> {
        let (mut compiled, mut problems) = (BTreeMap::new(), Vec::new());
        for (name, settings) in &read.settings.dispositions.webhooks {
            let below = format!("dispositions.webhooks.{name}");
            if let Some(unknown) =
                settings.destination.as_ref().filter(|named| !destinations.contains(*named))
            {
                let message = format!("there is no destination `{unknown}`");
                let problem = SettingProblem::new("destination", message);
                let known = destinations.iter().map(Name::as_str);
                problems.push(problem.suggest(unknown.as_str(), known).below(&below));
            }
            match Says::compile(name, settings, presets) {
                Ok(says) => {
                    compiled.insert(name.clone(), says);
                }
                Err(wrong) => {
                    problems.extend(wrong.into_iter().map(|problem| problem.below(&below)));
                }
            }
        }
        self.problems(read, problems);
        compiled
    }

    /// Links that go out nowhere, because nobody knows under which address the service is reached.
    pub(super) fn links_without_address(&mut self, workspaces: &BTreeMap<Name, Arc<Workspace>>) {
        for name in workspaces
            .iter()
            .filter(|(_, it)| !it.decide.follow_up.dispositions.offered().is_empty())
            .map(|(name, _)| name)
        {
            let message = "`links` are offered, but server.yaml has no `public_url`: none goes out";
            self.note(&format!("workspaces/{name}/follow-up.yaml"), message);
        }
    }
}
