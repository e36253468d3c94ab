//! A lead as people with a key see it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::score::fraction;
use super::{
    ClockView, ConfirmationView, DeliveryView, FindingView, NurtureView, QualificationView,
    SaidView, TriesView, in_queue,
};
use crate::decide::{Configuration, reasons};
use crate::domain::{
    AccountOwner, Answer, Attribution, Company, Consent, Contact, GivenIds, InquiryEntry, Lead,
    Timestamp, Touch,
};
use crate::flow;
use crate::http::public::points;

/// Where a lead stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeadState {
    #[schema(example = "lead_0190a1b2c3d4e5f60718293a4b5c6d7e")]
    pub id: String,
    /// `inquiry`, `lead`, `accepted`, `prospect`, `won`, `lost`, `recycled` or `discarded`.
    #[schema(example = "lead")]
    pub stage: &'static str,
    /// `sell`, `nurture` or `discard`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<&'static str>,
    /// What became of it: `routed`, `nurtured`, `qualifying`, `held`, `awaiting_confirmation`, `discarded`.
    #[schema(example = "routed")]
    pub status: &'static str,
    /// `none` if it is in no queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[schema(value_type = f64)]
    pub score: Value,
    /// How much of what is wanted is known, 0 to 1.
    pub completeness: f64,
    /// 1 on the first way through.
    pub cycle: u32,
    pub inquiries: u32,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: String,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: String,
}

/// A lead with all that is known.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeadView {
    #[serde(flatten)]
    pub state: LeadState,
    /// Counts changes of the record.
    pub version: u64,
    /// Who it is: raw value, normal form and validity side by side; `others` are further values seen.
    #[schema(value_type = Object)]
    pub contact: Contact,
    #[schema(value_type = Object)]
    pub company: Company,
    #[schema(value_type = Vec<Object>)]
    pub answers: Vec<Answer>,
    /// The latest explicit statement per purpose and channel.
    #[schema(value_type = Vec<Object>)]
    pub consents: Vec<Consent>,
    #[schema(value_type = Object)]
    pub attribution: Attribution,
    pub first_touch: TouchView,
    /// An earlier event that arrived later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earliest_known: Option<TouchView>,
    /// The newest twenty, oldest first.
    pub touches: Vec<TouchView>,
    /// What people found out; it stands above what the inquiries say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<FindingView>,
    /// How often people tried to reach the person in vain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tries: Option<TriesView>,
    /// What the person did, how the lead left sales, and whether the person wants to be contacted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nurture: Option<NurtureView>,
    /// Whether the person confirmed the address; absent where that was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<ConfirmationView>,
    /// How long it waits for people; absent where no clock ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockView>,
    /// What people said back in this cycle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said: Option<SaidView>,
    /// How the last inquiry was judged; engagement as it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qualification: Option<QualificationView>,
    /// The newest fifty, oldest first.
    pub deliveries: Vec<DeliveryView>,
    /// What receivers call its records: by destination, then by what it is there.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Object)]
    pub given: GivenIds,
    /// The company's account; absent if no company is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountView>,
    /// Leads that went up in this one; each can be parted from it again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub absorbed: Vec<String>,
    /// Leads that a person said are somebody else's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub apart: Vec<String>,
    /// Leads of the same person that a source keeps apart on purpose.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub linked: Vec<String>,
}

/// A company, as an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountView {
    /// The member who owns it: by the list of named accounts, else by the open lead that was owned first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The lead by which the member owns it; absent if the list says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_lead: Option<String>,
    /// The other people there, the oldest first.
    pub people: Vec<ColleagueView>,
    /// There are more of them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
}

/// Another lead: of a person of the same company, or of one who may be the same.
#[derive(Debug, Serialize, ToSchema)]
pub struct ColleagueView {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    #[serde(flatten)]
    pub state: LeadState,
}

/// One inquiry as the lead remembers it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TouchView {
    #[schema(example = "inq_0190a1b2c3d4e5f60718293a4b5c6d7e")]
    pub inquiry: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: String,
    pub source: String,
    #[schema(example = "website")]
    pub channel: &'static str,
}

