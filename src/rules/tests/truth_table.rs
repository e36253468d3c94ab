//! Every operator on every type: a match, a no, a missing value, and what does not load or cannot
//! be judged.

use serde_json::{Value, json};

use super::{Example, Says, compile, says};
use crate::domain::{Answer, Category, Checked, Qualification};
use crate::rules::{FieldType, Operator, operators};

const TYPES: [FieldType; 6] = [
    FieldType::Text,
    FieldType::Country,
    FieldType::Word,
    FieldType::Answer,
    FieldType::Number,
    FieldType::Flag,
];

/// A field of the type; every one of these can be missing.
fn field(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Text => "contact.title",
        FieldType::Country => "contact.country",
        FieldType::Word => "category",
        FieldType::Answer => "answers.size",
        FieldType::Number => "company.employees",
        FieldType::Flag => "contact.email_free",
    }
}

/// A person whose field of the type has that value; null = missing.
fn person(kind: FieldType, value: &Value) -> Example {
    let mut example = Example::unknown();
    if value.is_null() {
        return example;
    }
    let text = || value.as_str().unwrap();
    match kind {
        FieldType::Text => example.lead.contact.title = Some(text().into()),
        FieldType::Country => {
            example.lead.contact.country = Some(Checked::valid("somewhere", text()));
        }
        FieldType::Word => {
            example.qualification = Some(Qualification {
                score: 0,
                lines: vec![],
                floor: 0,
                completeness: 0,
                grade: None,
                category: Category::parse(text()).unwrap(),
                ask: false,
                open: vec![],
                ineligible: None,
                errors: vec![],
                expected: None,
            });
        }
        FieldType::Answer => {
            example.lead.answers.push(Answer { key: "size".to_owned(), value: text().into() });
        }
        FieldType::Number => example.lead.company.employees = value.as_i64(),
        FieldType::Flag => {
            example.lead.contact.email =
                Some(Checked::valid("a@zanzotter.example", "a@zanzotter.example"));
            example.lead.contact.email_free = value.as_bool().unwrap();
        }
    }
    example
}

/// Operand, a value that matches, a value that does not.
fn rows(operator: Operator, kind: FieldType) -> Vec<(Value, Value, Value)> {
    use FieldType::{Answer, Country, Flag, Number, Text, Word};
    use Operator::{
        Between, Contains, EndsWith, Exists, Gt, Gte, In, InList, Is, IsNot, Lt, Lte, Matches,
        NotIn, NotInList, StartsWith,
    };
    let turned = |rows: Vec<(Value, Value, Value)>| {
        rows.into_iter().map(|(operand, yes, no)| (operand, no, yes)).collect()
    };
    match (operator, kind) {
        (Is, Text) => vec![
            (json!("head of IT"), json!(" Head of it "), json!("head")),
            (json!("Straße"), json!("STRASSE"), json!("Strase")),
            (json!("ΟΔΟΣ"), json!("οδος"), json!("οδο")),
            (json!("Café"), json!("CAFE\u{301}"), json!("cafe")),
        ],
        (Is, Country) => vec![(json!("de"), json!("DE"), json!("AT"))],
        (Is, Word) => vec![(json!("Sell"), json!("sell"), json!("nurture"))],
        (Is, Answer) => vec![
            (json!("Large"), json!("large"), json!("small")),
            (json!(1500), json!("1.500 €"), json!("1.501")),
        ],
        (Is, Number) => vec![(json!(5), json!(5), json!(6))],
        (Is, Flag) => vec![
            (json!(true), json!(true), json!(false)),
            (json!(false), json!(false), json!(true)),
        ],
        (IsNot, kind) => turned(rows(Is, kind)),
        (In, Text) => vec![(json!(["CEO", "CTO"]), json!("cto"), json!("cto of it"))],
        (In, Country) => vec![(json!(["DE", "NO"]), json!("NO"), json!("SE"))],
        (In, Word) => vec![(json!(["sell", "nurture"]), json!("nurture"), json!("discard"))],
        (In, Answer) => vec![
            (json!(["a", "b"]), json!("B"), json!("c")),
            (json!([10, 20]), json!("20"), json!("15")),
        ],
        (In, Number) => vec![(json!([3, 1, 2]), json!(2), json!(4))],
        (NotIn, kind) => turned(rows(In, kind)),
        (InList, kind) => listed(kind),
        (NotInList, kind) => turned(rows(InList, kind)),
        (Gt, Number) => vec![(json!(10), json!(11), json!(10))],
        (Gte, Number) => vec![(json!(10), json!(10), json!(9))],
        (Lt, Number) => vec![(json!(10), json!(9), json!(10))],
        (Lte, Number) => vec![(json!(10), json!(10), json!(11))],
        (Between, Number) => {
            vec![(json!([10, 20]), json!(10), json!(9)), (json!([10, 20]), json!(20), json!(21))]
        }
        (Gt, Answer) => vec![(json!(10_000), json!("10,001"), json!("10k"))],
        (Gte, Answer) => vec![(json!(10_000), json!("10-20k"), json!("5-10k"))],
        (Lt, Answer) => vec![(json!(10_000), json!("5-10k"), json!("10k"))],
        (Lte, Answer) => vec![(json!(0.5), json!("0,5"), json!("0.51"))],
        (Between, Answer) => vec![(json!([5, 6]), json!("5.5"), json!("6.1"))],
        (Contains, Text | Answer) => vec![(json!("Of"), json!("head of"), json!("head"))],
        (StartsWith, Text | Answer) => vec![(json!("Head"), json!("head of"), json!("a head"))],
        (EndsWith, Text | Answer) => vec![(json!("OF"), json!("head of"), json!("of it"))],
        (Matches, Text | Answer) => {
            vec![(json!(r"^(VP|vice president)\b"), json!("vp sales"), json!("svp sales"))]
        }
        (Exists, kind) => {
            let value = match kind {
                Text | Answer => json!("x"),
                Country => json!("DE"),
                Word => json!("sell"),
                Number => json!(0),
                Flag => json!(false),
            };
            vec![(json!(true), value.clone(), Value::Null), (json!(false), Value::Null, value)]
        }
        _ => vec![],
    }
}

