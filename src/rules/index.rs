//! Many conditions at once: which of them can match a subject at all, without asking each.
//!
//! What a condition wants of a field by equality (`is`, `in`, a list, a flag) stands in a table by value. One look at
//! each field that is asked for settles all conditions that want another value: one `no` is enough for `all`,
//! whatever else stands in it. Only the rest is evaluated, so the cost follows the few conditions that can match, and
//! what is said of each is what [`Condition::evaluate`] would say.

use std::sync::Arc;

use ahash::AHashMap;

use super::condition::{Clause, Condition, Node, Test};
use super::field::Value;
use super::fold::fold;
use super::list::Entries;
use super::reader::{Reader, answers};
use super::{Says, Subject};

/// How many conditions share a word of bits.
const WORD: usize = 64;

/// A set of conditions.
type Bits = Vec<u64>;

/// The index over conditions in a fixed order.
#[derive(Debug, Clone, Default)]
pub struct Index {
    fields: Vec<Asked>,
    /// Conditions of which the index knows every clause.
    plain: Bits,
    count: usize,
}

/// What conditions want of one field.
#[derive(Debug, Clone)]
struct Asked {
    reader: Reader,
    /// Conditions that ask for it in a way the index knows.
    by: Bits,
    /// Those that want one of certain values, and which ones each value suits.
    want: Bits,
    suited: AHashMap<Box<str>, Vec<u32>>,
    /// By value, those that refuse it.
    refused: AHashMap<Box<str>, Vec<u32>>,
    lists: Vec<Listed>,
}

/// A list that conditions name, looked up once for all of them.
#[derive(Debug, Clone)]
struct Listed {
    entries: Arc<Entries>,
    negative: bool,
    by: Bits,
}

/// What the index says about one subject.
#[derive(Debug)]
pub struct Sifted<'a> {
    index: &'a Index,
    no: Bits,
    missing: Bits,
}

fn set(bits: &mut Bits, at: usize) {
    if let Some(word) = bits.get_mut(at / WORD) {
        *word |= 1 << (at % WORD);
    }
}

fn holds(bits: &Bits, at: usize) -> bool {
    bits.get(at / WORD).is_some_and(|word| word >> (at % WORD) & 1 == 1)
}

fn join(bits: &mut Bits, more: &Bits) {
    bits.iter_mut().zip(more).for_each(|(word, more)| *word |= more);
}

impl Index {
    /// Indexes conditions; `None` = always a match.
    #[must_use]
    pub fn new<'a>(conditions: impl ExactSizeIterator<Item = Option<&'a Condition>>) -> Self {
        let count = conditions.len();
        let words = count.div_ceil(WORD);
        let mut index = Self { fields: Vec::new(), plain: vec![0; words], count };
        for (at, condition) in conditions.enumerate() {
            let mut all = true;
            if let Some(condition) = condition {
                let mut clauses = Vec::new();
                all = conjuncts(&condition.root, &mut clauses);
                for clause in clauses {
                    all &= index.take(at, clause, words);
                }
            }
            if all {
                set(&mut index.plain, at);
            }
        }
        index
    }

    /// Enters a clause of a condition; `false` = it is of no kind that can be entered.
    fn take(&mut self, at: usize, clause: &Clause, words: usize) -> bool {
        let values: Vec<&str> = match &clause.test {
            Test::Equals(text) => vec![text],
            Test::Flag(flag) => vec![if *flag { "true" } else { "false" }],
            Test::OneOf(texts) => texts.iter().map(|text| &**text).collect(),
            Test::Listed(_) => Vec::new(),
            _ => return false,
        };
        let place = self.fields.iter().position(|asked| asked.reader.is(&clause.reader));
        let place = place.unwrap_or_else(|| {
            let nobody = || vec![0; words];
            self.fields.push(Asked {
                reader: clause.reader.clone(),
                by: nobody(),
                want: nobody(),
                suited: AHashMap::default(),
                refused: AHashMap::default(),
                lists: Vec::new(),
            });
            self.fields.len() - 1
        });
        let asked = &mut self.fields[place];
        if let Test::Listed(entries) = &clause.test {
            asked.listed(at, entries, clause.negative, words);
        } else if clause.negative {
            enter(&mut asked.refused, at, &values);
        } else if holds(&asked.want, at) {
            // A second wish for one field: the first one is looked up, both are evaluated.
            return false;
        } else {
            set(&mut asked.want, at);
            enter(&mut asked.suited, at, &values);
        }
        set(&mut asked.by, at);
        true
    }

    /// Looks at each field once.
    #[must_use]
    pub fn sift(&self, subject: &Subject<'_>) -> Sifted<'_> {
        let words = self.plain.len();
        let mut sifted = Sifted { index: self, no: vec![0; words], missing: vec![0; words] };
        let mut left = vec![0; words];
        for asked in &self.fields {
            asked.sift(subject, &mut left, &mut sifted);
        }
        sifted
    }
}

