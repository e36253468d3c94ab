//! `lead-router demo` (or nothing): arguments.

use std::path::PathBuf;

use clap::Args;

/// Arguments of `demo`.
#[derive(Debug, Clone, Default, Args)]
pub struct DemoArgs {
    /// End after the table instead of running on
    #[arg(long)]
    pub once: bool,
    /// Keep the store in this folder instead of a temporary one
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
    /// Another configuration folder than the built-in one
    #[arg(long, value_name = "DIR")]
    pub demo_config: Option<PathBuf>,
}
