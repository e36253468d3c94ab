//! What qualification promises: exact sums, unknown is not no, the categories, the mistakes it refuses.

mod engaging;
mod finding;
mod judgement;
mod mistakes;
mod properties;
mod time;
mod worth;

use super::{Qualifier, Settings, qualify};
use crate::domain::{Name, Qualification};
use crate::rules::Lists;
use crate::rules::example::Example;

/// A realistic file.
const REALISTIC: &str = r"
definitions:
  inquiry: {text: Somebody asked something and left a way to answer.}
  lead:
    text: An inquiry with a known need and two more of budget, authority and timeline.
    agreed_by: [Sales, Marketing]
    agreed_on: 2026-03-01
    review_by: 2026-09-01
criteria:
  budget:
    - name: budget-stated
      text: A budget of 50,000 or more
      yes: {field: need.budget, gte: 50000}
      no: {field: need.budget, lt: 10000}
      points: {yes: 25, no: -5}
      ask: What budget has been set aside?
  authority:
    - name: decides
      yes: {field: contact.title, matches: '\b(head|chief|vp|director)\b'}
      points: 20.5
      ask: Who decides?
  need:
    - name: replaces
      text: Wants to replace a system
      yes: {field: need.need, contains: replace}
      points: 25
      ask: What is to be replaced?
  timeline:
    - name: soon
      yes: {field: need.timeline, in: [now, 1-3 months]}
      points: 20
company:
  - {name: larger, when: {field: company.employees, gte: 100}, points: 7.125}
  - {name: large, when: {field: company.employees, gte: 250}, points: 5}
contact:
  - {name: free-mail, when: {field: contact.email_free, is: true}, points: -5}
approach:
  - {name: referred, when: {field: channel, is: referral}, points: 3}
eligibility:
  - name: country-not-served
    when: {field: contact.country, in: [KP, SY]}
    reason: We do not sell there.
thresholds:
  sell: 60
  nurture: 20
  ask: {completeness_below: 0.7}
caps:
  company: {max: 10}
";

fn settings(yaml: &str) -> Settings {
    serde_saphyr::from_str(yaml).unwrap()
}

fn realistic() -> Qualifier {
    Qualifier::compile(&settings(REALISTIC), &Lists::default()).unwrap()
}

fn judge(qualifier: &Qualifier, example: &Example) -> Qualification {
    qualify(qualifier, &example.subject())
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn names(names: &[Name]) -> Vec<&str> {
    names.iter().map(Name::as_str).collect()
}
