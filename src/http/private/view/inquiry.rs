//! An inquiry, and why it was decided as it was.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;
use utoipa::ToSchema;

use super::QualificationView;
use crate::decide::{Configuration, reasons};
use crate::domain::{
    Answer, Attribution, Company, Consent, Contact, InquiryEntry, InquiryId, Pii, Receipt,
};
use crate::flow;

/// One inquiry with what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct InquiryView {
    #[schema(example = "inq_0190a1b2c3d4e5f60718293a4b5c6d7e")]
    pub id: String,
    /// `routed`, `nurtured`, `qualifying`, `held`, `discarded`, `repeat`, `filtered`, `test`.
    #[schema(example = "routed")]
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<String>,
    pub source: String,
    #[schema(example = "website")]
    pub channel: &'static str,
    #[schema(value_type = String, format = DateTime)]
    pub received_at: String,
    /// When it happened; as received unless the source stated it.
    #[schema(value_type = String, format = DateTime)]
    pub occurred_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Raw value, normal form and validity side by side.
    #[schema(value_type = Object)]
    pub contact: Contact,
    #[schema(value_type = Object)]
    pub company: Company,
    #[schema(value_type = Vec<Object>)]
    pub answers: Vec<Answer>,
    #[schema(value_type = Vec<Object>)]
    pub consents: Vec<Consent>,
    #[schema(value_type = Object)]
    pub attribution: Attribution,
    /// Who referred the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub referrer: Option<Pii>,
    /// What people should see about it: `unlisted_origin`, `key_reused` …
    pub flags: Vec<&'static str>,
    pub qualification: QualificationView,
}

impl InquiryView {
    /// As stored, its assignment settled.
    pub fn of(entry: &InquiryEntry, configuration: &Configuration) -> Self {
        let inquiry = &entry.inquiry;
        let outcome = entry.assignment.outcome();
        Self {
            id: inquiry.id.to_string(),
            status: entry.status().as_str(),
            lead: entry.lead.map(|id| id.to_string()),
            source: inquiry.source.to_string(),
            channel: inquiry.channel.as_str(),
            received_at: inquiry.received_at.to_string(),
            occurred_at: inquiry.occurred_at.to_string(),
            queue: outcome.map(|outcome| outcome.queue.to_string()),
            owner: entry.assignment.owner().map(ToString::to_string),
            contact: inquiry.contact.clone(),
            company: inquiry.company.clone(),
            answers: inquiry.answers.clone(),
            consents: inquiry.consents.clone(),
            attribution: inquiry.attribution.clone(),
            referrer: inquiry.referrer.clone(),
            flags: inquiry.flags.iter().map(|flag| flag.as_str()).collect(),
            qualification: judged(entry, configuration, false),
        }
    }
}

/// A decision, in words and by its parts. Nothing about the person is in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordView {
    #[schema(example = "inq_0190a1b2c3d4e5f60718293a4b5c6d7e")]
    pub inquiry: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<String>,
    #[schema(example = "routed")]
    pub status: &'static str,
    /// What happened, a sentence each.
    pub sentences: Vec<String>,
    /// Content hash of the configuration that decided.
    pub configuration: String,
    /// Whether that is the one of now. The names are those of the one that decided, also if it is not.
    pub configuration_is_current: bool,
    /// Whether rules and criteria have their names below: not if the configuration that decided is not
    /// kept any more, or this version cannot read it.
    pub configuration_is_known: bool,
    /// What each rule up to the winner said, in order.
    pub rules: Vec<RuleView>,
    /// The rule that won; absent = the fallback.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The line of its decision table's row that won.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    /// By which index keys a known person was found.
    pub matched_on: Vec<String>,
    /// Leads that share a key but are somebody else, and why.
    pub refused: Vec<RefusedView>,
    /// Members that were not considered, and why.
    pub ruled_out: Vec<RuledOutView>,
    pub qualification: QualificationView,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What the store picked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<ReceiptView>,
}

/// What one rule said.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleView {
    /// Its name; `#3` if the configuration that decided is not known any more.
    pub rule: String,
    /// `match`, `no_match`, `missing`, `error` or `not_asked`.
    pub says: &'static str,
}

/// A lead that shares a key with the inquiry but is somebody else.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusedView {
    pub lead: String,
    pub reason: String,
}

/// A member that was not considered.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuledOutView {
    pub member: String,
    pub reason: String,
}

/// What the store picked, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiptView {
    /// Which way of the plan was taken, from 0.
    pub branch: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The pool's turn; 0 without a pick.
    pub turn: u64,
    /// Members passed over because they were at a cap.
    pub capped: Vec<CappedView>,
    /// How many tied before the name decided; 1 = no tie.
    pub tied: u32,
}

