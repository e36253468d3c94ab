//! What `routing.yaml` and `pools.yaml` take from other files of a workspace.

use std::collections::BTreeSet;

use super::load::Loader;
use crate::assign::{PoolSettings, Router, RoutingSettings};
use crate::domain::{Name, SettingProblem};
use crate::qualify::Qualifier;

impl Loader<'_> {
    /// Caps are of sources there are, and expected values are worked out where something goes by them.
    pub(super) fn check_between(&mut self, inside: &str, router: &Router, qualifier: &Qualifier) {
        let sources: BTreeSet<Name> =
            self.named(&format!("{inside}sources/")).into_keys().collect();
        let unknown = router.capped_sources().filter(|(_, source)| !sources.contains(*source));
        let unknown: BTreeSet<(&Name, &Name)> = unknown.collect();
        let of_pools: Vec<SettingProblem> = unknown
            .into_iter()
            .map(|(pool, source)| {
                let message = format!("it has a cap of source `{source}`, which there is not");
                SettingProblem::new(format!("pools.{pool}"), message)
                    .suggest(source.as_str(), sources.iter().map(Name::as_str))
            })
            .collect();
        // Both were read before without a complaint: only the places are wanted.
        if !of_pools.is_empty()
            && let Some(read) = self.read::<PoolSettings>(&format!("{inside}pools.yaml"))
        {
            self.problems(&read, of_pools);
        }
        if let Some(path) = router.goes_by_worth().filter(|_| !qualifier.knows_worth())
            && let Some(read) = self.read::<RoutingSettings>(&format!("{inside}routing.yaml"))
        {
            let message =
                "`expected_value` of qualification.yaml does not say what a lead is worth";
            self.problems(&read, vec![SettingProblem::new(path, message)]);
        }
    }
}
