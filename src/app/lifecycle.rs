//! Putting it together, running it, stopping it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::active::{Configured, active, recompile};
use super::clock::StoreClock;
use super::mint::RandomMint;
use super::open_store::{StoreUrl, wait_for_store, warn_of_durability};
use super::options::{AppError, Options, Stopped};
use super::outbound::Outbound;
use super::reload::{ByApi, InForce, Reloading};
use super::runner::Runner;
use super::{loops, ports_file};
use crate::config::{Loaded, ServerSettings};
use crate::console::{self, Entrance};
use crate::domain::ports::{Clock, Mint, Store, StoreError};
use crate::domain::{Lease, Name};
use crate::flow::Flow;
use crate::http::{self, Bound, HttpLimits, HttpState, Listeners};
use crate::jobs::{self, Jobs};
use crate::keyring::Keyring;
use crate::telemetry::{Fact, Telemetry};

/// A built app: bound, not yet serving.
pub struct App {
    bound: Bound,
    state: Arc<HttpState>,
    jobs: Arc<Jobs>,
    flow: Arc<Flow>,
    store: Arc<dyn Store>,
    clock: Option<Arc<StoreClock>>,
    reloading: Arc<Reloading>,
    reload_on_hang_up: bool,
    telemetry: Telemetry,
    entrance: Arc<Entrance>,
    runtime_key: String,
    runtime_file: Option<PathBuf>,
    stop_within: Duration,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("bound", &self.bound).finish_non_exhaustive()
    }
}

