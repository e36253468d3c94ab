//! The ways out: the guarded transport, and the tokens that some receivers want.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::destination::Destination;
use super::rotation::Rotations;
use super::sending::{Message, Sent};
use crate::domain::ports::{AccessTokens, Clock, Store, Transport, Vault};
use crate::domain::{Name, Verdict};
use crate::egress::Tokens;
use crate::telemetry::{Fact, Telemetry};

/// How long a token may take: within it another replica's turn usually ends.
const TOKEN: Duration = Duration::from_secs(10);

/// Cheap to clone.
#[derive(Clone)]
pub struct Ways {
    transport: Arc<dyn Transport>,
    tokens: Arc<Tokens>,
    /// None for a command that is alone.
    rotations: Option<Arc<Rotations>>,
}

impl fmt::Debug for Ways {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ways").finish_non_exhaustive()
    }
}

impl Ways {
    /// Those of a service: tokens are shared by all replicas.
    pub fn new(
        transport: &Arc<dyn Transport>,
        store: &Arc<dyn Store>,
        vault: Arc<dyn Vault>,
        clock: &Arc<dyn Clock>,
        telemetry: Telemetry,
    ) -> Self {
        let (out, clock) = (Arc::clone(transport), Arc::clone(clock));
        let rotations = Rotations::new(Arc::clone(store), Arc::clone(&vault));
        let told = move |workspace: &Name, destination: &Name, outcome| {
            telemetry.record(&Fact::TokenAsked { workspace, destination, outcome });
        };
        let tokens = Tokens::new(Arc::clone(store), vault, out, clock).telling(Box::new(told));
        let tokens = Arc::new(tokens);
        let rotations = Some(Arc::new(rotations));
        Self { transport: Arc::clone(transport), tokens, rotations }
    }

    /// Those of a command that sends by itself.
    pub fn alone(transport: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> Self {
        let tokens = Arc::new(Tokens::alone(Arc::clone(&transport), clock));
        Self { transport, tokens, rotations: None }
    }

    /// The tokens, for what is fetched.
    #[must_use]
    pub fn tokens(&self) -> Arc<dyn AccessTokens> {
        Arc::clone(&self.tokens) as _
    }

    pub(super) fn rotations(&self) -> Option<&Rotations> {
        self.rotations.as_deref()
    }

    /// A destination as it signs now.
    pub(super) async fn as_now(
        &self,
        workspace: &Name,
        destination: Arc<Destination>,
    ) -> Arc<Destination> {
        match &self.rotations {
            Some(rotations) => rotations.applied(workspace, destination).await,
            None => destination,
        }
    }

    /// What an attempt may take beyond the destination's own timeout: a token before it; when the receiver does
    /// not take that one, another, and the request again.
    pub(super) fn beyond(timeout: Duration) -> Duration {
        timeout + 2 * TOKEN
    }

    /// Sends a parcel, with a token if its destination wants one. A token that the receiver does not take is renewed
    /// once.
    pub(super) async fn send(
        &self,
        workspace: &Name,
        to: &Destination,
        parcel: &mut dyn Parcel,
    ) -> Sent {
        let transport = self.transport.as_ref();
        let Some(request) = to.token_request() else {
            return parcel.send(transport, None).await;
        };
        let mut refused: Option<String> = None;
        loop {
            let before = refused.as_deref();
            let got = self.tokens.token(workspace, &to.name, request, before, TOKEN).await;
            let token = match got {
                Ok(token) => token,
                Err(error) => return Sent::without_token(&error),
            };
            let sent = parcel.send(transport, Some(&token)).await;
            if sent.judged.verdict != Verdict::Credentials || refused.is_some() {
                return sent;
            }
            refused = Some(token);
        }
    }
}

/// What is sent as one, again if need be.
#[async_trait]
pub(super) trait Parcel: Send {
    async fn send(&mut self, transport: &dyn Transport, token: Option<&str>) -> Sent;
}

/// One event.
pub(super) struct One<'a> {
    pub(super) message: Message<'a>,
    /// Ids that earlier attempts were given; gets this one's.
    pub(super) kept: &'a mut BTreeMap<String, String>,
}

#[async_trait]
impl Parcel for One<'_> {
    async fn send(&mut self, transport: &dyn Transport, token: Option<&str>) -> Sent {
        self.message.send(transport, token, self.kept).await
    }
}
