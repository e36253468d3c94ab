//! `lead-router audit`: arguments.

use clap::Args;

/// Arguments of `audit`. On a stopped store, or any Redis.
#[derive(Debug, Clone, Args)]
pub struct AuditArgs {
    /// embedded:DIR (stopped), redis://… and the like
    #[arg(long, value_name = "STORE", env = "LEAD_ROUTER_STORE", default_value = "embedded:data")]
    pub store: String,
    /// Workspaces to walk; several times for several
    #[arg(long = "workspace", value_name = "NAME", required = true)]
    pub workspaces: Vec<crate::domain::Name>,
    /// Print every line of the store in canonical form instead
    #[arg(long)]
    pub dump: bool,
}