/// The same for `in_list`, on the list `sample`.
fn listed(kind: FieldType) -> Vec<(Value, Value, Value)> {
    let column = |name: &str| json!({"list": "sample", "column": name});
    match kind {
        FieldType::Text => vec![
            (column("text"), json!("ceo"), json!("ceo of it")),
            (column("TEXT"), json!("Head, of it"), json!("head")),
        ],
        FieldType::Country => vec![(column("country"), json!("NO"), json!("SE"))],
        FieldType::Word => vec![(column("word"), json!("nurture"), json!("discard"))],
        FieldType::Answer => vec![(column("answer"), json!("LARGE"), json!("10000"))],
        FieldType::Number => vec![(column("number"), json!(100), json!(2))],
        FieldType::Flag => vec![],
    }
}

/// Operands that are not what the operator takes there.
fn wrong(operator: Operator, kind: FieldType) -> Vec<Value> {
    use FieldType::{Answer, Country, Flag, Number, Text, Word};
    let mut wrong = vec![Value::Null, json!({"a": 1})];
    match operator {
        Operator::Is | Operator::IsNot => wrong.extend(match kind {
            Text => vec![json!(5), json!(true), json!(["a"]), json!("  ")],
            Country => vec![json!(false), json!("Atlantis"), json!("UK")],
            Word => vec![json!("selll"), json!(1)],
            Answer => vec![json!(true), json!("")],
            Number => vec![json!("5"), json!(true), json!([5])],
            Flag => vec![json!("true"), json!(1)],
        }),
        Operator::In | Operator::NotIn => {
            wrong.extend([json!("a"), json!([]), json!([[]])]);
            wrong.push(match kind {
                Country => json!(["DE", false]),
                Word => json!(["sell", "buy"]),
                Number => json!([1, "2"]),
                _ => json!(["a", 1]),
            });
        }
        Operator::InList | Operator::NotInList => {
            wrong.extend([json!("sample"), json!("samples"), json!(["sample"]), json!(5)]);
            wrong.push(json!({"list": "sample", "column": "txt"}));
            wrong.push(json!({"list": "sample", "colum": "text"}));
            wrong.push(json!({"column": "text"}));
        }
        Operator::Gt | Operator::Gte | Operator::Lt | Operator::Lte => {
            wrong.extend([json!("10"), json!(true), json!([1])]);
        }
        Operator::Between => {
            wrong.extend([json!(1), json!([1]), json!([1, 2, 3]), json!([2, 1]), json!(["1", 2])]);
        }
        Operator::Contains | Operator::StartsWith | Operator::EndsWith => {
            wrong.extend([json!(1), json!(false), json!(""), json!(["a"])]);
        }
        Operator::Matches => wrong.extend([json!(1), json!("("), json!(".*"), json!(r"(a)\1")]),
        Operator::Exists => wrong.extend([json!("yes"), json!(1)]),
    }
    wrong
}

