//! Over any condition: what compiles can be evaluated; what cannot be decided does not compile.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Example, Says, compile};
use crate::rules::{fields, operators, quantity};

fn operand() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        any::<bool>().prop_map(Value::from),
        (-5_i64..100_000).prop_map(Value::from),
        Just(json!(0.5)),
        Just(Value::Null),
        prop::sample::select(vec!["DE", "sell", "website", "inquiry", "a", "", "10k", "("])
            .prop_map(Value::from),
    ];
    prop_oneof![3 => scalar.clone(), 1 => prop::collection::vec(scalar, 0..3).prop_map(Value::from)]
}

pub(super) fn condition() -> impl Strategy<Value = Value> {
    let paths: Vec<&str> = fields().iter().map(|row| row.path).collect();
    let names: Vec<&str> = operators().iter().map(|row| row.name).collect();
    let clause = (prop::sample::select(paths), prop::sample::select(names), operand())
        .prop_map(|(path, name, operand)| json!({"field": path, name: operand}));
    clause.prop_recursive(4, 20, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..3).prop_map(|all| json!({"all": all})),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|any| json!({"any": any})),
            inner.prop_map(|not| json!({"not": not})),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// An error can only come from an answer that is no number: everything else was refused before.
    #[test]
    fn what_compiles_is_decided(json in condition()) {
        if let Ok(compiled) = compile(&json) {
            for example in [Example::unknown(), Example::rich()] {
                prop_assert_ne!(compiled.evaluate(&example.subject()), Says::Error, "{}", json);
            }
        }
    }

    /// Turning a condition round never makes a match of what is not known.
    #[test]
    fn nothing_follows_from_not_knowing(json in condition()) {
        let Ok(compiled) = compile(&json) else { return Ok(()) };
        let turned = compile(&json!({"not": json})).unwrap();
        for example in [Example::unknown(), Example::rich()] {
            let pair = (compiled.evaluate(&example.subject()), turned.evaluate(&example.subject()));
            prop_assert!(matches!(
                pair,
                (Says::Match, Says::NoMatch)
                    | (Says::NoMatch, Says::Match)
                    | (Says::Missing, Says::Missing)
                    | (Says::Error, Says::Error)
            ));
        }
    }

    #[test]
    fn any_text_can_be_asked_for_its_number(text in "\\PC{0,40}") {
        let _ = quantity(&text);
    }

    #[test]
    fn whole_numbers_survive_every_spelling(number in 0_u32..1_000_000_000) {
        let plain = number.to_string();
        let grouped = |mark: &str| {
            let groups: Vec<&str> = plain
                .as_bytes()
                .rchunks(3)
                .map(|group| std::str::from_utf8(group).unwrap())
                .collect();
            groups.into_iter().rev().collect::<Vec<_>>().join(mark)
        };
        for text in [plain.clone(), grouped("."), grouped(","), grouped(" "), grouped("'")] {
            prop_assert_eq!(quantity(&text), Some(f64::from(number)), "{}", text);
        }
    }
}
