//! A self-hosted lead router: verifies, matches, scores and assigns inquiries, and hands them over.
//!
//! This page is the map; `docs/architecture.md` has the words, the invariants and walkthroughs.
//!
//! ```text
//! POST → http::public → capture → identify → decide → store.commit → answer
//!                                                         │ leased jobs
//!                        receivers ← egress ← deliver ← jobs ← store.claim
//! ```
//!
//! | room | what it is for |
//! |---|---|
//! | [`domain`] | the words as types; the ports; imports nothing of ours |
//! | [`rules`] | conditions: parse, check, compile, evaluate |
//! | [`capture`] | bytes and headers to an inquiry, by presets |
//! | [`identify`] | normalise, index keys, match, merge |
//! | [`qualify`] | criteria, score, completeness, category |
//! | [`assign`] | rules to queue and pool; caps; `pick`, the one algorithm |
//! | [`follow_up`] | what is done about a lead that was handed over: dispositions, clocks, nurture |
//! | [`decide`] | inquiry + facts + configuration + now → decision; people's actions |
//! | [`analyse`] | journal rows to sums, sums and spending to reports |
//! | [`simulate`] | rule tests, and one configuration against another, in memory |
//! | [`flow`] | one file per thing that can happen; calls pure rooms and ports |
//! | [`store`] | each business step once; two engines; the auditor |
//! | [`jobs`] | the loop behind the queues: claim, lease, run, settle |
//! | [`egress`] | the only way out: guard, resolver, client |
//! | [`deliver`] | destinations, envelope, signature, retry |
//! | [`http`] | the two listeners |
//! | [`console`] | pages for people on the private listener |
//! | [`keyring`] | everything that derives from the master key |
//! | [`config`] | files to settings, all errors at once; reload |
//! | [`telemetry`] | one fact, its log line and its counters together |
//! | [`app`] | the composition root |
//! | [`cli`], [`demo`] | the command line; the scripted stream |
//!
//! From `domain` to `decide` the rooms are pure: synchronous, `now` is an argument, no I/O, randomness,
//! environment or log. Who may import whom is a table in `tests/tidy/rules.rs`, which is enforced.
#![forbid(unsafe_code)]

pub mod analyse;
pub mod app;
pub mod assign;
pub mod capture;
pub mod cli;
pub mod config;
pub mod console;
pub mod decide;
pub mod deliver;
pub mod demo;
pub mod domain;
pub mod egress;
pub mod flow;
pub mod follow_up;
pub mod http;
pub mod identify;
pub mod jobs;
pub mod keyring;
pub mod qualify;
pub mod rules;
pub mod simulate;
pub mod store;
pub mod telemetry;
