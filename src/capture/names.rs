//! The names senders give to things, and what they mean: one table per source, from its preset and its
//! own additions.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use ahash::{AHashMap, AHashSet};
use unicode_normalization::UnicodeNormalization;

use crate::domain::{Field, SettingProblem};

use super::decode::Leaf;
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
    let mut gap = false;
    for character in plain.chars() {
        if character.is_ascii_alphanumeric() {
            if std::mem::take(&mut gap) && !name.is_empty() {
                name.push('_');
            }
            name.push(character.to_ascii_lowercase());
        } else {
            gap = true;
        }
    }
    name
}

/// The same without `_`: what names are compared by, so that `firstName`, `first-name` and
/// `First Name` are one.
#[must_use]
pub(super) fn compact(text: &str) -> String {
    without_gaps(&normal(text))
}

/// A gap between digits stays: `1.3` is not `13`.
fn without_gaps(normal: &str) -> String {
    let mut name = String::with_capacity(normal.len());
    let mut characters = normal.chars().peekable();
    while let Some(character) = characters.next() {
        let digit = |it: Option<&char>| it.is_some_and(char::is_ascii_digit);
        let gap = character == '_';
        if !gap || digit(name.chars().last().as_ref()) && digit(characters.peek()) {
            name.push(character);
        }
    }
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
    by_name: AHashMap<String, Target>,
    wrappers: AHashSet<String>,
    attribution_prefixes: Vec<String>,
    /// What stands before people's own names in keys.
    strip: Vec<String>,
    /// The last key of a path means the same wherever it stands.
    anywhere: bool,
    /// Exact paths and what they mean.
    places: Vec<(String, Place)>,
}

/// What an exact path means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Means(Target),
    /// An answer, whatever its name would say.
    Answer,
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
            by_name: AHashMap::new(),
            wrappers: preset.wrappers.iter().map(|name| compact(name)).collect(),
            attribution_prefixes: preset.attribution_prefixes.clone(),
            strip: preset.strip.clone(),
            anywhere: preset.anywhere,
            places: Vec::new(),
        };
        for (path, means) in &preset.places {
            let place = match (Field::parse(means), means.strip_prefix("attribution.")) {
                (Some(field), _) => Place::Means(Target::Field(field, 0)),
                (None, Some(name)) => Place::Means(Target::Attribution(name.to_owned())),
                (None, None) if means == "answer" => Place::Answer,
                (None, None) => {
                    let message = format!("`{means}` is no field, `attribution.NAME` or `answer`");
                    problems.push(SettingProblem::new(format!("preset.places.{path}"), message));
                    continue;
                }
            };
            table.places.push((path.clone(), place));
        }
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

    /// What a path of keys means (all of it, else what is left without wrappers), and the key of an
    /// answer there, should nothing take it.
    pub(super) fn read(&self, path: &[String]) -> (Option<Target>, String) {
        if let Some((first, rest)) = path.split_first()
            && let Some(bare) = self.strip.iter().find_map(|prefix| stripped(first, prefix))
        {
            let bare = bare.to_owned();
            let path: Vec<String> = [bare].into_iter().chain(rest.iter().cloned()).collect();
            return self.read_bare(&path);
        }
        self.read_bare(path)
    }

    /// What the exact place of a value means.
    pub(super) fn placed(&self, leaf: &Leaf) -> Option<Place> {
        let mut places = self.places.iter();
        places.find(|(path, _)| leaf.is_at(path)).map(|(_, place)| place.clone())
    }

    /// What a name means that is not in the body but stands for a kind of field.
    pub(super) fn hinted(&self, name: &str) -> Option<Target> {
        self.by_name.get(&compact(name)).cloned()
    }

    fn read_bare(&self, path: &[String]) -> (Option<Target>, String) {
        match path {
            [only] => self.read_one(only),
            path => self.read_many(path),
        }
    }

    /// Most paths are a single key: no wrapper goes, and nothing needs joining.
    fn read_one(&self, key: &str) -> (Option<Target>, String) {
        let name = normal(key);
        let found = if name.contains('_') {
            self.by_name.get(&without_gaps(&name))
        } else {
            self.by_name.get(&name)
        };
        let target = found.cloned().or_else(|| self.attribution(&name));
        (target, if name.is_empty() { "answer".to_owned() } else { name })
    }

    fn read_many(&self, path: &[String]) -> (Option<Target>, String) {
        let names: Vec<String> = path.iter().map(|key| normal(key)).collect();
        let compact: Vec<String> = names.iter().map(|name| without_gaps(name)).collect();
        let is_wrapper = |key: &String| self.wrappers.contains(key.as_str());
        // The path without wrappers at either end; the whole path if they are all there is.
        let start = compact.iter().position(|key| !is_wrapper(key)).unwrap_or(0);
        let end = compact.iter().rposition(|key| !is_wrapper(key)).map_or(path.len(), |at| at + 1);
        let inner = names[start..end].join("_");
        let found = self.by_name(&compact).or_else(|| self.by_name(&compact[start..end]));
        let last = || self.by_name.get(compact.last()?).filter(|_| self.anywhere);
        let target = found.or_else(last).cloned().or_else(|| self.attribution(&inner));
        // A key without a letter or digit leaves no gap in the answer's.
        let key = if names[start..end].iter().any(String::is_empty) {
            let said: Vec<&str> =
                names[start..end].iter().map(String::as_str).filter(|it| !it.is_empty()).collect();
            said.join("_")
        } else {
            inner
        };
        (target, if key.is_empty() { "answer".to_owned() } else { key })
    }

    fn attribution(&self, name: &str) -> Option<Target> {
        let ours = self.attribution_prefixes.iter().any(|prefix| name.starts_with(prefix));
        ours.then(|| Target::Attribution(name.to_owned()))
    }

    fn by_name(&self, compact: &[String]) -> Option<&Target> {
        match compact {
            [name] => self.by_name.get(name),
            names => self.by_name.get(&names.concat()),
        }
    }
}

/// A key without a prefix in which `#` stands for digits.
fn stripped<'a>(key: &'a str, prefix: &str) -> Option<&'a str> {
    let (before, after) = prefix.split_once('#').unwrap_or((prefix, ""));
    let rest = key.strip_prefix(before)?;
    let rest = if prefix.contains('#') {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        rest.get(digits..).filter(|_| digits > 0)?
    } else {
        rest
    };
    rest.strip_prefix(after).filter(|rest| !rest.is_empty())
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
