//! Lists of what was missed, a page at a time. A place in them is a text, so that whoever pulls can stop and go on.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::domain::ports::OutboundRequest;
use crate::domain::{Name, Timestamp};

use super::asking::{Ask, CannotAsk, Retrieval};
use super::settings::{BackfillSettings, RetrievalSettings, StatedTime};

/// What is filled in for a page.
const PLACES: [&str; 3] = ["since", "until", "page"];

/// The time of what is pulled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackfillWindow {
    /// From then on.
    pub since: Timestamp,
    /// Up to then.
    pub until: Timestamp,
}

/// A place in the lists: which of them, and which page. As text: `2` or `2|cursor`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    list: usize,
    cursor: Option<String>,
}

impl std::fmt::Display for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.cursor {
            Some(cursor) => write!(f, "{}|{cursor}", self.list),
            None => write!(f, "{}", self.list),
        }
    }
}

impl std::str::FromStr for Page {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (list, cursor) = match text.split_once('|') {
            Some((list, cursor)) => (list, Some(cursor.to_owned())),
            None => (text, None),
        };
        Ok(Self { list: list.parse()?, cursor })
    }
}

/// Lists, compiled.
#[derive(Debug, Clone)]
pub(super) struct Backfill {
    settings: BackfillSettings,
    ask: Ask,
}

impl Backfill {
    pub(super) fn compile(
        settings: &BackfillSettings,
        all: &RetrievalSettings,
        known: &BTreeSet<&str>,
    ) -> Result<Self, String> {
        let known: BTreeSet<&str> = known.iter().copied().chain(PLACES).collect();
        let usual = all.requests.first().map(|first| &first.headers);
        let headers = settings.headers.as_ref().or(usual).cloned().unwrap_or_default();
        if settings.step.is_some() != settings.items.is_some() {
            return Err("`step` and `items` go together".to_owned());
        }
        let over = settings.over.as_ref();
        if over.is_some_and(|over| !all.with.contains_key(over)) {
            return Err("`over` is none of `with`".to_owned());
        }
        Ok(Self { ask: Ask::of(&settings.url, &headers, &known)?, settings: settings.clone() })
    }
}

impl StatedTime {
    fn write(self, at: Timestamp) -> String {
        match self {
            Self::Seconds => at.as_secs().to_string(),
            Self::Milliseconds => at.as_millis().to_string(),
            Self::Rfc3339 => {
                let whole = at.to_string();
                match whole.split_once('.') {
                    Some((seconds, _)) => format!("{seconds}Z"),
                    None => whole,
                }
            }
        }
    }
}

impl Retrieval {
    /// Whether what was missed can be pulled.
    #[must_use]
    pub fn lists(&self) -> bool {
        self.backfill.is_some()
    }

    /// The request for a page.
    ///
    /// # Errors
    /// If it cannot be made: there are no lists, or a value is missing.
    pub fn page(&self, window: BackfillWindow, page: &Page) -> Result<OutboundRequest, CannotAsk> {
        let backfill = self.backfill.as_ref().ok_or(CannotAsk::Value)?;
        let times = backfill.settings.times;
        let (since, until) = (times.write(window.since), times.write(window.until));
        let over = backfill.settings.over.as_ref().map(Name::as_str).zip(self.list(page.list));
        let first = if backfill.settings.step.is_some() { "0" } else { "" };
        let cursor = page.cursor.as_deref().unwrap_or(first);
        let values = [("since", since.as_str()), ("until", &until), ("page", cursor)];
        let mut request = self.made(&backfill.ask, |name| {
            let found = values.iter().copied().chain(over).find(|(known, _)| *known == name);
            found.map(|(_, value)| value)
        })?;
        request.url = without_empty(&request.url);
        Ok(request)
    }

    /// The one of several that has that list.
    fn list(&self, number: usize) -> Option<&str> {
        let over = self.backfill.as_ref()?.settings.over.as_ref()?;
        self.given.get(over)?.split(',').map(str::trim).filter(|it| !it.is_empty()).nth(number)
    }

    /// The place behind a page; `None` = that was all.
    #[must_use]
    pub fn after(&self, page: &Page, answer: &[u8]) -> Option<Page> {
        let settings = &self.backfill.as_ref()?.settings;
        let body: Value = serde_json::from_slice(answer).unwrap_or_default();
        let text = |at: &String| match body.pointer(at)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let more = settings.more.as_ref().is_none_or(|at| {
            body.pointer(at).is_some_and(|found| !matches!(found, Value::Null | Value::Bool(false)))
        });
        let counted = || {
            let items = body.pointer(settings.items.as_ref()?)?.as_array()?;
            let before: u64 = page.cursor.as_deref().unwrap_or("0").parse().ok()?;
            let step = u64::from(settings.step?);
            (!items.is_empty()).then(|| (before + step).to_string())
        };
        let next = settings.next.as_ref().and_then(text).or_else(counted);
        let same = next == page.cursor;
        if let Some(cursor) = next.filter(|_| more && !same) {
            return Some(Page { list: page.list, cursor: Some(cursor) });
        }
        let next = page.list + 1;
        self.list(next).map(|_| Page { list: next, cursor: None })
    }
}

/// An address without the parameters that are empty: the first page has no cursor.
fn without_empty(url: &str) -> String {
    let Some((path, query)) = url.split_once('?') else { return url.to_owned() };
    let pairs: Vec<&str> = query.split('&').filter(|pair| !pair.ends_with('=')).collect();
    format!("{path}?{}", pairs.join("&"))
}
