//! One inquiry: what arrived, what was concluded and why.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::act::part;
use super::lead::{Why, why};
use super::person::{Person, title};
use super::refusal::Refusal;
use super::score::Score;
use super::shell::Shell;
use super::visit::Visit;
use super::words::{Mark, Tone, When, spaced};
use crate::decide::{RuleReason, rule_reasons};
use crate::domain::{InquiryId, Status};
use crate::flow::Touched;
use crate::http::keys::Scope;
use crate::http::private::view::RecordView;

#[derive(Template)]
#[template(path = "inquiry.html")]
struct InquiryPage {
    shell: Shell,
    id: String,
    name: String,
    status: Mark,
    flags: Vec<Mark>,
    source: String,
    channel: String,
    received: When,
    occurred: Option<When>,
    lead: Option<String>,
    score: Score,
    why: Why,
    /// Each rule, what it said, and the parts that kept it from matching.
    rules: Vec<(String, Mark, Vec<String>)>,
    matched_on: Vec<String>,
    refused: Vec<(String, String)>,
    person: Person,
    filtered: bool,
    operates: bool,
}

/// The page.
pub async fn inquiry_page(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&request, Scope::InquiriesRead)?;
    let id: InquiryId = part(&request, "id")?;
    let record = visit.flow().record(&visit.workspace, id).await?;
    let (record, made_by) = record.ok_or(Refusal::NotFound)?;
    let configuration = &*made_by;
    let view = RecordView::of(&record, configuration);
    let touched = Touched { entry: record.entry, receipt: record.receipt };
    let entry = &touched.entry;
    let now = visit.flow().now_known(&visit.workspace, entry).await?;
    let known = now.as_ref().filter(|_| view.configuration_is_known);
    let reasons = known.map_or_else(Vec::new, |lead| rule_reasons(configuration, entry, lead));
    let inquiry = &entry.inquiry;
    let status = entry.status();
    let name = title(&inquiry.contact, &inquiry.company);
    let judged = &entry.record;
    Ok(visit.page(&InquiryPage {
        shell: visit.shell(&format!("Inquiry of {name}"), "").await?,
        id: id.to_string(),
        name,
        status: Mark::status(status.as_str()),
        flags: inquiry.flags.iter().map(|flag| Mark::new(flag.as_str(), Tone::Warn)).collect(),
        source: inquiry.source.to_string(),
        channel: spaced(inquiry.channel.as_str()),
        received: When::at(inquiry.received_at),
        occurred: (inquiry.occurred_at != inquiry.received_at)
            .then(|| When::at(inquiry.occurred_at)),
        lead: entry.lead.filter(|_| status != Status::Test).map(|lead| lead.to_string()),
        score: Score::of(&judged.qualification, &judged.config, configuration),
        why: why(configuration, &visit, &touched, now.as_ref()),
        rules: (0..)
            .zip(view.rules)
            .map(|(at, rule)| (rule.rule, says(rule.says), because(reasons.get(at))))
            .collect(),
        matched_on: view.matched_on,
        refused: view.refused.into_iter().map(|lead| (lead.lead, spaced(&lead.reason))).collect(),
        person: Person::of(
            &inquiry.contact,
            &inquiry.company,
            &inquiry.answers,
            &inquiry.consents,
            &inquiry.attribution,
        ),
        filtered: status == Status::Filtered,
        operates: visit.may(Scope::Operate),
    }))
}

fn because(reason: Option<&RuleReason>) -> Vec<String> {
    let parts = reason.into_iter().flat_map(|reason| &reason.because);
    parts.map(|(part, _)| part.clone()).collect()
}

fn says(word: &str) -> Mark {
    let tone = match word {
        "match" => Tone::Good,
        "missing" => Tone::Warn,
        "error" => Tone::Bad,
        _ => Tone::Quiet,
    };
    Mark::new(word, tone)
}
