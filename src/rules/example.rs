//! A made-up person and inquiry for tests of conditions and criteria.

use super::Subject;
use crate::domain::{
    Answer, Assignment, Channel, Checked, Company, Contact, IdBlock, Inquiry, Lead, Name,
    Qualification, Timestamp, Touch,
};

/// Everything a subject borrows. Says nothing about the person to begin with.
#[derive(Debug, Clone)]
pub(crate) struct Example {
    pub inquiry: Inquiry,
    pub lead: Lead,
    pub known: bool,
    pub qualification: Option<Qualification>,
}

impl Example {
    /// Somebody of whom nothing is known.
    pub(crate) fn unknown() -> Self {
        let mut ids = IdBlock::new([3; 16]);
        let at = Timestamp::from_millis(1_772_000_000_000);
        let source = Name::parse("web-form").unwrap();
        let inquiry = Inquiry {
            id: ids.inquiry(),
            source: source.clone(),
            channel: Channel::Website,
            received_at: at,
            occurred_at: at,
            event_id: None,
            is_test: false,
            filtered: false,
            filtered_by: None,
            contact: Contact::default(),
            company: Company::default(),
            answers: Vec::new(),
            consents: Vec::new(),
            attribution: std::collections::BTreeMap::new(),
            referrer: None,
            flags: Vec::new(),
        };
        let touch = Touch { inquiry: inquiry.id, at, source, channel: Channel::Website };
        let lead = Lead {
            id: ids.lead(),
            created_at: at,
            updated_at: at,
            cycle: 1,
            score: 0,
            worth: 0,
            completeness: 0,
            contact: Contact::default(),
            company: Company::default(),
            answers: Vec::new(),
            consents: Vec::new(),
            attribution: std::collections::BTreeMap::new(),
            first_touch: touch.clone(),
            earliest_known: None,
            touches: vec![touch],
            inquiries: 1,
            keys: Vec::new(),
            seen: Vec::new(),
            assignment: Assignment::Pending(Vec::new()),
            findings: crate::domain::Findings::default(),
            tries: None,
            look_again: None,
            clocks: None,
            said: None,
            nurture: None,
            confirmation: None,
            merged_into: None,
            merged_away: None,
            account: None,
            referrer: None,
            absorbed: Vec::new(),
            apart: Vec::new(),
            linked: Vec::new(),
        };
        Self { inquiry, lead, known: false, qualification: None }
    }

    /// Somebody of whom much is known.
    pub(crate) fn rich() -> Self {
        let mut example = Self::unknown();
        let contact = &mut example.lead.contact;
        contact.email = Some(Checked::valid(
            "Tilda.Quillfeather@Nordwind.Example",
            "tilda.quillfeather@nordwind.example",
        ));
        contact.last_name = Some("Quillfeather".into());
        contact.title = Some("Head of Procurement".into());
        contact.country = Some(Checked::valid("Deutschland", "DE"));
        contact.phone = Some(Checked::invalid("12"));
        example.lead.company.name = Some("Größe & Söhne GmbH".into());
        example.lead.company.domain = Some("nordwind.example".to_owned());
        example.lead.company.employees = Some(250);
        example.answer("need.budget", "50.000 €");
        example.inquiry.attribution.insert("utm_campaign".to_owned(), "Spring-Fair".to_owned());
        example
    }

    /// Adds an answer.
    pub(crate) fn answer(&mut self, key: &str, value: &str) {
        self.lead.answers.push(Answer { key: key.to_owned(), value: value.into() });
    }

    pub(crate) fn subject(&self) -> Subject<'_> {
        Subject {
            inquiry: &self.inquiry,
            lead: &self.lead,
            known: self.known,
            now: self.inquiry.received_at,
            qualification: self.qualification.as_ref(),
        }
    }
}
