//! Every preset of a vendor against a receiver that behaves like that vendor: `tests/fixtures/destinations`. And what
//! replicas share: tokens, rates.

mod behaving;
mod fixture;
mod replicas;
mod rotating;
