//! The body of an outbound event: `{"type","timestamp","data"}`, under 20 kB.
//!
//! What the commit froze (type, stage, category, score, queue, owner, cycle, sequence) comes from
//! the job; contact data is what the store holds now, so corrections reach retries. Each type has a
//! JSON Schema in `schemas/events`.

mod body;
mod brief;
mod cut;
mod lead;

pub use body::{BODY_BYTES_MAX, Parts, document, render, takes_links};
