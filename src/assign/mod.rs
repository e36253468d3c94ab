//! Whose lead it is: ordered routing rules lead to a queue and a pool, calendars and caps say who may be picked,
//! and [`pick()`] is the one algorithm that picks. Pure: the store runs it inside its atomic step, and its script
//! mirrors it.
//!
//! # How `routing.yaml` reads
//! ```yaml
//! queues:                                    # a queue names its destinations
//!   sales:   { destinations: [crm], priority: 1 }
//!   nurture: { destinations: [newsletter] }
//! rules:                                     # ordered, the first match wins
//!   - name: enterprise-dach
//!     when: { all: [ {field: category, is: sell}, {field: contact.country, in: [DE, AT, CH]} ] }
//!     assign: { queue: sales, pool: enterprise, else: { pool: everybody } }
//!   - name: everyone-else                    # without `when` a rule takes all
//!     assign: { pool: everybody }            # without `queue` the category says which
//! fallback: { queue: triage }                # mandatory
//! ```
//! What a rule does not say, the judgement does:
//! - **sell**: a rule without `queue` leads to `sales`. Without any rule: the fallback.
//! - **ask** (promising, but unknown): to `qualify`, with or without a rule. A rule that says another queue than
//!   `nurture` is obeyed; asking takes the place of nurturing.
//! - **nurture**: to `nurture` if that queue is declared, else to the fallback. A rule that says a queue is obeyed.
//! - **discard**: to no queue (`none`). Only a rule that asks for `category` can say otherwise, so that no rule
//!   hands an ineligible lead to sales because it forgot to ask.
//!
//! Somebody is picked from the pool if the rule says the queue, or if the lead is to be sold: what is merely
//! nurtured or asked about uses up nobody's turn or cap. When everybody in the pool is at a cap, `else` says where
//! to go next (another pool for the same queue, or another queue); `hold` (the default) keeps the lead where people see it, in the `triage` queue with status `held`.
//! `triage` and `qualify` need not be declared: people look at them as worklists.

mod asked;
mod business;
mod calendar;
mod cap_settings;
mod caps;
mod compile;
mod hours;
mod member;
mod pick;
mod plan;
mod pools;
mod queues;
mod router;
mod settings;
mod shadow;
mod state;
mod tables;
mod welcome;

pub use asked::RuleAsked;
pub use business::Calendar;
pub use caps::Lot;
pub(crate) use member::open_counter;
pub use pick::{Chosen, Picked, give_back, pick, pick_branch};
pub(crate) use plan::status_in;
pub use plan::{Planned, PlannedBranch, Situation, plan};
pub use router::{DO_NOT_ROUTE, NONE, NURTURE, QUALIFY, Router, SALES, TRIAGE};
pub use settings::{
    CapOfSettings, CapSettings, ElseSettings, HoursSettings, MemberSettings, PoolEntry,
    PoolSettings, QueueSettings, RoutingSettings, RuleSettings, ServedFirst, TableSettings,
    TargetSettings, TimeOffSettings, WindowSettings,
};
#[cfg(test)]
pub(crate) use settings::{MemberInFull, TableInFull};
pub use state::{code, pack_state, skip_code, unpack_state};
pub use welcome::keeps_levels;

#[cfg(test)]
mod tests;
