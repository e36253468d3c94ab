//! What goes out: the guarded client, the deliveries and the tests of destinations that use it.

use std::net::SocketAddr;
use std::sync::Arc;

use super::active::Configured;
use super::mint::RandomMint;
use super::options::AppError;
use crate::config::ServerSettings;
use crate::deliver::{Courier, Trials};
use crate::domain::ports::{Clock, Store, Transport};
use crate::egress::{Egress, Guard, SystemResolver};
use crate::http::HttpState;
use crate::telemetry::Telemetry;

/// What everything that goes out is made of.
pub struct Outbound {
    pub transport: Arc<dyn Transport>,
    pub clock: Arc<dyn Clock>,
    pub mint: Arc<RandomMint>,
    pub directory: Arc<Configured>,
}

impl Outbound {
    /// Lets the listeners use it: set once, here; nothing can be asked before serving begins.
    pub fn offer(&self, state: &HttpState) {
        let _ = state.trial.set(Arc::new(self.trials()));
        let _ = state.transport.set(Arc::clone(&self.transport));
    }

    /// Tests of destinations.
    fn trials(&self) -> Trials {
        let Self { transport, clock, mint, directory } = self;
        let (transport, clock) = (Arc::clone(transport), Arc::clone(clock));
        Trials::new(transport, clock, Arc::clone(mint) as _, Arc::clone(directory) as _)
    }

    /// Deliveries.
    pub fn courier(&self, store: &Arc<dyn Store>, telemetry: &Telemetry) -> Courier {
        Courier::new(
            Arc::clone(store),
            Arc::clone(&self.transport),
            Arc::clone(&self.clock),
            Arc::clone(&self.mint) as _,
            Arc::clone(&self.directory) as _,
            telemetry.clone(),
        )
    }
}

/// The guarded client; what opens it further is logged.
pub fn transport(server: &ServerSettings, own: Vec<SocketAddr>) -> Result<Egress, AppError> {
    let guard = Guard::compile(&server.egress)
        .map_err(|problems| AppError::Egress(first(&problems)))?
        .with_own(own);
    for opened in guard.allowed() {
        tracing::warn!(opened, "outbound requests may reach addresses that the guard would refuse");
    }
    Egress::new(guard, Arc::new(SystemResolver))
        .map_err(|error| AppError::Egress(error.to_string()))
}

fn first(problems: &[crate::domain::SettingProblem]) -> String {
    problems.first().map(|problem| problem.message.clone()).unwrap_or_default()
}
