//! The configuration in force: which, since when, what newer files lack, what the words mean, and the
//! rules in words.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::refusal::Refusal;
use super::shell::Shell;
use super::visit::Visit;
use super::words::{When, points, signed};
use crate::flow::RuleHits;
use crate::http::keys::Scope;
use crate::qualify::DefinitionSettings;

/// The page counts over so many of the newest inquiries.
const HITS_SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "configuration.html")]
struct ConfigurationPage {
    shell: Shell,
    hash: String,
    whole: String,
    since: When,
    refused: Vec<String>,
    definitions: Vec<Definition>,
    /// From which points on something is sold and nurtured; none where grades say so.
    thresholds: Option<(String, String)>,
    lines: Vec<Line>,
    gates: Vec<(String, String)>,
    rules: Vec<Rule>,
    /// How many inquiries were looked at.
    asked: u64,
    fallback: String,
    queues: Vec<(String, String)>,
}

struct Definition {
    word: &'static str,
    text: String,
    agreed_by: String,
    agreed_on: Option<String>,
    review_by: Option<String>,
}

struct Line {
    group: &'static str,
    name: String,
    text: String,
    yes: String,
    no: String,
}

struct Rule {
    name: String,
    when: Option<String>,
    way: String,
    /// How many of the inquiries looked at it won.
    won: u64,
    /// Parts of its condition that matched none of them.
    never: Vec<String>,
}

/// The page.
pub async fn configuration_page(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&request, Scope::ConfigRead)?;
    let (qualifier, router) = (&visit.workspace.decide.qualifier, &visit.workspace.decide.router);
    let agreed = qualifier.definitions();
    let definitions =
        [("Inquiry", &agreed.inquiry), ("Lead", &agreed.lead), ("Prospect", &agreed.prospect)];
    let definitions =
        definitions.into_iter().filter_map(|(word, of)| Some(definition(word, of.as_ref()?)));
    let lines = qualifier.lines().map(|(text, yes, no, _)| Line {
        group: text.group.as_str(),
        name: text.name.to_string(),
        text: text.text.clone(),
        yes: signed(yes),
        no: signed(no),
    });
    let hits = visit.flow().hits(&visit.workspace, HITS_SHOWN).await?;
    let asked = hits.inquiries;
    let rules = router.rules_in_words().zip(hits.rules).map(|((name, when, way), hits)| Rule {
        name: name.to_string(),
        when: when.map(str::to_owned),
        way,
        won: hits.won,
        never: never(&hits),
    });
    let queues = router.queues().map(|queue| {
        let told: Vec<&str> =
            router.destinations(queue).iter().map(crate::domain::Name::as_str).collect();
        (queue.to_string(), told.join(", "))
    });
    Ok(visit.page(&ConfigurationPage {
        shell: visit.shell("Configuration", "configuration").await?,
        hash: visit.workspace.hash.clone(),
        whole: visit.active.hash.clone(),
        since: When::at(visit.active.since),
        refused: visit
            .state
            .reload
            .refused()
            .map(|refused| refused.findings.iter().map(|it| it.text.clone()).collect())
            .unwrap_or_default(),
        definitions: definitions.collect(),
        thresholds: qualifier.thresholds().map(|(sell, nurture)| (points(sell), points(nurture))),
        lines: lines.collect(),
        gates: qualifier.gates().map(|(name, why)| (name.to_string(), why.to_owned())).collect(),
        rules: rules.collect(),
        asked,
        fallback: router.fallback_in_words(),
        queues: queues.collect(),
    }))
}

/// Parts of a condition that matched none of many inquiries; a rule that matches some has none.
fn never(hits: &RuleHits) -> Vec<String> {
    let parts = hits.parts.iter().filter(|(_, says)| hits.says.matched == 0 && says.matched == 0);
    parts.map(|(part, _)| part.clone()).collect()
}

fn definition(word: &'static str, of: &DefinitionSettings) -> Definition {
    Definition {
        word,
        text: of.text.clone(),
        agreed_by: of.agreed_by.join(" and "),
        agreed_on: of.agreed_on.clone(),
        review_by: of.review_by.clone(),
    }
}
