//! How commands find a running service.

use std::fmt;
use std::path::PathBuf;

use clap::Args;

/// Where the private listener is, and with which key to ask. Without flags and environment the
/// runtime file is read that `serve` and `demo` write (mode 0600).
#[derive(Clone, Default, Args)]
pub struct ClientArgs {
    /// Base URL of the private listener
    #[arg(long, value_name = "URL", env = "LEAD_ROUTER_URL")]
    pub url: Option<String>,
    /// API key
    #[arg(long, value_name = "KEY", env = "LEAD_ROUTER_API_KEY", hide_env_values = true)]
    pub key: Option<String>,
    /// Runtime file of the service
    #[arg(long, value_name = "FILE", env = "LEAD_ROUTER_RUNTIME_FILE")]
    pub runtime_file: Option<PathBuf>,
}

impl fmt::Debug for ClientArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientArgs").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Where `serve` and `demo` write their runtime file and the other commands look for it:
/// `LEAD_ROUTER_RUNTIME_FILE`, else in `XDG_RUNTIME_DIR`, else in the home folder; `None` = nowhere.
pub fn runtime_file(env: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let given = env("LEAD_ROUTER_RUNTIME_FILE").map(PathBuf::from);
    let below = |name: &str, rest: &str| env(name).map(|folder| PathBuf::from(folder).join(rest));
    given
        .or_else(|| below("XDG_RUNTIME_DIR", "lead-router.json"))
        .or_else(|| below("HOME", ".local/state/lead-router/runtime.json"))
}