/// Who was at which cap.
#[derive(Debug, Serialize, ToSchema)]
pub struct CappedView {
    pub member: String,
    /// Window, count and limit: `day 20/20`; empty in older records.
    pub cap: String,
}

impl RecordView {
    /// Names where `configuration` made it.
    pub fn of(view: &flow::RecordView, configuration: &Configuration) -> Self {
        let (entry, record) = (&view.entry, &view.entry.record);
        let known = configuration.hash == record.config;
        Self {
            inquiry: entry.inquiry.id.to_string(),
            lead: entry.lead.map(|id| id.to_string()),
            status: entry.status().as_str(),
            sentences: view.sentences.clone(),
            configuration: record.config.clone(),
            configuration_is_current: view.is_current,
            configuration_is_known: known,
            rules: rules(&record.rules, known.then_some(configuration)),
            rule: record.rule.as_ref().map(ToString::to_string),
            row: record.row,
            matched_on: record.matched_on.clone(),
            refused: record
                .refused
                .iter()
                .map(|(lead, reason)| RefusedView {
                    lead: lead.to_string(),
                    reason: reason.clone(),
                })
                .collect(),
            ruled_out: record
                .ruled_out
                .iter()
                .map(|(member, reason)| RuledOutView {
                    member: member.to_string(),
                    reason: reason.clone(),
                })
                .collect(),
            qualification: judged(entry, configuration, true),
            queue: entry.assignment.outcome().map(|outcome| outcome.queue.to_string()),
            owner: entry.assignment.owner().map(ToString::to_string),
            receipt: view.receipt.as_ref().map(ReceiptView::of),
        }
    }
}

/// The judgement with what each line was judged by, as far as the inquiry itself says it.
fn judged(
    entry: &InquiryEntry,
    configuration: &Configuration,
    names_nobody: bool,
) -> QualificationView {
    let (record, now) = (&entry.record, entry.inquiry.received_at);
    let because = reasons(configuration, entry, None, &record.qualification, now);
    let (judged, made_by) = (&record.qualification, &record.config);
    QualificationView::of(judged, made_by, configuration, &because, names_nobody)
}

/// The word for a letter of [`crate::domain::Record::rules`].
pub fn says(letter: char) -> &'static str {
    match letter {
        'y' => "match",
        'n' => "no_match",
        'm' => "missing",
        'e' => "error",
        _ => "not_asked",
    }
}

fn rules(says: &str, ours: Option<&Configuration>) -> Vec<RuleView> {
    let mut names = ours.map(|ours| ours.router.rules());
    says.chars()
        .enumerate()
        .map(|(number, says)| {
            let name = names.as_mut().and_then(Iterator::next);
            RuleView {
                rule: name.map_or_else(|| format!("#{number}"), ToString::to_string),
                says: self::says(says),
            }
        })
        .collect()
}

impl ReceiptView {
    fn of(receipt: &Receipt) -> Self {
        Self {
            branch: receipt.branch,
            member: receipt.member.as_ref().map(ToString::to_string),
            turn: receipt.turn,
            capped: receipt
                .capped
                .iter()
                .map(|one| CappedView { member: one.member.to_string(), cap: one.why() })
                .collect(),
            tied: receipt.tied,
        }
    }
}

/// A body that could not be read, secrets removed.
#[derive(Debug, Serialize, ToSchema)]
pub struct BodyView {
    pub id: String,
    pub source: String,
    /// Why it could not be read: a fixed word.
    #[schema(example = "no_contact")]
    pub reason: String,
    #[schema(value_type = String, format = DateTime)]
    pub received_at: String,
    /// How often the very same body came.
    pub count: u32,
    /// Given back to a caller who can correct it.
    pub returned: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// `text` or `base64`.
    pub encoding: &'static str,
    pub body: String,
}

impl BodyView {
    /// As text if it is UTF-8.
    pub fn of(id: InquiryId, opened: flow::KeptBody) -> Self {
        let kept = opened.kept;
        let (encoding, body) = match String::from_utf8(opened.body) {
            Ok(text) => ("text", text),
            Err(error) => ("base64", BASE64.encode(error.as_bytes())),
        };
        Self {
            id: id.to_string(),
            source: kept.source.to_string(),
            reason: kept.reason.to_string(),
            received_at: kept.received_at.to_string(),
            count: kept.count,
            returned: kept.returned,
            content_type: kept.content_type,
            encoding,
            body,
        }
    }
}
