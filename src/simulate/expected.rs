//! What a test expects, against what came.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

use super::outcome::Outcome;
use super::world::Business;
use crate::domain::{
    Category, EventType, Known3, LeadId, Millipoints, Name, SettingProblem, Stage, Status,
};

/// What is to come. What is not said may be anything; `none` stands for nothing.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Expected {
    /// What became of the inquiry: `routed`, `nurtured`, `repeat`, `unreadable` …
    pub status: Option<OneOf>,
    /// Of what is unreadable.
    pub reason: Option<OneOf>,
    /// Sell, nurture or discard.
    pub category: Option<OneOf>,
    /// How far the lead is.
    pub stage: Option<OneOf>,
    /// The queue it is in.
    pub queue: Option<OneOf>,
    /// The pool it is picked from.
    pub pool: Option<OneOf>,
    /// Who is picked.
    pub owner: Option<OneOf>,
    /// Who could be picked, all of them.
    pub candidates: Option<Vec<String>>,
    /// The rule that wins.
    pub rule: Option<OneOf>,
    /// What rules say: `match`, `no_match`, `missing`, `error`, `not_asked`; `none` after the winner.
    pub says: BTreeMap<String, String>,
    /// Points, exactly or between bounds.
    pub score: Option<Bounds>,
    /// The part of the wanted criteria that is known, 0 to 1.
    pub completeness: Option<Bounds>,
    /// Whether people are to ask what is unknown.
    pub ask: Option<bool>,
    /// The eligibility rule that excludes.
    pub ineligible: Option<OneOf>,
    /// Answers by criterion: `yes`, `no`, `unknown`.
    pub criteria: BTreeMap<String, String>,
    /// Whether the person is known, or the number of the given inquiry (from 1) whose person it is.
    pub matched: Option<Matched>,
    /// Every key it was recognised by.
    pub matched_on: Option<Vec<String>>,
    /// Everything that is delivered: `lead.routed to crm`.
    pub events: Option<Vec<String>>,
}

/// One word, or any of several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OneOf(pub Vec<String>);

/// A number, or what it lies between.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Bounds {
    pub gt: Option<f64>,
    pub gte: Option<f64>,
    pub lt: Option<f64>,
    pub lte: Option<f64>,
}

/// See [`Expected::matched`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matched {
    Known(bool),
    Given(usize),
}

/// Something that came otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The key in `then`.
    pub what: String,
    pub expected: String,
    pub came: String,
}

const NONE: &str = "none";
const SAYS: [(&str, char); 6] = [
    ("match", 'y'),
    ("no_match", 'n'),
    ("missing", 'm'),
    ("error", 'e'),
    ("not_asked", '-'),
    (NONE, ' '),
];

