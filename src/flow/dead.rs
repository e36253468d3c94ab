//! Deliveries that were given up: which, how many, and many of them run again at once.

use super::context::{Flow, Unavailable};
use super::redrive::{Redriven, delivery_of};
use super::worklist::{Cursor, Page};
use super::workspace::Workspace;
use crate::domain::ports::{JobView, LATEST};
use crate::domain::{DeadKind, DeliveryId, EventType, Index, LeadId, Name, Timestamp, Verdict};

/// So many dead deliveries are read at a time when some of them are looked for.
const PAGE: usize = 200;
/// And so many in all for one answer.
const LOOK_MAX: usize = 5_000;

/// Which deliveries. Only those that were given up are told apart by more than destination and time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Which {
    /// Where they stood.
    pub destination: Option<Name>,
    /// Only what is due, was delivered or was given up from then on.
    pub since: Option<Timestamp>,
    /// And before then.
    pub until: Option<Timestamp>,
    pub kind: Option<DeadKind>,
    /// Of the newest attempt.
    pub verdict: Option<Verdict>,
    /// What the newest attempt met, in a word (`http_503`, `timeout`), or the receiver's own code for it.
    pub problem: Option<String>,
    pub event: Option<EventType>,
    pub lead: Option<LeadId>,
}

impl Which {
    /// Whether nothing but destination and time narrows it down.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        let Self { destination: _, since: _, until: _, kind, verdict, problem, event, lead } = self;
        kind.is_none()
            && verdict.is_none()
            && problem.is_none()
            && event.is_none()
            && lead.is_none()
    }

    /// The lists in which they stand; one that was given up at a destination stands in two of them.
    pub(super) fn lists(&self) -> Vec<Index> {
        match (&self.destination, self.kind) {
            (Some(name), Some(kind)) => vec![Index::DeadOf(kind, name.clone())],
            (Some(name), None) => {
                DeadKind::ALL.iter().map(|kind| Index::DeadOf(*kind, name.clone())).collect()
            }
            (None, _) => vec![Index::Dead],
        }
    }

    /// Whether every member of the lists is wanted, but for its time.
    pub(super) fn is_listed(&self) -> bool {
        let by_list =
            Self { kind: self.kind.filter(|_| self.destination.is_none()), ..self.clone() };
        by_list.is_plain()
    }

    fn takes(&self, view: &JobView, at: Timestamp) -> bool {
        let (state, last) = (&view.state, view.state.attempts.last());
        let event = delivery_of(view).map(|delivery| &delivery.event);
        let called = |problem: &String| {
            state.problem() == *problem
                || last.is_some_and(|last| last.said.as_ref() == Some(problem))
        };
        self.since.is_none_or(|since| at >= since)
            && self.until.is_none_or(|until| at < until)
            && self.kind.is_none_or(|kind| state.kind() == kind)
            && self.verdict.is_none_or(|verdict| last.is_some_and(|it| it.verdict == verdict))
            && self.problem.as_ref().is_none_or(called)
            && self.event.is_none_or(|kind| event.is_some_and(|event| event.kind == kind))
            && self.lead.is_none_or(|lead| event.and_then(|event| event.lead) == Some(lead))
            && self.destination.as_ref().is_none_or(|name| died_at(view) == Some(name))
    }
}

/// The destination at which a delivery was given up: after a hand-over not the one it was made for.
#[must_use]
pub fn died_at(view: &JobView) -> Option<&Name> {
    let made_for = delivery_of(view).map(|delivery| &delivery.destination);
    view.state.destination.as_ref().or(made_for)
}

/// How many of one destination and kind were given up, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadCount {
    pub destination: Name,
    pub kind: DeadKind,
    pub count: u64,
    /// When the first and the last of them were; `None` if there is none.
    pub oldest: Option<Timestamp>,
    pub newest: Option<Timestamp>,
}

/// How many there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeadCounts {
    /// Two for every configured destination.
    pub counts: Vec<DeadCount>,
    /// All of them, those of queues that are no configured destination's too.
    pub total: u64,
}

