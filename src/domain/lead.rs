//! The record about one person at one company.

use serde::{Deserialize, Serialize};

use super::{
    Answer, Attribution, Category, Channel, Checked, Clocks, Company, Confirmation, Consent,
    Contact, Findings, IndexKey, InquiryId, LeadId, LeftSales, LookAgain, Millipoints, Name,
    Nurture, Pii, Receipt, Said, Stage, Status, Terms, Timestamp, Tries, Validity,
};

/// One inquiry as the lead remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touch {
    pub inquiry: InquiryId,
    pub at: Timestamp,
    pub source: Name,
    pub channel: Channel,
}

/// What taking a branch of the plan means for the lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BranchOutcome {
    pub status: Status,
    pub stage: Stage,
    pub category: Category,
    /// `none` for what is discarded.
    pub queue: Name,
    /// The pool picked from. With status `held`: the pool that was full; absent if no pool was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<Name>,
    /// With status `held`: how it waits, if it is tried again by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<Wait>,
    /// It was given to somebody who is not there yet: when they begin, and are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<Timestamp>,
    /// The clock that runs while it waits for people, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Box<Terms>>,
    /// It counts among its owner's open leads.
    #[serde(default, skip_serializing_if = "super::contact::is_false")]
    pub counted: bool,
}

/// How a held lead waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    pub since: Timestamp,
    /// When it goes on to the next station all the same; `None` = it waits for somebody, or a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// When it is tried again.
    pub next: Timestamp,
}

/// Who has the lead. Pending between decision and commit: the store writes the receipt beside the
/// body, and reading lays the two together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assignment {
    /// One outcome per branch of the plan; the receipt says which.
    Pending(Vec<BranchOutcome>),
    Settled {
        #[serde(flatten)]
        outcome: BranchOutcome,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<Name>,
    },
}

impl Assignment {
    /// Lays the receipt beside a pending assignment. A settled one stays as it is.
    #[must_use]
    pub fn settle(self, receipt: Option<&Receipt>) -> Self {
        match (self, receipt) {
            (Self::Pending(outcomes), Some(receipt)) => {
                match outcomes.get(usize::from(receipt.branch)).cloned() {
                    Some(outcome) => Self::Settled { outcome, owner: receipt.member.clone() },
                    None => Self::Pending(outcomes),
                }
            }
            (other, _) => other,
        }
    }

    /// The outcome: of the branch taken, or of the last branch (the one that needs nobody) while pending.
    #[must_use]
    pub fn outcome(&self) -> Option<&BranchOutcome> {
        match self {
            Self::Pending(outcomes) => outcomes.last(),
            Self::Settled { outcome, .. } => Some(outcome),
        }
    }

    /// The owner, if there is one.
    #[must_use]
    pub fn owner(&self) -> Option<&Name> {
        match self {
            Self::Pending(_) => None,
            Self::Settled { owner, .. } => owner.as_ref(),
        }
    }

    /// The status word of the outcome.
    #[must_use]
    pub fn status(&self) -> Status {
        self.outcome().map_or(Status::Held, |outcome| outcome.status)
    }
}

/// What one inquiry showed of the person. Matching compares these and never the record put together
/// from them: parts of two inquiries make a person whom nobody saw.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seen {
    /// The normal form of a valid address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Pii>,
    /// E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Pii>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_name: Option<Pii>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<Pii>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<Pii>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<Pii>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<Pii>,
}

impl Seen {
    /// What contact and company of one inquiry show.
    #[must_use]
    pub fn of(contact: &Contact, company: &Company) -> Self {
        let valid = |checked: &Option<Checked>| {
            checked.as_ref().filter(|it| it.validity == Validity::Valid)?.value.clone()
        };
        Self {
            email: valid(&contact.email),
            phone: valid(&contact.phone),
            full_name: contact.full_name.clone(),
            first_name: contact.first_name.clone(),
            last_name: contact.last_name.clone(),
            company: company.name.clone(),
            domain: company.domain.clone(),
            external_id: contact.external_id.clone(),
        }
    }
}

