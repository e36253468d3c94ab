//! Asking every rule, also those behind the winner and part by part: for explanations and hit counts, never for a
//! decision.

use super::router::{Router, Rule};
use crate::domain::Name;
use crate::rules::{ConditionSource, Says, Subject};

/// What one rule says about a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleAsked<'a> {
    pub rule: &'a Name,
    pub says: Says,
    /// What each part of its condition says, as [`Router::parts`] lists them.
    pub parts: Vec<Says>,
}

impl Router {
    /// Asks every rule, in order.
    pub fn ask_each<'a>(&'a self, subject: &'a Subject<'a>) -> impl Iterator<Item = RuleAsked<'a>> {
        self.rules.iter().map(move |rule| rule.asked(subject))
    }

    /// The parts of each rule's condition in words, in order; a table is one part.
    pub fn parts(&self) -> impl Iterator<Item = (&Name, Vec<String>)> {
        self.rules.iter().map(|rule| {
            let mut parts = rule.source.as_ref().map_or_else(Vec::new, ConditionSource::parts);
            parts.extend(rule.table.iter().map(|table| format!("a row of {} fits", table.file())));
            (&rule.name, parts)
        })
    }
}

impl Rule {
    fn asked(&self, subject: &Subject<'_>) -> RuleAsked<'_> {
        let mut says = self.when.as_ref().map_or(Says::Match, |when| when.evaluate(subject));
        let mut parts = self.when.as_ref().map_or_else(Vec::new, |when| when.parts(subject));
        if let Some(table) = &self.table {
            let found = table.rows.find(subject).says;
            parts.push(found);
            if says.is_match() {
                says = found;
            }
        }
        RuleAsked { rule: &self.name, says, parts }
    }
}
