//! `workspace.yaml`, and a workspace with everything in it assembled.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use super::Period;
use super::reports::ReportSettings;
use super::retention::RetentionSettings;
use crate::capture::{Says, SaysSettings, Secret, SigningKeys, Source};
use crate::decide::Configuration;
use crate::deliver::Destination;
use crate::domain::{Name, SettingProblem, closest};
use crate::rules::ConditionSource;

/// `workspace.yaml`: one business's defaults, retention and alerts. Everything has a default; the file may
/// be missing.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct WorkspaceSettings {
    /// IANA time zone: days of caps begin at its midnight.
    #[cfg_attr(test, schemars(extend("examples" = ["Europe/Berlin"])))]
    pub zone: String,
    /// ISO 3166-1 alpha-2: the last hint for phone numbers without a country code.
    pub country: Option<String>,
    /// BCP 47: the last hint for the person's language.
    pub language: Option<String>,
    /// Repeats of a person within this time are told in one event; at most `1h`.
    pub coalesce: Period,
    /// How long things are kept: what has served between `1h` and `3660d`, leads as long as is said.
    pub retention: RetentionSettings,
    /// What operators are told, and where.
    pub alerts: AlertSettings,
    /// Companies that have an owner.
    pub accounts: AccountSettings,
    /// What is kept aside as spam, in order; the first that fits names it. Listed with the filtered, where people
    /// let it go on.
    pub filters: Vec<FilterSettings>,
    /// What tools say back about leads.
    pub dispositions: DispositionSettings,
    /// What tools say people did.
    pub engagements: EngagementSettings,
    /// Currencies and goals of reports.
    pub reports: ReportSettings,
    /// Address of an inquiry's record for people; `{inquiry}` is filled in. Without it: the private
    /// listener's own.
    pub record_url: Option<String>,
}

impl Default for WorkspaceSettings {
    fn default() -> Self {
        Self {
            zone: "UTC".to_owned(),
            country: None,
            language: None,
            coalesce: Period(Duration::from_mins(1)),
            retention: RetentionSettings::default(),
            alerts: AlertSettings::default(),
            accounts: AccountSettings::default(),
            filters: Vec::new(),
            dispositions: DispositionSettings::default(),
            engagements: EngagementSettings::default(),
            reports: ReportSettings::default(),
            record_url: None,
        }
    }
}

/// Inquiries that are kept aside as spam.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FilterSettings {
    /// What it is called in lists, in a word: `casino`, `throw_away`.
    pub name: Name,
    /// Which inquiries: a condition as in rules, over what came (nothing is known of category and score yet).
    pub when: ConditionSource,
    /// Only of these sources; without them of all.
    #[serde(default)]
    pub sources: Vec<Name>,
}

/// Companies that have an owner. Without a list a company's owner is whoever owns the oldest open lead
/// there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct AccountSettings {
    /// A list of named accounts, `lists/NAME.csv`, with the columns `domain`, `company` (or one of the two)
    /// and `owner`, a member of a pool. It is asked before leads are.
    #[cfg_attr(test, schemars(extend("examples" = ["named-accounts"])))]
    pub list: Option<String>,
}

/// What operators are told, and where.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct AlertSettings {
    /// One of the workspace's destinations; without one, alerts are only logged and counted.
    pub destination: Option<Name>,
    /// A delivery older than this is worth an alert.
    pub oldest_undelivered: Period,
    /// A dead letter older than this is worth an alert, once a day for each destination.
    pub oldest_dead: Period,
    /// Sources by name, and how long each may be silent before that is worth an alert.
    pub source_silent: BTreeMap<Name, Period>,
}

impl Default for AlertSettings {
    fn default() -> Self {
        Self {
            destination: None,
            oldest_undelivered: Period(Duration::from_mins(15)),
            oldest_dead: Period(Duration::from_hours(24)),
            source_silent: BTreeMap::new(),
        }
    }
}

/// What tools say back about leads (`POST /v1/{workspace}/dispositions`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct DispositionSettings {
    /// Standard Webhooks secrets, `whsec_` and 24 to 64 bytes in Base64; best as `${env:NAME}`. Several are
    /// allowed, for changing them without a gap. Without one, only API keys with `dispositions:write` are let in.
    #[cfg_attr(test, schemars(with = "Vec<String>", extend("examples" = [["${env:CRM_SECRET}"]])))]
    pub secrets: Vec<Secret>,
    /// CRMs whose own webhooks say what became of leads, by the name at the end of their address:
    /// `/v1/{workspace}/dispositions/NAME`.
    pub webhooks: BTreeMap<Name, SaysSettings>,
}

