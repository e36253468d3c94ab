//! Checks `dispositions:` of `follow-up.yaml`; a workspace's own words.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::DispositionSettings;
use super::table::row;
use super::words::{KNOWN, plain};
use crate::domain::{Currency, Disposition, Money, Name, SettingProblem};
use crate::follow_up::Around;

/// In one notice.
const LINKS_MAX: usize = 8;
const LABEL_MAX: usize = 40;
const DAY: Duration = Duration::from_hours(24);

/// `dispositions:`, compiled.
#[derive(Debug, Clone)]
pub struct Dispositions {
    used: BTreeSet<Disposition>,
    aliases: BTreeMap<String, Disposition>,
    labels: BTreeMap<Disposition, String>,
    reasons: BTreeMap<Disposition, Vec<Name>>,
    currency: Option<Currency>,
    revisit_after: Duration,
    credit: Vec<Disposition>,
    offered: Vec<Disposition>,
    good_for: Duration,
}

impl Default for Dispositions {
    fn default() -> Self {
        let settings = DispositionSettings::default();
        Self {
            used: Disposition::ALL.iter().copied().collect(),
            aliases: known(),
            labels: BTreeMap::new(),
            reasons: BTreeMap::new(),
            currency: None,
            revisit_after: settings.revisit_after.0,
            credit: settings.credit,
            offered: Vec::new(),
            good_for: settings.links.good_for.0,
        }
    }
}

fn known() -> BTreeMap<String, Disposition> {
    KNOWN.iter().map(|(word, disposition)| ((*word).to_owned(), *disposition)).collect()
}

impl Dispositions {
    /// Checks and compiles the section.
    ///
    /// # Errors
    /// Everything that is wrong, with paths below the section.
    pub fn compile(
        settings: &DispositionSettings,
        _around: Around<'_>,
    ) -> Result<Self, Vec<SettingProblem>> {
        Self::of(settings)
    }

    /// Nothing else needs to be known for it.
    pub(super) fn of(settings: &DispositionSettings) -> Result<Self, Vec<SettingProblem>> {
        let mut problems = Vec::new();
        let all = || Disposition::ALL.iter().copied().collect();
        let used: BTreeSet<Disposition> =
            settings.used.as_ref().map_or_else(all, |used| used.iter().copied().collect());
        let compiled = Self {
            aliases: aliases(settings, &mut problems),
            labels: settings.labels.clone(),
            reasons: reasons(settings, &mut problems),
            currency: currency(settings, &mut problems),
            revisit_after: settings.revisit_after.0,
            credit: settings.credit.clone(),
            offered: settings.links.offer.clone(),
            good_for: settings.links.good_for.0,
            used,
        };
        compiled.check(settings, &mut problems);
        if problems.is_empty() { Ok(compiled) } else { Err(problems) }
    }

    fn check(&self, settings: &DispositionSettings, problems: &mut Vec<SettingProblem>) {
        let mut note = |path: String, message: &str| {
            problems.push(SettingProblem::new(path, message));
        };
        if self.used.is_empty() {
            note("use".to_owned(), "nothing could be said back");
        }
        if !(DAY..=1830 * DAY).contains(&self.revisit_after) {
            note("revisit_after".to_owned(), "expected between 1d and 1830d");
        }
        if !(DAY / 24..=30 * DAY).contains(&self.good_for) {
            note("links.good_for".to_owned(), "expected between 1h and 30d");
        }
        if self.offered.len() > LINKS_MAX {
            note("links.offer".to_owned(), "at most eight links");
        }
        let offered = self.offered.iter().enumerate();
        for (index, disposition) in offered {
            let path = format!("links.offer[{index}]");
            if !self.used.contains(disposition) {
                note(path, "it is not among those in `use`");
            } else if self.offered[..index].contains(disposition) {
                note(path, "it is offered twice");
            }
        }
        for (index, disposition) in self.credit.iter().enumerate() {
            if !row(*disposition).leaves() {
                note(format!("credit[{index}]"), "it neither passes a lead back nor gives it up");
            }
        }
        let too_long = |text: &str| text.trim().is_empty() || text.chars().count() > LABEL_MAX;
        for (disposition, _) in settings.labels.iter().filter(|(_, label)| too_long(label)) {
            note(format!("labels.{disposition}"), "expected 1 to 40 characters");
        }
    }

    /// What a word means: one of ours, an alias of the workspace's, or a word that CRMs use.
    ///
    /// `return`, as lead exchanges have it, means what its reason says if that is one of ours.
    #[must_use]
    pub fn meant(&self, word: &str, reason: Option<&Name>) -> Option<Disposition> {
        let plain = plain(word);
        if plain == "return"
            && let Some(meant) = reason.and_then(|reason| self.meant_by(reason.as_str()))
            && row(meant).takes_reason()
        {
            return Some(meant);
        }
        self.meant_by(&plain)
    }

