//! The order of the examination, and its arguments.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::report::{Report, State};
use super::{destinations, files, listeners, service, store};
use crate::cli::client::ClientArgs;
use crate::cli::folder::{ConfigArgs, Env};

/// Arguments of `doctor`.
#[derive(Debug, Clone, Args)]
pub struct DoctorArgs {
    /// Configuration folder
    #[arg(long, value_name = "DIR", env = "LEAD_ROUTER_CONFIG", default_value = ".")]
    pub config: PathBuf,
    /// The store, as given to `serve`. Default: the folder `data` in the configuration's or here, if it exists
    #[arg(long, value_name = "STORE", env = "LEAD_ROUTER_STORE")]
    pub store: Option<String>,
    #[command(flatten)]
    pub client: ClientArgs,
    /// Send every destination a marked test event, once
    #[arg(long)]
    pub send_test: bool,
    /// How to say it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// Who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// People.
    Text,
    /// Programs.
    Json,
}

/// Examines, says what was found, and gives the worst of it.
///
/// # Errors
/// If the runtime cannot be set up, or nothing can be written.
pub fn run(args: &DoctorArgs, env: &Env<'_>, out: &mut dyn Write) -> io::Result<State> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(examine(args, env));
    match args.format {
        Format::Text => report.print(out)?,
        Format::Json => report.print_json(out)?,
    }
    Ok(report.worst())
}

async fn examine(args: &DoctorArgs, env: &Env<'_>) -> Report {
    let mut report = Report::default();
    let config = ConfigArgs { config: args.config.clone(), workspace: None };
    let folder = files::examine(&config, env, &mut report);
    let running = service::find(&args.client, env).await;
    store::examine(args, env, running.is_some(), &mut report).await;
    if let Some(folder) = &folder {
        listeners::examine(folder, env, running.is_some(), &mut report).await;
        destinations::examine(folder, args.send_test, &mut report).await;
    }
    match running {
        Some(running) => service::examine(&running, folder.as_ref(), &mut report).await,
        None => report.warn(
            "service",
            "no running service is known here",
            "start it, or name it with --url and --key",
        ),
    }
    report
}
