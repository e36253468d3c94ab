//! Who asks for a token, and who waits for it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::asking::{self, TokenRequest};
use super::kept::{Kept, State, Trouble, Turn};
use crate::domain::ports::{Clock, OutboundError, Store, StoreError, Transport, Vault};
use crate::domain::{Name, Timestamp};

/// Longer than any answer of a token endpoint takes.
const TURN: Duration = Duration::from_secs(20);
/// How long the endpoint has to answer.
const ASKING: Duration = Duration::from_secs(8);
/// So long a refusal counts for all.
const TROUBLED: Duration = Duration::from_secs(30);
/// How often somebody looks who waits for another's turn.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// The longest a token is renewed before its end.
const EARLY_MAX: Duration = Duration::from_mins(5);

/// Why there is no token. Holds nothing that was sent or came, but a plain code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The endpoint does not accept what we are: its own code, such as `invalid_client`.
    #[error("the token endpoint refused")]
    Refused { status: Option<u16>, code: Option<String> },
    /// Too many were asked for.
    #[error("the token endpoint wants to be asked later")]
    Limited { status: u16 },
    /// It answered, but nothing that can be used.
    #[error("the token endpoint gave no token")]
    Odd { status: u16 },
    #[error("the token endpoint did not answer: {0}")]
    Unanswered(OutboundError),
    /// Another process asks, and took too long.
    #[error("another process asks for the token")]
    Busy,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TokenError {
    /// The word for metrics.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "refused",
            Self::Limited { .. } => "limited",
            Self::Odd { .. } => "odd",
            Self::Unanswered(_) => "unanswered",
            Self::Busy => "busy",
            Self::Store(_) => "store",
        }
    }
}

/// A token in this process's memory.
#[derive(Clone)]
struct Held {
    of: String,
    access: String,
    renew_at: Timestamp,
}

type InHand = Arc<tokio::sync::Mutex<Option<Held>>>;

/// Where kept tokens are: none for a command that is alone.
pub(super) struct Shared {
    pub(super) store: Arc<dyn Store>,
    pub(super) vault: Arc<dyn Vault>,
}

/// The tokens of all destinations.
pub struct Tokens {
    shared: Option<Shared>,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    in_hand: Mutex<HashMap<(Name, Name), InHand>>,
    told: Option<Box<Told>>,
}

/// Is told how each request for a token ended: of which workspace, which destination, in a word.
pub type Told = dyn Fn(&Name, &Name, &'static str) + Send + Sync;

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

impl Tokens {
    /// Shared with all replicas through the store.
    pub fn new(
        store: Arc<dyn Store>,
        vault: Arc<dyn Vault>,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let shared = Some(Shared { store, vault });
        Self { shared, transport, clock, in_hand: Mutex::default(), told: None }
    }

    /// For a command that sends by itself: nothing is kept.
    pub fn alone(transport: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> Self {
        Self { shared: None, transport, clock, in_hand: Mutex::default(), told: None }
    }

    /// The same, and says how each request for a token ended.
    #[must_use]
    pub fn telling(mut self, told: Box<Told>) -> Self {
        self.told = Some(told);
        self
    }

    /// A token for a destination; another one than `refused`, which the receiver did not take (any more).
    ///
    /// # Errors
    /// Why there is none, within `deadline`.
    pub async fn token(
        &self,
        workspace: &Name,
        destination: &Name,
        request: &TokenRequest,
        refused: Option<&str>,
        deadline: Duration,
    ) -> Result<String, TokenError> {
        let getting = async {
            // One at a time in this process; the others find what it brought.
            let in_hand = self.in_hand(workspace, destination);
            let mut held = in_hand.lock().await;
            let of = request.fingerprint();
            let now = self.clock.now();
            if let Some(held) = held.as_ref()
                && held.of == of
                && now < held.renew_at
                && refused != Some(held.access.as_str())
            {
                return Ok(held.access.clone());
            }
            let state = match &self.shared {
                None => self.asked(request, None).await.map_err(|trouble| trouble.0)?,
                Some(shared) => {
                    let kept = Kept { shared, workspace, destination };
                    self.renewed(&kept, request, refused).await?
                }
            };
            let (access, renew_at) = (state.access, state.renew_at);
            *held = Some(Held { of, access: access.clone(), renew_at });
            Ok(access)
        };
        tokio::time::timeout(deadline, getting).await.unwrap_or(Err(TokenError::Busy))
    }

    fn in_hand(&self, workspace: &Name, destination: &Name) -> InHand {
        let mut all = self.in_hand.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry((workspace.clone(), destination.clone())).or_default())
    }

    /// What the store has, renewed if it is time, by whoever comes first.
    async fn renewed(
        &self,
        kept: &Kept<'_>,
        request: &TokenRequest,
        refused: Option<&str>,
    ) -> Result<State, TokenError> {
        let of = request.fingerprint();
        loop {
            let now = self.clock.now();
            let (version, found) = kept.read(&of).await?;
            let usable = !found.access.is_empty() && refused != Some(found.access.as_str());
            if usable && now < found.renew_at {
                return Ok(found);
            }
            if let Some(trouble) = found.trouble.as_ref().filter(|trouble| now < trouble.until) {
                return if usable && now < found.until { Ok(found) } else { Err(trouble.error()) };
            }
            if found.turn.as_ref().is_some_and(|turn| now < turn.until) {
                if usable && now < found.until {
                    return Ok(found);
                }
                tokio::time::sleep(LOOK_EVERY).await;
                continue;
            }
            let turn = Some(Turn { until: now.after(TURN) });
            let taken = State { of: of.clone(), turn, trouble: None, ..found };
            let Some(version) = kept.write(version, &taken, now).await? else { continue };
            let asked = self.asked(request, taken.refresh.as_deref()).await;
            if let Some(told) = &self.told {
                let outcome = asked.as_ref().map_or_else(|(error, _)| error.word(), |_| "given");
                told(kept.workspace, kept.destination, outcome);
            }
            let (state, ended) = match asked {
                Ok(state) => {
                    // An endpoint that gives no new refresh token lets us keep the old one.
                    let refresh = state.refresh.clone().or(taken.refresh);
                    let state = State { refresh, ..state };
                    (state.clone(), Ok(state))
                }
                Err((error, trouble)) => (State { turn: None, trouble, ..taken }, Err(error)),
            };
            // Whoever took the turn after ours had lapsed knows better.
            return match kept.write(version, &state, self.clock.now()).await? {
                Some(_) => ended,
                None => continue,
            };
        }
    }

    /// Asks the endpoint. What went wrong, and what of it is worth telling the others.
    async fn asked(
        &self,
        request: &TokenRequest,
        refresh: Option<&str>,
    ) -> Result<State, (TokenError, Option<Trouble>)> {
        let before = self.clock.now();
        let answer = self.transport.send(request.outbound(refresh, ASKING)).await;
        let read = asking::read(answer);
        let given = read.map_err(|error| {
            let until = self.clock.now().after(TROUBLED);
            let trouble = Trouble::of(&error, until);
            (error, trouble)
        })?;
        let lives = given.lives.unwrap_or(request.lives);
        let until = before.after(lives);
        Ok(State {
            of: request.fingerprint(),
            access: given.access,
            renew_at: until.before(EARLY_MAX.min(lives / 5)),
            until,
            refresh: given.refresh,
            turn: None,
            trouble: None,
        })
    }
}
