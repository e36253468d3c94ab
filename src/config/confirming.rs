//! Sources that have addresses confirmed: whoever is to write to people has to be there and to be told.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Workspace;
use super::error::{ConfigError, Position};
use super::load::Loader;
use crate::capture::{Source, SourceSettings};
use crate::deliver::Destination;
use crate::domain::{ConfirmationTerms, EventType, Name, SettingProblem};

/// The terms of each source that has any.
pub(super) fn confirmations(sources: &BTreeMap<Name, Source>) -> BTreeMap<Name, ConfirmationTerms> {
    let terms =
        |(name, source): (&Name, &Source)| Some((name.clone(), source.confirmation()?.clone()));
    sources.iter().filter_map(terms).collect()
}

impl Loader<'_> {
    /// Mails are asked of destinations there are, and that take such events.
    pub(super) fn check_confirmations(
        &mut self,
        inside: &str,
        sources: &BTreeMap<Name, Source>,
        destinations: &BTreeMap<Name, Destination>,
    ) {
        let kind = EventType::LeadAwaitingConfirmation;
        for (name, terms) in confirmations(sources) {
            let wanted = &terms.destination;
            let message = match destinations.get(wanted) {
                Some(destination) if destination.events.contains(&kind) => continue,
                Some(_) => format!("`{wanted}` takes no `{kind}`: nobody would be written to"),
                None => format!("there is no destination `{wanted}`"),
            };
            let problem = SettingProblem::new("confirmation.destination", message);
            let known = destinations.keys().filter(|known| *known != wanted).map(Name::as_str);
            let problem = problem.suggest(wanted.as_str(), known);
            // Read once already without a complaint: only the place is wanted.
            let path = format!("{inside}sources/{name}.yaml");
            if let Some(read) = self.read::<SourceSettings>(&path) {
                self.problems(&read, vec![problem]);
            }
        }
    }

    /// A link in a mail leads nowhere if nobody knows under which address the service is reached.
    pub(super) fn confirmations_without_address(
        &mut self,
        workspaces: &BTreeMap<Name, Arc<Workspace>>,
    ) {
        for (workspace, it) in workspaces {
            for source in it.decide.confirmations.keys() {
                let file = format!("workspaces/{workspace}/sources/{source}.yaml");
                let message = "`confirmation` sends a link, but server.yaml has no `public_url`";
                self.found.push(ConfigError::new(&file, Position::default(), message));
            }
        }
    }
}
