//! A source, compiled: its preset and its settings as capture uses them.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use crate::domain::{
    Channel, ConfirmationTerms, InquiryCost, KnownPerson, Name, SettingProblem, Tier,
};

use super::acknowledge::Policy;
use super::asked::{challenge, confirmation, retrieval};
use super::challenge::Challenge;
use super::cors::Cors;
use super::cost::CostSettings;
use super::limits::Limits;
use super::names::NameTable;
use super::preset::{Decoding, PresetSettings, Presets};
use super::request::{Method, reason};
use super::retrieval::Retrieval;
use super::secret::Secret;
use super::settings::{DateOrder, RateSettings, SourceSettings};
use super::verify::Verifier;

/// One configured source. Holding it means that its settings make sense.
#[derive(Debug, Clone)]
pub struct Source {
    pub(super) name: Name,
    pub(super) preset_name: Name,
    pub(super) enabled: bool,
    pub(super) channel: Channel,
    pub(super) known_person: KnownPerson,
    pub(super) cost: InquiryCost,
    /// The verification scheme's name in the preset.
    pub(super) scheme: Name,
    pub(super) preset: PresetSettings,
    pub(super) names: NameTable,
    pub(super) verifier: Verifier,
    pub(super) secrets: Vec<Secret>,
    /// Exact paths whose values are secrets.
    pub(super) secret_paths: Vec<String>,
    pub(super) limits: Limits,
    pub(super) origins: Vec<String>,
    pub(super) pages: BTreeSet<String>,
    pub(super) thanks_page: Option<String>,
    pub(super) error_page: Option<String>,
    pub(super) country: Option<String>,
    pub(super) language: Option<String>,
    pub(super) zone: TimeZone,
    pub(super) date_order: DateOrder,
    pub(super) honeypots: Vec<String>,
    pub(super) fill_seconds_min: u32,
    pub(super) acknowledge: Policy,
    pub(super) retrieval: Option<Retrieval>,
    pub(super) challenge: Option<Challenge>,
    pub(super) confirmation: Option<ConfirmationTerms>,
    pub(super) rates: RateSettings,
}

