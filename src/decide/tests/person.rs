//! People who write into the form.

use super::name;
use crate::domain::{Answer, Attribution, Channel, Field, Submission};

/// What a person writes into the form.
#[derive(Debug, Clone, Copy)]
pub(super) struct Person {
    pub email: &'static str,
    pub phone: &'static str,
    pub full_name: &'static str,
    pub country: &'static str,
    pub title: &'static str,
    pub need: &'static str,
    pub budget: &'static str,
    pub is_test: bool,
    pub filtered: bool,
}

impl Person {
    /// Worth selling to: 80 points, in Germany.
    pub(super) const BUYER: Self = Self {
        email: "ottilie@brummelkamp.example",
        phone: "",
        full_name: "Ottilie Brummelkamp",
        country: "DE",
        title: "",
        need: "yes",
        budget: "5000",
        is_test: false,
        filtered: false,
    };
    /// Known to need nothing: 10 points.
    pub(super) const COLD: Self = Self { need: "no", budget: "10", ..Self::BUYER };
    /// Needs it, but nobody knows the budget: 50 would do, 40 + 10 is not known to be reachable.
    pub(super) const CURIOUS: Self =
        Self { email: "", phone: "+4930231250", budget: "", ..Self::BUYER };

    pub(super) fn of(self, email: &'static str) -> Self {
        Self { email, ..self }
    }

    pub(super) fn submission(self) -> Submission {
        let fields = [
            (Field::Email, self.email),
            (Field::Phone, self.phone),
            (Field::FullName, self.full_name),
            (Field::Country, self.country),
            (Field::Title, self.title),
        ];
        let answers = [("need", self.need), ("budget", self.budget)];
        Submission {
            source: name("web-form"),
            channel: Channel::Website,
            event_id: None,
            is_test: self.is_test,
            filtered: self.filtered,
            filtered_by: None,
            challenge: None,
            erases: false,
            reference: crate::domain::Reference::new(),
            fields: fields
                .into_iter()
                .filter(|(_, text)| !text.is_empty())
                .map(|(field, text)| (field, text.into()))
                .collect(),
            answers: answers
                .into_iter()
                .filter(|(_, text)| !text.is_empty())
                .map(|(key, text)| Answer { key: key.to_owned(), value: text.into() })
                .collect(),
            consents: Vec::new(),
            attribution: Attribution::new(),
            occurred_at: None,
            flags: Vec::new(),
            content: Vec::new(),
        }
    }
}
