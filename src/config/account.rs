//! The named accounts of a workspace: from a list to owners that pools know.

use std::collections::BTreeSet;

use super::load::{Loader, Read};
use super::{WorkspaceSettings, workspace::AccountSettings};
use crate::assign::Router;
use crate::domain::{Name, SettingProblem, closest};
use crate::identify::NamedAccounts;
use crate::rules::Lists;

/// More owners that no pool knows are not named one by one.
const NAMED_MAX: usize = 5;

impl Loader<'_> {
    /// The named accounts; `None` if something is wrong with them, which is noted. Owners that no pool has are
    /// warned of: nothing can be assigned to them.
    pub(super) fn named_accounts(
        &mut self,
        read: &Read<WorkspaceSettings>,
        lists: &Lists,
        router: Option<&Router>,
    ) -> Option<NamedAccounts> {
        let accounts = match compile(&read.settings.accounts, lists) {
            Ok(accounts) => accounts,
            Err(problems) => {
                self.problems(read, problems);
                return None;
            }
        };
        if let Some(router) = router {
            let members: BTreeSet<&Name> = router.pools().flat_map(|(_, all)| all).collect();
            let unknown: BTreeSet<&Name> =
                accounts.owners().filter(|owner| !members.contains(owner)).collect();
            let warnings: Vec<SettingProblem> = unknown
                .into_iter()
                .take(NAMED_MAX)
                .map(|owner| stranger(owner, &members))
                .collect();
            self.warn(read, &warnings);
        }
        Some(accounts)
    }
}

fn stranger(owner: &Name, members: &BTreeSet<&Name>) -> SettingProblem {
    let message = format!("no pool has a member `{owner}`, who owns accounts in this list");
    let known = members.iter().map(|name| name.as_str());
    let mut problem = SettingProblem::new("accounts.list", message);
    problem.suggestion =
        closest(owner.as_str(), known).map(|near| format!("did you mean `{near}`?"));
    problem
}

/// The named accounts as the settings say.
///
/// # Errors
/// A list that is not there, or is none of accounts.
pub(super) fn compile(
    settings: &AccountSettings,
    lists: &Lists,
) -> Result<NamedAccounts, Vec<SettingProblem>> {
    let Some(name) = &settings.list else { return Ok(NamedAccounts::default()) };
    match lists.get(name) {
        Some(Some(list)) => NamedAccounts::compile(name, list),
        // What is wrong with the list itself was said where it was read.
        Some(None) => Ok(NamedAccounts::default()),
        None => {
            let problem =
                SettingProblem::new("accounts.list", format!("there is no list `{name}`"));
            let mut problem = problem.suggest(name, lists.names());
            if problem.suggestion.is_none() {
                problem.suggestion = Some(format!("lists are files: lists/{name}.csv"));
            }
            Err(vec![problem])
        }
    }
}
