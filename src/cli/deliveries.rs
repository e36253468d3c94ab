//! `lead-router deliveries`: arguments.

use clap::{Args, Subcommand};

use super::client::ClientArgs;
use crate::domain::{DeliveryId, Name};

/// Arguments of `deliveries`.
#[derive(Debug, Clone, Args)]
pub struct DeliveriesArgs {
    #[command(flatten)]
    pub client: ClientArgs,
    #[arg(long, value_name = "NAME")]
    pub workspace: Name,
    #[command(subcommand)]
    pub command: DeliveriesCommand,
}

/// What to do with them.
#[derive(Debug, Clone, Subcommand)]
pub enum DeliveriesCommand {
    /// List dead ones
    List {
        /// Only those of this destination
        #[arg(long, value_name = "NAME")]
        destination: Option<Name>,
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: u32,
    },
    /// Run dead ones again, under their ids
    Replay {
        #[arg(value_name = "DELIVERY", required = true)]
        ids: Vec<DeliveryId>,
    },
    /// Give dead ones up for good
    Drop {
        #[arg(value_name = "DELIVERY", required = true)]
        ids: Vec<DeliveryId>,
    },
    /// Stop sending to a destination until it is resumed
    Pause {
        #[arg(value_name = "DESTINATION")]
        destination: Name,
    },
    /// Send to a paused destination again
    Resume {
        #[arg(value_name = "DESTINATION")]
        destination: Name,
    },
}
