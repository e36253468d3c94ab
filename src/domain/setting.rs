//! What is wrong with a setting, said so that the person who wrote it can mend it.

use serde::Deserialize;

/// More known words than these are no help in one line.
const LISTED_MAX: usize = 12;

/// How well a preset is known to fit its vendor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Written after captured traffic or the vendor's own text.
    Confirmed,
    /// Not seen working yet; what a deployment's own preset is unless it says otherwise.
    #[default]
    Experimental,
}

impl Tier {
    /// The word in the preset's file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Experimental => "experimental",
        }
    }
}

/// A mistake in the configuration. Rooms find them while compiling their Settings; `config` adds
/// file, line and column by looking `path` up in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingProblem {
    /// Where, inside the file: `rules[3].when.all[1].field`; empty = the file as a whole.
    pub path: String,
    /// What is wrong, in one sentence, never with a secret's value in it.
    pub message: String,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

impl SettingProblem {
    /// A problem without a suggestion.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into(), suggestion: None }
    }

    /// The same with a suggestion: the closest of `known` to `given`; if none is close, all of them,
    /// unless they are many.
    #[must_use]
    pub fn suggest<'a>(self, given: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        let listed = (1..=LISTED_MAX).contains(&known.len());
        let all = listed.then(|| format!("known here: {}", known.join(", ")));
        self.suggest_or(given, known, all)
    }

    /// The same with a suggestion: the closest of `known` to `given`; if none is close, `otherwise`.
    #[must_use]
    pub fn suggest_or<'a>(
        mut self,
        given: &str,
        known: impl IntoIterator<Item = &'a str>,
        otherwise: Option<String>,
    ) -> Self {
        let near = closest(given, known).map(|name| format!("did you mean `{name}`?"));
        self.suggestion = near.or(otherwise);
        self
    }

    /// The same, below `prefix` (`rules[3]` + `.when` …).
    #[must_use]
    pub fn below(mut self, prefix: &str) -> Self {
        self.path = match (prefix.is_empty(), self.path.is_empty()) {
            (true, _) => self.path,
            (_, true) => prefix.to_owned(),
            _ if self.path.starts_with('[') => format!("{prefix}{}", self.path),
            _ => format!("{prefix}.{}", self.path),
        };
        self
    }
}

/// The known word nearest to `given`, if at most a third of its letters differ.
pub fn closest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|word| (distance(given, word), word))
        .filter(|(distance, word)| *distance <= 1.max(word.chars().count() / 3))
        .min()
        .map(|(_, word)| word)
}

/// Letters to insert, delete, replace or swap with their neighbour to get from one to the other.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}
