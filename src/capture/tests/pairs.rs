//! Which fixtures a preset has: `tests/fixtures/sources/<preset>/pairs.yaml` names one of each kind, or says why there is
//! none. What is named so behaves so.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::golden::outcome_of;
use super::*;
use crate::domain::Tier;

/// What the docs promise as confirmed.
const CONFIRMED: [&str; 31] = [
    "adf",
    "business-card",
    "calendly",
    "catch-hook",
    "contact-form-7",
    "cvent-badgekit",
    "elementor",
    "eventbrite",
    "fillout",
    "formsort",
    "google-ads-lead-form",
    "gravity-forms",
    "html-form",
    "jotform",
    "linkedin-lead-gen",
    "mautic",
    "meta-lead-ads",
    "netlify-forms",
    "paperform",
    "pretix-lead",
    "salesforce-web-to-lead",
    "scanner-batch",
    "segment",
    "signed-webhook",
    "standard-webhooks",
    "tally",
    "toss-ads",
    "typeform",
    "unbounce",
    "webflow",
    "webhook",
];

/// What is taken, and not known well enough to be promised.
const EXPERIMENTAL: [&str; 7] = [
    "formstack",
    "generic-lead-ads",
    "hubspot",
    "snapchat-lead-ads",
    "swapcard",
    "tiktok-lead-generation",
    "wpforms",
];

#[derive(Deserialize)]
#[serde(untagged)]
enum Pair {
    Case(String),
    Nothing { none: String },
}

/// One preset's. An experimental one needs `usual` and `forged` only.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pairs {
    usual: Pair,
    forged: Pair,
    test: Option<Pair>,
    odd: Option<Pair>,
    missing: Option<Pair>,
    batch: Option<Pair>,
    retry: Option<Pair>,
}

impl Pairs {
    fn kinds(&self) -> [(&'static str, Option<&Pair>); 7] {
        [
            ("usual", Some(&self.usual)),
            ("test", self.test.as_ref()),
            ("odd", self.odd.as_ref()),
            ("missing", self.missing.as_ref()),
            ("batch", self.batch.as_ref()),
            ("forged", Some(&self.forged)),
            ("retry", self.retry.as_ref()),
        ]
    }
}

/// A preset's folder of fixtures, with its source.
struct Folder {
    at: PathBuf,
    source: Source,
}

impl Folder {
    fn outcome(&self, case: &str) -> Result<Captured, Refused> {
        let path = self.at.join(format!("{case}.in"));
        let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        outcome_of(&self.source, &bytes)
    }

    /// What was taken of it.
    fn taken(&self, case: &str) -> Vec<Submission> {
        match self.outcome(case) {
            Ok(Captured::Inquiry { submission, .. }) => vec![*submission],
            Ok(Captured::Batch(rows)) => rows.into_iter().flatten().collect(),
            _ => Vec::new(),
        }
    }
}

/// Whether what a case is named for is what becomes of it.
fn behaves(folder: &Folder, kind: &str, case: &str, usual: &str) -> bool {
    let taken = folder.taken(case);
    match kind {
        "usual" => !taken.is_empty() && taken.iter().all(|it| !it.is_test && !it.filtered),
        "test" => !taken.is_empty() && taken.iter().all(|it| it.is_test),
        "odd" => taken.iter().any(|it| !serde_json::to_string(it).unwrap().is_ascii()),
        "missing" => !taken.is_empty(),
        "batch" => taken.len() > 1,
        "forged" => {
            let outcome = folder.outcome(case);
            outcome.is_err_and(|refused| refused.code.as_str() == "unauthenticated")
        }
        // An upload that is sent again may have grown.
        "retry" => {
            let same = |first: &Submission| {
                let again = |it: &Submission| match &first.event_id {
                    Some(id) => it.event_id.as_ref() == Some(id),
                    None => it.event_id.is_none() && it.content == first.content,
                };
                taken.iter().any(again)
            };
            folder.taken(usual).iter().all(same)
        }
        _ => false,
    }
}

#[test]
fn every_preset_has_a_fixture_of_each_kind_or_says_why_not() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sources");
    let mut wrong = Vec::new();
    for (name, preset) in PRESETS.iter() {
        let at = root.join(name.as_str());
        let text = fs::read_to_string(at.join("pairs.yaml"))
            .unwrap_or_else(|error| panic!("{name} has no pairs.yaml: {error}"));
        let pairs: Pairs = serde_saphyr::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        let source = source(&fs::read_to_string(at.join("source.yaml")).unwrap());
        let public = source.is_public();
        let folder = Folder { at, source };
        let Pair::Case(usual) = &pairs.usual else { panic!("{name} has none as usual") };
        for (kind, pair) in pairs.kinds() {
            let holds = match pair {
                Some(Pair::Case(case)) => behaves(&folder, kind, case, usual),
                Some(Pair::Nothing { none }) => {
                    let spared = match kind {
                        "batch" => preset.batch.is_empty() && preset.each.is_empty(),
                        "forged" => public,
                        _ => false,
                    };
                    spared && !none.is_empty()
                }
                None => preset.tier == Tier::Experimental,
            };
            if !holds {
                wrong.push(format!("{name}: {kind}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_promised_is_there() {
    let tier = |name: &str| PRESETS.get(name).map(|preset| preset.tier);
    for name in CONFIRMED {
        assert_eq!(tier(name), Some(Tier::Confirmed), "{name}");
    }
    for name in EXPERIMENTAL {
        assert_eq!(tier(name), Some(Tier::Experimental), "{name}");
    }
    assert_eq!(PRESETS.iter().count(), CONFIRMED.len() + EXPERIMENTAL.len());
}
