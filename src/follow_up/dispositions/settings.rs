//! `dispositions:` of `follow-up.yaml` as written.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use crate::domain::{Disposition, Period};

/// What people and tools may say back about a lead. Without it: all there are, under their own words.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct DispositionSettings {
    /// Which are used; the others are refused. All of them if absent.
    #[serde(rename = "use")]
    pub used: Option<Vec<Disposition>>,
    /// Other words for them, such as the names of a CRM's stages. Capitals, blanks and signs do not matter.
    #[cfg_attr(test, schemars(extend("examples" = [{"Closed Won": "won", "Nurture": "timeline_later"}])))]
    pub aliases: BTreeMap<String, Disposition>,
    /// What people read on buttons and links, by disposition.
    pub labels: BTreeMap<Disposition, String>,
    /// Which reasons may stand beside one. Without a list any word may.
    #[cfg_attr(test, schemars(with = "BTreeMap<Disposition, Vec<crate::domain::Name>>", extend("examples" = [{"lost": ["price", "feature-missing"]}])))]
    pub reasons: BTreeMap<Disposition, Vec<String>>,
    /// The currency of amounts that name none: three letters of ISO 4217. Without it they are refused.
    #[cfg_attr(test, schemars(extend("examples" = ["EUR"])))]
    pub currency: Option<String>,
    /// `timeline_later` that names no time is worth another try after so long; between `1d` and `1830d`.
    pub revisit_after: Period,
    /// Whoever had a lead of which one of these is said gets the turn in the pool back for it: it was none. Of those that
    /// pass a lead back or give it up.
    pub credit: Vec<Disposition>,
    /// Links in what goes out, by which a person answers with one click.
    pub links: LinkSettings,
}

impl Default for DispositionSettings {
    fn default() -> Self {
        Self {
            used: None,
            aliases: BTreeMap::new(),
            labels: BTreeMap::new(),
            reasons: BTreeMap::new(),
            currency: None,
            revisit_after: Period(Duration::from_hours(90 * 24)),
            credit: vec![Disposition::NotAFit, Disposition::BadData, Disposition::Duplicate],
            links: LinkSettings::default(),
        }
    }
}

/// Links in what goes out, by which a person answers with one click.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct LinkSettings {
    /// Which are offered, in order, at most eight; none if empty.
    #[cfg_attr(test, schemars(length(max = 8)))]
    pub offer: Vec<Disposition>,
    /// How long a link is good; between `1h` and `30d`.
    pub good_for: Period,
}

impl Default for LinkSettings {
    fn default() -> Self {
        Self { offer: Vec::new(), good_for: Period(Duration::from_hours(14 * 24)) }
    }
}