impl DeadCounts {
    /// How many stand at no configured destination.
    #[must_use]
    pub fn elsewhere(&self) -> u64 {
        self.total.saturating_sub(self.counts.iter().map(|count| count.count).sum())
    }
}

/// What a replay would do.
#[derive(Debug, Clone, Default)]
pub struct DryRun {
    /// Those that fit, as far as was looked.
    pub count: u64,
    /// Where they would go, by destination and kind.
    pub destinations: Vec<(Name, DeadKind, u64)>,
    /// Whether there are more than were looked at.
    pub more: bool,
    /// The one that would go first.
    pub first: Option<JobView>,
}

impl Flow {
    /// Dead deliveries, newest first. A page may be short of items and still have a next one: so much is looked
    /// through for it and no more.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn dead(
        &self,
        workspace: &Name,
        which: &Which,
        before: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<(JobView, Timestamp)>, Unavailable> {
        if let Some(lead) = which.lead {
            return self.dead_of(workspace, lead, which, before, limit).await;
        }
        let lists = which.lists();
        let mut from = before.or(which.until.map(Cursor::at));
        let (mut items, mut looked) = (Vec::new(), 0);
        loop {
            // Without a filter one page is one look, so that none is read in vain.
            let take = if which.is_listed() { limit } else { PAGE };
            let page = self.in_lists(workspace, &lists, from, take).await?;
            looked += page.items.len();
            for (id, at) in &page.items {
                if which.since.is_some_and(|since| *at < since) {
                    // Behind the first one that is too old there are only older ones.
                    return Ok(Page { items, next: None });
                }
                let view = self.delivery(workspace, DeliveryId::from_bytes(*id)).await?;
                let Some(view) = view.filter(|view| which.takes(view, *at)) else { continue };
                items.push((view, *at));
                if items.len() == limit {
                    let last = page.next.is_none() && page.items.last() == Some(&(*id, *at));
                    let next = (!last).then_some(Cursor::behind(*id, *at));
                    return Ok(Page { items, next });
                }
            }
            from = page.next;
            if from.is_none() || looked >= LOOK_MAX {
                return Ok(Page { items, next: from });
            }
        }
    }

    /// Members of several lists as of one.
    async fn in_lists(
        &self,
        workspace: &Name,
        lists: &[Index],
        before: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<([u8; 16], Timestamp)>, Unavailable> {
        let (mut items, mut more) = (Vec::new(), false);
        for list in lists {
            let page = self.members(workspace, list, before, limit).await?;
            more |= page.next.is_some();
            items.extend(page.items);
        }
        items.sort_unstable_by_key(|(id, at)| std::cmp::Reverse((*at, *id)));
        more |= items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|(id, at)| Cursor::behind(*id, *at));
        Ok(Page { items, next })
    }

    /// Those among a lead's newest deliveries.
    async fn dead_of(
        &self,
        workspace: &Name,
        lead: LeadId,
        which: &Which,
        before: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<(JobView, Timestamp)>, Unavailable> {
        let jobs = self.store.jobs_of(workspace, lead).await;
        let mut items = Vec::new();
        for (_, job) in jobs.map_err(|error| self.troubled("read", error))? {
            let Some(view) = self.delivery(workspace, job).await? else { continue };
            let Some(at) = view.state.ended_at.filter(|_| view.state.is_dead()) else { continue };
            let behind = before.is_none_or(|cursor| cursor.is_before(view.id.as_bytes(), at));
            if behind && which.takes(&view, at) {
                items.push((view, at));
            }
        }
        items.sort_unstable_by_key(|(view, at)| std::cmp::Reverse((*at, view.id)));
        let more = items.len() > limit;
        items.truncate(limit);
        let end = items.last().filter(|_| more);
        let next = end.map(|(view, at)| Cursor::behind(*view.id.as_bytes(), *at));
        Ok(Page { items, next })
    }

    /// How many were given up, by configured destination and kind.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn dead_counts(&self, workspace: &Workspace) -> Result<DeadCounts, Unavailable> {
        let name = &workspace.name;
        let total = self.store.count(name, &Index::Dead).await;
        let total = total.map_err(|error| self.troubled("count", error))?;
        let mut counts = Vec::new();
        for destination in workspace.decide.destinations.keys() {
            for kind in DeadKind::ALL {
                let list = Index::DeadOf(*kind, destination.clone());
                let mut count = DeadCount {
                    destination: destination.clone(),
                    kind: *kind,
                    count: 0,
                    oldest: None,
                    newest: None,
                };
                if total > 0 {
                    let counted = self.store.count(name, &list).await;
                    count.count = counted.map_err(|error| self.troubled("count", error))?;
                }
                if count.count > 0 {
                    count.oldest = self.first_of(name, &list, false).await?;
                    count.newest = self.first_of(name, &list, true).await?;
                }
                counts.push(count);
            }
        }
        Ok(DeadCounts { counts, total })
    }

