//! What stands behind a reference: many vendors post an id instead of the data. What is asked for, where and with what, is
//! data of the preset; a source gives the token. Nothing is sent from here: [`Retrieval`] makes requests and reads answers.

mod asking;
mod pages;
mod reading;
mod settings;
mod template;
#[cfg(test)]
mod tests;

pub use asking::{CannotAsk, Retrieval};
pub use pages::{BackfillWindow, Page};
pub use reading::Meaning;
pub use settings::{
    AnswerSettings, AskSettings, BackfillSettings, GrantSettings, ReferenceSettings,
    RetrievalSettings, SourceRetrievalSettings, StatedTime,
};
