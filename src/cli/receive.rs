//! `lead-router receive`: plays a workspace's destinations on this machine and prints what arrives.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use clap::Args;

use super::client::{ClientError, run_to_end};
use super::folder::{ConfigArgs, Env};
use super::stop_signal::stop_signal;
use crate::app::SystemClock;
use crate::config::Workspace;
use crate::demo::printing::{Printing, run as receive};
use crate::domain::Name;

/// Arguments of `receive`.
#[derive(Debug, Clone, Args)]
pub struct ReceiveArgs {
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Where to listen; port 0 = any free one. Default: where the first destination on this machine is
    /// configured to be, else 127.0.0.1:9099
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
    /// Print whole bodies too
    #[arg(long)]
    pub body: bool,
}

/// Receives until told to stop. `false` = it could not; the reason was said.
///
/// # Errors
/// If nothing can be written.
pub fn run(args: &ReceiveArgs, env: &Env<'_>, out: &mut dyn Write) -> io::Result<bool> {
    run_to_end(async {
        let folder = args.config.open(env)?;
        let workspace = args.config.workspace(&folder)?;
        let printing = Printing {
            destinations: workspace.destinations.clone(),
            bodies: args.body,
            out: Arc::new(Mutex::new(io::stdout())),
            clock: Arc::new(SystemClock::default()),
        };
        let names: Vec<&str> = workspace.destinations.keys().map(Name::as_str).collect();
        let names = names.join(", ");
        let begun = |address: SocketAddr| {
            writeln!(out, "listening on http://{address}, playing {names}; end with Ctrl-C")?;
            out.flush()
        };
        let at = args.listen.unwrap_or_else(|| local(&workspace));
        let ended = receive(at, printing, begun, stop_signal()).await;
        ended.map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => ClientError::Io(error),
            _ => ClientError::Refused(format!("{at}: {error}")),
        })
    })
}

/// Where the first destination on this machine is configured to be.
fn local(workspace: &Workspace) -> SocketAddr {
    let address = |origin: &str| origin.strip_prefix("http://")?.parse::<SocketAddr>().ok();
    let all = workspace.destinations.values().filter_map(|d| address(d.origin()));
    let mut here = all.filter(|address| address.ip().is_loopback());
    here.next().unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 9099)))
}
