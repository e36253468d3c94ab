//! All integration tests, in one binary. One line per room of tests.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop where it is"
)]

mod alerts;
mod api;
mod browser;
mod console;
mod contract;
mod demo;
mod faults;
mod find;
mod firstuse;
mod flow;
mod fuzzed;
mod golden;
mod guides;
mod harness;
mod journeys;
mod packaging;
mod quality;
mod rule_tests;
mod scenarios;
mod tidy;
mod vendors;
mod year;
