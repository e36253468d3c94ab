//! What follows from one inquiry, or from an operator's word about a lead: everything, as one [`Commit`] that the
//! store carries out whole or not at all. Pure: configuration, facts, ids and `now` go in; the same bytes come out.
//!
//! [`decide`] takes an inquiry:
//! - **somebody new**: qualified, routed by the rules, one branch per way it can go;
//! - **a repeat**: merged and qualified again. The lead keeps its queue and owner and `lead.inquired_again` goes
//!   out (one for all within [`Configuration::coalesce`]), unless the lead is to be sold now and was not before,
//!   or waits in triage for somebody: then the rules are asked afresh. A repeat never makes a lead worth less.
//!   A repeat of a closed lead (won, lost, discarded, recycled) begins its next cycle with a fresh decision;
//! - **a test**: decided in full, but nobody is picked, matched or indexed, and no lead is kept: only the entry of
//!   the inquiry, for a while, and events for destinations that take tests;
//! - **filtered** (spam): kept for a while where people can look it over.
//!
//! [`operate()`] takes what an operator wants done with a lead, what people found out about it ([`Answers`]) or say became
//! of it ([`Saying`]), and that time went on over it; [`in_words`] says why a decision came out as it did, [`explained`] also which part of a rule was not
//! so, and [`reconsider`] what another configuration would do.
//!
//! The read set of a commit: every key set of the inquiry (version 0 = must be absent) and every lead behind them,
//! so that two processes deciding about one person cannot both be first; and the lead that stands for the company's
//! account, where the decision asks for it. The account's people are an index in nobody's read set.

mod account;
mod again;
mod ahead;
mod answering;
mod configuration;
mod confirming;
mod consenting;
mod consequence;
mod credit;
mod dimensions;
mod due;
mod engaging;
mod erasing;
mod explain;
mod filters;
mod finish;
mod identity;
mod inquiry;
mod joining;
mod kept_aside;
mod look_again;
mod merging;
mod nurture;
mod operate;
mod pairs;
mod policy;
mod reads;
mod reasons;
mod record;
mod referral;
mod retention;
mod returning;
mod said;
mod saying;
mod words;

pub use account::owner as account_owner;
pub use answering::Answers;
pub use configuration::{Configuration, DestinationRoute, EventFilter};
pub use consequence::worklist;
pub use erasing::{Erasing, erase};
pub use explain::{Reconsidered, RuleReason, explained, reconsider, rule_reasons};
pub use filters::{Filter, Filters};
pub use inquiry::{Input, decide};
pub use merging::{Parting, Said, distinguish, merge_leads, unmerge_lead};
pub use operate::{Action, Operation, Order, Refusal, operate};
pub use pairs::settled;
pub use reasons::{Because, reasons};
pub use retention::{Keeping, Retention};
pub use said::Saying;
pub use words::in_words;

#[cfg(doc)]
use crate::domain::Commit;

#[cfg(test)]
mod tests;
