//! One file per thing that can happen. Calls the pure rooms and the ports; speaks neither HTTP nor
//! any vendor's language.
//!
//! - [`inquiry`]: an inquiry comes in: decide, commit, and again if the facts were stale;
//! - [`claims`]: by what an inquiry is known when it is sent again;
//! - [`unreadable`]: what could not be read is kept, listed, reprocessed or discarded;
//! - [`retrieval`]: data that are still with the vendor: a reference is taken, what it stands for is fetched;
//! - [`operate`]: a person assigns, releases, re-decides, answers for or discards a lead;
//! - [`disposition`]: a tool says back what became of a lead;
//! - [`engagement`]: tools say what people did;
//! - [`link`]: somebody answers for a lead by a link;
//! - [`clock`]: time goes on over a lead;
//! - [`filtered`]: a person releases or removes what a source's own filter caught;
//! - [`deliveries`]: deliveries by how they stand;
//! - [`dead`]: those that were given up: which, how many, many of them run again;
//! - [`redrive`]: a person replays or drops deliveries, pauses or resumes destinations;
//! - [`given`]: ids that receivers gave a lead's records;
//! - [`find`]: where is my lead?
//! - [`look_up`]: one inquiry, one lead, one record;
//! - [`story`]: a lead's story, what people did;
//! - [`worklist`]: what waits for a person;
//! - [`feed`]: the newest inquiries and what became of them, live;
//! - [`refusals`], [`tally`], [`source_health`]: what became of each source's requests, and is it well?
//! - [`told`]: who was told of a lead;
//! - [`referrals`]: who brought whom;
//! - [`explain`]: why an inquiry was decided as it was, part by part, and what another configuration would do;
//! - [`hits`]: which rules take inquiries and which never do;
//! - [`past`]: the configurations that made old records;
//! - [`pools`]: who got how much;
//! - [`privacy`]: everything that is held about a person, and forgetting them;
//! - [`reports`]: the journal folded into sums, what was spent, reports of both, export;
//! - [`alert`], [`failing`]: operators' alerts; rules that could not be evaluated.

mod account;
mod alert;
mod claims;
mod clock;
mod confirming;
mod context;
mod dead;
mod deliveries;
mod disposition;
mod engagement;
mod explain;
mod failing;
mod feed;
mod filtered;
mod find;
mod gate;
mod given;
mod hits;
mod in_words;
mod inquiry;
mod link;
mod look_up;
mod merging;
mod operate;
mod past;
mod person;
mod pools;
mod privacy;
mod rates;
mod recent;
mod redrive;
mod referrals;
mod refusals;
mod reloaded;
mod reports;
mod reprocess;
mod retrieval;
mod review;
mod roster;
mod source_health;
mod standing;
mod story;
mod tally;
mod told;
mod unreadable;
mod waits;
mod whom;
mod worklist;
mod workspace;

pub use alert::{AlertSettings, Watch, word};
pub use confirming::ToConfirm;
pub use context::{Flow, Outlet, Unavailable};
pub use dead::{DeadCount, DeadCounts, DryRun, Which, died_at};
pub use deliveries::{Listed, Standing, Wanted};
pub use disposition::{About, SaidBack};
pub use engagement::{EngagementStatus, EngagementTaken, ToldEngagement};
pub use explain::{Explanation, NoExplanation, Version};
pub use feed::{FEED_KEPT, FeedCursor, FeedDelivery, FeedItem, FeedPage, ParseFeedCursorError};
pub use find::{
    Asked, Findings, Found, FoundDelivery, FoundInquiry, FoundLead, Looked, ParseQuestionError,
    Period, Question, RefusedBy, delivery_in_words,
};
pub use hits::{HITS_LAST, HITS_MAX, Hits, RuleHits, Tally};
pub use inquiry::{Answer, Caller, Detail, Received};
pub use link::{NoLink, Opened};
pub use look_up::{LeadView, RecordView};
pub use operate::{Acted, Action, ActionError, Answers, Saying};
pub use past::{MadeBy, Recompile};
pub use person::name_of;
pub use pools::{CapView, MemberView, PoolView};
pub use privacy::{Erasure, Everything, Forgotten};
pub use rates::Counted;
pub use redrive::{DestinationView, Redriven, delivery_of};
pub use referrals::Referrals;
pub use refusals::{Refusals, UNKNOWN};
pub use reports::{
    AskedReport, Exported, Lag, ParsePositionError, Position, SPENDS_MAX, SpendRow, Step,
};
pub use retrieval::{Backfilled, CannotBackfill, retrieval_route};
pub use roster::{RosterChange, RosterError};
pub use source_health::{HealthWord, SourceHealth, SourcesHealth, Strays};
pub use story::{Story, Touched};
pub use tally::{Counts, LastTime, Latest};
pub use unreadable::{Kept, KeptBody, RawBody};
pub use whom::Whom;
pub use worklist::{Cursor, Page, ParseCursorError, Waiting, Waits};
pub use workspace::Workspace;
