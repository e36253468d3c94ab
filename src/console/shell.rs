//! What stands around every page: name, search, navigation with what waits, who is there.

use super::assets;
use super::refusal::Refusal;
use super::visit::{Said, Visit};
use crate::domain::Index;
use crate::http::keys::Scope;

/// One entry of the navigation.
#[derive(Debug, Clone)]
pub struct Entry {
    pub name: &'static str,
    pub label: &'static str,
    pub path: String,
    pub here: bool,
    /// How many things wait there.
    pub count: Option<u64>,
}

/// The shell of one page.
#[derive(Debug, Clone)]
pub struct Shell {
    pub assets: &'static str,
    pub title: String,
    pub workspace: String,
    /// The path of a page of this workspace begins with this.
    pub base: String,
    /// Further workspaces that the key may enter.
    pub others: Vec<String>,
    pub entries: Vec<Entry>,
    pub actor: String,
    pub csrf: String,
    pub said: Option<Said>,
    /// Whether the search box is offered.
    pub finds: bool,
}

/// Section, label, scopes of which one is enough.
const SECTIONS: &[(&str, &str, &[Scope])] = &[
    ("live", "Live", &[Scope::LeadsRead]),
    ("worklists", "Worklists", &[Scope::LeadsRead]),
    ("sources", "Sources", &[Scope::InquiriesRead]),
    ("destinations", "Destinations", &[Scope::DeliveriesRead]),
    ("pools", "Pools", &[Scope::ConfigRead]),
    ("reports", "Reports", &[Scope::ReportsRead]),
    ("configuration", "Configuration", &[Scope::ConfigRead]),
    ("people", "What people did", &[Scope::LeadsRead]),
];

/// The first section that a key opens.
pub fn first_section(may: impl Fn(Scope) -> bool) -> Option<&'static str> {
    SECTIONS
        .iter()
        .find(|(.., scopes)| scopes.iter().any(|scope| may(*scope)))
        .map(|(section, ..)| *section)
}

/// The worklists that people work through; the others are looked at when something is missed.
pub const WAITING: &[Index] =
    &[Index::Held, Index::Triage, Index::Qualify, Index::Review, Index::Unreadable, Index::Dead];

impl Shell {
    /// For a page of that section.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn of(visit: &Visit, title: &str, section: &'static str) -> Result<Self, Refusal> {
        let finds = visit.may(Scope::LeadsRead);
        let waiting = if finds {
            let counts = visit.flow().counts(&visit.workspace.name).await?;
            Some(counts.iter().filter(|(list, _)| WAITING.contains(list)).map(|(_, n)| n).sum())
        } else {
            None
        };
        let entries = SECTIONS
            .iter()
            .filter(|(.., scopes)| scopes.iter().any(|scope| visit.may(*scope)))
            .map(|(name, label, _)| Entry {
                name,
                label,
                path: visit.path(name),
                here: *name == section,
                count: waiting.filter(|_| *name == "worklists"),
            })
            .collect();
        let others = visit
            .active
            .workspaces
            .keys()
            .filter(|name| **name != visit.workspace.name && visit.key.enters(name));
        Ok(Self {
            assets: assets::version(),
            title: title.to_owned(),
            workspace: visit.workspace.name.to_string(),
            base: visit.path("").trim_end_matches('/').to_owned(),
            others: others.map(ToString::to_string).collect(),
            entries,
            actor: visit.key.name.to_string(),
            csrf: visit.session.token(),
            said: visit.said(),
            finds,
        })
    }
}
