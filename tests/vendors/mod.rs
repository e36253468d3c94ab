//! Every preset of a vendor against a receiver that behaves like that vendor: `tests/fixtures/destinations`. And what
//! replicas share: tokens, rates, how often somebody posts.

mod behaving;
mod fixture;
mod posting;
mod replicas;
mod rotating;
