//! `lead-router serve`: arguments. Flags win over environment, environment over `server.yaml`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

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
