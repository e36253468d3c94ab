//! The guard, the client and the local client.

mod guard;
mod local;
mod notations;
mod sending;
mod tokens;
