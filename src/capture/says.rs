//! What a CRM's own webhooks say back about leads. A preset says, as data, how they prove themselves and are decoded (as a
//! source's does), which of them are meant, and where in them everything stands.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::{
    Disposition, Name, PresetsOf, SettingProblem, Status, Tier, Timestamp, embedded_files,
};

use super::decode::{self, Decoded, Shape};
use super::preset::{PresetSettings, Presets};
use super::request::{Method, Refused, Request};
use super::secret::Secret;
use super::settings::SourceSettings;
use super::setup::SampleSettings;
use super::source::Source;
use super::take::{refused, unauthenticated};
use super::verify::Verdict;

/// The presets shipped in the binary.
#[derive(Debug, rust_embed::RustEmbed)]
#[folder = "config/presets/dispositions"]
struct Shipped;

/// All presets that say what CRMs' webhooks say back.
pub type SaysPresets = PresetsOf<SaysPreset>;

impl SaysPresets {
    /// The shipped ones.
    ///
    /// # Errors
    /// If one of the shipped files is broken; a test keeps that from happening.
    pub fn shipped() -> Result<Self, Vec<SettingProblem>> {
        Self::embedded::<Shipped>()
    }

    /// The names and bytes of the shipped ones' files.
    #[must_use]
    pub fn shipped_files() -> Vec<(String, Vec<u8>)> {
        embedded_files::<Shipped>()
    }
}

/// `presets/dispositions/NAME.yaml`: what one CRM's webhooks say back. Paths name places as in a source's preset.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SaysPreset {
    /// One line: which of the CRM's webhooks.
    pub summary: String,
    /// How well it is known to fit.
    #[serde(default)]
    pub tier: Tier,
    /// What to do at the CRM's side: lines in which `{url}` and `{secret}` are filled in.
    pub setup: String,
    /// A post as the CRM makes it.
    pub sample: SampleSettings,
    /// How it posts, proves itself and is decoded: as in a source's preset. Its fields mean nothing here.
    pub webhook: PresetSettings,
    /// Only what says one of these at each place is meant; everything else says nothing.
    #[serde(default)]
    pub only: BTreeMap<String, Vec<String>>,
    /// Where everything stands, by the names of the API: the first place at which there is something. `disposition` is
    /// tried in order until a word means something.
    pub places: BTreeMap<Part, Vec<String>>,
    /// What the CRM's own words mean.
    #[serde(default)]
    pub words: BTreeMap<String, Disposition>,
}

/// What may be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Of the webhook itself: the same one again is taken once.
    Id,
    /// The lead's id.
    LeadId,
    /// What the destination calls its record of the lead.
    RecordId,
    /// The person's e-mail address.
    Email,
    /// The person's phone number.
    Phone,
    /// The word that says what became of the lead.
    Disposition,
    /// When it happened.
    At,
    /// What they bought for.
    Amount,
    /// In which currency.
    Currency,
    /// Why.
    Reason,
    /// When the lead is worth another try.
    RevisitAt,
}

impl Part {
    /// The name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::LeadId => "lead_id",
            Self::RecordId => "record_id",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Disposition => "disposition",
            Self::At => "at",
            Self::Amount => "amount",
            Self::Currency => "currency",
            Self::Reason => "reason",
            Self::RevisitAt => "revisit_at",
        }
    }
}

/// One CRM whose webhooks say what became of leads; posted to `/v1/{workspace}/dispositions/NAME`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SaysSettings {
    /// Which preset describes it.
    pub preset: Name,
    /// Which of the preset's verification schemes to use, if not its default one.
    #[serde(default)]
    pub verify: Option<Name>,
    /// The secrets of that scheme, best as `${env:NAME}`. Several are allowed, for changing them without a gap.
    #[cfg_attr(test, schemars(with = "Vec<String>", extend("examples" = [["${env:CRM_WEBHOOK_SECRET}"]])))]
    pub secrets: Vec<Secret>,
    /// The destination whose records it speaks of: leads are found by the ids that came back from there.
    #[serde(default)]
    pub destination: Option<Name>,
    /// What this CRM's own words mean, such as the ids of your pipeline's stages; before the preset's.
    #[serde(default)]
    #[cfg_attr(test, schemars(extend("examples" = [{"appointmentscheduled": "contacted", "3": "qualified"}])))]
    pub words: BTreeMap<String, Disposition>,
}

/// One CRM, compiled.
#[derive(Debug, Clone)]
pub struct Says {
    source: Source,
    preset: SaysPreset,
    destination: Option<Name>,
    words: BTreeMap<String, Disposition>,
}

/// What one webhook says, by the names of the API. The words for the disposition are to be tried in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookSays {
    pub parts: BTreeMap<&'static str, String>,
    pub words: Vec<String>,
}

