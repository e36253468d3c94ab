//! `lead-router serve`: run as a service. Flags win over environment, environment over `server.yaml`.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::stop_signal::stop_signal;
use crate::app::{App, MasterKey, Options, Stopped, StoreUrl};
use crate::config::{self, Place, Reloader};
use crate::domain::ports::Clock;
use crate::telemetry;

/// Arguments of `serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// Configuration folder
    #[arg(long, value_name = "DIR", env = "LEAD_ROUTER_CONFIG")]
    pub config: PathBuf,
    /// embedded:DIR, redis://…, rediss://…, redis-sentinel://…/MASTER or redis-cluster://…
    #[arg(long, value_name = "STORE", env = "LEAD_ROUTER_STORE", default_value = "embedded:data")]
    pub store: String,
    /// Public listener (inquiries); port 0 = any free one. Default: server.yaml
    #[arg(long, value_name = "ADDR:PORT", env = "LEAD_ROUTER_PUBLIC")]
    pub public: Option<SocketAddr>,
    /// Private listener (API, metrics); port 0 = any free one. Default: server.yaml
    #[arg(long, value_name = "ADDR:PORT", env = "LEAD_ROUTER_PRIVATE")]
    pub private: Option<SocketAddr>,
    /// Write {"public":"ADDR:PORT","private":"ADDR:PORT"} here once both listen
    #[arg(long, value_name = "FILE", env = "LEAD_ROUTER_PORTS_FILE")]
    pub ports_file: Option<PathBuf>,
    /// Read the time from this file (milliseconds since 1970); for tests of several processes
    #[cfg(feature = "test-clock")]
    #[arg(long, value_name = "FILE", env = "LEAD_ROUTER_TEST_CLOCK")]
    pub test_clock: Option<PathBuf>,
}

/// Longest time stopping may take; Kubernetes' default grace is 30 s.
const STOP_WITHIN: Duration = Duration::from_secs(25);

/// Serves until told to stop. `false` = it could not start, or ended badly; the reason was said.
///
/// # Errors
/// If the runtime cannot be set up.
#[expect(clippy::print_stderr, reason = "before the log is installed, and for people")]
pub fn run(args: ServeArgs) -> io::Result<bool> {
    let env = |name: &str| std::env::var(name).ok();
    let reloader = match Reloader::start(Place::Dir(args.config.clone()), Box::new(env)) {
        Ok(reloader) => reloader,
        Err(errors) => {
            for error in &errors {
                eprintln!("{error}");
            }
            eprintln!("the configuration does not load; `lead-router check` shows the same");
            return Ok(false);
        }
    };
    let log = reloader.current().load().server.log.clone();
    let format = match log.format {
        config::LogFormat::Json => telemetry::LogFormat::Json,
        config::LogFormat::Text => telemetry::LogFormat::Text,
    };
    let (lines, _written_at_the_end) = telemetry::Gathered::new(io::stderr());
    telemetry::install(format, &log.level, lines);
    let store: StoreUrl = match args.store.parse() {
        Ok(store) => store,
        Err(error) => {
            eprintln!("--store: {error}");
            return Ok(false);
        }
    };
    let keyring = match MasterKey::load(env("LEAD_ROUTER_KEY").as_deref(), store.directory()) {
        Ok(keyring) => keyring,
        Err(error) => {
            eprintln!("{error}");
            return Ok(false);
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async move {
        let options = Options {
            reloader,
            store,
            keyring,
            public: args.public,
            private: args.private,
            ports_file: args.ports_file.clone(),
            runtime_file: super::client::runtime_file(&env),
            clock: clock(&args),
            stop_within: STOP_WITHIN,
            reload_on_hang_up: true,
        };
        let ran = match App::build(options).await {
            Ok(app) => app.run(stop_signal()).await,
            Err(error) => Err(error),
        };
        match ran {
            Ok(stopped) => Ok(stopped == Stopped::Cleanly),
            Err(error) => {
                eprintln!("{error}");
                Ok(false)
            }
        }
    })
}

#[cfg(feature = "test-clock")]
fn clock(args: &ServeArgs) -> Option<Arc<dyn Clock>> {
    let file = args.test_clock.clone()?;
    Some(Arc::new(crate::app::MovableClock::reading(file)))
}

#[cfg(not(feature = "test-clock"))]
fn clock(_: &ServeArgs) -> Option<Arc<dyn Clock>> {
    None
}
