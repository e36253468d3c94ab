//! What a vendor wants, as data: the requests that are made of an event, and what its answers mean.
//!
//! A preset's `request` ([`CallSettings`]) is compiled with a destination's `with` to a [`Call`]. Bodies are trees
//! with places of the event in them ([`text`], [`tree`]); they are valid JSON or forms by construction, and
//! linear in what they are made of: there is no loop and no way to name anything outside the event.
//! [`answer`] reads what comes back; [`run`] goes through the steps; [`many`] makes one request of several events.

mod answer;
mod batch;
mod compile;
mod context;
mod functions;
mod many;
mod request;
mod run;
mod settings;
mod text;
mod tree;

pub use compile::Call;
pub use settings::{
    AnswerSettings, AuthSettings, BasicSettings, BatchSettings, CallSettings, Meaning, MethodWord,
    SplitSettings, StepSettings, WithSettings,
};

pub(super) use compile::Given;
pub(super) use many::{Item, ItemEnd, RunMany};
pub(super) use run::Run;
