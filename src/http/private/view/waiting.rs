//! One thing on a worklist, and what a person can do about it.

use serde::Serialize;
use utoipa::ToSchema;

use super::{ClockView, ColleagueView, DeliveryView, LeadState, TriesView};
use crate::domain::ports::JobView;
use crate::domain::{
    DeliveryId, Index, InquiryEntry, InquiryId, Lead, LeadId, Name, Status, Timestamp,
};
use crate::flow::{Waiting, Waits};

/// One thing that waits.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingView {
    /// The id that the actions take.
    pub id: String,
    /// `lead`, `pair` (two leads that may be one person's, or were judged to be two), `inquiry`, `body`, `delivery`; `gone` if it went while the page was read.
    #[schema(example = "lead")]
    pub kind: &'static str,
    /// Why it waits: a fixed word or a name.
    pub reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub since: String,
    pub age_seconds: u64,
    /// Where a waiting lead stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<LeadState>,
    /// Who it is, as far as is known: for people to recognise it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// The other one of a pair: the one that would stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<ColleagueView>,
    /// How long a waiting lead has waited, and what is late (`overdue`); absent where no clock runs or ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockView>,
    /// How often somebody was tried in vain, and when to try again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tries: Option<TriesView>,
    /// What is still unknown, in the order to ask.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<String>,
    /// How often the very same body came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryView>,
    pub actions: Vec<ActionView>,
}

/// Something that can be done.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActionView {
    #[schema(example = "assign")]
    pub name: &'static str,
    #[schema(example = "POST")]
    pub method: &'static str,
    pub path: String,
    /// What to send, where it takes something that is known here.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub body: Option<serde_json::Value>,
}

impl WaitingView {
    /// As it stands on that list.
    pub fn of(list: &Index, waiting: Waiting, workspace: &Name, now: Timestamp) -> Self {
        let empty = Self {
            id: String::new(),
            kind: "gone",
            reason: "gone".to_owned(),
            source: None,
            since: waiting.since.to_string(),
            age_seconds: now.since(waiting.since).as_secs(),
            lead: None,
            name: None,
            company: None,
            other: None,
            clock: None,
            tries: None,
            open: Vec::new(),
            count: None,
            delivery: None,
            actions: Vec::new(),
        };
        let at = |kind, id: &dyn std::fmt::Display| format!("/v1/{workspace}/{kind}/{id}");
        match waiting.what {
            Waits::Lead(lead, entry, clock) => Self {
                clock: clock.as_deref().map(ClockView::of),
                ..empty.lead(list, &lead, entry.as_deref(), &at("leads", &lead.id))
            },
            Waits::Pair(leads, why) => {
                empty.pair(&leads.0, &leads.1, &why, &at("leads", &leads.0.id))
            }
            Waits::Body(id, kept) => Self {
                id: id.to_string(),
                kind: "body",
                reason: kept.reason.to_string(),
                source: Some(kept.source.to_string()),
                count: Some(kept.count),
                actions: actions(
                    &at("unreadable", &id),
                    &[
                        ("read", "GET", ""),
                        ("reprocess", "POST", "/reprocess"),
                        ("discard", "DELETE", ""),
                    ],
                ),
                ..empty
            },
            Waits::Inquiry(entry) => {
                let id = entry.inquiry.id;
                let filtered = entry.record.status == Some(Status::Filtered);
                let path = at("filtered", &id);
                let can: &[_] = &[("release", "POST", "/release"), ("discard", "DELETE", "")];
                Self {
                    id: id.to_string(),
                    kind: "inquiry",
                    reason: reason(&entry),
                    source: Some(entry.inquiry.source.to_string()),
                    actions: if filtered { actions(&path, can) } else { Vec::new() },
                    ..empty.person(&entry.inquiry.contact, &entry.inquiry.company)
                }
            }
            Waits::Delivery(view) => empty.dead(&view, &at("deliveries", &view.id)),
            Waits::Gone => Self { id: id_of(list, waiting.id), ..empty },
        }
    }

