//! `lead-router audit`: walks a store and says what does not fit together.

use std::io::{self, Write};

use clap::Args;

use super::client::{ClientError, run_to_end};
use crate::app::{StoreUrl, open_store};
use crate::domain::Name;
use crate::store::audit::audit;

/// Arguments of `audit`. On a stopped embedded store, or any Redis at rest.
#[derive(Debug, Clone, Args)]
pub struct AuditArgs {
    /// embedded:DIR (stopped), redis://… and the like
    #[arg(long, value_name = "STORE", env = "LEAD_ROUTER_STORE", default_value = "embedded:data")]
    pub store: String,
    /// Workspaces to walk; several times for several
    #[arg(long = "workspace", value_name = "NAME", required = true)]
    pub workspaces: Vec<Name>,
    /// Print every line of the store in canonical form instead: it holds personal data
    #[arg(long)]
    pub dump: bool,
}

/// Walks the store. `false` = something does not fit together, or the store does not open; what, was said.
///
/// # Errors
/// If nothing can be written.
pub fn run(args: &AuditArgs, out: &mut dyn Write) -> io::Result<bool> {
    let mut clean = true;
    let walked = run_to_end(async {
        let refused = |error: &dyn std::fmt::Display| ClientError::Refused(error.to_string());
        let url: StoreUrl = args.store.parse().map_err(|error| refused(&error))?;
        // Opening makes a store where there is none: a clean one would then be found.
        if url.directory().is_some_and(|directory| !directory.exists()) {
            return Err(ClientError::Refused("there is no store there".to_owned()));
        }
        let store = open_store(&url).await.map_err(|error| refused(&error))?;
        for workspace in &args.workspaces {
            if args.dump {
                let lines = store.dump(workspace).await.map_err(|error| refused(&error))?;
                for (what, text) in lines {
                    writeln!(out, "{what} {text}")?;
                }
                continue;
            }
            let report = audit(store.as_ref(), workspace).await.map_err(|error| refused(&error))?;
            clean &= report.is_clean();
            writeln!(out, "{workspace}: {report}")?;
        }
        Ok(())
    })?;
    Ok(walked && clean)
}
