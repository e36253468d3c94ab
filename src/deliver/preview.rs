//! What would be sent for a delivery, without sending it: made as an attempt makes it, of a lead without the person,
//! and caught on its way out.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::courier::{Ready, is_stopped, parts};
use super::destination::Destination;
use super::directory::Directory;
use super::masking::{DOTS, masked};
use super::sending::Message;
use super::subject::{self, NoSubject};
use super::trial::{shown_body, shown_headers};
use super::ways::Ways;
use crate::domain::ports::{
    Clock, JobView, OutboundAnswer, OutboundError, OutboundMethod, OutboundRequest, Preview,
    Previewed, RequestShown, Store, StoreError, Transport,
};
use crate::domain::{Job, LeasedJob, Name};

/// Says what deliveries of a running service would send.
pub struct Previews {
    store: Arc<dyn Store>,
    ways: Ways,
    clock: Arc<dyn Clock>,
    directory: Arc<dyn Directory>,
}

impl std::fmt::Debug for Previews {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Previews").finish_non_exhaustive()
    }
}

impl Previews {
    /// Of what is delivered in these ways.
    pub fn new(
        store: Arc<dyn Store>,
        ways: Ways,
        clock: Arc<dyn Clock>,
        directory: Arc<dyn Directory>,
    ) -> Self {
        Self { store, ways, clock, directory }
    }

    /// The request, caught.
    async fn request(&self, ready: Ready<'_>) -> Previewed {
        let (event, destination) = (&ready.delivery.event, ready.destination.as_ref());
        let lines = match &ready.subject.inquiry {
            Some(entry) => self.directory.lines(ready.workspace, &entry.record.config).await,
            None => Box::new(|_| None),
        };
        let url = event.inquiry.and_then(|id| self.directory.record_url(ready.workspace, id));
        let parts = parts(&ready, lines.as_ref(), url.as_deref());
        let at = self.clock.now();
        let message = Message { destination, parts, at, added: Vec::new(), wants_headers: false };
        let (caught, token) = (Caught::default(), destination.token_request().map(|_| DOTS));
        let mut kept = ready.state.kept.clone();
        let sent = message.send(&caught, token, &mut kept).await;
        match caught.0.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(request) => Previewed::Request(Box::new(shown(&request, destination, sent.step))),
            None => Previewed::Nothing(sent.said.unwrap_or_else(|| "nothing_to_send".to_owned())),
        }
    }
}

#[async_trait]
impl Preview for Previews {
    async fn preview(&self, workspace: &Name, view: &JobView) -> Result<Previewed, StoreError> {
        let nothing = |why: &str| Ok(Previewed::Nothing(why.to_owned()));
        let Some(Job::Deliver(delivery)) = view.body.clone() else { return nothing("ended") };
        let queue = view.state.destination.as_ref().unwrap_or(&delivery.destination).clone();
        let Some(destination) = self.directory.destination(workspace, &queue) else {
            return nothing("not_configured");
        };
        let destination = self.ways.as_now(workspace, destination).await;
        let subject = match subject::read(self.store.as_ref(), workspace, &delivery.event).await {
            Ok(subject) => subject,
            Err(NoSubject::Missing) => return nothing("erased"),
            Err(NoSubject::Unreadable) => return nothing("unreadable_lead"),
            Err(NoSubject::Unreachable(error)) => return Err(error),
        };
        if is_stopped(&delivery.event, &subject) {
            return nothing("stopped");
        }
        let job = LeasedJob {
            id: view.id,
            queue,
            sequence: view.sequence,
            lease_until: self.clock.now(),
            receipt: view.receipt.clone(),
            absorbed: view.absorbed,
            absorbed_ids: Vec::new(),
            state: Vec::new(),
            body: Vec::new(),
        };
        let (state, subject) = (view.state.clone(), masked(subject));
        // Links by which somebody answers or confirms are as good as keys: none is shown.
        let (links, confirm) = (Vec::new(), None);
        let job = &job;
        let ready = Ready { workspace, job, delivery, destination, subject, links, confirm, state };
        Ok(self.request(ready).await)
    }
}

/// Takes the first request, and answers none.
#[derive(Default)]
struct Caught(Mutex<Option<OutboundRequest>>);

#[async_trait]
impl Transport for Caught {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundAnswer, OutboundError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(request);
        Err(OutboundError::Cut)
    }
}

fn shown(
    request: &OutboundRequest,
    destination: &Destination,
    step: Option<String>,
) -> RequestShown {
    RequestShown {
        destination: destination.name.clone(),
        step,
        requests: destination.call.as_ref().map_or(1, super::call::Call::requests),
        method: match request.method {
            OutboundMethod::Post => "POST",
            OutboundMethod::Get => "GET",
            OutboundMethod::Put => "PUT",
            OutboundMethod::Patch => "PATCH",
        },
        to: destination.origin().to_owned(),
        headers: shown_headers(request, destination),
        body: shown_body(request, destination),
    }
}
