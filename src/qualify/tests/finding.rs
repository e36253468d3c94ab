//! What people found out stands above what inquiries say.

use super::{judge, name, names, realistic};
use crate::domain::{Category, Finding, Found, Known3, Timestamp};
use crate::qualify::PERSON;
use crate::rules::example::Example;

fn found(example: &mut Example, found: Found) {
    let at = Timestamp::from_millis(1_772_000_100_000);
    example.lead.findings.note(Finding { found, by: name("desk"), at, note: None });
}

#[test]
fn a_persons_answer_overrides_the_form_and_is_marked() {
    let qualifier = realistic();
    let mut example = Example::rich();
    let before = judge(&qualifier, &example);
    assert_eq!(before.lines[0].answer, Known3::Yes);
    found(&mut example, Found::Criterion(name("budget-stated"), Known3::No));
    found(&mut example, Found::Criterion(name("soon"), Known3::Yes));
    let judged = judge(&qualifier, &example);
    let lines: Vec<_> = judged.lines.iter().filter(|line| line.by_person).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((lines[0].answer, lines[0].points), (Known3::No, -5_000));
    assert_eq!((lines[1].answer, lines[1].points), (Known3::Yes, 20_000));
    assert_eq!(judged.score, before.score - 30_000 + 20_000);
    let said = qualifier.explain(&judged, Some(&example.subject()));
    assert!(said[0].contains("no, -5 points, because a person found it out"), "{said:?}");
    found(&mut example, Found::Criterion(name("budget-stated"), Known3::Unknown));
    let judged = judge(&qualifier, &example);
    assert!(names(&judged.open).contains(&"budget-stated"), "asked, and nobody knows");
}

#[test]
fn eligibility_is_what_a_person_says_it_is() {
    let qualifier = realistic();
    let mut example = Example::rich();
    example.lead.contact.country = Some(crate::domain::Checked::valid("KP", "KP"));
    assert_eq!(judge(&qualifier, &example).category, Category::Discard);
    found(&mut example, Found::Eligible(Known3::Yes));
    assert_eq!(judge(&qualifier, &example).ineligible, None);
    found(&mut example, Found::Eligible(Known3::No));
    let judged = judge(&qualifier, &example);
    assert_eq!(judged.ineligible, Some(name(PERSON)));
    assert_eq!(judged.category, Category::Discard);
    assert!(qualifier.reason(&name(PERSON)).is_some());
}

#[test]
fn a_question_names_its_field_and_the_answers_it_tells_apart() {
    let qualifier = realistic();
    let question = qualifier.ask(&name("soon")).unwrap();
    assert_eq!((question.ask, question.fields.len()), (None, 1));
    assert_eq!(question.fields[0].field, "need.timeline");
    assert_eq!(question.fields[0].known, ["now", "1-3 months"]);
    assert!(qualifier.ask(&name("free-mail")).unwrap().fields.is_empty(), "nobody is asked that");
    assert!(qualifier.ask(&name("nonsense")).is_none());
}

#[test]
fn every_line_says_by_which_field_and_value() {
    let qualifier = realistic();
    let example = Example::rich();
    let judged = judge(&qualifier, &example);
    let said = qualifier.explain(&judged, Some(&example.subject())).join("\n");
    for part in [
        "because `need.budget` is 50.000 €",
        "because of what `contact.title` says",
        "because `company.employees` is 250",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    assert!(!said.contains("Procurement"), "{said}");
}