/// A lead. Merging keeps every value seen: the best one in its place, the rest in `contact.others`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lead {
    pub id: LeadId,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// 1 on the first way through; each return from a closed stage adds one.
    pub cycle: u32,
    pub score: Millipoints,
    /// What it is worth on average, in whole units of the configured currency; 0 where nobody knows.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub worth: u32,
    /// Per mille.
    pub completeness: u16,
    pub contact: Contact,
    #[serde(default)]
    pub company: Company,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    /// Latest explicit statement per purpose and channel.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<Consent>,
    #[serde(default, skip_serializing_if = "Attribution::is_empty")]
    pub attribution: Attribution,
    /// First committed; never rewritten.
    pub first_touch: Touch,
    /// An earlier event that arrived later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earliest_known: Option<Touch>,
    /// The newest touches, at most [`Lead::TOUCHES_MAX`], oldest first.
    pub touches: Vec<Touch>,
    /// How many inquiries there were in all.
    pub inquiries: u32,
    /// The index keys the lead stands under, for erasure and re-keying; behind each bare one its compound ones.
    pub keys: Vec<IndexKey>,
    /// The different ways in which the person was seen, at most [`Lead::SEEN_MAX`]; empty while contact and
    /// company are the only one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<Seen>,
    /// What people found out.
    #[serde(default, skip_serializing_if = "Findings::is_empty")]
    pub findings: Findings,
    /// How often people tried to reach the person in vain, in this cycle and since anything was heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries: Option<Tries>,
    /// When it is looked at again by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_again: Option<LookAgain>,
    /// How long it waits for people; only where a clock ran, or since somebody got in touch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clocks: Option<Box<Clocks>>,
    /// What people said back; nothing so far, for most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Box<Said>>,
    /// What the person did, how the lead left sales, and what stopped; most have none of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nurture: Option<Box<Nurture>>,
    /// Whether the person confirmed the address; only where that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<Box<Confirmation>>,
    pub assignment: Assignment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<LeadId>,
    /// How the one in which it went up stood before; only with `merged_into`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_away: Option<Box<MergedAway>>,
    /// The account among whose people it is listed: that of the first inquiry that named a company.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<IndexKey>,
    /// The index key of who referred the person, as the first inquiry says that named somebody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referrer: Option<IndexKey>,
    /// Leads that went up in this one, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absorbed: Vec<LeadId>,
    /// Leads that a person said are somebody else's: never joined with it, never asked about again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub apart: Vec<LeadId>,
    /// Leads of the same person that are kept apart on purpose, because a source's policy is `link`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub linked: Vec<LeadId>,
}

/// What parting two records again needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergedAway {
    pub at: Timestamp,
    /// The record in which it went up, as it was the moment before.
    pub survivor: Lead,
}

impl Lead {
    /// Older touches are found through the journal.
    pub const TOUCHES_MAX: usize = 20;
    /// Beyond it the oldest go; what they held stays in the record.
    pub const SEEN_MAX: usize = 24;

    /// The next cycle begins. What was said before moves the lead no more.
    pub fn begin_cycle(&mut self, now: Timestamp) {
        self.cycle = self.cycle.saturating_add(1);
        let since = Some(Timestamp::from_millis(now.as_secs() * 1000));
        self.said = Some(Box::new(Said { since, ..Said::default() }));
    }

    /// How far the lead is, as its assignment says.
    #[must_use]
    pub fn stage(&self) -> Stage {
        self.assignment.outcome().map_or(Stage::Inquiry, |outcome| outcome.stage)
    }

    /// Sell, nurture or discard.
    #[must_use]
    pub fn category(&self) -> Option<Category> {
        self.assignment.outcome().map(|outcome| outcome.category)
    }

    /// How it left sales, if it did and is not back.
    #[must_use]
    pub fn left_sales(&self) -> Option<&LeftSales> {
        self.nurture.as_ref()?.left.as_ref()
    }

    /// The queue the lead is in.
    #[must_use]
    pub fn queue(&self) -> Option<&Name> {
        self.assignment.outcome().map(|outcome| &outcome.queue)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}
