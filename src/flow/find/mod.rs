//! Where is my lead? One question, one answer: across leads, their inquiries, what was kept aside, what
//! was refused, and deliveries. Nothing is changed.
//!
//! - `question`: what was asked, recognised by its form; `period`: times as people say them;
//! - `findings`: what was found, where it was looked for, and what to try next;
//! - `look`: the way through the store; `person`: by e-mail, phone or another system's id;
//!   `beside`: from the id of an event, attempt or request to its inquiry; `aside`: within what was kept
//!   aside and is in no index;
//! - `words`: what is said about it.

mod aside;
mod beside;
mod findings;
mod look;
mod period;
mod person;
mod question;
mod words;

pub use findings::{Findings, Found, FoundDelivery, FoundInquiry, FoundLead, Looked, RefusedBy};
pub use period::Period;
pub use question::{Asked, ParseQuestionError, Question};
pub use words::delivery_in_words;
