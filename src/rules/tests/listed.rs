//! Lists from CSV: what an entry stands for, and what is wrong with a file or a reference.

use serde_json::json;

use super::{Example, Says, compile, lists, says};
use crate::domain::Checked;
use crate::rules::{Condition, Sheet};

#[test]
fn a_domain_stands_for_itself_and_what_is_below_it() {
    let mut example = Example::unknown();
    let clause = json!({"field": "company.domain", "in_list": "rivals"});
    assert_eq!(says(&clause, &example), Says::Missing);
    for (domain, expected) in [
        ("rival.example", Says::Match),
        ("packrival.example", Says::Match),
        ("shop.rival.example", Says::Match),
        ("notrival.example", Says::NoMatch),
        ("example", Says::NoMatch),
    ] {
        example.lead.company.domain = Some(domain.to_owned());
        assert_eq!(says(&clause, &example), expected, "{domain}");
    }
    let website = json!({"field": "company.website", "in_list": "rivals"});
    example.lead.company.website = Some("HTTPS://www.Rival.example:443/en?x=1".into());
    assert_eq!(says(&website, &example), Says::Match);
    let other = json!({"field": "company.website", "not_in_list": "rivals"});
    assert_eq!(says(&other, &example), Says::NoMatch);
}

#[test]
fn an_address_is_meant_whole_or_by_its_domain() {
    let mut set = lists();
    let people = "who\nAda@Quillfeather.example\n@rival.example\nmüller.example\n";
    set.insert("people", Some(Sheet::csv(people.as_bytes()).unwrap()));
    let source = super::parse(&json!({"field": "contact.email", "in_list": "people"}));
    let condition = Condition::compile(&source, &set).unwrap();
    let mut example = Example::unknown();
    for (email, expected) in [
        ("ada@quillfeather.example", Says::Match),
        ("bob@quillfeather.example", Says::NoMatch),
        ("anyone@rival.example", Says::Match),
        ("anyone@sub.rival.example", Says::Match),
        ("anyone@xn--mller-kva.example", Says::Match),
        ("rival.example@zanzotter.example", Says::NoMatch),
    ] {
        example.lead.contact.email = Some(Checked::valid(email, email));
        assert_eq!(condition.evaluate(&example.subject()), expected, "{email}");
    }
}

#[test]
fn files_that_are_no_lists() {
    for (text, line, column, message) in [
        ("", 1, 1, "empty"),
        ("domain\n\n", 1, 1, "no rows"),
        ("domain,Owner,domain\na,b,c\n", 1, 14, "two columns `domain`"),
        ("domain,,x\na,b,c\n", 1, 8, "no name"),
        ("domain,owner\na,b\nc\n", 3, 1, "1 cells"),
        ("a;b\n1;2\n3;4;5\n", 3, 1, "3 cells"),
    ] {
        let problems = Sheet::csv(text.as_bytes()).unwrap_err();
        assert_eq!(problems.len(), 1, "{text:?}: {problems:?}");
        let found = &problems[0];
        assert_eq!((found.line, found.column), (line, column), "{found:?}");
        assert!(found.message.contains(message), "{found:?}");
    }
    assert!(Sheet::csv(b"a\n\xff\n").is_err());
    let long = format!("a\n{}", "x\n".repeat(crate::rules::ROWS_MAX + 1));
    assert!(Sheet::csv(long.as_bytes()).unwrap_err()[0].message.contains("at most"));
    assert_eq!(Sheet::csv("\u{feff}\"a, b\"\n\"1,5\"\n\n2\n".as_bytes()).unwrap().rows(), 2);
}

#[test]
fn references_that_lead_nowhere() {
    let problem = |operand: serde_json::Value| {
        let mut problems =
            compile(&json!({"field": "contact.country", "in_list": operand})).unwrap_err();
        let problem = problems.remove(0);
        (problem.path, problem.message, problem.suggestion.unwrap_or_default())
    };
    let (path, message, suggestion) = problem(json!("rivls"));
    assert_eq!((path.as_str(), suggestion.as_str()), ("in_list", "did you mean `rivals`?"));
    assert!(message.contains("there is no list"), "{message}");
    let (_, _, suggestion) = problem(json!("territories"));
    assert!(suggestion.contains("lists/territories.csv"), "{suggestion}");
    let (path, message, suggestion) = problem(json!({"list": "sample", "column": "contry"}));
    assert_eq!((path.as_str(), suggestion.as_str()), ("in_list.column", "did you mean `country`?"));
    assert!(message.contains("text, country, word"), "{message}");
    // An entry that the field can never have is said with its line.
    let (_, message, _) = problem(json!({"list": "rivals", "column": "domain"}));
    assert!(message.starts_with("lists/rivals.csv, line 2: "), "{message}");
}

#[test]
fn many_wrong_entries_are_not_all_named() {
    let mut set = lists();
    set.insert(
        "long",
        Some(Sheet::csv(format!("c\n{}", "Atlantis\n".repeat(50)).as_bytes()).unwrap()),
    );
    let source = super::parse(&json!({"field": "contact.country", "in_list": "long"}));
    let problems = Condition::compile(&source, &set).unwrap_err();
    assert_eq!(problems.len(), 6);
    assert!(problems[5].message.contains("45 more"), "{problems:?}");
    // A list that could not be read was complained about where it was read.
    set.insert("broken", None);
    let source = super::parse(&json!({"field": "contact.country", "in_list": "broken"}));
    assert!(Condition::compile(&source, &set).unwrap_err().is_empty());
}