impl Expected {
    /// What can never come: names that the configuration does not have.
    #[must_use]
    pub fn problems(&self, business: &Business<'_>, given: usize) -> Vec<SettingProblem> {
        let (router, qualifier) =
            (&business.configuration.router, &business.configuration.qualifier);
        let mut problems = Vec::new();
        let words = |all: Vec<&'static str>| all.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let named = |names: &mut dyn Iterator<Item = &Name>| {
            names.map(ToString::to_string).chain([NONE.to_owned()]).collect::<Vec<_>>()
        };
        let closed = [
            ("status", &self.status, words(Status::ALL.iter().map(|s| s.as_str()).collect())),
            ("category", &self.category, words(Category::ALL.iter().map(|c| c.as_str()).collect())),
            ("stage", &self.stage, words(Stage::ALL.iter().map(|s| s.as_str()).collect())),
            ("queue", &self.queue, named(&mut router.queues())),
            ("pool", &self.pool, named(&mut router.pools().map(|(name, _)| name))),
            ("rule", &self.rule, named(&mut router.rules())),
        ];
        for (key, given, known) in closed {
            for word in given.iter().flat_map(|given| &given.0) {
                among(&mut problems, key.to_owned(), key, word, &known);
            }
        }
        let rules = named(&mut router.rules());
        let criteria: Vec<String> =
            qualifier.lines().map(|(text, ..)| text.name.to_string()).collect();
        let said: Vec<String> = SAYS.iter().map(|(word, _)| (*word).to_owned()).collect();
        let answers = words(Known3::ALL.iter().map(|answer| answer.as_str()).collect());
        for (key, word) in &self.says {
            among(&mut problems, format!("says.{key}"), "rule", key, &rules);
            among(&mut problems, format!("says.{key}"), "answer of a rule", word, &said);
        }
        for (key, word) in &self.criteria {
            among(&mut problems, format!("criteria.{key}"), "criterion", key, &criteria);
            among(&mut problems, format!("criteria.{key}"), "answer", word, &answers);
        }
        for (index, event) in self.events.iter().flatten().enumerate() {
            let path = format!("events[{index}]");
            let Some((kind, to)) = event.split_once(" to ") else {
                let mut problem =
                    SettingProblem::new(path, "an event is written with its destination");
                problem.suggestion = Some("such as `lead.routed to crm`".to_owned());
                problems.push(problem);
                continue;
            };
            let kinds = words(EventType::ALL.iter().map(|kind| kind.as_str()).collect());
            let known = business.configuration.destinations.keys();
            let destinations: Vec<String> = known.map(ToString::to_string).collect();
            among(&mut problems, path.clone(), "event", kind, &kinds);
            among(&mut problems, path, "destination", to, &destinations);
        }
        if let Some(Matched::Given(number)) = self.matched
            && !(1..=given).contains(&number)
        {
            let message = format!("{given} inquiries are given, so there is no {number}");
            problems.push(SettingProblem::new("matched", message));
        }
        problems
    }

    /// Everything that came otherwise. `given` are the leads of the given inquiries, in order.
    #[must_use]
    pub fn against(&self, came: &Outcome, given: &[Option<LeadId>]) -> Vec<Mismatch> {
        let mut wrong = Wrong(Vec::new());
        let name = |name: &Option<Name>| name.as_ref().map_or(NONE, Name::as_str).to_owned();
        wrong.word("status", self.status.as_ref(), came.status.as_str());
        wrong.word("reason", self.reason.as_ref(), &name(&came.reason));
        let category = came.category.map_or(NONE, Category::as_str);
        wrong.word("category", self.category.as_ref(), category);
        wrong.word("stage", self.stage.as_ref(), came.stage.map_or(NONE, Stage::as_str));
        wrong.word("queue", self.queue.as_ref(), &name(&came.queue));
        wrong.word("pool", self.pool.as_ref(), &name(&came.pool));
        wrong.word("owner", self.owner.as_ref(), &name(&came.owner));
        wrong.word("rule", self.rule.as_ref(), &name(&came.rule));
        wrong.word("ineligible", self.ineligible.as_ref(), &name(&came.ineligible));
        let candidates: Vec<String> = came.candidates.iter().map(ToString::to_string).collect();
        wrong.set("candidates", self.candidates.as_deref(), &candidates);
        wrong.set("matched_on", self.matched_on.as_deref(), &came.matched_on);
        wrong.set("events", self.events.as_deref(), &came.events);
        wrong.bounds("score", self.score, came.score);
        wrong.bounds("completeness", self.completeness, i64::from(came.completeness));
        if let Some(ask) = self.ask {
            wrong.equal("ask", &ask.to_string(), &came.ask.to_string());
        }
        for (rule, expected) in &self.says {
            let letter = came.says.iter().find(|(name, _)| name.as_str() == rule);
            let letter = letter.map_or(' ', |(_, letter)| *letter);
            let said =
                SAYS.iter().find(|(_, known)| *known == letter).map_or(NONE, |(word, _)| word);
            wrong.equal(&format!("says.{rule}"), expected, said);
        }
        for (criterion, expected) in &self.criteria {
            let found = came.criteria.iter().find(|(name, _)| name.as_str() == criterion);
            let found = found.map_or(NONE, |(_, answer)| answer.as_str());
            wrong.equal(&format!("criteria.{criterion}"), expected, found);
        }
        self.matched_against(came, given, &mut wrong);
        wrong.0
    }

    fn matched_against(&self, came: &Outcome, given: &[Option<LeadId>], wrong: &mut Wrong) {
        let whose = given.iter().position(|lead| lead.is_some() && *lead == came.lead);
        let word = |whose: Option<usize>| match whose {
            Some(index) => format!("the person of given inquiry {}", index + 1),
            None => "somebody new".to_owned(),
        };
        match self.matched {
            Some(Matched::Known(known)) if known != whose.is_some() => {
                let expected = if known { "somebody known" } else { "somebody new" };
                wrong.equal("matched", expected, &word(whose));
            }
            Some(Matched::Given(number)) => {
                let lead = given.get(number.saturating_sub(1)).copied().flatten();
                if lead.is_none() || lead != came.lead {
                    wrong.equal("matched", &word(Some(number.saturating_sub(1))), &word(whose));
                }
            }
            _ => {}
        }
    }
}