    fn pair(self, goes: &Lead, stays: &Lead, why: &[&'static str], path: &str) -> Self {
        let with = |name: &'static str, key: &str| ActionView {
            name,
            method: "POST",
            path: format!("{path}/{name}"),
            body: Some(serde_json::json!({ key: stays.id.to_string() })),
        };
        let mut can = actions(path, &[("read", "GET", "")]);
        can.extend([with("merge", "into"), with("distinguish", "from")]);
        Self {
            id: goes.id.to_string(),
            kind: "pair",
            reason: why.join(","),
            lead: Some(LeadState::of(goes)),
            other: Some(ColleagueView::of(stays)),
            actions: can,
            ..self.person(&goes.contact, &goes.company)
        }
    }

    fn dead(self, view: &JobView, path: &str) -> Self {
        let can = [("read", "GET", ""), ("replay", "POST", "/replay"), ("drop", "POST", "/drop")];
        Self {
            id: view.id.to_string(),
            kind: "delivery",
            reason: view.state.problem(),
            actions: actions(path, &can),
            delivery: Some(DeliveryView::of(view)),
            ..self
        }
    }

    fn lead(self, list: &Index, lead: &Lead, entry: Option<&InquiryEntry>, path: &str) -> Self {
        let record = entry.map(|entry| &entry.record);
        let reason =
            match (list, lead.assignment.outcome().and_then(|outcome| outcome.pool.as_ref())) {
                (Index::Held, Some(pool)) => format!("nobody_free_in:{pool}"),
                (Index::Qualify, _) => "questions_open".to_owned(),
                (Index::Unconfirmed, _) => "address_unconfirmed".to_owned(),
                _ => match record.and_then(|record| record.rule.as_ref()) {
                    Some(rule) => format!("rule:{rule}"),
                    None => "no_rule".to_owned(),
                },
            };
        let release = *list != Index::Qualify;
        let can = [
            ("read", "GET", ""),
            ("answer", "POST", "/answers"),
            ("no_answer", "POST", "/no_answer"),
            ("assign", "POST", "/assign"),
            ("release", "POST", "/release"),
            ("redecide", "POST", "/redecide"),
            ("discard", "POST", "/discard"),
        ];
        let fits = |can: &(&str, &str, &str)| match can.0 {
            "release" => release,
            "redecide" => *list != Index::Unconfirmed,
            "answer" | "no_answer" => !release,
            _ => true,
        };
        let can: Vec<_> = can.into_iter().filter(fits).collect();
        let open = record.map_or(&[][..], |record| &record.qualification.open);
        Self {
            id: lead.id.to_string(),
            kind: "lead",
            reason,
            source: Some(lead.touches.last().unwrap_or(&lead.first_touch).source.to_string()),
            lead: Some(LeadState::of(lead)),
            tries: TriesView::of(lead),
            open: open.iter().map(ToString::to_string).collect(),
            actions: actions(path, &can),
            ..self.person(&lead.contact, &lead.company)
        }
    }

    fn person(self, contact: &crate::domain::Contact, company: &crate::domain::Company) -> Self {
        let name = crate::flow::name_of(contact);
        let company = company.name.as_ref().map(|name| name.expose().to_owned());
        Self { name, company, ..self }
    }
}

fn actions(path: &str, can: &[(&'static str, &'static str, &str)]) -> Vec<ActionView> {
    can.iter()
        .map(|(name, method, below)| ActionView {
            name,
            method,
            path: format!("{path}{below}"),
            body: None,
        })
        .collect()
}

fn id_of(list: &Index, id: [u8; 16]) -> String {
    match list {
        Index::Held | Index::Triage | Index::Qualify | Index::Unconfirmed => {
            LeadId::from_bytes(id).to_string()
        }
        Index::Dead => DeliveryId::from_bytes(id).to_string(),
        _ => InquiryId::from_bytes(id).to_string(),
    }
}

/// What caught a filtered inquiry; else what it is.
fn reason(entry: &InquiryEntry) -> String {
    let by = entry.inquiry.filtered_by.as_ref().filter(|_| entry.inquiry.filtered);
    by.map_or_else(|| entry.status().to_string(), ToString::to_string)
}
