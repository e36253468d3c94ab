//! One business's configuration as the flow sees it: compiled, immutable, swapped whole on reload.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::analyse::report::Terms;
use crate::capture::{Says, SigningKeys, Source};
use crate::decide::{Configuration, Retention};
use crate::domain::Name;

/// A workspace's compiled configuration.
#[derive(Debug)]
pub struct Workspace {
    pub name: Name,
    /// Content hash of the files and presets, 32 hexadecimal digits.
    pub hash: String,
    pub sources: BTreeMap<Name, Source>,
    /// CRMs whose webhooks say what became of leads.
    pub says: BTreeMap<Name, Says>,
    pub decide: Configuration,
    /// How long leads are kept.
    pub retention: Retention,
    /// How long unreadable bodies are kept (default 30 days).
    pub unreadable_ttl: Duration,
    /// How long bodies given back to a caller are kept (default 7 days).
    pub returned_ttl: Duration,
    /// How long deliveries are kept that ended (default 7 days).
    pub deliveries_ttl: Duration,
    /// Days begin at its midnight: for times that people ask for.
    pub zone: jiff::tz::TimeZone,
    /// The last hint for phone numbers without a country code.
    pub country: Option<String>,
    /// How sources reach the public listener from outside, without a slash at its end.
    pub public_url: Option<url::Url>,
    /// What proves that dispositions come from tools of ours.
    pub dispositions: SigningKeys,
    /// What proves that engagements do.
    pub engagements: SigningKeys,
    /// Currencies, goals, and what counts as in time.
    pub reports: Terms,
    /// Where operators' alerts go.
    pub alerts: super::AlertSettings,
}