impl App {
    /// Opens the store, binds the listeners, wires the rooms.
    ///
    /// # Errors
    /// If any of that is not to be had.
    pub async fn build(options: Options) -> Result<Self, AppError> {
        let telemetry = Telemetry::new();
        let runtime_key = http::keys::mint(rand::random());
        let loaded = options.reloader.current();
        let server = loaded.load().server.clone();
        let (listeners, flags) = (listeners(&options, &server), options.flags());
        let reloader = Arc::new(options.reloader);
        let keyring = Arc::new(options.keyring);
        let store = ready_store(&options.store, &keyring, &loaded.load()).await?;
        let (clock, store_clock) = clock_of(store.as_ref(), options.clock).await?;
        let mint = Arc::new(RandomMint::default());
        let incarnation = incarnation(mint.as_ref());
        let begun = active(&loaded.load(), &runtime_key, &flags, clock.now());
        let target = Arc::new(ArcSwap::from_pointee(begun));
        let jobs_slot = JobsSlot::default();
        let flow = Flow::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            Arc::clone(&mint) as Arc<dyn Mint>,
            Arc::clone(&keyring),
            telemetry.clone(),
            Lease { incarnation: incarnation.clone() },
            outlet(&jobs_slot),
        );
        let flow = Arc::new(flow.recompiling(recompile(&reloader)));
        let runtime = runtime_key.clone();
        let force = InForce { active: Arc::clone(&target), runtime_key: runtime, flags };
        let reloading = Arc::new(Reloading::new(reloader, force, &store, &clock, &telemetry));
        let by_api = Arc::new(ByApi(Arc::clone(&reloading)));
        let state = HttpState::new(Arc::clone(&flow), Arc::clone(&target), by_api, limits(&server));
        let state = Arc::new(state);
        let entrance = Arc::new(Entrance::new());
        let pages = Arc::clone(&entrance);
        let with_console = move |config: &mut _| console::configure(config, &pages);
        let bound = http::bind(listeners, Arc::clone(&state), with_console)?;
        let private_url = url_of(server.private_url.as_ref(), bound.private);
        let directory = Arc::new(Configured::new(&loaded, &target, &flow, private_url));
        let kept = (&store, keyring, &telemetry);
        let out = Outbound::open(&server, &bound, kept, &clock, mint, directory)?;
        out.offer(&state, &store);
        let runner = Runner::new(&out, out.courier(&store, &telemetry), &flow, &target);
        let jobs = Arc::new(Jobs::new(
            Arc::clone(&store),
            Arc::new(runner),
            clock,
            incarnation,
            move || target.load().workspaces.keys().cloned().collect(),
            telemetry.clone(),
            limits_of_jobs(&options.store),
        ));
        // The slot is filled once, here; nothing can be handed over before serving begins.
        let _ = jobs_slot.set(Arc::clone(&jobs));
        let runtime_file = options.runtime_file;
        write_files(options.ports_file.as_deref(), runtime_file.as_deref(), &bound, &runtime_key)?;
        started(&telemetry, &bound, options.store.kind());
        Ok(Self {
            bound,
            state,
            jobs,
            flow,
            store,
            clock: store_clock,
            reloading,
            reload_on_hang_up: options.reload_on_hang_up,
            telemetry,
            entrance,
            runtime_key,
            runtime_file,
            stop_within: options.stop_within,
        })
    }

    /// The public listener's address.
    pub fn public(&self) -> SocketAddr {
        self.bound.public
    }

    /// The private listener's address.
    pub fn private(&self) -> SocketAddr {
        self.bound.private
    }

    /// The flows, for whoever drives the app from within its process (the demo).
    pub fn flow(&self) -> Arc<Flow> {
        Arc::clone(&self.flow)
    }

    /// The key with which this process may be asked anything; it dies with it.
    pub fn runtime_key(&self) -> &str {
        &self.runtime_key
    }

    /// A link to the console that lets its holder in once, with the process's own key.
    pub fn console_link(&self) -> String {
        let token = self.entrance.link(&self.runtime_key);
        format!("http://{}/console/enter?token={token}", self.bound.private)
    }

    /// The configuration in force.
    pub fn active(&self) -> Arc<ArcSwap<http::Active>> {
        Arc::clone(&self.state.active)
    }

    /// Serves until `stop` resolves, then stops in two steps: first nothing new is taken and what is
    /// in flight is finished; after the deadline what remains is left to its lease.
    ///
    /// # Errors
    /// If a listener fails.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<Stopped, AppError> {
        let (tell_stop, stopping) = watch::channel(false);
        let mut background = JoinSet::new();
        background.spawn(loops::sample(
            Arc::clone(&self.store),
            self.clock.clone(),
            Arc::clone(&self.state),
            self.telemetry.clone(),
            stopping.clone(),
        ));
        background.spawn(loops::poll(Arc::clone(&self.reloading), stopping.clone()));
        #[cfg(unix)]
        if self.reload_on_hang_up {
            background.spawn(loops::hang_up(Arc::clone(&self.reloading), stopping.clone()));
        }
        let (flow, state) = (Arc::clone(&self.flow), Arc::clone(&self.state));
        background.spawn(loops::fold(flow, state, stopping.clone()));
        let (flow, state) = (Arc::clone(&self.flow), Arc::clone(&self.state));
        background.spawn(loops::wake(flow, state, stopping.clone()));
        let (flow, state) = (Arc::clone(&self.flow), Arc::clone(&self.state));
        background.spawn(loops::expire(flow, state, stopping.clone()));
        background.spawn(loops::watch(Arc::clone(&self.flow), Arc::clone(&self.state), stopping));
        let running = Arc::clone(&self.jobs);
        let jobs = tokio::spawn(async move { running.run().await });
        let (public, private) = self.bound.handles();
        let mut serving = tokio::spawn(self.bound.serve());
        tokio::select! {
            ended = &mut serving => {
                let ended = ended.map_err(std::io::Error::other).and_then(|served| served);
                return ended.map(|()| Stopped::Cleanly).map_err(AppError::Serving);
            }
            () = stop => {}
        }
        self.telemetry.record(&Fact::Stopping { step: "draining" });
        Bound::drain(&self.state);
        let _ = tell_stop.send(true);
        let grace = self.stop_within.mul_f32(0.8);
        let finish = async {
            public.stop(true).await;
            self.jobs.stop(grace).await;
            private.stop(true).await;
            while background.join_next().await.is_some() {}
            loops::keep_refusals(&self.flow, &self.state).await;
        };
        let ended = tokio::time::timeout(self.stop_within, finish).await;
        jobs.abort();
        let stopped = if ended.is_ok() { Stopped::Cleanly } else { Stopped::GaveUp };
        if stopped == Stopped::GaveUp {
            public.stop(false).await;
            private.stop(false).await;
            serving.abort();
        }
        if let Some(path) = &self.runtime_file {
            // Gone already, or never to be found again: both are fine.
            drop(std::fs::remove_file(path));
        }
        let how = if stopped == Stopped::Cleanly { "stopped" } else { "gave_up" };
        self.telemetry.record(&Fact::Stopping { step: how });
        Ok(stopped)
    }
}

