//! The product as each user meets it: real files, a real service, the commands as the guides have them.

mod ads;
mod dead_letter;
pub mod desk;
pub mod guide;
mod revops;
mod unreadable;
