//! Tests of decide: tables over a little world that carries commits out as the store's step does.

mod accounts;
mod answering;
mod aside;
mod engaging;
mod inquiries;
mod keys;
mod operating;
mod returning;
mod saying;
mod world;

use world::{Person, World};

use crate::domain::Name;

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}