/// Filled once both the flows and the jobs are there: the flows hand jobs over, and know no jobs.
type JobsSlot = Arc<std::sync::OnceLock<Arc<Jobs>>>;

fn outlet(slot: &JobsSlot) -> crate::flow::Outlet {
    let slot = Arc::clone(slot);
    Box::new(move |workspace: &Name, leased| {
        if let Some(jobs) = slot.get() {
            jobs.hand_over(workspace, leased);
        }
    })
}

fn limits(server: &ServerSettings) -> HttpLimits {
    HttpLimits {
        in_flight: server.limits.in_flight as usize,
        connections: server.limits.connections as usize,
        body_deadline: Duration::from_millis(u64::from(server.limits.body_ms)),
        per_client_minute: server.limits.per_client_minute,
    }
}

fn listeners(options: &Options, server: &ServerSettings) -> Listeners {
    Listeners {
        public: options.public.unwrap_or(server.public_address),
        private: options.private.unwrap_or(server.private_address),
        threads: server.limits.threads.map_or_else(half_the_cores, |threads| threads as usize),
        stop_within: options.stop_within,
    }
}

/// An inquiry that is delivered costs the threads that answer less than half of what it costs in all, and few threads
/// send more commits in one call than many.
fn half_the_cores() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().div_ceil(2))
}

/// How a listener is reached: as configured, else where it is bound.
fn url_of(configured: Option<&url::Url>, bound: SocketAddr) -> String {
    configured.map_or_else(
        || format!("http://{bound}"),
        |url| url.as_str().trim_end_matches('/').to_owned(),
    )
}

/// The files by which others find this process.
fn write_files(
    ports_file: Option<&Path>,
    runtime_file: Option<&Path>,
    bound: &Bound,
    runtime_key: &str,
) -> Result<(), AppError> {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |source| AppError::PortsFile { path, source }
    };
    if let Some(path) = ports_file {
        ports_file::write(path, bound.public, bound.private).map_err(failed(path))?;
    }
    if let Some(path) = runtime_file {
        // A convenience for commands on this machine, no reason not to serve.
        if let Err(error) = ports_file::write_runtime(path, bound.private, runtime_key) {
            let path = path.display();
            tracing::warn!(%path, %error, "no runtime file: commands need --url and --key");
        }
    }
    Ok(())
}

fn started(telemetry: &Telemetry, bound: &Bound, store: &str) {
    let (public, private) = (bound.public.to_string(), bound.private.to_string());
    telemetry.record(&Fact::Started { public: &public, private: &private, store });
}

/// The store, open and known to be ours, with the bundles of the configuration in it.
async fn ready_store(
    url: &StoreUrl,
    keyring: &Keyring,
    loaded: &Loaded,
) -> Result<Arc<dyn Store>, AppError> {
    let store = wait_for_store(url).await?;
    if !store.check_key(keyring.check()).await? {
        return Err(AppError::OtherKey);
    }
    loops::keep_bundles(store.as_ref(), loaded).await?;
    warn_of_durability(store.as_ref()).await?;
    Ok(store)
}

async fn clock_of(
    store: &dyn Store,
    given: Option<Arc<dyn Clock>>,
) -> Result<(Arc<dyn Clock>, Option<Arc<StoreClock>>), StoreError> {
    if let Some(clock) = given {
        return Ok((clock, None));
    }
    let clock = Arc::new(StoreClock::starting_at(store.time().await?));
    Ok((Arc::clone(&clock) as Arc<dyn Clock>, Some(clock)))
}

/// This process's life, as other replicas know it.
#[expect(clippy::expect_used, reason = "a start-up proof: a letter and 32 digits are a name")]
fn incarnation(mint: &dyn Mint) -> Name {
    let text = format!("i{}", uuid::Uuid::from_bytes(mint.mint()).simple());
    Name::parse(&text).expect("a letter and 32 hexadecimal digits are a name")
}

/// Whoever held leases on an embedded store is gone: this process is its only one. On Redis other
/// replicas may be alive, and silence has to last before it means anything.
fn limits_of_jobs(store: &StoreUrl) -> jobs::Limits {
    match store {
        StoreUrl::Embedded(_) => {
            jobs::Limits { silent_for: Duration::ZERO, ..jobs::Limits::default() }
        }
        StoreUrl::Redis(_) => jobs::Limits::default(),
    }
}
