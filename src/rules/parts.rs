//! A condition part by part: what each of its clauses says, and in which words the configuration says it. A part is
//! what has to match for the whole to match; a group under `any` or `not` is one part.

use super::condition::{Condition, Node};
use super::in_words::words;
use super::source::Raw;
use super::{ConditionSource, Says, Subject};

impl Condition {
    /// What each part says.
    #[must_use]
    pub fn parts(&self, subject: &Subject<'_>) -> Vec<Says> {
        let mut said = Vec::new();
        each(&self.root, &mut |node| said.push(node.evaluate(subject)));
        said
    }
}

impl ConditionSource {
    /// The parts in words, in the same order.
    #[must_use]
    pub fn parts(&self) -> Vec<String> {
        let mut said = Vec::new();
        listed(&self.0, &mut said);
        said
    }
}

fn each(node: &Node, part: &mut dyn FnMut(&Node)) {
    match node {
        Node::All(nodes) => {
            for node in nodes {
                each(node, part);
            }
        }
        node => part(node),
    }
}

fn listed(raw: &Raw, said: &mut Vec<String>) {
    match raw {
        Raw::Map(entries) => match entries.as_slice() {
            [(key, Raw::List(items))] if key == "all" => {
                for item in items {
                    listed(item, said);
                }
            }
            _ => said.push(words(raw, false)),
        },
        _ => said.push(words(raw, false)),
    }
}
