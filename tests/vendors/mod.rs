//! Every preset of a vendor against a receiver that behaves like that vendor: `tests/fixtures/destinations`.

mod behaving;
mod fixture;
