//! The ways out: the guarded transport, and the tokens that some receivers want.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::sending::{Message, Sent};
use crate::domain::ports::{Clock, Store, Transport, Vault};
use crate::domain::{Name, Verdict};
use crate::egress::Tokens;

/// How long a token may take: within it another replica's turn usually ends.
const TOKEN: Duration = Duration::from_secs(10);

/// Cheap to clone.
#[derive(Clone)]
pub struct Ways {
    transport: Arc<dyn Transport>,
    tokens: Arc<Tokens>,
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
    ) -> Self {
        let (out, clock) = (Arc::clone(transport), Arc::clone(clock));
        let tokens = Arc::new(Tokens::new(Arc::clone(store), vault, out, clock));
        Self { transport: Arc::clone(transport), tokens }
    }

    /// Those of a command that sends by itself.
    pub fn alone(transport: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> Self {
        let tokens = Arc::new(Tokens::alone(Arc::clone(&transport), clock));
        Self { transport, tokens }
    }

    /// What an attempt may take beyond the destination's own timeout: a token before it; when the receiver does
    /// not take that one, another, and the request again.
    pub(super) fn beyond(timeout: Duration) -> Duration {
        timeout + 2 * TOKEN
    }

    /// Sends a message, with a token if its destination wants one. A token that the receiver does not take is renewed
    /// once.
    pub(super) async fn send(
        &self,
        workspace: &Name,
        message: &Message<'_>,
        kept: &mut std::collections::BTreeMap<String, String>,
    ) -> Sent {
        let destination = message.destination;
        let Some(request) = destination.token_request() else {
            return message.send(self.transport.as_ref(), None, kept).await;
        };
        let mut refused: Option<String> = None;
        loop {
            let before = refused.as_deref();
            let got = self.tokens.token(workspace, &destination.name, request, before, TOKEN).await;
            let token = match got {
                Ok(token) => token,
                Err(error) => return Sent::without_token(&error),
            };
            let sent = message.send(self.transport.as_ref(), Some(&token), kept).await;
            if sent.judged.verdict != Verdict::Credentials || refused.is_some() {
                return sent;
            }
            refused = Some(token);
        }
    }
}
