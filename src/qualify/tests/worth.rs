//! Expected value: chance by score, deal by segment, and what is wrong with the settings.

use super::{judge, name, settings};
use crate::domain::{Category, Currency, Expected};
use crate::qualify::Qualifier;
use crate::rules::Lists;
use crate::rules::example::Example;

const WORTH: &str = r"
contact:
  - {name: decides, when: {field: contact.title, exists: true}, points: 60}
company:
  - {name: large, when: {field: company.employees, gte: 250}, points: 20}
expected_value:
  currency: eur
  segments:
    - {name: enterprise, when: {field: company.employees, gte: 200}, deal: 60001, chances: [{from: 80, percent: 12.5}]}
    - {name: everybody, deal: 4000}
  chances: [{from: 80, percent: 20}, {from: 40, percent: 6}]
thresholds: {sell: 50, nurture: 20}
";

fn worth(yaml: &str, employees: Option<i64>) -> (Option<Expected>, String) {
    let qualifier = Qualifier::compile(&settings(yaml), &Lists::default()).unwrap();
    let mut example = Example::rich();
    example.lead.company.employees = employees;
    let judged = judge(&qualifier, &example);
    let words = qualifier.explain(&judged, None).join(" ");
    (judged.expected, words)
}

#[test]
fn chance_goes_by_score_and_the_deal_by_segment() {
    let (expected, words) = worth(WORTH, Some(250));
    let enterprise = Expected {
        segment: name("enterprise"),
        chance: 125,
        deal: 60_001,
        currency: Currency::parse("EUR").unwrap(),
    };
    assert_eq!(expected, Some(enterprise));
    assert!(
        words.contains("Expected value: 12.5 % of 60001 EUR (segment enterprise), 7500 EUR."),
        "{words}"
    );
    let (expected, _) = worth(WORTH, Some(5));
    let expected = expected.unwrap();
    assert_eq!((expected.segment.as_str(), expected.value()), ("everybody", 240));
    // Two hundred employees, but no score that is ever won in that segment.
    assert_eq!(worth(WORTH, Some(200)).0.unwrap().value(), 0);
}

#[test]
fn who_is_in_no_segment_or_discarded_has_none_and_the_rest_is_as_it_was() {
    let nobody =
        WORTH.replace("name: everybody, ", "name: tiny, when: {field: company.employees, lt: 3}, ");
    assert_eq!(worth(&nobody, Some(5)).0, None);
    assert_eq!(
        worth(&WORTH.replace("sell: 50, nurture: 20", "sell: 70, nurture: 65"), Some(5)).0,
        None
    );
    let without = WORTH.split("expected_value:").next().unwrap().to_owned()
        + "thresholds: {sell: 50, nurture: 20}";
    let qualifier = |yaml: &str| Qualifier::compile(&settings(yaml), &Lists::default()).unwrap();
    let example = Example::rich();
    let (with, without) =
        (judge(&qualifier(WORTH), &example), judge(&qualifier(&without), &example));
    assert_eq!((with.score, with.category), (without.score, Category::Sell));
    let json = serde_json::to_string(&without).unwrap();
    assert!(!json.contains("expected"), "it costs nothing where nobody asks: {json}");
}

#[test]
fn a_fading_lead_is_worth_less() {
    let yaml = WORTH.replace(
        "expected_value:",
        "engagement: [{name: shows, window: 7d, lines: [{name: came, points: 25}]}]\nexpected_value:",
    );
    let qualifier = Qualifier::compile(&settings(&yaml), &Lists::default()).unwrap();
    let mut example = Example::rich();
    example.lead.company.employees = Some(5);
    let judged = judge(&qualifier, &example);
    assert_eq!(judged.expected.as_ref().unwrap().value(), 800);
    let later = example.inquiry.received_at.after(std::time::Duration::from_hours(24 * 8));
    let read = qualifier.read_at(&judged, &example.lead, later);
    assert_eq!(read.expected.unwrap().value(), 240);
}

#[test]
fn mistakes_are_named_where_they_stand() {
    let refused = |from: &str, to: &str| -> Vec<String> {
        assert!(WORTH.contains(from), "{from}");
        let yaml = WORTH.replacen(from, to, 1);
        let problems = Qualifier::compile(&settings(&yaml), &Lists::default()).unwrap_err();
        problems.into_iter().map(|problem| problem.path).collect()
    };
    let segments = "expected_value.segments";
    assert_eq!(refused("deal: 4000", "deal: 0"), [format!("{segments}[1].deal")]);
    assert_eq!(refused("name: everybody", "name: large"), [format!("{segments}[1].name")]);
    assert_eq!(
        refused("percent: 12.5", "percent: 12.55"),
        [format!("{segments}[0].chances[0].percent"), format!("{segments}[0].chances"),]
    );
    assert_eq!(
        refused("{from: 40, percent: 6}", "{from: 90, percent: 6}"),
        ["expected_value.chances[1]"]
    );
    assert_eq!(
        refused("chances: [{from: 80, percent: 20}, {from: 40, percent: 6}]", "chances: []"),
        [format!("{segments}[1].chances")]
    );
    assert_eq!(
        refused("when: {field: company.employees, gte: 200}, ", ""),
        [format!("{segments}[1]")],
        "the first takes everybody"
    );
    assert_eq!(
        refused("{field: company.employees, gte: 200}", "{field: score, gte: 200}"),
        [format!("{segments}[0].when")]
    );
}
