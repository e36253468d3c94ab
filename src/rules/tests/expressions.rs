//! `expr` clauses: what they answer, what does not load and where it says so, and their bounds.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::json;

use super::{Example, Says, compile};
use crate::domain::{Category, Qualification};
use crate::rules::{EXPR_DEPTH_MAX, LOOPS_MAX, SOURCE_BYTES_MAX, fields, functions};

fn evaluated(source: &str, example: &Example) -> Says {
    let condition =
        compile(&json!({"expr": source})).unwrap_or_else(|p| panic!("{source}: {p:#?}"));
    condition.evaluate(&example.subject())
}

/// Path, message and suggestion of the only problem.
#[track_caller]
fn refused(source: &str) -> (String, String) {
    let mut problems = compile(&json!({"any": [{"expr": source}]})).expect_err(source);
    assert_eq!(problems.len(), 1, "{source}: {problems:#?}");
    let problem = problems.remove(0);
    assert_eq!(problem.path, "any[0].expr", "{problem:?}");
    (problem.message, problem.suggestion.unwrap_or_default())
}

/// Somebody with ticked boxes, a budget in words and a judgement.
fn somebody() -> Example {
    let mut example = Example::rich();
    for ticked in ["Pumps", "Valves", "Filling machines"] {
        example.answer("interests", ticked);
    }
    example.answer("team size", "12 people");
    example.answer("when", "soon");
    example.qualification = Some(Qualification {
        score: 62_500,
        lines: vec![],
        floor: 0,
        completeness: 750,
        grade: None,
        category: Category::Sell,
        ask: false,
        open: vec![],
        ineligible: None,
        errors: vec![],
        expected: None,
    });
    example
}