    fn meant_by(&self, word: &str) -> Option<Disposition> {
        let plain = plain(word);
        let meant = self.aliases.get(&plain).copied().or_else(|| Disposition::parse(&plain));
        meant.filter(|meant| self.used.contains(meant))
    }

    /// Those that may be said here, in the order of the documentation.
    pub fn used(&self) -> impl Iterator<Item = Disposition> {
        Disposition::ALL.iter().copied().filter(|disposition| self.used.contains(disposition))
    }

    /// As people read it on a button.
    #[must_use]
    pub fn label(&self, disposition: Disposition) -> &str {
        self.labels.get(&disposition).map_or(row(disposition).label, String::as_str)
    }

    /// Whether a part of what is said, by its name in the API, may stand beside it.
    #[must_use]
    pub fn takes(&self, disposition: Disposition, part: &str, text: &str) -> bool {
        let meant = row(disposition);
        match part {
            "amount" | "currency" => meant.takes_amount(),
            "revisit_at" => meant.takes_revisit(),
            "reason" => {
                let known = self.reasons(disposition);
                meant.takes_reason()
                    && (known.is_empty()
                        || known.iter().any(|name| plain(name.as_str()) == plain(text)))
            }
            _ => true,
        }
    }

    /// The reasons there are beside it; any word may be one if there are none.
    #[must_use]
    pub fn reasons(&self, disposition: Disposition) -> &[Name] {
        self.reasons.get(&disposition).map_or(&[], Vec::as_slice)
    }

    /// The currency of amounts that name none.
    #[must_use]
    pub fn currency(&self) -> Option<Currency> {
        self.currency
    }

    /// An amount as people and tools write it.
    #[must_use]
    pub fn deal(&self, amount: &str, currency: Option<&str>) -> Option<Money> {
        let currency = match currency {
            Some(text) => Currency::parse(text)?,
            None => self.currency?,
        };
        Money::parse(amount, currency)
    }

    /// When a lead that is passed back for later is tried again, if nobody says when.
    #[must_use]
    pub fn revisit_after(&self) -> Duration {
        self.revisit_after
    }

    /// Whether whoever had a lead of which that is said gets the turn back for it.
    #[must_use]
    pub fn credits(&self, disposition: Disposition) -> bool {
        self.credit.contains(&disposition)
    }

    /// Those that are offered as links in what goes out.
    #[must_use]
    pub fn offered(&self) -> &[Disposition] {
        &self.offered
    }

    /// How long such a link is good.
    #[must_use]
    pub fn good_for(&self) -> Duration {
        self.good_for
    }
}

/// The workspace's own words stand above those that everybody knows, and above ours.
fn aliases(
    settings: &DispositionSettings,
    problems: &mut Vec<SettingProblem>,
) -> BTreeMap<String, Disposition> {
    let mut aliases = known();
    let mut own: BTreeMap<String, Disposition> = BTreeMap::new();
    for (word, disposition) in &settings.aliases {
        let plain = plain(word);
        let path = format!("aliases.{word}");
        if plain.is_empty() || plain.len() > Name::CHARS_MAX {
            problems.push(SettingProblem::new(path, "expected a word of at most 64 letters"));
        } else if Disposition::parse(&plain).is_some_and(|ours| ours != *disposition) {
            problems.push(SettingProblem::new(path, "this word has a meaning of its own"));
        } else if own.insert(plain, *disposition).is_some_and(|other| other != *disposition) {
            let message = "the same word stands for two, but for capitals, blanks or signs";
            problems.push(SettingProblem::new(path, message));
        }
    }
    aliases.extend(own);
    aliases
}

fn reasons(
    settings: &DispositionSettings,
    problems: &mut Vec<SettingProblem>,
) -> BTreeMap<Disposition, Vec<Name>> {
    let mut compiled = BTreeMap::new();
    for (disposition, reasons) in &settings.reasons {
        if !row(*disposition).takes_reason() {
            let message = "no reason stands beside it";
            problems.push(SettingProblem::new(format!("reasons.{disposition}"), message));
        }
        let mut names = Vec::new();
        for (index, reason) in reasons.iter().enumerate() {
            match Name::parse(reason) {
                Ok(name) => names.push(name),
                Err(error) => problems.push(SettingProblem::new(
                    format!("reasons.{disposition}[{index}]"),
                    error.to_string(),
                )),
            }
        }
        compiled.insert(*disposition, names);
    }
    compiled
}

fn currency(
    settings: &DispositionSettings,
    problems: &mut Vec<SettingProblem>,
) -> Option<Currency> {
    let text = settings.currency.as_deref()?;
    let currency = Currency::parse(text);
    if currency.is_none() {
        let message = "expected three letters of ISO 4217, such as EUR";
        problems.push(SettingProblem::new("currency", message));
    }
    currency
}
