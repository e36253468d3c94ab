//! `lead-router sources`: presets there are, a new source, what to paste where, how they are, a sample post.
//!
//! `health` asks a running service; the others work on the configuration folder, and `sign` only prints a request, and sends nothing.

mod add;
mod health;
mod show;
mod sign;
mod snippet;
mod test;

use clap::{Args, Subcommand};

use super::folder::ConfigArgs;

pub use add::AddArgs;
pub use health::HealthArgs;
pub use show::{ShowArgs, run};
pub use sign::SignArgs;
pub use snippet::SnippetArgs;
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
    Presets(ConfigArgs),
    /// Add a source: writes its file, makes its secret, says what to paste where
    Add(AddArgs),
    /// The sources there are
    List(ConfigArgs),
    /// How each one is: what came last, what did not get through, and why
    Health(HealthArgs),
    /// What to paste where for one source
    Show(ShowArgs),
    /// Print the form of a public source, to be put on a page
    Snippet(SnippetArgs),
    /// Print a sample post that the source takes, as `curl`
    Sign(SignArgs),
    /// What a source or preset makes of a captured body: where each value stood, what it became
    Test(TestArgs),
}
