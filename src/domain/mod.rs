//! The words of the product as types. Imports nothing of ours; does no I/O, asks no clock, draws no random numbers.
//! Things are parsed here, never merely validated: holding a value of one of these types is the proof that it is well formed.

mod clock;
mod commit;
mod confirmation;
mod consent;
mod contact;
mod cost;
mod dead;
mod decision;
mod disposition;
mod engagement;
mod erasure;
mod event;
mod facts;
mod field;
mod finding;
mod html;
mod id;
mod inquiry;
mod job;
mod journal;
mod key;
mod label;
mod lead;
mod money;
mod name;
mod nurture;
pub mod packing;
mod period;
mod pii;
mod plan;
pub mod ports;
mod preset;
mod quota;
mod region;
mod roster;
mod said;
mod score;
mod setting;
mod status;
mod time;
mod trial;

pub use clock::{Awaited, BusinessTime, ClockTold, Clocks, Terms};
pub use commit::{
    Branch, Claim, Commit, CommitOutcome, Committed, IndexChange, KeySet, Read, Stored, Write,
};
pub use confirmation::{Confirmation, ConfirmationTerms, Confirmed, Unconfirmed};
pub use consent::{do_not_contact, unsubscribed};
pub use contact::{Answer, Checked, Company, Contact, Validity};
pub use cost::InquiryCost;
pub use dead::DeadKind;
pub use decision::{Decision, Record};
pub use disposition::Disposition;
pub use engagement::{Engagement, EngagementKind, Engagements, Noted};
pub use erasure::Erased;
pub use event::{EventRow, EventType, Trace};
pub use facts::{AccountOwner, AccountStanding, Facts, Known, Remembered};
pub use field::Field;
pub use finding::{Finding, Findings, Found, LookAgain, Tries};
pub use html::in_html;
pub use id::{
    AttemptId, BatchId, DeliveryId, EventId, IdBlock, InquiryId, LeadId, ParseIdError, RequestId,
};
pub use inquiry::{Attribution, Consent, Flag, Inquiry, InquiryEntry, Reference, Submission};
pub use job::{
    Attempt, Carried, Delivery, DeliveryState, GivenIds, Job, JobOutcome, Lease, LeasedJob, NewJob,
    Pace, Retrieve, Route, Verdict,
};
pub use journal::{JournalRow, TouchTimes};
pub use key::{Index, IndexKey, Key, Shard};
pub use label::Label;
pub use lead::{Assignment, BranchOutcome, Lead, MergedAway, Seen, Touch, Wait};
pub use money::{Currency, Money};
pub use name::{Name, ParseNameError};
pub use nurture::{LeftSales, Nurture};
pub use period::Period;
pub use pii::Pii;
pub use plan::{
    Candidate, Cap, Capped, Method, OwnerStep, PoolPick, PoolState, Receipt, Seat, Skip,
};
pub use preset::{PresetsOf, embedded_files};
pub use quota::Quota;
pub use region::region_code;
pub use roster::{Absence, Paused, Roster, TimeOff};
pub use said::Said;
pub use score::{Criterion, Expected, Known3, Millipoints, Qualification, ScoreLine};
pub use setting::{SettingProblem, Tier, closest};
pub use status::{Category, Channel, KnownPerson, Outcome, Stage, Status};
pub use time::Timestamp;
pub use trial::{TrialAnswer, TrialReport};

#[cfg(test)]
mod tests;