    async fn first_of(
        &self,
        workspace: &Name,
        list: &Index,
        newest: bool,
    ) -> Result<Option<Timestamp>, Unavailable> {
        let listed = self.store.list(workspace, list, 0, LATEST, newest, 1).await;
        let listed = listed.map_err(|error| self.troubled("list", error))?;
        Ok(listed.first().map(|(_, at)| Timestamp::from_millis(*at)))
    }

    /// Replays dead deliveries, newest first, at most `limit`. Gives their ids, and where the next ones begin: what
    /// is given up again meanwhile is newer, and is not met again behind that place.
    ///
    /// # Errors
    /// If the store does not answer; what was replayed until then stays so.
    pub async fn replay_dead(
        &self,
        workspace: &Workspace,
        which: &Which,
        before: Option<Cursor>,
        limit: usize,
        actor: &Name,
    ) -> Result<Page<DeliveryId>, Unavailable> {
        let page = self.dead(&workspace.name, which, before, limit).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for (view, _) in page.items {
            let done = self.replay(workspace, view.id, actor).await?;
            // Somebody else may have been faster: it is queued once.
            if done == Redriven::Done {
                items.push(view.id);
            }
        }
        Ok(Page { items, next: page.next })
    }

    /// What a replay of all of these would do. Nothing is sent, nothing changes.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn would_replay(
        &self,
        workspace: &Workspace,
        which: &Which,
    ) -> Result<DryRun, Unavailable> {
        let page = self.dead(&workspace.name, which, None, LOOK_MAX).await?;
        let mut run = DryRun { more: page.next.is_some(), ..DryRun::default() };
        for (view, _) in page.items {
            run.count += 1;
            let kind = view.state.kind();
            if let Some(name) = died_at(&view) {
                let same =
                    |(of, as_kind, _): &&mut (Name, DeadKind, u64)| of == name && *as_kind == kind;
                match run.destinations.iter_mut().find(same) {
                    Some((.., count)) => *count += 1,
                    None => run.destinations.push((name.clone(), kind, 1)),
                }
            }
            run.first = run.first.or(Some(view));
        }
        run.destinations.sort();
        Ok(run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_that_says_it_already_is_read_no_further() {
        let crm = || Some(Name::fixed("crm"));
        let by = |destination, kind| Which { destination, kind, ..Which::default() };
        let refusal = Some(DeadKind::Refusal);
        for (which, lists, listed) in [
            (Which::default(), vec![Index::Dead], true),
            (by(None, refusal), vec![Index::Dead], false),
            (by(crm(), refusal), vec![Index::DeadOf(DeadKind::Refusal, Name::fixed("crm"))], true),
        ] {
            assert_eq!((which.lists(), which.is_listed()), (lists, listed), "{which:?}");
        }
        assert_eq!(by(crm(), None).lists().len(), 2);
        let said = Which { problem: Some("E_FIELD".to_owned()), ..by(crm(), refusal) };
        assert!(!said.is_listed() && !said.is_plain() && by(crm(), None).is_plain());
    }
}
