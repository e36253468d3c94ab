//! How alike two names are, part by part: equal, alike (a short form, an initial, a slip of the
//! keyboard), unknown on one side, or two people's.

use std::sync::LazyLock;

use ahash::AHashMap;
use strsim::osa_distance;

/// What comparing one part of two names says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alike {
    /// Letter for letter, or but for second names and umlauts.
    Same,
    /// A short form, a form of another language, or one slip of the keyboard.
    Like,
    /// One is the initial of the other.
    Initial,
    /// One side does not say.
    Missing,
    Other,
}

impl Alike {
    /// Whether both sides say it and it is one person's.
    pub(super) fn agrees(self) -> bool {
        matches!(self, Self::Same | Self::Like)
    }
}

/// Full name by short name and the other way round: groups by word.
static GROUPS: LazyLock<AHashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let mut groups: AHashMap<&str, Vec<&str>> = AHashMap::new();
    let lines = include_str!("nicknames.txt").lines().filter(|line| !line.starts_with('#'));
    for line in lines {
        let mut words = line.split_whitespace();
        let Some(full) = words.next() else { continue };
        for word in std::iter::once(full).chain(words) {
            groups.entry(word).or_default().push(full);
        }
    }
    groups
});

const SHORT_LETTERS: usize = 3;
/// The shortest word in which one slip is told from another name.
const SLIP_LETTERS_MIN: usize = 4;
/// The shortest of two names that may be slips of a third.
const TWO_SLIPS_BETWEEN_MIN: usize = 6;
/// From here on two slips are.
const TWO_SLIPS_LETTERS_MIN: usize = 10;

/// Folded first names; second names stand after a space.
pub(super) fn first_names(a: &str, b: &str) -> Alike {
    if a.is_empty() || b.is_empty() {
        return Alike::Missing;
    }
    if same(a, b) {
        return Alike::Same;
    }
    let (first_a, rest_a) = a.split_once(' ').unwrap_or((a, ""));
    let (first_b, rest_b) = b.split_once(' ').unwrap_or((b, ""));
    if first_a.len() == 1 || first_b.len() == 1 {
        let agrees = first_a.starts_with(first_b) || first_b.starts_with(first_a);
        return if agrees { Alike::Initial } else { Alike::Other };
    }
    // `Hans` and `Hans-Peter` are one; `Hans-Peter` and `Hans-Georg` are two.
    if !rest_a.is_empty() && !rest_b.is_empty() && !second_names(rest_a, rest_b) {
        return if slip(&compact(a), &compact(b)) { Alike::Like } else { Alike::Other };
    }
    if same(first_a, first_b) {
        Alike::Same
    } else if nicknames(first_a, first_b)
        || slip(first_a, first_b)
        || slip(&compact(a), &compact(b))
    {
        Alike::Like
    } else {
        Alike::Other
    }
}

/// Whether two folded first names may both be slips of one that lies between them.
pub(super) fn two_slips(a: &str, b: &str) -> bool {
    let (a, b) = (compact(a), compact(b));
    a.len().min(b.len()) >= TWO_SLIPS_BETWEEN_MIN && osa_distance(&a, &b) == 2
}

/// Folded last names; parts of a double name stand after a space.
pub(super) fn last_names(a: &str, b: &str) -> Alike {
    if a.is_empty() || b.is_empty() {
        return Alike::Missing;
    }
    if same(a, b) {
        return Alike::Same;
    }
    let (whole_a, whole_b) = (compact(a), compact(b));
    // A double name holds the name from before the marriage or the partner's.
    let half = |double: &str, one: &str| {
        double.contains(' ') && double.split(' ').any(|part| part.len() > 3 && same(part, one))
    };
    if half(a, b) || half(b, a) || slip(&whole_a, &whole_b) {
        Alike::Like
    } else if whole_a.len() == 1 || whole_b.len() == 1 {
        let agrees = whole_a.starts_with(&whole_b) || whole_b.starts_with(&whole_a);
        if agrees { Alike::Initial } else { Alike::Other }
    } else {
        Alike::Other
    }
}

/// The letter under which a first name is looked up: that of the full name it is short for.
pub(super) fn initial_of_first(first: &str) -> Option<char> {
    let word = first.split(' ').next().unwrap_or_default();
    let full = GROUPS.get(word).and_then(|fulls| fulls.first()).copied().unwrap_or(word);
    full.chars().next()
}

fn second_names(a: &str, b: &str) -> bool {
    let short = a.len() == 1 || b.len() == 1;
    same(a, b) || (short && (a.starts_with(b) || b.starts_with(a))) || slip(a, b)
}

fn nicknames(a: &str, b: &str) -> bool {
    match (GROUPS.get(a), GROUPS.get(b)) {
        (Some(a), Some(b)) => a.iter().any(|full| b.contains(full)),
        _ => false,
    }
}

/// Equal but for spaces and for the two ways of writing an umlaut.
fn same(a: &str, b: &str) -> bool {
    a == b || plain(a) == plain(b)
}

fn compact(text: &str) -> String {
    text.replace(' ', "")
}

fn plain(text: &str) -> String {
    compact(text).replace("ae", "a").replace("oe", "o").replace("ue", "u").replace("aa", "a")
}

/// Whether one is the other with a letter wrong, missing, too many, or two exchanged. The gender of a
/// name is no slip: Daniel and Daniela, Mario and Maria are two.
fn slip(a: &str, b: &str) -> bool {
    let shorter = a.len().min(b.len());
    let allowed = match shorter {
        // Of three letters only a missing one is told from another name.
        0..SHORT_LETTERS => return false,
        SHORT_LETTERS..SLIP_LETTERS_MIN if a.len() == b.len() => return false,
        SHORT_LETTERS..TWO_SLIPS_LETTERS_MIN => 1,
        _ => 2,
    };
    if a.len().abs_diff(b.len()) > allowed || osa_distance(a, b) > allowed {
        return false;
    }
    let stem = |text: &str| text.strip_suffix(['a', 'e', 'i', 'o']).unwrap_or(text).to_owned();
    stem(a) != stem(b)
}
