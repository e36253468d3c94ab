//! The realistic file over a few people.

use super::{Example, REALISTIC, judge, name, names, realistic, settings};
use crate::domain::{Category, Checked, Criterion, Known3, Qualification};
use crate::qualify::{Qualifier, points_in_words};
use crate::rules::Lists;

/// Answer and points of a line, if it is listed.
fn line(qualifier: &Qualifier, judged: &Qualification, wanted: &str) -> Option<(Known3, i64)> {
    let is = |index| qualifier.line(index).is_some_and(|line| line.name == name(wanted));
    judged.lines.iter().find(|line| is(line.line)).map(|line| (line.answer, line.points))
}

#[test]
fn a_person_of_whom_much_is_known() {
    let qualifier = realistic();
    let mut example = Example::rich();
    example.answer("need.need", "We want to REPLACE our system");
    let judged = judge(&qualifier, &example);
    // 25 + 20.5 + 25 + company 7.125 + 2.875 of 5, because the group is capped at 10.
    assert_eq!(judged.score, 80_500);
    assert_eq!(judged.category, Category::Sell);
    assert_eq!((judged.completeness, judged.ask, judged.floor), (750, false, 0));
    assert_eq!(names(&judged.open), ["soon"]);
    assert_eq!(line(&qualifier, &judged, "larger"), Some((Known3::Yes, 7_125)));
    assert_eq!(line(&qualifier, &judged, "large"), Some((Known3::Yes, 2_875)));
    assert_eq!(line(&qualifier, &judged, "soon"), Some((Known3::Unknown, 0)));
    assert_eq!(line(&qualifier, &judged, "free-mail"), None);
    assert_eq!(
        qualifier.explain(&judged, None),
        [
            "budget: A budget of 50,000 or more: yes, +25 points.",
            "authority: decides: yes, +20.5 points.",
            "need: Wants to replace a system: yes, +25 points.",
            "timeline: soon: unknown, 0 points.",
            "company: larger: yes, +7.125 points.",
            "company: large: yes, +2.875 points (5 without the group's cap).",
            "Score 80.5 (60 or more is sell, 20 or more is nurture).",
            "Category: sell.",
            "Known: 75 % of what is wanted.",
            "Still open: soon.",
        ]
    );
}

#[test]
fn somebody_unknown_has_a_score_and_is_asked() {
    let qualifier = realistic();
    let judged = judge(&qualifier, &Example::unknown());
    assert_eq!((judged.score, judged.category), (0, Category::Discard));
    assert_eq!(judged.completeness, 0);
    assert!(judged.ask, "all answers together would reach sell");
    // Most points first, then as written.
    assert_eq!(names(&judged.open), ["budget-stated", "replaces", "decides", "soon"]);
    assert!(judged.lines.iter().all(|l| l.answer == Known3::Unknown && l.points == 0));
    assert_eq!(qualifier.question(&name("decides")), Some("Who decides?"));
    assert_eq!(qualifier.question(&name("soon")), None);
}

#[test]
fn nobody_is_asked_in_vain() {
    let qualifier = realistic();
    let mut example = Example::unknown();
    example.answer("need.budget", "5k");
    let judged = judge(&qualifier, &example);
    assert_eq!((judged.score, judged.floor), (0, 5_000));
    assert!(judged.ask, "-5 + 20.5 + 25 + 20 is still 60.5");
    assert!(
        qualifier
            .explain(&judged, None)
            .contains(&"A score is never below zero: 5 points added.".to_owned())
    );
    example.answer("need.timeline", "some day");
    let judged = judge(&qualifier, &example);
    assert!(!judged.ask, "no answer can lift it to 60 any more");
    let lenient = REALISTIC.replace("below: 0.7}", "below: 0.7, min_score: 0}");
    let lenient = Qualifier::compile(&settings(&lenient), &Lists::default()).unwrap();
    assert!(judge(&lenient, &example).ask, "a stated least score decides instead");
    let strict = REALISTIC.replace("below: 0.7}", "below: 0.7, min_score: 0.001}");
    let strict = Qualifier::compile(&settings(&strict), &Lists::default()).unwrap();
    assert!(!judge(&strict, &Example::unknown()).ask);
    let complete = REALISTIC.replace("below: 0.7}", "below: 0.5}");
    let complete = Qualifier::compile(&settings(&complete), &Lists::default()).unwrap();
    example.lead.contact.title = Some("assistant".into());
    assert!(!judge(&complete, &example).ask, "three of four are known");
}

