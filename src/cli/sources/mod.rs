//! `lead-router sources`: presets there are, a new source, what to paste where, a sample post.
//!
//! These commands work on the configuration folder; `sign` only prints a request, and sends nothing.

mod add;
mod show;
mod sign;
mod test;

use clap::{Args, Subcommand};

pub use add::AddArgs;
pub use show::{ListArgs, PresetsArgs, ShowArgs, run};
pub use sign::SignArgs;
pub use test::TestArgs;

/// Arguments of `sources`.
#[derive(Debug, Clone, Args)]
pub struct SourcesArgs {
    #[command(subcommand)]
    pub command: SourcesCommand,
}

/// What to do with sources.
#[derive(Debug, Clone, Subcommand)]
pub enum SourcesCommand {
    /// The vendors that are known
    Presets(PresetsArgs),
    /// Add a source: writes its file, makes its secret, says what to paste where
    Add(AddArgs),
    /// The sources there are
    List(ListArgs),
    /// What to paste where for one source
    Show(ShowArgs),
    /// Print a sample post that the source takes, as `curl`
    Sign(SignArgs),
    /// What a source or preset makes of a captured body: where each value stood, what it became
    Test(TestArgs),
}