#[test]
fn every_operator_on_every_type() {
    for row in operators() {
        for kind in TYPES {
            let clause = |operand: &Value| json!({"field": field(kind), row.name: operand});
            let cases = rows(row.operator, kind);
            if !row.types.contains(&kind) {
                assert!(
                    cases.is_empty(),
                    "{} on {kind:?} is in the test but not the table",
                    row.name
                );
                let problems = compile(&clause(&json!("x"))).unwrap_err();
                assert_eq!(problems.len(), 1, "{problems:?}");
                assert!(problems[0].message.contains("cannot be asked"), "{problems:?}");
                continue;
            }
            assert!(!cases.is_empty(), "{} on {kind:?} has no row", row.name);
            for (operand, yes, no) in cases {
                let clause = clause(&operand);
                assert_eq!(says(&clause, &person(kind, &yes)), Says::Match, "{clause} {yes}");
                assert_eq!(says(&clause, &person(kind, &no)), Says::NoMatch, "{clause} {no}");
                if row.operator != Operator::Exists {
                    let missing = says(&clause, &person(kind, &Value::Null));
                    assert_eq!(missing, Says::Missing, "{clause}");
                }
            }
            for operand in wrong(row.operator, kind) {
                let problems = compile(&clause(&operand)).expect_err(&clause(&operand).to_string());
                assert_eq!(problems.len(), 1, "{operand}: {problems:?}");
                assert!(problems[0].path.starts_with(row.name), "{problems:?}");
            }
        }
    }
}

#[test]
fn an_answer_that_is_no_number_is_an_error_and_never_a_match() {
    for clause in [
        json!({"field": "answers.size", "gte": 5}),
        json!({"field": "answers.size", "is": 5}),
        json!({"field": "answers.size", "is_not": 5}),
        json!({"field": "answers.size", "not_in": [5]}),
        json!({"not": {"field": "answers.size", "between": [5, 6]}}),
    ] {
        assert_eq!(says(&clause, &person(FieldType::Answer, &json!("soon"))), Says::Error);
    }
}

#[test]
fn joins_answer_as_kleene_has_it_in_any_order() {
    let example = person(FieldType::Answer, &json!("soon"));
    let yes = json!({"field": "source", "is": "web-form"});
    let no = json!({"field": "source", "is": "other"});
    let missing = json!({"field": "contact.title", "is": "x"});
    let error = json!({"field": "answers.size", "gt": 1});
    let all = [
        (vec![&yes, &yes], Says::Match, Says::Match),
        (vec![&yes, &no], Says::NoMatch, Says::Match),
        (vec![&yes, &missing], Says::Missing, Says::Match),
        (vec![&no, &missing], Says::NoMatch, Says::Missing),
        (vec![&no, &error], Says::NoMatch, Says::Error),
        (vec![&yes, &error], Says::Error, Says::Match),
        (vec![&missing, &error], Says::Error, Says::Error),
        (vec![&no, &no], Says::NoMatch, Says::NoMatch),
    ];
    for (mut parts, all, any) in all {
        for _ in 0..2 {
            assert_eq!(says(&json!({"all": parts}), &example), all, "{parts:?}");
            assert_eq!(says(&json!({"any": parts}), &example), any, "{parts:?}");
            parts.reverse();
        }
    }
    for (node, turned) in [
        (&yes, Says::NoMatch),
        (&no, Says::Match),
        (&missing, Says::Missing),
        (&error, Says::Error),
    ] {
        assert_eq!(says(&json!({"not": node}), &example), turned);
    }
}
