//! What nurture knows of a lead.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{Engagement, Lead, LeftSales, do_not_contact, unsubscribed};

/// So many are shown one by one.
const NEWEST_MAX: usize = 50;

/// What the person did, how the lead left sales, and whether the person wants to be contacted.
#[derive(Debug, Serialize, ToSchema)]
pub struct NurtureView {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engagements: Option<EngagementsView>,
    /// How it left sales; absent while it is there, or was never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_sales: Option<LeftSalesView>,
    /// The person wants to be left alone: since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub do_not_contact: Option<String>,
    /// The person wants no messages of nurture.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unsubscribed: bool,
}

/// What the person did.
#[derive(Debug, Serialize, ToSchema)]
pub struct EngagementsView {
    /// How often in all.
    pub count: u64,
    /// The newest fifty first.
    pub newest: Vec<EngagementView>,
}

/// One thing that the person did, or several alike.
#[derive(Debug, Serialize, ToSchema)]
pub struct EngagementView {
    #[schema(example = "page_viewed")]
    pub kind: &'static str,
    #[schema(value_type = String, format = DateTime)]
    pub at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// More than 1 of older ones that are kept together; `at` is their time on average then.
    pub count: u32,
}

/// How a lead left sales.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeftSalesView {
    #[schema(value_type = String, format = DateTime)]
    pub at: String,
    #[schema(example = "timeline_later")]
    pub reason: String,
    /// Who had it, and is asked first when it comes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Until then only an inquiry or people's word brings it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub cool_until: Option<String>,
}

impl NurtureView {
    /// Of a lead, if there is anything to say.
    pub fn of(lead: &Lead) -> Option<Self> {
        let view = Self {
            engagements: lead.nurture.as_ref().and_then(|nurture| {
                let (count, all) = (nurture.engagements.count(), nurture.engagements.iter().rev());
                let newest = all.take(NEWEST_MAX).map(EngagementView::of).collect();
                (count > 0).then_some(EngagementsView { count, newest })
            }),
            left_sales: lead.left_sales().map(LeftSalesView::of),
            do_not_contact: do_not_contact(&lead.consents).map(|said| said.at.to_string()),
            unsubscribed: unsubscribed(&lead.consents),
        };
        let says_something = view.engagements.is_some()
            || view.left_sales.is_some()
            || view.do_not_contact.is_some()
            || view.unsubscribed;
        says_something.then_some(view)
    }
}

impl EngagementView {
    fn of(one: &Engagement) -> Self {
        let text =
            |text: &Option<crate::domain::Pii>| text.as_ref().map(|it| it.expose().to_owned());
        Self {
            kind: one.kind.as_str(),
            at: one.at.to_string(),
            page: text(&one.page),
            campaign: text(&one.campaign),
            count: one.count,
        }
    }
}

impl LeftSalesView {
    fn of(left: &LeftSales) -> Self {
        Self {
            at: left.at.to_string(),
            reason: left.reason.to_string(),
            owner: left.owner.as_ref().map(ToString::to_string),
            cool_until: left.cool_until.map(|until| until.to_string()),
        }
    }
}
