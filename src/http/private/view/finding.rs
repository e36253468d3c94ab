//! What people found out, and what they are to ask.

use serde::Serialize;
use utoipa::ToSchema;

use crate::decide::Configuration;
use crate::domain::{Finding, Found, Lead, Name};

/// One thing that a person found out.
#[derive(Debug, Serialize, ToSchema)]
pub struct FindingView {
    /// `criterion`, `field` or `eligible`.
    #[schema(example = "criterion")]
    pub about: &'static str,
    /// The criterion, or the path of the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `yes`, `no`, `unknown`, or the field's value.
    pub says: String,
    /// The key's name, or `dispositions` for signed ones.
    pub by: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How often people tried in vain.
#[derive(Debug, Serialize, ToSchema)]
pub struct TriesView {
    pub count: u32,
    #[schema(value_type = String, format = DateTime)]
    pub last: String,
    /// When to try again; absent once the lead was recycled.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next: Option<String>,
}

/// Something unknown.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenView {
    pub criterion: String,
    /// What yes means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// The fields that answer it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<ChoicesView>,
}

/// A field that answers a criterion.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChoicesView {
    #[schema(example = "need.timeline")]
    pub field: String,
    /// The answers that the criterion tells apart; others are taken too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<String>,
}

impl FindingView {
    /// All of a lead's.
    pub fn all(lead: &Lead) -> Vec<Self> {
        lead.findings.iter().map(Self::of).collect()
    }

    fn of(finding: &Finding) -> Self {
        let (about, name, says) = match &finding.found {
            Found::Criterion(name, answer) => {
                ("criterion", Some(name.to_string()), answer.as_str().to_owned())
            }
            Found::Field(path, value) => ("field", Some(path.clone()), value.expose().to_owned()),
            Found::Eligible(answer) => ("eligible", None, answer.as_str().to_owned()),
        };
        Self {
            about,
            name,
            says,
            by: finding.by.to_string(),
            at: finding.at.to_string(),
            note: finding.note.as_ref().map(|note| note.expose().to_owned()),
        }
    }
}

impl TriesView {
    /// Of a lead that was tried in vain.
    pub fn of(lead: &Lead) -> Option<Self> {
        lead.tries.map(|tries| Self {
            count: tries.count,
            last: tries.last.to_string(),
            next: tries.next.map(|next| next.to_string()),
        })
    }
}

impl OpenView {
    /// By the words of the configuration, if it is the one that judged.
    pub fn of(name: &Name, ours: Option<&Configuration>) -> Self {
        let asked = ours.and_then(|ours| ours.qualifier.ask(name));
        let fields = asked.as_ref().map_or(&[][..], |asked| asked.fields);
        Self {
            criterion: name.to_string(),
            text: asked.as_ref().map(|asked| asked.text.to_owned()),
            question: asked.as_ref().and_then(|asked| asked.ask).map(str::to_owned),
            fields: fields
                .iter()
                .map(|choices| ChoicesView {
                    field: choices.field.clone(),
                    known: choices.known.clone(),
                })
                .collect(),
        }
    }
}
