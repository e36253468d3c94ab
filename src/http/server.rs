//! Binding the two listeners, serving, and stopping in two steps.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::{App, HttpServer, web};

use super::state::HttpState;
use super::{private, public};

/// Head of a request must be in within this time.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// Where to listen and with how many threads.
#[derive(Debug, Clone, Copy)]
pub struct Listeners {
    pub public: SocketAddr,
    pub private: SocketAddr,
    /// Threads of the public listener; the private one has one.
    pub threads: usize,
    /// How long in-flight requests may take once stopping began.
    pub stop_within: Duration,
}

/// Why a listener could not be bound.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}")]
pub struct ServerError {
    pub address: SocketAddr,
    pub source: std::io::Error,
}

/// Both listeners, bound and not yet serving.
pub struct Bound {
    pub public: SocketAddr,
    pub private: SocketAddr,
    servers: (Server, Server),
    state: Arc<HttpState>,
}

impl std::fmt::Debug for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bound")
            .field("public", &self.public)
            .field("private", &self.private)
            .finish_non_exhaustive()
    }
}

/// Binds both listeners; port 0 takes a free one. `pages`: what the private listener serves beside
/// its operations (the console).
///
/// # Errors
/// If an address cannot be bound.
pub fn bind(
    listeners: Listeners,
    state: Arc<HttpState>,
    pages: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
) -> Result<Bound, ServerError> {
    let (public_listener, public) = open(listeners.public)?;
    let (private_listener, private) = open(listeners.private)?;
    // Bound once for each state.
    let _ = state.bound.set(public);
    let shared = web::Data::from(Arc::clone(&state));
    let connections = state.limits.connections;
    let stop_secs = listeners.stop_within.as_secs().max(1);
    let to_error = |address| move |source| ServerError { address, source };
    let data = shared.clone();
    let public_server =
        HttpServer::new(move || App::new().app_data(data.clone()).configure(public::configure))
            .workers(listeners.threads)
            .max_connections(connections)
            .client_request_timeout(HEAD_TIMEOUT)
            .keep_alive(KEEP_ALIVE)
            .shutdown_timeout(stop_secs)
            .disable_signals()
            .listen(public_listener)
            .map_err(to_error(public))?
            .run();
    let private_server = HttpServer::new(move || {
        let app = App::new().app_data(shared.clone());
        app.configure(pages.clone()).configure(private::configure)
    })
    .workers(1)
    .max_connections(connections)
    .client_request_timeout(HEAD_TIMEOUT)
    .keep_alive(KEEP_ALIVE)
    .shutdown_timeout(stop_secs)
    .disable_signals()
    .listen(private_listener)
    .map_err(to_error(private))?
    .run();
    Ok(Bound { public, private, servers: (public_server, private_server), state })
}

fn open(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ServerError> {
    let to_error = |source| ServerError { address, source };
    let listener = TcpListener::bind(address).map_err(to_error)?;
    let bound = listener.local_addr().map_err(to_error)?;
    Ok((listener, bound))
}

impl Bound {
    /// Handles for stopping from elsewhere.
    #[must_use]
    pub fn handles(&self) -> (ServerHandle, ServerHandle) {
        (self.servers.0.handle(), self.servers.1.handle())
    }

    /// Serves until both listeners were stopped.
    ///
    /// # Errors
    /// If a listener fails.
    pub async fn serve(self) -> std::io::Result<()> {
        let (public, private) = self.servers;
        let (first, second) = futures_util::future::join(public, private).await;
        first.and(second)
    }

    /// The first step of stopping: `readyz` says no, new capture requests get 503.
    pub fn drain(state: &HttpState) {
        state.draining.store(true, Ordering::Release);
    }

    /// The shared state.
    #[must_use]
    pub fn state(&self) -> Arc<HttpState> {
        Arc::clone(&self.state)
    }
}