#[test]
fn what_expressions_answer() {
    let (yes, no, missing, error) = (Says::Match, Says::NoMatch, Says::Missing, Says::Error);
    let example = somebody();
    for (source, expected) in [
        // Texts are compared folded, literals too.
        ("contact.country == \"DE\"", yes),
        ("contact.country in [\"AT\", \"de\"]", yes),
        ("contact.country != 'DE'", no),
        ("company.name == \"GRÖSSE & Söhne gmbh\"", yes),
        ("company.name.startsWith(\"größe\") && company.name.endsWith('GmbH')", yes),
        ("contact.last_name + \"@\" + company.domain == 'quillfeather@nordwind.example'", yes),
        ("contact.email.contains('.' + contact.last_name + '@')", yes),
        // Numbers need no decimal point.
        ("company.employees * 2 + 1 == 501", yes),
        ("company.employees / 4 > 62 && -company.employees < 0", yes),
        ("score >= 62.5 && completeness == 0.75", yes),
        ("score / lead.inquiries > 70", no),
        ("company.employees in [1, 250]", yes),
        // Answers are texts; `number` reads what they state.
        ("number(need.budget) / company.employees >= 200", yes),
        ("number(answers[\"team size\"]) == 12", yes),
        ("number(answers.when) > 1", error),
        ("!(number(answers.when) > 1)", error),
        ("number(answers.when) > 1 || source == 'web-form'", yes),
        // Flags, and the joins of conditions.
        ("!contact.email_free && contact.email_valid", yes),
        ("inquiry.is_repeat == false", yes),
        ("category == 'sell' ? score > 60 : score > 10", yes),
        // What is not known.
        ("contact.title == \"x\" || contact.city == \"Ulm\"", missing),
        ("contact.city == 'Ulm'", missing),
        ("contact.city != 'Ulm'", missing),
        ("!(contact.city == 'Ulm')", missing),
        ("contact.city == 'Ulm' && source == 'other'", no),
        ("source == 'other' && contact.city == 'Ulm'", no),
        ("contact.city == 'Ulm' || source == 'web-form'", yes),
        ("has(contact.city)", no),
        ("has(contact.title) && !has(contact.city)", yes),
        ("has(contact.city) ? contact.city == 'Ulm' : contact.country == 'DE'", yes),
        // Several answers.
        ("size(each(answers.interests)) == 3", yes),
        ("each(answers.interests).exists(x, x.contains('machine'))", yes),
        ("each(answers.interests).all(x, size(x) > 5)", no),
        ("each(answers.hobbies).exists(x, x == 'golf')", missing),
        ("'valves' in each(answers.interests)", yes),
        ("['a', 'b'].exists(x, company.name.contains(x) && x == 'b')", yes),
        // Patterns.
        (r#"re(contact.title, "^head\\b")"#, yes),
        (r"re(contact.title, r'PROCUREMENT$')", yes),
        (r"each(answers.interests).exists(x, re(x, r'\bmachines?$'))", yes),
        (r"re(contact.city, 'ulm')", missing),
        (r#"attribution.utm_campaign == "spring-fair""#, yes),
        ("size(contact.last_name) == 12", yes),
    ] {
        assert_eq!(evaluated(source, &example), expected, "{source}");
    }
}

#[test]
fn an_expression_stands_wherever_a_clause_does() {
    let joined = json!({"all": [
        {"field": "contact.country", "is": "DE"},
        {"not": {"expr": "company.employees < 100"}},
    ]});
    let condition = compile(&joined).unwrap();
    assert_eq!(condition.evaluate(&somebody().subject()), Says::Match);
    assert_eq!(condition.fields(), ["company.employees", "contact.country"]);
}

#[test]
fn what_does_not_load() {
    for (source, message, suggestion) in [
        ("", "says nothing", ""),
        ("contact.contry == 'DE'", "there is no field `contact.contry`", "`contact.country`"),
        ("budget == 'x'", "there is no field `budget`", "`need.budget`"),
        ("nonsense", "there is no field `nonsense`", ""),
        ("company.employees", "true or false is needed here, not a number", ""),
        ("contact.country", "true or false is needed here, not a text", "has("),
        ("need.budget > 1000", "a number is needed here, not a text", "number("),
        ("need.budget == 1000", "a text and a number cannot", "number("),
        ("contact.country == 'Germany'", "no two-letter country code", "`DE`"),
        ("category in ['sell', 'nurtur']", "none of", "`nurture`"),
        ("'website' != channel && channel == 'trade-show'", "none of", "`trade_show`"),
        ("company.name.matches('^a')", "at every call", "re("),
        ("re(company.name, contact.city)", "has to stand here", ""),
        ("re(company.name, 'a(')", "unclosed group", ""),
        ("re(company.name, '.*')", "matches everything", "has("),
        ("company.name.beginsWith('a')", "there is no function", "known here: has, re"),
        ("company.name.startWith('a')", "there is no function", "`startsWith`"),
        ("startsWith(company.name, 'a')", "called as `text.startsWith(part)`", ""),
        ("size(score) > 1", "a number has no size", ""),
        ("score % 2 == 1", "no remainder", ""),
        ("score == null", "no null", "has(field)"),
        ("{'a': 1}.a == 1", "cannot stand here", ""),
        ("score in []", "an empty list", ""),
        ("score in [1, 'a']", "of one type", ""),
        ("score in ['a']", "a number cannot be in a list of texts", ""),
        ("[1, 2].map(x, x * 2) == [2]", "no `map`", "`all` and `exists`"),
        ("each(contact.city).exists(x, x == 'a')", "only answers", ""),
        ("contact.city.exists(x, x == 'a')", "has no elements", "each("),
        ("[1].exists(source, source > 1)", "`source` is a field", ""),
        ("[1].exists(1, true)", "a name for the element", ""),
        ("[1].all(x, [2].exists(y, y > x))", "inside another", ""),
        ("score > 0 ? score : 1", "true or false is needed here", ""),
        ("score > 0 ? 'a' : 1", "one way gives a text, the other a number", ""),
        ("has(score > 1)", "the path of a field", "team size"),
        ("answers.x > 1", "a number is needed here", "number("),
        ("true + false", "cannot be asked of true or false", ""),
        ("now() > 5", "there is no function `now`", "known here"),
    ] {
        if source == "{'a': 1}.a == 1" {
            assert!(compile(&json!({"expr": source})).is_err());
            continue;
        }
        let (said, meant) = refused(source);
        assert!(said.contains(message), "{source}: {said}");
        assert!(meant.contains(suggestion), "{source}: {meant}");
        assert_eq!(meant.is_empty(), suggestion.is_empty(), "{source}: {meant}");
    }
}

#[test]
fn mistakes_are_marked() {
    let (said, _) = refused("score > 5 && contact.contry == 'DE'");
    assert_eq!(
        said,
        "there is no field `contact.contry`, at character 14 of the expression:\n    \
         score > 5 && contact.contry == 'DE'\n                 ^"
    );
    let (said, _) = refused("company.name == 'Größe' &&\n  contact.contry == 'DE'");
    assert!(
        said.contains("at line 2, character 3 of the expression:\n      contact.contry"),
        "{said}"
    );
    assert!(said.ends_with("\n      ^"), "{said}");
    let (said, _) = refused("score > > 5");
    assert!(said.starts_with("this is no expression: "), "{said}");
    assert!(said.ends_with("score > > 5\n            ^"), "{said}");
    let (said, _) = refused("(score > 5");
    assert!(said.contains("its end"), "{said}");
    // All mistakes at once.
    let problems = compile(&json!({"expr": "contry == 'DE' && employes > 5 && true"})).unwrap_err();
    assert_eq!(problems.len(), 2, "{problems:?}");
}

#[test]
fn limits_hold() {
    let long = format!("score > {}", "1".repeat(SOURCE_BYTES_MAX));
    assert!(refused(&long).0.contains("at most 2000 bytes"));
    let deep = format!("{}true{}", "(".repeat(500), ")".repeat(500));
    assert!(compile(&json!({"expr": deep})).is_err());
    let nots = format!("{}true", "!".repeat(1_500));
    let _ = compile(&json!({"expr": nots}));
    let sum = format!("score > {}1", "1 + ".repeat(EXPR_DEPTH_MAX + 2));
    assert!(refused(&sum).0.contains("nest at most 32 deep"));
    let either = vec!["score > 1"; 30].join(" || ");
    assert!(compile(&json!({"expr": either})).is_ok());
    let loops = ["[1].exists(x, x > score)"; LOOPS_MAX + 1].join(" || ");
    assert!(refused(&loops).0.contains("at most 4 loops"));
}

#[test]
fn every_function_of_the_table_can_be_called() {
    let example = somebody();
    for row in functions() {
        let call = row.form;
        let source = match call {
            "has(field)" => "has(source)",
            "re(text, \"pattern\")" => "re(source, 'form')",
            "number(text)" => "number(need.budget) > 1",
            "size(text)" => "size(source) > 1",
            "each(field)" => "size(each(answers.interests)) > 1",
            "text.contains(part)" => "source.contains('form')",
            "text.startsWith(part)" => "source.startsWith('web')",
            "text.endsWith(part)" => "source.endsWith('form')",
            "list.exists(x, condition)" => "[1, 2].exists(x, x > 1)",
            "list.all(x, condition)" => "[1, 2].all(x, x > 0)",
            other => panic!("{other} has no row here"),
        };
        assert_eq!(evaluated(source, &example), Says::Match, "{call}");
    }
}

/// The costliest expression that loads, on the largest person: as many answers and as long ones as capture lets in.
#[test]
fn the_worst_there_is_ends_soon() {
    let mut example = Example::unknown();
    for _ in 0..500 {
        example.answer("a", &"ä".repeat(200));
    }
    let body = vec!["x.contains('öö')"; 20].join(" || ");
    let source = vec![format!("each(answers.a).exists(x, {body})"); LOOPS_MAX].join(" || ");
    assert!(source.len() < SOURCE_BYTES_MAX);
    let condition = compile(&json!({"expr": source})).unwrap();
    let start = Instant::now();
    assert_eq!(condition.evaluate(&example.subject()), Says::NoMatch);
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

fn expression() -> impl Strategy<Value = String> {
    let mut leaves: Vec<String> = fields()
        .iter()
        .map(|row| {
            row.path.replace("<key>", "x").replace("<purpose>", "y").replace("<channel>", "z")
        })
        .collect();
    leaves.extend(
        ["1", "2.5", "0", "'a'", "'DE'", "true", "[1, 2]", "['a']", "each(answers.x)", "x"]
            .map(str::to_owned),
    );
    prop::sample::select(leaves).prop_recursive(5, 24, 3, |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            (
                prop::sample::select(vec![
                    "&&", "||", "==", "!=", "<", ">=", "+", "-", "*", "/", "in"
                ]),
                two
            )
                .prop_map(|(operator, (a, b))| format!("({a} {operator} {b})")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            inner.clone().prop_map(|a| format!("!{a}")),
            inner.clone().prop_map(|a| format!("number({a})")),
            inner.clone().prop_map(|a| format!("has({a})")),
            inner.clone().prop_map(|a| format!("size({a})")),
            inner.clone().prop_map(|a| format!("re({a}, 'b+')")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a}.contains({b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("{a}.exists(x, {b})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    /// Whatever is written, it is refused or evaluated, soon and without a panic.
    #[test]
    fn any_expression_is_refused_or_answers(source in expression()) {
        if let Ok(condition) = compile(&json!({"expr": source})) {
            for example in [Example::unknown(), Example::rich(), somebody()] {
                let start = Instant::now();
                let _ = condition.evaluate(&example.subject());
                prop_assert!(start.elapsed() < Duration::from_secs(1), "{}", source);
            }
        }
    }

    /// What has types has no errors but those of numbers that are none.
    #[test]
    fn without_number_nothing_fails(source in expression()) {
        prop_assume!(!source.contains("number("));
        if let Ok(condition) = compile(&json!({"expr": source})) {
            for example in [Example::unknown(), Example::rich(), somebody()] {
                prop_assert_ne!(condition.evaluate(&example.subject()), Says::Error, "{}", source);
            }
        }
    }

    #[test]
    fn any_text_is_refused_or_answers(source in "[ -~äß\\n]{0,60}") {
        if let Ok(condition) = compile(&json!({"expr": source})) {
            let _ = condition.evaluate(&somebody().subject());
        }
    }
}
