//! The loop behind the queues: finds due jobs, holds them under leases, runs them, settles them.
//!
//! Four parts run side by side: *beat* says every second that this process lives and learns whose
//! leases lapsed; *scout* claims what is due; *work* runs what was claimed or handed over by
//! commits, at most [`Limits::in_flight`] at once; *sweep* removes what has served. A panic or a
//! store outage ends none of them.
//!
//! # Fairness
//! Queues share the process by these rules: no queue has more jobs under way than its permits (held
//! by the store, over all replicas); a scout divides the free slots evenly among the queues that
//! are due, longest due first; and whoever settles a job takes up to four further ones of the same
//! queue only while slots are free: at the cap, slots go to whatever waits longest. Workspaces share it too: where
//! there are several, none claims more than half of the slots, and what is in hand begins in turn, one
//! workspace after the other.
//!
//! # Gathering
//! Jobs of a queue whose runner wants that ([`Gather`](crate::domain::ports::Gather)) wait for each other and run as
//! one, in one slot; each keeps its own lease and is settled by itself.

mod beat;
mod hand;
mod scout;
mod sweep;
mod work;

mod shared;

pub use shared::{Jobs, Limits};

#[cfg(test)]
mod tests;