impl LeadState {
    /// Where it stands now.
    pub fn of(lead: &Lead) -> Self {
        let outcome = lead.assignment.outcome();
        Self {
            id: lead.id.to_string(),
            stage: lead.stage().as_str(),
            category: outcome.map(|outcome| outcome.category.as_str()),
            status: lead.assignment.status().as_str(),
            queue: outcome.map(|outcome| outcome.queue.to_string()),
            pool: outcome.and_then(|outcome| outcome.pool.as_ref()).map(ToString::to_string),
            owner: lead.assignment.owner().map(ToString::to_string),
            score: points(lead.score),
            completeness: fraction(lead.completeness),
            cycle: lead.cycle,
            inquiries: lead.inquiries,
            created_at: lead.created_at.to_string(),
            updated_at: lead.updated_at.to_string(),
        }
    }
}

impl LeadView {
    /// With its deliveries and the judgement on its last inquiry.
    pub fn of(
        view: &flow::LeadView,
        last: Option<&InquiryEntry>,
        configuration: &Configuration,
        now: Timestamp,
    ) -> Self {
        let lead = &view.lead;
        let judged = last.map(|entry| judged(entry, lead, configuration, now));
        let mut state = LeadState::of(lead);
        if let Some(judged) = judged.as_ref().filter(|_| configuration.qualifier.fades()) {
            state.score = judged.score.clone();
        }
        Self {
            state,
            findings: FindingView::all(lead),
            tries: TriesView::of(lead),
            nurture: NurtureView::of(lead),
            confirmation: ConfirmationView::of(lead),
            clock: None,
            said: SaidView::of(lead),
            version: view.version,
            contact: lead.contact.clone(),
            company: lead.company.clone(),
            answers: lead.answers.clone(),
            consents: lead.consents.clone(),
            attribution: lead.attribution.clone(),
            first_touch: TouchView::of(&lead.first_touch),
            earliest_known: lead.earliest_known.as_ref().map(TouchView::of),
            touches: lead.touches.iter().map(TouchView::of).collect(),
            qualification: judged,
            deliveries: view.deliveries.iter().map(|(queue, job)| in_queue(queue, job)).collect(),
            given: view.given.clone(),
            account: None,
            absorbed: lead.absorbed.iter().map(ToString::to_string).collect(),
            apart: lead.apart.iter().map(ToString::to_string).collect(),
            linked: lead.linked.iter().map(ToString::to_string).collect(),
        }
    }
}

impl ColleagueView {
    /// As people recognise it.
    pub fn of(lead: &Lead) -> Self {
        let text =
            |text: &Option<crate::domain::Pii>| text.as_ref().map(|it| it.expose().to_owned());
        Self {
            name: flow::name_of(&lead.contact),
            title: text(&lead.contact.title),
            company: text(&lead.company.name),
            state: LeadState::of(lead),
        }
    }
}

impl AccountView {
    /// Of a lead's company, if it is known.
    pub fn of(
        lead: &Lead,
        owner: Option<AccountOwner>,
        people: &[Lead],
        more: bool,
    ) -> Option<Self> {
        if lead.account.is_none() && owner.is_none() {
            return None;
        }
        Some(Self {
            by_lead: owner.as_ref().and_then(|owner| owner.lead).map(|id| id.to_string()),
            owner: owner.map(|owner| owner.member.to_string()),
            people: people.iter().map(ColleagueView::of).collect(),
            more,
        })
    }
}

/// The judgement as it reads now.
fn judged(
    entry: &InquiryEntry,
    lead: &Lead,
    configuration: &Configuration,
    now: Timestamp,
) -> QualificationView {
    let record = &entry.record;
    let ours = record.config == configuration.hash;
    let now_read = ours.then(|| configuration.qualifier.read_at(&record.qualification, lead, now));
    let judged = now_read.as_ref().unwrap_or(&record.qualification);
    let because = reasons(configuration, entry, Some(lead), judged, now);
    QualificationView::of(judged, &record.config, configuration, &because, false)
}

impl TouchView {
    fn of(touch: &Touch) -> Self {
        Self {
            inquiry: touch.inquiry.to_string(),
            at: touch.at.to_string(),
            source: touch.source.to_string(),
            channel: touch.channel.as_str(),
        }
    }
}
