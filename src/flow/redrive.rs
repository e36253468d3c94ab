//! A person acts on deliveries and destinations: replay, drop, pause, resume.

use super::context::{Flow, Unavailable};
use super::unreadable::{json, name};
use super::workspace::Workspace;
use crate::domain::ports::{JobView, Pause, QueueDepth, Redrive};
use crate::domain::{Commit, Delivery, DeliveryId, Job, JournalRow, Name, Tier, Timestamp};

/// How an action on a delivery ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redriven {
    Done,
    /// Only what was given up can be replayed or dropped.
    NotDead,
    /// There is no such delivery.
    Missing,
}

/// A destination as people see it.
#[derive(Debug, Clone)]
pub struct DestinationView {
    pub name: Name,
    /// In the configuration of now.
    pub permits: u32,
    pub tests: bool,
    pub fallback: Option<Name>,
    /// The preset it was made from, and how well that is known to fit.
    pub preset: Option<(Name, Tier)>,
    pub depth: QueueDepth,
}

impl Flow {
    /// One delivery; none if it ended so long ago that its time is over.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn delivery(
        &self,
        workspace: &Name,
        id: DeliveryId,
    ) -> Result<Option<JobView>, Unavailable> {
        let view = self.store.job(workspace, id).await;
        let view = view.map_err(|error| self.troubled("read", error))?;
        let now = self.now();
        Ok(view.filter(|view| view.state.kept_until.is_none_or(|until| now < until)))
    }

    /// Runs a dead delivery again, under its id and sequence.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn replay(
        &self,
        workspace: &Workspace,
        id: DeliveryId,
        actor: &Name,
    ) -> Result<Redriven, Unavailable> {
        self.redrive(workspace, id, Redrive::Replay, None, actor).await
    }

    /// Gives a dead delivery up for good, for a reason. It ends by that, and is kept as others that ended.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn drop_delivery(
        &self,
        workspace: &Workspace,
        id: DeliveryId,
        reason: &Name,
        actor: &Name,
    ) -> Result<Redriven, Unavailable> {
        let until = self.now().after(workspace.deliveries_ttl);
        self.redrive(workspace, id, Redrive::Drop { until }, Some(reason), actor).await
    }

    async fn redrive(
        &self,
        workspace: &Workspace,
        id: DeliveryId,
        how: Redrive,
        reason: Option<&Name>,
        actor: &Name,
    ) -> Result<Redriven, Unavailable> {
        let Some(view) = self.delivery(&workspace.name, id).await? else {
            return Ok(Redriven::Missing);
        };
        let now = self.now();
        let done = self.store.redrive(&workspace.name, id, now, how).await;
        if !done.map_err(|error| self.troubled("redrive", error))? {
            return Ok(Redriven::NotDead);
        }
        let fact = match how {
            Redrive::Replay => "delivery_replayed",
            Redrive::Drop { .. } => "delivery_dropped",
        };
        self.acted(workspace, actor, fact, &id.to_string());
        let event = delivery_of(&view).map(|delivery| &delivery.event);
        let row = JournalRow {
            inquiry: event.and_then(|event| event.inquiry),
            lead: event.and_then(|event| event.lead),
            reason: reason.cloned(),
            delivery: Some(id),
            destination: delivery_of(&view).map(|delivery| delivery.destination.clone()),
            ..did(now, fact, actor)
        };
        self.note(workspace, &row, "redrive").await?;
        Ok(Redriven::Done)
    }

    /// Notes that somebody sent a test to a destination: a row of the journal, no lead.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn note_test(
        &self,
        workspace: &Workspace,
        destination: &Name,
        actor: &Name,
    ) -> Result<(), Unavailable> {
        let (now, fact) = (self.now(), "destination_tested");
        self.acted(workspace, actor, fact, destination.as_str());
        let row = JournalRow { destination: Some(destination.clone()), ..did(now, fact, actor) };
        self.note(workspace, &row, "test").await
    }

    /// Notes that somebody had a new signing secret made.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn note_rotation(
        &self,
        workspace: &Workspace,
        destination: &Name,
        actor: &Name,
    ) -> Result<(), Unavailable> {
        let (now, fact) = (self.now(), "secret_rotated");
        self.acted(workspace, actor, fact, destination.as_str());
        let row = JournalRow { destination: Some(destination.clone()), ..did(now, fact, actor) };
        self.note(workspace, &row, "rotate").await
    }

    /// Journals what a person did where the step itself writes no row.
    async fn note(
        &self,
        workspace: &Workspace,
        row: &JournalRow,
        during: &'static str,
    ) -> Result<(), Unavailable> {
        let journal = json(row)?;
        let note = Commit {
            workspace: workspace.name.clone(),
            now: row.at,
            claim: None,
            reads: Vec::new(),
            writes: Vec::new(),
            indexes: row.listed(&journal),
            branches: Vec::new(),
            journal,
            lease: None,
        };
        self.store.commit(&note).await.map_err(|error| self.troubled(during, error))?;
        Ok(())
    }

    /// Every configured destination and how its queue looks now.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn destinations(
        &self,
        workspace: &Workspace,
    ) -> Result<Vec<DestinationView>, Unavailable> {
        let now = self.now();
        let mut views = Vec::new();
        for (name, destination) in &workspace.decide.destinations {
            let depth = self.store.depth(&workspace.name, name, now).await;
            views.push(DestinationView {
                name: name.clone(),
                permits: destination.route.permits,
                tests: destination.tests,
                fallback: destination.fallback.clone(),
                preset: destination.preset.clone(),
                depth: depth.map_err(|error| self.troubled("depth", error))?,
            });
        }
        Ok(views)
    }

    /// Stops (`true`) sending to a destination until a person resumes it, or goes on. `false` = the
    /// configuration has no such destination.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn pause(
        &self,
        workspace: &Workspace,
        destination: &Name,
        paused: bool,
        actor: &Name,
    ) -> Result<bool, Unavailable> {
        if !workspace.decide.destinations.contains_key(destination) {
            return Ok(false);
        }
        let pause = paused.then(|| Pause { reason: name("operator"), until: None });
        let done = self.store.pause(&workspace.name, destination, self.now(), pause).await;
        done.map_err(|error| self.troubled("pause", error))?;
        let action = if paused { "destination_paused" } else { "destination_resumed" };
        self.acted(workspace, actor, action, destination.as_str());
        let row =
            JournalRow { destination: Some(destination.clone()), ..did(self.now(), action, actor) };
        self.note(workspace, &row, "pause").await?;
        Ok(true)
    }
}

/// A row that says only who did what, and when.
fn did(at: Timestamp, fact: &'static str, actor: &Name) -> JournalRow {
    JournalRow { actor: Some(actor.clone()), ..JournalRow::new(at, name(fact)) }
}

/// What a job delivers, while its body is there.
#[must_use]
pub fn delivery_of(view: &JobView) -> Option<&Delivery> {
    view.body.as_ref().and_then(Job::delivery)
}