fn among(
    problems: &mut Vec<SettingProblem>,
    path: String,
    what: &str,
    word: &str,
    known: &[String],
) {
    if !known.iter().any(|known| known == word) {
        let problem = SettingProblem::new(path, format!("there is no {what} `{word}`"));
        problems.push(problem.suggest(word, known.iter().map(String::as_str)));
    }
}

struct Wrong(Vec<Mismatch>);

impl Wrong {
    fn equal(&mut self, what: &str, expected: &str, came: &str) {
        if expected != came {
            let (expected, came) = (expected.to_owned(), came.to_owned());
            self.0.push(Mismatch { what: what.to_owned(), expected, came });
        }
    }

    fn word(&mut self, what: &str, expected: Option<&OneOf>, came: &str) {
        let Some(expected) = expected else { return };
        if !expected.0.iter().any(|word| word == came) {
            self.equal(what, &expected.0.join(" or "), came);
        }
    }

    fn set(&mut self, what: &str, expected: Option<&[String]>, came: &[String]) {
        let Some(expected) = expected else { return };
        let in_words = |items: &[String]| {
            let mut items = items.to_vec();
            items.sort();
            if items.is_empty() { NONE.to_owned() } else { items.join(", ") }
        };
        self.equal(what, &in_words(expected), &in_words(came));
    }

    #[expect(clippy::cast_precision_loss, reason = "scores stay far below 2^53")]
    fn bounds(&mut self, what: &str, expected: Option<Bounds>, thousandths: Millipoints) {
        let Some(expected) = expected else { return };
        let came = thousandths as f64 / 1000.0;
        if !expected.hold(came) {
            self.equal(what, &expected.to_string(), &came.to_string());
        }
    }
}

impl Bounds {
    fn hold(&self, number: f64) -> bool {
        self.gt.is_none_or(|bound| number > bound)
            && self.gte.is_none_or(|bound| number >= bound)
            && self.lt.is_none_or(|bound| number < bound)
            && self.lte.is_none_or(|bound| number <= bound)
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(low), Some(high)) = (self.gte, self.lte)
            && low.total_cmp(&high).is_eq()
        {
            return write!(f, "{low}");
        }
        let bounds = [("gt", self.gt), ("gte", self.gte), ("lt", self.lt), ("lte", self.lte)];
        let words = bounds.iter().filter_map(|(word, bound)| Some(format!("{word} {}", (*bound)?)));
        f.write_str(&words.collect::<Vec<_>>().join(", "))
    }
}

impl<'de> Deserialize<'de> for OneOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = OneOf;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word or a list of words")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<OneOf, E> {
                Ok(OneOf(vec![word.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<OneOf, A::Error> {
                let mut words = Vec::new();
                while let Some(word) = items.next_element()? {
                    words.push(word);
                }
                Ok(OneOf(words))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl<'de> Deserialize<'de> for Bounds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Full {
            gt: Option<f64>,
            gte: Option<f64>,
            lt: Option<f64>,
            lte: Option<f64>,
        }
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Bounds;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, or a mapping with gt, gte, lt or lte")
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Bounds, E> {
                Ok(Bounds { gte: Some(number), lte: Some(number), ..Bounds::default() })
            }

            #[expect(clippy::cast_precision_loss, reason = "scores stay far below 2^53")]
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Bounds, E> {
                self.visit_f64(number as f64)
            }

            #[expect(clippy::cast_precision_loss, reason = "scores stay far below 2^53")]
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Bounds, E> {
                self.visit_f64(number as f64)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Bounds, A::Error> {
                let Full { gt, gte, lt, lte } = Full::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Bounds { gt, gte, lt, lte })
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl<'de> Deserialize<'de> for Matched {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Matched;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false, or the number of a given inquiry")
            }

            fn visit_bool<E: de::Error>(self, known: bool) -> Result<Matched, E> {
                Ok(Matched::Known(known))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Matched, E> {
                Ok(Matched::Given(usize::try_from(number).unwrap_or(usize::MAX)))
            }
        }
        deserializer.deserialize_any(Either)
    }
}