/// What tools say people did (`POST /v1/{workspace}/engagements`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct EngagementSettings {
    /// Standard Webhooks secrets, as those of `dispositions`. Without one, only API keys with `engagements:write` are
    /// let in.
    #[cfg_attr(test, schemars(with = "Vec<String>", extend("examples" = [["${env:MAILER_SECRET}"]])))]
    pub secrets: Vec<Secret>,
}

impl WorkspaceSettings {
    /// What is wrong with it.
    #[must_use]
    pub fn problems(&self) -> Vec<SettingProblem> {
        let mut problems = Vec::new();
        if jiff::tz::TimeZone::get(&self.zone).is_err() {
            let mut problem = SettingProblem::new("zone", "this is not an IANA time zone");
            problem.suggestion = Some(zone_meant(&self.zone));
            problems.push(problem);
        }
        let unknown = |text: &&String| rust_iso3166::from_alpha2(text).is_none();
        if let Some(country) = self.country.as_ref().filter(unknown) {
            let message = "this is not a country code of two capital letters";
            let mut problem = SettingProblem::new("country", message);
            problem.suggestion = country_meant(country);
            problems.push(problem);
        }
        if self.coalesce.0 > Duration::from_hours(1) {
            let message = "repeats would be told more than an hour late";
            problems.push(SettingProblem::new("coalesce", message));
        }
        let secrets = [
            ("dispositions", &self.dispositions.secrets),
            ("engagements", &self.engagements.secrets),
        ];
        for (key, secrets) in secrets {
            if let Err(wrong) = SigningKeys::compile(secrets) {
                problems.extend(wrong.into_iter().map(|problem| problem.below(key)));
            }
        }
        if let Err(wrong) = self.reports.compile() {
            problems.extend(wrong.into_iter().map(|problem| problem.below("reports")));
        }
        problems.extend(self.retention.problems().into_iter().map(|it| it.below("retention")));
        problems
    }
}

/// A zone by its city, or in other letters.
fn zone_meant(given: &str) -> String {
    let wanted = given.trim().replace(' ', "_");
    let near = jiff::tz::db().available().map(|name| name.to_string()).find(|name| {
        let city = name.rsplit('/').next().unwrap_or_default();
        name.eq_ignore_ascii_case(&wanted) || city.eq_ignore_ascii_case(&wanted)
    });
    let near = near.or_else(|| {
        let all: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
        closest(given, all.iter().map(String::as_str)).map(str::to_owned)
    });
    near.map_or_else(
        || "such as Europe/Berlin or UTC".to_owned(),
        |near| format!("did you mean `{near}`?"),
    )
}

/// A country by its name, its three letters, or in small ones.
fn country_meant(given: &str) -> Option<String> {
    let upper = given.trim().to_uppercase();
    let code = match upper.as_str() {
        "UK" => "GB",
        _ => rust_iso3166::ALL.iter().find_map(|country| {
            let name = country.name.to_uppercase();
            let same = country.alpha2 == upper || country.alpha3 == upper || name == upper;
            same.then_some(country.alpha2)
        })?,
    };
    Some(format!("did you mean `{code}`?"))
}

/// One business's configuration, compiled.
#[derive(Debug, Clone)]
pub struct Workspace {
    pub name: Name,
    /// Content hash of the bundle: 32 hexadecimal digits.
    pub hash: String,
    /// The files as one JSON object, nothing filled in: what the store keeps under the hash.
    pub bundle: Vec<u8>,
    pub settings: WorkspaceSettings,
    pub sources: BTreeMap<Name, Source>,
    /// CRMs whose webhooks say what became of leads.
    pub says: BTreeMap<Name, Says>,
    pub destinations: BTreeMap<Name, Arc<Destination>>,
    /// Everything a decision is made by.
    pub decide: Configuration,
}

impl Workspace {
    /// One line for people: how much of everything there is.
    #[must_use]
    pub fn summary(&self) -> String {
        let router = &self.decide.router;
        let (rules, pools) = (router.rules().count(), router.pools().count());
        let (sources, destinations) = (self.sources.len(), self.destinations.len());
        let hash = &self.hash;
        format!(
            "{sources} source(s), {rules} rule(s), {pools} pool(s), {destinations} destination(s), hash {hash}"
        )
    }
}
