//! A report: what is folded, what was spent, laid together.

use std::collections::BTreeMap;

use super::project::{Lag, key};
use crate::analyse::report::{By, Material, Report, Share, Table, fairness};
use crate::analyse::{Calendar, Day, Rollup, Slot};
use crate::domain::Key;
use crate::flow::context::{Flow, Unavailable};
use crate::flow::workspace::Workspace;

/// Which report.
#[derive(Debug, Clone, Copy)]
pub struct AskedReport {
    pub report: Report,
    pub by: By,
    pub first: Day,
    pub last: Day,
    /// For the latest inquiry instead of the first.
    pub latest: bool,
}

impl Flow {
    /// Makes a report. What the journal holds is folded first, so it is as of now, unless very much is to be
    /// folded: then [`Lag`] says how far it is behind.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn report(
        &self,
        workspace: &Workspace,
        asked: AskedReport,
    ) -> Result<(Table, Lag), Unavailable> {
        let lag = self.project_before_reading(workspace).await?;
        if asked.report == Report::Fairness {
            return Ok((fairness(&self.shares(workspace).await?), lag));
        }
        let (_, checkpoint) = self.checkpoint(&workspace.name).await?;
        let slot = |day: Day| Slot {
            day,
            view: asked.report.view(asked.latest),
            dimension: asked.by.dimension(),
        };
        let days: Vec<Day> = checkpoint.days_within(asked.first, asked.last).collect();
        let keys: Vec<Key> = days.iter().map(|day| key(slot(*day))).collect();
        let read = self.read_parsed::<Rollup>(&workspace.name, &keys).await?;
        let rollups =
            days.into_iter().zip(read).filter_map(|(day, rollup)| Some((day, rollup?))).collect();
        let spending = match asked.report {
            Report::Costs => self.spending(&workspace.name).await?,
            _ => Vec::new(),
        };
        let sources = workspace.sources.iter();
        let channels: BTreeMap<_, _> =
            sources.map(|(name, source)| (name.clone(), source.channel())).collect();
        let material = Material {
            first: asked.first,
            last: asked.last,
            by: asked.by,
            rollups,
            spending: spending.into_iter().map(|row| row.spend).collect(),
            channels,
            terms: workspace.reports.clone(),
        };
        Ok((asked.report.table(&material), lag))
    }

    /// The day it is now in a workspace.
    #[must_use]
    pub fn today(&self, workspace: &Workspace) -> Day {
        Calendar::new(workspace.zone.clone()).day(self.now())
    }

    async fn shares(&self, workspace: &Workspace) -> Result<Vec<Share>, Unavailable> {
        let mut shares = Vec::new();
        for pool in self.pools(workspace).await? {
            for member in pool.members {
                shares.push(Share {
                    pool: pool.name.to_string(),
                    member: member.name.to_string(),
                    weight: member.weight.map_or(0, i64::from),
                    assigned: i64::try_from(member.assigned).unwrap_or(i64::MAX),
                });
            }
        }
        Ok(shares)
    }
}