/// Every clause that has to match for the whole to match; `false` = there are also other parts.
fn conjuncts<'a>(node: &'a Node, clauses: &mut Vec<&'a Clause>) -> bool {
    match node {
        Node::Clause(clause) => {
            clauses.push(clause);
            true
        }
        Node::All(nodes) => {
            let mut all = true;
            for node in nodes {
                all &= conjuncts(node, clauses);
            }
            all
        }
        Node::Any(_) | Node::Not(_) | Node::Expr(_) => false,
    }
}

fn enter(table: &mut AHashMap<Box<str>, Vec<u32>>, at: usize, values: &[&str]) {
    let at = u32::try_from(at).unwrap_or(u32::MAX);
    for value in values {
        match table.get_mut(*value) {
            Some(conditions) => conditions.push(at),
            None => drop(table.insert((*value).into(), vec![at])),
        }
    }
}

impl Asked {
    fn listed(&mut self, at: usize, entries: &Arc<Entries>, negative: bool, words: usize) {
        let known = |listed: &&mut Listed| {
            Arc::ptr_eq(&listed.entries, entries) && listed.negative == negative
        };
        if let Some(listed) = self.lists.iter_mut().find(known) {
            set(&mut listed.by, at);
            return;
        }
        let mut by = vec![0; words];
        set(&mut by, at);
        self.lists.push(Listed { entries: Arc::clone(entries), negative, by });
    }

    /// `left` is scratch: who wants a value that is not there.
    fn sift(&self, subject: &Subject<'_>, left: &mut Bits, sifted: &mut Sifted<'_>) {
        left.copy_from_slice(&self.want);
        let mut known = false;
        let mut held = vec![false; self.lists.len()];
        let mut look = |value: Value<'_>| {
            let folded;
            let text = match value {
                Value::Missing | Value::Number(_) => return,
                Value::Flag(flag) => {
                    if flag {
                        "true"
                    } else {
                        "false"
                    }
                }
                Value::Text(text) => {
                    folded = fold(text);
                    folded.as_str()
                }
            };
            known = true;
            for at in self.suited.get(text).into_iter().flatten() {
                let at = *at as usize;
                left[at / WORD] &= !(1 << (at % WORD));
            }
            for at in self.refused.get(text).into_iter().flatten() {
                set(&mut sifted.no, *at as usize);
            }
            for (held, listed) in held.iter_mut().zip(&self.lists) {
                *held = *held || listed.entries.hold(text);
            }
        };
        match &self.reader {
            Reader::Answer { key, .. } => answers(key, subject).for_each(look),
            reader => look(reader.read(subject)),
        }
        if !known {
            return join(&mut sifted.missing, &self.by);
        }
        join(&mut sifted.no, left);
        for (held, listed) in held.into_iter().zip(&self.lists) {
            if held == listed.negative {
                join(&mut sifted.no, &listed.by);
            }
        }
    }
}

impl Sifted<'_> {
    /// What a condition says, if the index knows; else it has to be evaluated.
    #[must_use]
    pub fn says(&self, at: usize) -> Option<Says> {
        if holds(&self.no, at) {
            Some(Says::NoMatch)
        } else if !holds(&self.index.plain, at) {
            None
        } else if holds(&self.missing, at) {
            Some(Says::Missing)
        } else {
            Some(Says::Match)
        }
    }

    /// The conditions that are not known to be no match, in order.
    pub fn open(&self) -> impl Iterator<Item = usize> + '_ {
        let count = self.index.count;
        self.no.iter().enumerate().flat_map(move |(word, no)| {
            let mut open = !no;
            std::iter::from_fn(move || {
                let bit = open.trailing_zeros() as usize;
                open &= open.checked_sub(1)?;
                Some(word * WORD + bit).filter(|at| *at < count)
            })
        })
    }
}
