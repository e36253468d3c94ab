//! `lead-router backup`: copies an embedded store, while the service runs or while it is stopped.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::client::{ClientArgs, ClientError, good, run_to_end};
use crate::app::{MasterKey, StoreUrl, open_store};

/// Arguments of `backup`: asks a running service, or opens a stopped store with `--offline`.
#[derive(Debug, Clone, Args)]
pub struct BackupArgs {
    #[command(flatten)]
    pub client: ClientArgs,
    /// Open this stopped store (embedded:DIR) instead of asking a running service
    #[arg(long, value_name = "STORE")]
    pub offline: Option<String>,
    /// The folder the copy goes to, on the machine of the service; no store may be in it
    #[arg(value_name = "FOLDER")]
    pub to: PathBuf,
}

/// Makes the copy. `false` = not done; the reason was said.
///
/// # Errors
/// If nothing can be written.
pub fn run(
    args: &BackupArgs,
    env: &dyn Fn(&str) -> Option<String>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    run_to_end(async {
        let to = std::path::absolute(&args.to)?;
        if let Some(store) = &args.offline {
            let refused = |error: &dyn std::fmt::Display| ClientError::Refused(error.to_string());
            let url: StoreUrl = store.parse().map_err(|error| refused(&error))?;
            let store = open_store(&url).await.map_err(|error| refused(&error))?;
            store.backup(&to).await.map_err(|error| refused(&error))?;
        } else {
            let client = args.client.client(env)?;
            good(client.post("/v1/backup", &json!({"to": to})).await?)?;
        }
        writeln!(
            out,
            "copied to {}. The copy opens only with the same master key: keep LEAD_ROUTER_KEY (or the file {}) with it, apart.",
            to.display(),
            MasterKey::FILE
        )?;
        Ok(())
    })
}
