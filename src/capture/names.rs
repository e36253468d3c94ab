//! The names senders give to things, and what they mean: one table per source, from its preset and its
//! own additions.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization;

use crate::domain::{Field, SettingProblem};

use super::preset::PresetSettings;

/// A sender's key or label in normal form: compatibility forms folded, accents removed, lower case, `_`
/// for every run of anything but letters and digits. `"\n  E-Mail* "` → `e_mail`.
#[must_use]
pub(super) fn normal(text: &str) -> String {
    let plain = if text.is_ascii() {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(deunicode::deunicode(&text.nfkc().collect::<String>()))
    };
    let mut name = String::with_capacity(plain.len());
    for character in plain.chars() {
        if character.is_ascii_alphanumeric() {
            name.push(character.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    name.truncate(name.trim_end_matches('_').len());
    name
}

/// The same without `_`: what names are compared by, so that `firstName`, `first-name` and
/// `First Name` are one.
#[must_use]
pub(super) fn compact(text: &str) -> String {
    let mut name = normal(text);
    name.retain(|character| character != '_');
    name
}

/// What a name means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A canonical field; a lower rank goes before a higher one.
    Field(Field, usize),
    /// An attribution value of that name.
    Attribution(String),
    /// The n-th consent statement.
    Consent(usize),
    /// The words of the n-th consent statement.
    ConsentText(usize),
    /// When it happened, or its date; by rank.
    When(usize),
    /// The time of day of it.
    TimeOfDay,
    /// The zone of it.
    Zone,
    /// No answer of a person.
    Technical,
}

/// All names a source knows.
#[derive(Debug, Clone, Default)]
pub(super) struct NameTable {
    by_name: BTreeMap<String, Target>,
    wrappers: BTreeSet<String>,
    attribution_prefixes: Vec<String>,
}

impl NameTable {
    /// The preset's names with the source's own before them.
    ///
    /// # Errors
    /// If a name means two things within the preset, or two fields within the source.
    pub(super) fn compile(
        preset: &PresetSettings,
        own: &BTreeMap<Field, Vec<String>>,
    ) -> Result<Self, Vec<SettingProblem>> {
        let mut problems = Vec::new();
        let mut table = Self {
            by_name: BTreeMap::new(),
            wrappers: preset.wrappers.iter().map(|name| compact(name)).collect(),
            attribution_prefixes: preset.attribution_prefixes.clone(),
        };
        let mut put = |table: &mut Self, path: String, name: &str, target: Target| {
            let key = compact(name);
            if key.is_empty() {
                problems.push(SettingProblem::new(path, "a name needs a letter or digit"));
                return;
            }
            if table.by_name.get(&key).is_some_and(|known| !same_place(known, &target)) {
                let message = format!("`{name}` already means something else");
                problems.push(SettingProblem::new(path, message));
                return;
            }
            let _ = table.by_name.entry(key).or_insert(target);
        };
        for (field, names) in own {
            for (rank, name) in names.iter().enumerate() {
                let target = Target::Field(*field, rank);
                put(&mut table, format!("fields.{field}[{rank}]"), name, target);
            }
        }
        let own_names: BTreeSet<String> = table.by_name.keys().cloned().collect();
        for (path, name, target) in targets_of(preset, own) {
            if !own_names.contains(&compact(name)) {
                put(&mut table, format!("preset.{path}"), name, target);
            }
        }
        for field in Field::ALL {
            // Their own paths always work, after everything a preset says.
            let target = Target::Field(*field, usize::MAX);
            let _ = table.by_name.entry(compact(field.as_str())).or_insert(target);
        }
        if problems.is_empty() { Ok(table) } else { Err(problems) }
    }

    /// What a path of keys means: all of it, else what is left without wrappers.
    pub(super) fn target(&self, path: &[String]) -> Option<Target> {
        let whole: String = path.iter().map(|key| compact(key)).collect();
        if let Some(target) = self.by_name.get(&whole) {
            return Some(target.clone());
        }
        let inner = self.inner(path);
        let name: String = inner.iter().map(|key| compact(key)).collect();
        if let Some(target) = self.by_name.get(&name) {
            return Some(target.clone());
        }
        let key = inner.iter().map(|key| normal(key)).collect::<Vec<_>>().join("_");
        let prefixed = self.attribution_prefixes.iter().any(|prefix| key.starts_with(prefix));
        prefixed.then_some(Target::Attribution(key))
    }

    /// The key of an answer that nothing else takes.
    pub(super) fn answer_key(&self, path: &[String]) -> String {
        let names: Vec<String> = self.inner(path).iter().map(|key| normal(key)).collect();
        let key = names.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join("_");
        if key.is_empty() { "answer".to_owned() } else { key }
    }

    /// The path without wrappers at either end; the whole path if they are all there is.
    fn inner<'a>(&self, path: &'a [String]) -> &'a [String] {
        let is_wrapper = |key: &String| self.wrappers.contains(&compact(key));
        let start = path.iter().position(|key| !is_wrapper(key)).unwrap_or(0);
        let end = path.iter().rposition(|key| !is_wrapper(key)).map_or(path.len(), |at| at + 1);
        &path[start..end]
    }
}

/// Whether two targets are the same but for their rank.
fn same_place(a: &Target, b: &Target) -> bool {
    match (a, b) {
        (Target::Field(a, _), Target::Field(b, _)) => a == b,
        (Target::When(_), Target::When(_)) => true,
        (a, b) => a == b,
    }
}

/// Everything a preset names, with the place in its file.
fn targets_of<'a>(
    preset: &'a PresetSettings,
    own: &BTreeMap<Field, Vec<String>>,
) -> Vec<(String, &'a str, Target)> {
    let mut targets = Vec::new();
    for (field, names) in &preset.fields {
        let first = own.get(field).map_or(0, Vec::len);
        for (n, name) in names.iter().enumerate() {
            let target = Target::Field(*field, first + n);
            targets.push((format!("fields.{field}[{n}]"), name.as_str(), target));
        }
    }
    for (key, names) in &preset.attribution {
        for (n, name) in names.iter().enumerate() {
            let target = Target::Attribution(key.clone());
            targets.push((format!("attribution.{key}[{n}]"), name.as_str(), target));
        }
    }
    for (n, consent) in preset.consents.iter().enumerate() {
        let keys = consent.keys.iter().map(|name| (name, Target::Consent(n)));
        let texts = consent.text.iter().map(|name| (name, Target::ConsentText(n)));
        for (name, target) in keys.chain(texts) {
            targets.push((format!("consents[{n}]"), name.as_str(), target));
        }
    }
    let when = &preset.occurred_at;
    let keys = when.keys.iter().enumerate().map(|(rank, name)| (name, Target::When(rank)));
    let times = when.times.iter().map(|name| (name, Target::TimeOfDay));
    let zones = when.zones.iter().map(|name| (name, Target::Zone));
    for (name, target) in keys.chain(times).chain(zones) {
        targets.push(("occurred_at".to_owned(), name.as_str(), target));
    }
    for (n, name) in preset.technical.keys.iter().enumerate() {
        targets.push((format!("technical.keys[{n}]"), name.as_str(), Target::Technical));
    }
    targets
}
