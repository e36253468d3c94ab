//! Which deliveries: the same words in the query of a list, in the body of a replay, in the query of an export.

use crate::domain::{DeadKind, EventType, LeadId, Name, Period, Timestamp, Verdict};
use crate::flow::Which;
use crate::http::problem::{Problem, ProblemCode};

/// No receiver's code is longer.
const PROBLEM_CHARS: usize = 200;

/// The words, as they were given.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    pub destination: Option<&'a str>,
    pub since: Option<&'a str>,
    pub until: Option<&'a str>,
    pub kind: Option<&'a str>,
    pub verdict: Option<&'a str>,
    pub problem: Option<&'a str>,
    pub event_type: Option<&'a str>,
    pub lead: Option<&'a str>,
}

impl Given<'_> {
    /// What they mean, at `now`; else which of them has another form.
    pub fn which(&self, now: Timestamp) -> Result<Which, String> {
        let name = |text: &str| text.parse::<Name>().ok();
        let destination = read(self.destination, name, "`destination` is a destination's name.");
        let kind = read(self.kind, DeadKind::parse, "`kind` is `fault` or `refusal`.");
        let verdict = read(self.verdict, Verdict::parse, "`verdict` is one of an attempt's.");
        let event = read(self.event_type, EventType::parse, "`event_type` is one of an event's.");
        let lead = read(self.lead, |text| text.parse::<LeadId>().ok(), "`lead` is a lead's id.");
        let problem = self.problem.filter(|text| !text.is_empty());
        if problem.is_some_and(|text| text.chars().count() > PROBLEM_CHARS) {
            return Err("`problem` is a word or a code.".to_owned());
        }
        Ok(Which {
            destination: destination?,
            since: time("since", self.since, now)?,
            until: time("until", self.until, now)?,
            kind: kind?,
            verdict: verdict?,
            problem: problem.map(str::to_owned),
            event: event?,
            lead: lead?,
        })
    }
}

fn read<T>(
    text: Option<&str>,
    parse: impl Fn(&str) -> Option<T>,
    wrong: &str,
) -> Result<Option<T>, String> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    parse(text).map(Some).ok_or_else(|| wrong.to_owned())
}

/// A time, or how long ago it was.
fn time(name: &str, text: Option<&str>, now: Timestamp) -> Result<Option<Timestamp>, String> {
    let parse = |text: &str| {
        Timestamp::parse(text).or_else(|| Period::parse(text).map(|ago| now.before(ago.0)))
    };
    read(
        text,
        parse,
        &format!("`{name}` is an RFC 3339 time, or how long ago, such as `2h` or `3d`."),
    )
}

/// The same as a problem of the API.
pub fn which(given: &Given<'_>, now: Timestamp) -> Result<Which, Problem> {
    given.which(now).map_err(|detail| Problem::saying(ProblemCode::BadRequest, detail))
}

/// A struct with these words and its own; `which` says what they mean.
macro_rules! with_which {
    ($(#[$doc:meta])* $name:ident { $($(#[$own:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        pub struct $name {
            $($(#[$own])* pub $field: $type,)*
            /// Only those of this destination.
            pub destination: Option<String>,
            /// Only what is due, was delivered or was given up from then on: an RFC 3339 time, or how long ago
            /// that is (`3d`).
            pub since: Option<String>,
            /// Of dead ones: only those given up before then.
            pub until: Option<String>,
            /// Of dead ones: `fault` (it could not be told) or `refusal` (the receiver said no).
            pub kind: Option<String>,
            /// Of dead ones: the verdict of the newest attempt.
            pub verdict: Option<String>,
            /// Of dead ones: what the newest attempt met (`http_503`, `timeout`), or the receiver's own code.
            pub problem: Option<String>,
            /// Of dead ones: the type of the event.
            pub event_type: Option<String>,
            /// Of dead ones: whom they are about.
            pub lead: Option<String>,
        }

        impl $name {
            fn which(
                &self,
                now: $crate::domain::Timestamp,
            ) -> Result<$crate::flow::Which, $crate::http::problem::Problem> {
                let given = $crate::http::private::which::Given {
                    destination: self.destination.as_deref(),
                    since: self.since.as_deref(),
                    until: self.until.as_deref(),
                    kind: self.kind.as_deref(),
                    verdict: self.verdict.as_deref(),
                    problem: self.problem.as_deref(),
                    event_type: self.event_type.as_deref(),
                    lead: self.lead.as_deref(),
                };
                $crate::http::private::which::which(&given, now)
            }
        }
    };
}
pub(super) use with_which;

#[cfg(test)]
mod tests {
    use super::*;

    fn of(key: &str, value: &'static str) -> Result<Which, String> {
        let is = |name| (name == key).then_some(value);
        let given = Given {
            destination: is("destination"),
            since: is("since"),
            until: is("until"),
            kind: is("kind"),
            verdict: is("verdict"),
            problem: is("problem"),
            event_type: is("event_type"),
            lead: is("lead"),
        };
        given.which(Timestamp::from_millis(1_000_000_000))
    }

    #[test]
    fn each_word_is_read_or_named() {
        assert_eq!(of("kind", "refusal").unwrap().kind, Some(DeadKind::Refusal));
        assert_eq!(of("verdict", "invalid").unwrap().verdict, Some(Verdict::Invalid));
        assert_eq!(of("problem", "E_1").unwrap().problem.as_deref(), Some("E_1"));
        assert_eq!(of("event_type", "lead.held").unwrap().event, Some(EventType::LeadHeld));
        let ago = of("since", "10s").unwrap().since;
        assert_eq!(ago, Some(Timestamp::from_millis(999_990_000)));
        let at = of("until", "1970-01-02T00:00:00Z").unwrap().until;
        assert_eq!(at, Some(Timestamp::from_millis(86_400_000)));
        for key in ["destination", "kind", "verdict", "event_type", "lead", "since", "until"] {
            assert!(of(key, "Strange!").unwrap_err().contains(key), "{key}");
            assert_eq!(of(key, ""), Ok(Which::default()), "an empty field of a form");
        }
    }
}