#[test]
fn who_is_sold_is_not_asked() {
    let all = REALISTIC.replace("sell: 60", "sell: 30").replace("below: 0.7}", "below: 1}");
    let qualifier = Qualifier::compile(&settings(&all), &Lists::default()).unwrap();
    let judged = judge(&qualifier, &Example::rich());
    assert_eq!((judged.category, judged.ask, judged.completeness), (Category::Sell, false, 500));
}

#[test]
fn the_gate_discards_whatever_the_score() {
    let qualifier = realistic();
    let mut example = Example::rich();
    example.answer("need.need", "replace");
    example.lead.contact.country = Some(Checked::valid("North Korea", "KP"));
    let judged = judge(&qualifier, &example);
    assert_eq!((judged.score, judged.category), (80_500, Category::Discard));
    assert_eq!(judged.ineligible, Some(name("country-not-served")));
    assert!(!judged.ask);
    let said = qualifier.explain(&judged, None);
    assert!(said.contains(&"Not eligible (country-not-served): We do not sell there.".to_owned()));
    example.lead.contact.country = None;
    assert_eq!(judge(&qualifier, &example).ineligible, None, "a missing country excludes nobody");
}

#[test]
fn thresholds_leave_no_gap() {
    // Points of one line against the thresholds 20 and 60, at each side of both.
    for (points, category) in [
        ("19.999", Category::Discard),
        ("20", Category::Nurture),
        ("59.999", Category::Nurture),
        ("60", Category::Sell),
    ] {
        let yaml = format!(
            "company:
  - {{name: one, when: {{field: channel, is: website}}, points: {points}}}
  - {{name: other, when: {{field: channel, is: ad}}, points: 60}}
thresholds: {{sell: 60, nurture: 20}}"
        );
        let qualifier = Qualifier::compile(&settings(&yaml), &Lists::default()).unwrap();
        let judged = judge(&qualifier, &Example::unknown());
        assert_eq!(judged.category, category, "{points}");
        assert_eq!((judged.completeness, judged.ask), (1000, false), "nothing is wanted");
    }
}

#[test]
fn answers_have_three_values() {
    let qualifier = realistic();
    let answer = |budget: &str| {
        let mut example = Example::unknown();
        example.answer("need.budget", budget);
        let judged = judge(&qualifier, &example);
        (line(&qualifier, &judged, "budget-stated").unwrap(), names(&judged.errors).join(" "))
    };
    assert_eq!(answer("60k"), ((Known3::Yes, 25_000), String::new()));
    assert_eq!(answer("5k"), ((Known3::No, -5_000), String::new()));
    assert_eq!(answer("20k"), ((Known3::Unknown, 0), String::new()), "between yes and no");
    assert_eq!(answer(""), ((Known3::Unknown, 0), String::new()));
    assert_eq!(answer("plenty"), ((Known3::Unknown, 0), "budget-stated".to_owned()));
    let mut example = Example::unknown();
    example.lead.contact.title = Some("assistant".into());
    let judged = judge(&qualifier, &example);
    assert_eq!(
        line(&qualifier, &judged, "decides"),
        Some((Known3::No, 0)),
        "without `no`: not yes"
    );
}

#[test]
fn evidence_for_both_answers_is_not_knowing() {
    let yaml = "criteria:
  authority:
    - name: decides
      yes: {field: contact.title, contains: director}
      no: {field: contact.title, contains: assistant}
      points: {yes: 10, no: -10}
thresholds: {sell: 10, nurture: 0}";
    let qualifier = Qualifier::compile(&settings(yaml), &Lists::default()).unwrap();
    let mut example = Example::unknown();
    example.lead.contact.title = Some("Assistant to the Director".into());
    let judged = judge(&qualifier, &example);
    assert_eq!(line(&qualifier, &judged, "decides"), Some((Known3::Unknown, 0)));
    assert_eq!(names(&judged.open), ["decides"]);
}

#[test]
fn points_are_exact_in_words() {
    for (points, text) in [
        (0, "0"),
        (25_000, "25"),
        (500, "0.5"),
        (-5_125, "-5.125"),
        (-1, "-0.001"),
        (10_100, "10.1"),
    ] {
        assert_eq!(points_in_words(points), text);
    }
}

#[test]
fn lines_tell_their_group_and_foreign_ones_are_said_to_be_so() {
    let qualifier = realistic();
    assert_eq!(qualifier.line(0).map(|line| line.group), Some(Criterion::Budget));
    assert_eq!(qualifier.line(99), None);
    let mut judged = judge(&qualifier, &Example::rich());
    judged.lines[0].line = 99;
    assert!(qualifier.explain(&judged, None)[0].contains("another configuration"));
    assert_eq!(qualifier.thresholds(), Some((60_000, 20_000)));
    assert!(qualifier.definitions().lead.is_some());
}