impl Says {
    /// Compiles one against the presets there are.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once.
    pub fn compile(
        name: &Name,
        settings: &SaysSettings,
        presets: &SaysPresets,
    ) -> Result<Self, Vec<SettingProblem>> {
        let wanted = settings.preset.as_str();
        let Some(preset) = presets.get(wanted) else {
            let known = presets.names().map(Name::as_str);
            let problem = SettingProblem::new("preset", format!("there is no preset `{wanted}`"));
            return Err(vec![problem.suggest(wanted, known)]);
        };
        let mut sources = Presets::default();
        sources.overlay(settings.preset.clone(), preset.webhook.clone());
        let named = serde_json::json!({
            "preset": wanted,
            "verify": settings.verify.as_ref().map(Name::as_str),
        });
        let mut source: SourceSettings = serde_json::from_value(named)
            .map_err(|_| vec![SettingProblem::new("verify", "is no name of a scheme")])?;
        source.secrets.clone_from(&settings.secrets);
        Ok(Self {
            source: Source::compile(name, &source, &sources)?,
            preset: preset.clone(),
            destination: settings.destination.clone(),
            words: settings.words.clone(),
        })
    }

    /// The destination whose records it speaks of.
    #[must_use]
    pub fn destination(&self) -> Option<&Name> {
        self.destination.as_ref()
    }

    /// How many bytes of a body are worth reading.
    #[must_use]
    pub fn bytes_max(&self) -> usize {
        self.source.bytes_max(false)
    }

    /// What a request says, everything that is meant by itself.
    ///
    /// # Errors
    /// If it is not proved to come from there, or cannot be decoded.
    pub fn read(&self, request: &Request, now: Timestamp) -> Result<Vec<WebhookSays>, Refused> {
        let source = &self.source;
        if !source.methods().contains(&request.method) || request.method == Method::Get {
            return Err(refused(Status::Malformed, "method_not_allowed", "use POST"));
        }
        if request.body.len() > self.bytes_max() {
            let message = format!("more than {} bytes", self.bytes_max());
            return Err(refused(Status::TooLarge, "too_large", message));
        }
        if source.verifier.judge(request, now) == Verdict::NotProved {
            return Err(unauthenticated());
        }
        let Some(decoding) = source.decoding(request.content_type, false) else {
            let message = "it does not take this content type";
            return Err(refused(Status::UnsupportedMediaType, "unsupported_media_type", message));
        };
        let (body, content_type) = (request.body, request.content_type);
        let each = (source.preset.each.as_slice(), self.shape());
        let bad =
            |error: decode::DecodeError| refused(Status::Malformed, error.reason, error.message);
        let documents: Vec<Decoded> = match decode::pieces(decoding, body, content_type, each)
            .map_err(bad)?
        {
            None => vec![decode::single(decoding, body, content_type, self.shape()).map_err(bad)?],
            Some(pieces) => {
                let json = super::preset::Decoding::Json;
                let one = |piece: &String| {
                    decode::single(json, piece.as_bytes(), None, self.shape()).map_err(bad)
                };
                pieces.iter().map(one).collect::<Result<_, _>>()?
            }
        };
        if let Some(path) = source.verifier.key_path()
            && !documents.iter().all(|document| source.verifier.judge_key(document.at(path)))
        {
            return Err(unauthenticated());
        }
        Ok(documents.iter().filter_map(|document| self.said(document)).collect())
    }

    fn shape(&self) -> Shape<'_> {
        Shape {
            limits: &self.source.limits,
            lists: &[],
            secret_paths: &self.source.secret_paths,
            embedded: &self.source.preset.embedded,
            cards: false,
        }
    }

    /// What one document says; `None` = it is not meant.
    fn said(&self, document: &Decoded) -> Option<WebhookSays> {
        let meant = self.preset.only.iter().all(|(path, values)| {
            document.at(path).is_some_and(|text| values.iter().any(|value| value == text))
        });
        let mut said = WebhookSays::default();
        for (part, places) in self.preset.places.iter().filter(|_| meant) {
            let texts = places.iter().filter_map(|path| document.at(path));
            let mut texts = texts.map(str::trim).filter(|text| !text.is_empty());
            if *part == Part::Disposition {
                said.words.extend(texts.map(|text| self.word(text)));
            } else if let Some(text) = texts.next() {
                said.parts.insert(part.as_str(), text.to_owned());
            }
        }
        (!said.words.is_empty()).then_some(said)
    }

    /// The CRM's word as one of ours, if that is known; else as it is.
    fn word(&self, text: &str) -> String {
        let same = |(word, _): &(&String, &Disposition)| word.eq_ignore_ascii_case(text);
        let known = self.words.iter().find(same).or_else(|| self.preset.words.iter().find(same));
        known.map_or_else(|| text.to_owned(), |(_, disposition)| disposition.as_str().to_owned())
    }
}
