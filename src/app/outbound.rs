//! What goes out: the guarded client, the deliveries and the tests of destinations that use it.

use std::net::SocketAddr;
use std::sync::Arc;

use super::active::Configured;
use super::mint::RandomMint;
use super::options::AppError;
use crate::config::ServerSettings;
use crate::deliver::{Courier, Previews, Rotator, Trials, Ways};
use crate::domain::ports::{Clock, Store, Transport, Vault};
use crate::egress::{Egress, Guard, SystemResolver};
use crate::http::{Bound, HttpState};
use crate::keyring::Keyring;
use crate::telemetry::Telemetry;

/// What everything that goes out is made of.
pub struct Outbound {
    pub transport: Arc<dyn Transport>,
    pub ways: Ways,
    pub clock: Arc<dyn Clock>,
    pub mint: Arc<RandomMint>,
    pub directory: Arc<Configured>,
}

impl Outbound {
    /// With all that it is made of; what it keeps in the store is sealed.
    ///
    /// # Errors
    /// If the client cannot be set up.
    pub fn open(
        server: &ServerSettings,
        bound: &Bound,
        (store, keyring, telemetry): (&Arc<dyn Store>, Arc<Keyring>, &Telemetry),
        clock: &Arc<dyn Clock>,
        mint: Arc<RandomMint>,
        directory: Arc<Configured>,
    ) -> Result<Self, AppError> {
        let transport = transport(server, vec![bound.public, bound.private])?;
        let vault = Arc::new(Sealed(keyring));
        let ways = Ways::new(&transport, store, vault, clock, telemetry.clone());
        Ok(Self { transport, ways, clock: Arc::clone(clock), mint, directory })
    }

    /// Lets the listeners use it: set once, here; nothing can be asked before serving begins.
    pub fn offer(&self, state: &HttpState, store: &Arc<dyn Store>) {
        let _ = state.trial.set(Arc::new(self.trials()));
        let _ = state.preview.set(Arc::new(self.previews(store)));
        let _ = state.rotation.set(Arc::new(self.rotator()));
        let _ = state.transport.set(Arc::clone(&self.transport));
        state.flow.offer_tokens(self.ways.tokens());
    }

    /// Tests of destinations.
    fn trials(&self) -> Trials {
        let Self { ways, clock, mint, directory, .. } = self;
        let (ways, clock) = (ways.clone(), Arc::clone(clock));
        Trials::new(ways, clock, Arc::clone(mint) as _, Arc::clone(directory) as _)
    }

    /// What deliveries would send.
    fn previews(&self, store: &Arc<dyn Store>) -> Previews {
        let (clock, directory) = (Arc::clone(&self.clock), Arc::clone(&self.directory));
        Previews::new(Arc::clone(store), self.ways.clone(), clock, directory)
    }

    /// New signing secrets.
    fn rotator(&self) -> Rotator {
        let (clock, directory) = (Arc::clone(&self.clock), Arc::clone(&self.directory));
        Rotator::new(self.ways.clone(), clock, directory)
    }

    /// Deliveries.
    pub fn courier(&self, store: &Arc<dyn Store>, telemetry: &Telemetry) -> Courier {
        Courier::new(
            Arc::clone(store),
            self.ways.clone(),
            Arc::clone(&self.clock),
            Arc::clone(&self.mint) as _,
            Arc::clone(&self.directory) as _,
            telemetry.clone(),
        )
    }
}

/// Seals with what derives from the master key.
struct Sealed(Arc<Keyring>);

impl Vault for Sealed {
    fn seal(&self, about: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
        self.0.seal_own(&rand::random(), about, plain).ok()
    }

    fn open(&self, about: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        self.0.open_own(about, sealed).ok()
    }
}

/// The guarded client; what opens it further is logged.
fn transport(
    server: &ServerSettings,
    own: Vec<SocketAddr>,
) -> Result<Arc<dyn Transport>, AppError> {
    let guard = Guard::compile(&server.egress)
        .map_err(|problems| AppError::Egress(first(&problems)))?
        .with_own(own);
    for opened in guard.allowed() {
        tracing::warn!(opened, "outbound requests may reach addresses that the guard would refuse");
    }
    let egress = Egress::new(guard, Arc::new(SystemResolver));
    Ok(Arc::new(egress.map_err(|error| AppError::Egress(error.to_string()))?))
}

fn first(problems: &[crate::domain::SettingProblem]) -> String {
    problems.first().map(|problem| problem.message.clone()).unwrap_or_default()
}
