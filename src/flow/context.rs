//! What every flow works with: the ports, the keys, and the way out for leased jobs.

use std::sync::{Arc, OnceLock};

use super::failing::Failing;
use super::feed::Feed;
use super::gate::Gate;
use super::past::{Past, Recompile};
use super::recent::Recent;
use super::refusals::Refusals;
use super::reloaded::GoneThrough;
use super::roster::Rosters;
use super::standing::Accounts;
use crate::domain::ports::{AccessTokens, Clock, Mint, Store, StoreError};
use crate::domain::{Commit, IdBlock, Lease, LeasedJob, Name, Timestamp};
use crate::identify::Pepper;
use crate::keyring::Keyring;
use crate::telemetry::{Fact, Telemetry};

/// Where jobs go that a commit leased to this process (none: there is something to look for); `app` connects it to `jobs`.
pub type Outlet = Box<dyn Fn(&Name, Vec<LeasedJob>) + Send + Sync>;

/// Not now: the caller may send again. Nothing was lost: nothing was acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Many rounds, and the facts changed each time.
    #[error("too many others are writing about the same person")]
    Contention,
    /// A stored value is not of the form this version writes.
    #[error("a stored record cannot be read")]
    Corrupt,
}

/// The flows. One per process, shared by all handlers.
pub struct Flow {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) mint: Arc<dyn Mint>,
    pub(super) keyring: Arc<Keyring>,
    pub(super) pepper: Pepper,
    pub(super) telemetry: Telemetry,
    pub(super) gate: Gate,
    pub(super) feed: Feed,
    pub(super) lease: Lease,
    pub(super) past: Past,
    pub(super) refusals: Refusals,
    pub(super) rosters: Rosters,
    pub(super) gone_through: GoneThrough,
    pub(super) accounts: Accounts,
    pub(super) recent: Recent,
    pub(super) failing: Failing,
    /// Tallies are written by one at a time in this process.
    pub(super) tally_turn: tokio::sync::Mutex<()>,
    /// The journal is folded by one at a time in this process.
    pub(super) projecting: tokio::sync::Mutex<()>,
    outlet: Outlet,
    /// Where access tokens are had; offered once by `app`.
    pub(super) tokens: OnceLock<Arc<dyn AccessTokens>>,
}

impl std::fmt::Debug for Flow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Flow").field("lease", &self.lease).finish_non_exhaustive()
    }
}

impl Flow {
    /// Puts the flows together.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        mint: Arc<dyn Mint>,
        keyring: Arc<Keyring>,
        telemetry: Telemetry,
        lease: Lease,
        outlet: Outlet,
    ) -> Self {
        let pepper = keyring.pepper();
        let (gate, feed) = (Gate::new(), Feed::new(&lease.incarnation));
        Self {
            store,
            clock,
            mint,
            keyring,
            pepper,
            telemetry,
            gate,
            feed,
            lease,
            past: Past::default(),
            refusals: Refusals::default(),
            rosters: Rosters::default(),
            gone_through: GoneThrough::default(),
            accounts: Accounts::default(),
            recent: Recent::default(),
            failing: Failing::default(),
            tally_turn: tokio::sync::Mutex::default(),
            projecting: tokio::sync::Mutex::default(),
            outlet,
            tokens: OnceLock::new(),
        }
    }

    /// Lets what is fetched be asked for with tokens of OAuth 2. Only the first offer counts.
    pub fn offer_tokens(&self, tokens: Arc<dyn AccessTokens>) {
        let _ = self.tokens.set(tokens);
    }

    /// With a way to compile configurations of the past again, so that old records keep their names.
    #[must_use]
    pub fn recompiling(self, recompile: Recompile) -> Self {
        Self { past: Past::new(recompile), ..self }
    }

    /// Where what was refused is counted.
    pub fn refusals(&self) -> &Refusals {
        &self.refusals
    }

    /// The time everything here is judged by.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The store, for reads that need no flow.
    pub fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }

    /// Where facts go.
    pub fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    /// Sixteen fresh bytes for a request id or a trace.
    pub fn fresh(&self) -> [u8; 16] {
        self.mint.mint()
    }

    pub(super) fn ids(&self) -> IdBlock {
        IdBlock::new(self.mint.mint())
    }

    /// What derives from the master key.
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// A nonce for sealing: two fresh ids' bytes (random bits of UUIDv7) make 24 of them unique.
    pub fn nonce(&self) -> [u8; 24] {
        let (first, second) = (self.mint.mint(), self.mint.mint());
        let mut nonce = [0; 24];
        nonce[..16].copy_from_slice(&first);
        nonce[16..].copy_from_slice(&second[8..]);
        nonce
    }

    /// Hands over what a commit leased; nothing, too, if what it did not lease is to be looked for at once.
    pub(super) fn hand_out(&self, commit: &Commit, jobs: Vec<LeasedJob>) {
        let mut ordered = commit.branches.iter().flat_map(|branch| &branch.jobs);
        if !jobs.is_empty() || ordered.any(|job| job.route.pace.is_some()) {
            (self.outlet)(&commit.workspace, jobs);
        }
    }

    /// Notes a store failure where it is handled, once.
    pub(super) fn troubled(&self, during: &'static str, error: StoreError) -> Unavailable {
        let kind = match error {
            StoreError::Unreachable(_) => "unreachable",
            StoreError::Refused(_) => "refused",
            StoreError::Corrupt(_) => "corrupt",
        };
        let detail = error.to_string();
        self.telemetry.record(&Fact::StoreTroubled { during, kind, detail: &detail });
        Unavailable::Store(error)
    }
}
