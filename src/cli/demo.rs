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
    /// A configuration folder instead of the built-in one; changes in it are taken over
    #[arg(long, value_name = "DIR")]
    pub config: Option<PathBuf>,
}