impl Source {
    /// Compiles a source's settings against the presets there are.
    ///
    /// # Errors
    /// Everything that is wrong with them, at once.
    pub fn compile(
        name: &Name,
        settings: &SourceSettings,
        presets: &Presets,
    ) -> Result<Self, Vec<SettingProblem>> {
        let preset = &resolved(settings, presets)?;
        let mut problems = check_pages(settings);
        let limits = Limits::from_settings(&settings.limits).unwrap_or_else(|wrong| {
            problems.extend(wrong.into_iter().map(|problem| problem.below("limits")));
            Limits::DEFAULT
        });
        let verifier = Verifier::compile(settings, preset).unwrap_or_else(|wrong| {
            problems.extend(wrong);
            Verifier::Nobody
        });
        let zone = settings.zone.as_deref().map_or(Ok(TimeZone::UTC), TimeZone::get);
        let zone = zone.unwrap_or_else(|_| {
            problems.push(SettingProblem::new("zone", "is no IANA time zone"));
            TimeZone::UTC
        });
        let cost = settings.cost.as_ref().map_or(Ok(InquiryCost::default()), CostSettings::compile);
        let cost = cost.unwrap_or_else(|wrong| {
            problems.extend(wrong.into_iter().map(|problem| problem.below("cost")));
            InquiryCost::default()
        });
        let names = NameTable::compile(preset, &settings.fields).unwrap_or_else(|wrong| {
            problems.extend(wrong);
            NameTable::default()
        });
        let retrieval = retrieval(name, settings, preset, &mut problems);
        let challenge = challenge(settings, &mut problems);
        let confirmation = confirmation(settings, &mut problems);
        check_region(settings, &mut problems);
        check_answers(settings, preset, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            name: name.clone(),
            preset_name: settings.preset.clone(),
            enabled: settings.enabled,
            channel: settings.channel.unwrap_or(preset.channel),
            known_person: settings.known_person.unwrap_or(KnownPerson::Merge),
            cost,
            names,
            secret_paths: secret_paths(&verifier, preset),
            verifier,
            secrets: settings.secrets.clone(),
            limits,
            origins: settings.origins.clone(),
            pages: settings.pages.iter().chain(&settings.thanks_page).cloned().collect(),
            thanks_page: settings.thanks_page.clone(),
            error_page: settings.error_page.clone(),
            country: settings.country.clone(),
            language: settings.language.clone(),
            zone,
            date_order: settings.date_order.unwrap_or(preset.occurred_at.order),
            honeypots: preset.honeypots.iter().chain(&settings.honeypots).cloned().collect(),
            fill_seconds_min: settings.fill_seconds_min.unwrap_or(preset.fill_seconds_min),
            acknowledge: Policy::of(&preset.acknowledge, &settings.acknowledge),
            scheme: scheme_name(settings, preset),
            retrieval,
            challenge,
            confirmation,
            rates: settings.rates,
            preset: preset.clone(),
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// The preset that describes its vendor, and the vendor's name for people.
    #[must_use]
    pub fn preset(&self) -> (&Name, &str) {
        (&self.preset_name, &self.preset.title)
    }

    /// How it proves itself: `none` (everybody may post), `key`, `key_in_path`, `key_in_body`, `basic`,
    /// `signature` or `standard_webhooks`.
    #[must_use]
    pub fn verification(&self) -> &'static str {
        match &self.verifier {
            Verifier::Nobody | Verifier::Everybody => "none",
            Verifier::Key { places, .. }
                if places.path && places.headers.is_empty() && places.query.is_empty() =>
            {
                "key_in_path"
            }
            Verifier::Key { .. } => "key",
            Verifier::KeyInBody { .. } => "key_in_body",
            Verifier::Basic { .. } => "basic",
            Verifier::Signed(_) | Verifier::Jws { .. } => "signature",
            Verifier::StandardWebhooks { .. } => "standard_webhooks",
        }
    }

    /// How well its preset is known to fit the vendor.
    #[must_use]
    pub fn tier(&self) -> Tier {
        self.preset.tier
    }

    /// Whether it takes anything; if not it answers like an unknown one.
    #[must_use]
    pub fn enabled(&self) -> bool {
        self.enabled
    }

    /// The channel of its inquiries.
    #[must_use]
    pub fn channel(&self) -> Channel {
        self.channel
    }

    /// What becomes of an inquiry from somebody who is known.
    #[must_use]
    pub fn known_person(&self) -> KnownPerson {
        self.known_person
    }

    /// What each of its inquiries costs.
    #[must_use]
    pub fn cost(&self) -> InquiryCost {
        self.cost
    }

    /// Country to assume, ISO 3166-1 alpha-2.
    #[must_use]
    pub fn country(&self) -> Option<&str> {
        self.country.as_deref()
    }

    /// Language to assume, BCP 47.
    #[must_use]
    pub fn language(&self) -> Option<&str> {
        self.language.as_deref()
    }

    /// Its limits.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How many bytes of a body are worth reading.
    #[must_use]
    pub fn bytes_max(&self, batch: bool) -> usize {
        if batch { self.limits.batch_bytes } else { self.limits.body_bytes }
    }

    /// The methods it is posted to with.
    #[must_use]
    pub fn methods(&self) -> &[Method] {
        &self.preset.methods
    }

    /// Whether everybody may post (no verification): http limits such sources by address.
    #[must_use]
    pub fn is_public(&self) -> bool {
        matches!(self.verifier, Verifier::Everybody)
    }

    /// Whether `…/batch` is there.
    #[must_use]
    pub fn takes_batches(&self) -> bool {
        !self.preset.batch.is_empty()
    }

    /// What to say to a browser about this `Origin`.
    #[must_use]
    pub fn cors(&self, origin: Option<&str>) -> Cors {
        Cors::decide(&self.origins, origin)
    }

    /// Whether an inquiry from this `Origin` gets a flag: only where origins are listed at all.
    pub(super) fn flags_origin(&self, origin: Option<&str>) -> bool {
        !self.origins.is_empty() && self.cors(origin) == Cors::Unlisted
    }

    /// Whether a content type is taken (singly or in a batch).
    #[must_use]
    pub fn accepts(&self, content_type: Option<&str>, batch: bool) -> bool {
        self.decoding(content_type, batch).is_some()
    }

    /// The decoding for a content type; without one the preset's first.
    pub(super) fn decoding(&self, content_type: Option<&str>, batch: bool) -> Option<Decoding> {
        let taken = if batch { &self.preset.batch } else { &self.preset.single };
        let Some(content_type) = content_type else { return taken.first().copied() };
        let essence = content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        let own = self.preset.content_types.get(&essence).copied();
        let decoding = own.or_else(|| match essence.as_str() {
            "application/x-www-form-urlencoded" => Some(Decoding::Urlencoded),
            "multipart/form-data" => Some(Decoding::Multipart),
            "application/x-ndjson"
            | "application/ndjson"
            | "application/jsonl"
            | "application/json-lines"
            | "application/jsonlines"
            | "application/x-jsonlines" => Some(Decoding::Ndjson),
            "text/csv" | "application/csv" | "text/tab-separated-values" => Some(Decoding::Csv),
            "application/json" | "text/json" => Some(Decoding::Json),
            "application/xml" | "text/xml" => Some(Decoding::Xml),
            "text/vcard" | "text/x-vcard" | "text/directory" => Some(Decoding::Card),
            suffix if suffix.ends_with("+json") => Some(Decoding::Json),
            suffix if suffix.ends_with("+xml") => Some(Decoding::Xml),
            _ => None,
        });
        decoding.filter(|decoding| taken.contains(decoding))
    }
}

/// The name of the scheme it uses; `own` if it spells one out.
fn scheme_name(settings: &SourceSettings, preset: &PresetSettings) -> Name {
    let own = settings.scheme.is_some().then(|| reason("own"));
    own.or_else(|| settings.verify.clone()).unwrap_or_else(|| preset.verification.default.clone())
}

/// Its preset, with everything it extends.
fn resolved(
    settings: &SourceSettings,
    presets: &Presets,
) -> Result<PresetSettings, Vec<SettingProblem>> {
    presets.resolved(settings.preset.as_str()).ok_or_else(|| {
        let known = presets.names().map(Name::as_str);
        let message = match presets.get(settings.preset.as_str()) {
            Some(_) => format!("preset `{}` extends one that is not there", settings.preset),
            None => format!("there is no preset `{}`", settings.preset),
        };
        vec![SettingProblem::new("preset", message).suggest(settings.preset.as_str(), known)]
    })
}

/// Where the body holds secrets: the source's own, and what the preset says.
fn secret_paths(verifier: &Verifier, preset: &PresetSettings) -> Vec<String> {
    let own = verifier.key_path().map(str::to_owned);
    own.into_iter().chain(preset.redact.iter().cloned()).collect()
}

fn check_pages(settings: &SourceSettings) -> Vec<SettingProblem> {
    let mut problems = Vec::new();
    let pages = settings.pages.iter().enumerate().map(|(n, page)| (format!("pages[{n}]"), page));
    let single = [("thanks_page", &settings.thanks_page), ("error_page", &settings.error_page)];
    let single =
        single.iter().filter_map(|(path, page)| Some(((*path).to_owned(), page.as_ref()?)));
    for (path, page) in pages.chain(single) {
        if !url::Url::parse(page).is_ok_and(|url| matches!(url.scheme(), "https" | "http")) {
            problems.push(SettingProblem::new(path, "must be a whole http(s) URL"));
        }
    }
    for (n, origin) in settings.origins.iter().enumerate() {
        let good = origin == "*"
            || url::Url::parse(origin).is_ok_and(|url| {
                url.origin().is_tuple()
                    && url.origin().ascii_serialization() == origin.to_ascii_lowercase()
            });
        if !good {
            let message = "must be an origin (scheme://host, no path), or `*`";
            problems.push(SettingProblem::new(format!("origins[{n}]"), message));
        }
    }
    problems
}

fn check_region(settings: &SourceSettings, problems: &mut Vec<SettingProblem>) {
    if let Some(country) = &settings.country
        && rust_iso3166::from_alpha2(&country.to_ascii_uppercase()).is_none()
    {
        problems.push(SettingProblem::new("country", "is no ISO 3166-1 alpha-2 code"));
    }
}

fn check_answers(
    settings: &SourceSettings,
    preset: &PresetSettings,
    problems: &mut Vec<SettingProblem>,
) {
    for answers in [&settings.acknowledge, &preset.acknowledge] {
        let accepted = answers.accepted.iter().map(|a| ("acknowledge.accepted".to_owned(), a));
        let statuses = answers.statuses.iter();
        let statuses = statuses.map(|(status, a)| (format!("acknowledge.statuses.{status}"), a));
        for (path, answer) in accepted.chain(statuses) {
            if !(200..600).contains(&answer.http) || (300..400).contains(&answer.http) {
                problems.push(SettingProblem::new(
                    format!("{path}.http"),
                    "must be an HTTP status 200-299 or 400-599",
                ));
            }
            let json = answer.body.as_deref().map(serde_json::from_str::<serde::de::IgnoredAny>);
            if matches!(json, Some(Err(_))) {
                problems.push(SettingProblem::new(format!("{path}.body"), "is no JSON"));
            }
        }
    }
}
