//! `lead-router destinations`: presets there are, a new destination, what the receiver needs, a test.
//!
//! `test` asks a running service (or sends by itself with `--offline`); the others work on the
//! configuration folder. Queues of deliveries are under `lead-router deliveries`.

mod add;
mod rotate;
mod show;
mod test;
mod vendor;

use clap::{Args, Subcommand};

use super::folder::ConfigArgs;

pub use add::AddArgs;
pub use rotate::RotateArgs;
pub use show::{ShowArgs, run};
pub use test::TestArgs;

/// Arguments of `destinations`.
#[derive(Debug, Clone, Args)]
pub struct DestinationsArgs {
    #[command(subcommand)]
    pub command: DestinationsCommand,
}

/// What to do with destinations.
#[derive(Debug, Clone, Subcommand)]
pub enum DestinationsCommand {
    /// The kinds of receiver that are known
    Presets(ConfigArgs),
    /// Add a destination: writes its file, makes its secret, says what the receiver needs
    Add(AddArgs),
    /// The destinations there are
    List(ConfigArgs),
    /// What the receiver of one destination needs
    Show(ShowArgs),
    /// Make a new signing secret; the old one signs beside it until a time
    Rotate(RotateArgs),
    /// Send a marked test event to one destination, now and once
    Test(TestArgs),
}
