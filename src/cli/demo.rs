//! `lead-router demo` (or nothing).

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::stop_signal::stop_signal;
use crate::config::Place;
use crate::demo::{DemoOptions, run as run_demo};
use crate::telemetry;

/// Arguments of `demo`.
#[derive(Debug, Clone, Default, Args)]
pub struct DemoArgs {
    /// End after the table instead of running on
    #[arg(long)]
    pub once: bool,
    /// Keep the store in this folder instead of a temporary one
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
    /// A configuration folder instead of the built-in one; changes in it are taken over
    #[arg(long, value_name = "DIR")]
    pub config: Option<PathBuf>,
}

/// Runs the demo. `false` = a part of it could not be started; the reason was said.
///
/// # Errors
/// If the runtime or a temporary folder is not to be had.
pub fn run(args: DemoArgs, out: &mut (dyn Write + Send)) -> io::Result<bool> {
    // The table is what to look at; only what goes wrong is logged.
    let level = std::env::var("LEAD_ROUTER_LOG").unwrap_or_else(|_| "error".to_owned());
    telemetry::install(telemetry::LogFormat::Text, &level, io::stderr);
    let temporary = TemporaryFolder::make()?;
    let options = DemoOptions {
        store: args.keep.unwrap_or_else(|| temporary.0.clone()),
        config: args.config.map_or(Place::Demo, Place::Dir),
        once: args.once,
        runtime_file: super::client::runtime_file(&|name| std::env::var(name).ok()),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ran = runtime.block_on(run_demo(options, out, stop_signal()));
    match ran {
        Ok(()) => Ok(true),
        Err(error) => {
            writeln!(out, "{error}")?;
            Ok(false)
        }
    }
}

/// A folder of this process's own that goes with it.
struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    fn make() -> io::Result<Self> {
        let name = format!("lead-router-demo-{}-{:08x}", std::process::id(), rand::random::<u32>());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // Nothing to be done about a folder that cannot be removed; the system's cleaning will.
        drop(std::fs::remove_dir_all(&self.0));
    }
}
