//! The composition root: build binds, run serves, and stopping takes two steps. Nothing here is
//! global, so a test may run many apps side by side.

mod active;
mod clock;
mod lifecycle;
mod loops;
mod master_key;
mod mint;
mod open_store;
mod options;
mod outbound;
mod ports_file;
mod reload;
mod runner;

pub use active::active;
#[cfg(feature = "test-clock")]
pub use clock::MovableClock;
pub use clock::{StoreClock, SystemClock};
pub use lifecycle::App;
pub use master_key::MasterKey;
pub use mint::RandomMint;
pub use open_store::{StoreUrl, inspect_store, open_store, wait_for_store};
pub use options::{AppError, Options, Stopped};
