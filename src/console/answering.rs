//! The form in which people write down what they found out: the open questions first, with the answers that each
//! criterion tells apart; behind them everything else that can be answered.

use askama::Template;
use askama::filters::HtmlSafe;

use super::posted::Posted;
use super::words::When;
use crate::decide::Configuration;
use crate::domain::{Finding, Found, Known3, Lead, Name, Pii};
use crate::flow::{Action, Answers};

/// The form on a lead's page.
#[derive(Debug, Clone, Template)]
#[template(path = "answering.html")]
pub struct Asking {
    path: String,
    csrf: String,
    seen: i64,
    open: Vec<Asked>,
    rest: Vec<Asked>,
    found: Vec<Seen>,
    tries: Option<(u32, u32, Option<When>)>,
}

impl HtmlSafe for Asking {}

/// One question.
#[derive(Debug, Clone)]
struct Asked {
    criterion: String,
    question: String,
    /// What yes means.
    text: String,
    fields: Vec<(String, Vec<String>)>,
}

/// One thing that was found out.
#[derive(Debug, Clone)]
struct Seen {
    what: String,
    says: String,
    by: String,
    at: When,
    note: Option<String>,
}

impl Asking {
    /// For a lead, by the configuration of now. `open`: what its last judgement left open, in the order to ask.
    pub fn of(
        lead: &Lead,
        open: &[Name],
        configuration: &Configuration,
        path: String,
        csrf: String,
    ) -> Self {
        let qualifier = &configuration.qualifier;
        let asked = |name: &Name| asked(configuration, name);
        let rest = qualifier.criteria().filter(|name| !open.contains(name));
        Self {
            path,
            csrf,
            seen: lead.updated_at.as_millis(),
            open: open.iter().filter_map(asked).collect(),
            rest: rest.filter_map(asked).collect(),
            found: lead.findings.iter().map(|finding| seen(configuration, finding)).collect(),
            tries: lead
                .tries
                .map(|tries| (tries.count, qualifier.unresponsive().max, tries.next.map(When::at))),
        }
    }
}

fn asked(configuration: &Configuration, name: &Name) -> Option<Asked> {
    let question = configuration.qualifier.ask(name)?;
    // What nobody would ask, nobody answers: an address is valid or it is not.
    if question.ask.is_none() && question.fields.is_empty() {
        return None;
    }
    Some(Asked {
        criterion: name.to_string(),
        question: question.ask.unwrap_or(question.text).to_owned(),
        text: question.text.to_owned(),
        fields: question
            .fields
            .iter()
            .map(|choices| (choices.field.clone(), choices.known.clone()))
            .collect(),
    })
}

fn seen(configuration: &Configuration, finding: &Finding) -> Seen {
    let text = |name: &Name| configuration.qualifier.ask(name).map(|asked| asked.text.to_owned());
    let (what, says) = match &finding.found {
        Found::Criterion(name, answer) => {
            (text(name).unwrap_or_else(|| name.to_string()), answer.as_str().to_owned())
        }
        Found::Field(path, value) => (path.clone(), value.expose().to_owned()),
        Found::Eligible(answer) => ("we can sell to them".to_owned(), answer.as_str().to_owned()),
    };
    Seen {
        what,
        says,
        by: finding.by.to_string(),
        at: When::at(finding.at),
        note: finding.note.as_ref().map(|note| note.expose().to_owned()),
    }
}

/// What the form says. Fields left empty say nothing.
pub fn answers(posted: &Posted) -> Result<Action, String> {
    let mut found = Vec::new();
    for (criterion, answer) in posted.under("criterion.") {
        let name: Name = criterion.parse().map_err(|_| "There is no such question.".to_owned())?;
        let answer = Known3::parse(answer).ok_or("Answer with yes, no or unknown.".to_owned())?;
        found.push(Found::Criterion(name, answer));
    }
    for (path, value) in posted.under("field.") {
        found.push(Found::Field(path.to_owned(), Pii::new(value)));
    }
    if let Some(answer) = posted.get("eligible").and_then(Known3::parse) {
        found.push(Found::Eligible(answer));
    }
    Ok(Action::Answer(Box::new(Answers {
        found,
        qualified: posted.get("qualified").is_some(),
        note: posted.get("note").map(Pii::new),
        at: None,
    })))
}
