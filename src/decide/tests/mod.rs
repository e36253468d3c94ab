//! Tests of decide: tables over a little world that carries commits out as the store's step does.

mod accounts;
mod answering;
mod aside;
mod business;
mod confirming;
mod crediting;
mod engaging;
mod inquiries;
mod keys;
mod operating;
mod pairs;
mod person;
mod returning;
mod saying;
mod world;

use person::Person;
use world::World;

use crate::domain::Name;

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}
