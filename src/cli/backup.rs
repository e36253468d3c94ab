//! `lead-router backup`: arguments.

use std::path::PathBuf;

use clap::Args;

use super::client::ClientArgs;

/// Arguments of `backup`: asks a running service, or opens a stopped store with `--offline`.
#[derive(Debug, Clone, Args)]
pub struct BackupArgs {
    #[command(flatten)]
    pub client: ClientArgs,
    /// Open this stopped store (embedded:DIR) instead of asking a running service
    #[arg(long, value_name = "STORE")]
    pub offline: Option<String>,
    /// Where the copy goes; must not exist
    #[arg(value_name = "FILE")]
    pub to: PathBuf,
}
