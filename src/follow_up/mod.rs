//! What is done about a lead after it was handed over: what people say back, clocks that run until somebody acts,
//! and leads that are kept warm. Pure; `decide` asks it, `flow` never does.
//!
//! # How `follow-up.yaml` reads
//! ```yaml
//! dispositions: {}      # what people may say back           (dispositions)
//! sla:                  # clocks, from narrow to broad            (sla)
//!   - { name: sales, queues: [sales], first_touch_within: 30m, warn_at: [0.5, 0.8] }
//! nurture: {}           # when a lead comes back to sales     (nurture)
//! ```
//! The file may be missing, and so may every section of it. Each section has its own folder with its Settings, what they
//! compile to, and what follows from them.

mod compile;
pub mod dispositions;
pub mod nurture;
pub mod referrals;
mod settings;
pub mod sla;

pub use compile::{Around, FollowUp};
pub use settings::FollowUpSettings;
