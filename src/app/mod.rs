//! The composition root: build binds, run serves, and stopping takes two steps. Nothing here is
//! global, so a test may run many apps side by side.

mod active;
mod clock;
mod lifecycle;
mod loops;
mod master_key;
mod mint;
mod open_store;
mod outbound;
mod ports_file;

pub use active::active;
#[cfg(feature = "test-clock")]
pub use clock::MovableClock;
pub use clock::{StoreClock, SystemClock};
pub use lifecycle::{App, AppError, Options, Stopped};
pub use master_key::MasterKey;
pub use mint::RandomMint;
pub use open_store::{StoreUrl, inspect_store, open_store, wait_for_store};
