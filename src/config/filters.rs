//! What a workspace keeps aside as spam, compiled.

use std::collections::BTreeMap;

use super::WorkspaceSettings;
use super::load::{Loader, Read};
use crate::capture::Source;
use crate::decide::{Filter, Filters};
use crate::domain::{Name, SettingProblem};
use crate::rules::{Condition, Lists};

impl Loader<'_> {
    /// The filters of a workspace; what is wrong with them is noted.
    pub(super) fn filters(
        &mut self,
        read: &Read<WorkspaceSettings>,
        sources: &BTreeMap<Name, Source>,
        lists: &Lists,
    ) -> Filters {
        let (mut filters, mut problems) = (Vec::new(), Vec::new());
        for (n, settings) in read.settings.filters.iter().enumerate() {
            let at = format!("filters[{n}]");
            for source in settings.sources.iter().filter(|it| !sources.contains_key(*it)) {
                let problem =
                    SettingProblem::new("sources", format!("there is no source `{source}`"));
                let known = sources.keys().map(Name::as_str);
                problems.push(problem.suggest(source.as_str(), known).below(&at));
            }
            match Condition::compile(&settings.when, lists) {
                Ok(when) => {
                    let (name, sources) = (settings.name.clone(), settings.sources.clone());
                    filters.push(Filter { name, sources, when });
                }
                Err(wrong) => {
                    problems.extend(wrong.into_iter().map(|it| it.below("when").below(&at)));
                }
            }
        }
        self.problems(read, problems);
        Filters::new(filters)
    }
}
