//! Trying a destination out: what was sent and what came back.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Verdict;

/// What was sent and what came back, as people may see it.
#[derive(Debug, Clone)]
pub struct TrialReport {
    /// Scheme, host and port.
    pub to: String,
    /// Without secrets.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub answer: Option<TrialAnswer>,
    pub verdict: Verdict,
    /// The word that an attempt would be noted with.
    pub error: Option<&'static str>,
    /// With a vendor's preset: the request that it ended with, in a word.
    pub step: Option<String>,
    /// The receiver's own code, or a word that says more.
    pub said: Option<String>,
    /// Ids that the receiver gave.
    pub kept: BTreeMap<String, String>,
    pub took: Duration,
    /// What that means, in a sentence.
    pub words: String,
    /// What to do about it; `None` if all is well.
    pub advice: Option<String>,
}

/// The beginning of an answer.
#[derive(Debug, Clone)]
pub struct TrialAnswer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Whether the body went on.
    pub truncated: bool,
}
