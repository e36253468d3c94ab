//! The short way of the last check against the schema itself.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::schema::{plainly_fits, violated};
use super::now;
use crate::domain::{Answer, Channel, Consent, Field, Flag, Name, Submission};

/// With everything in it that the schema bounds, each as large as it may be.
fn full() -> Submission {
    let text = |bytes: usize| "x".repeat(bytes);
    let consent = Consent {
        purpose: text(64),
        channel: text(64),
        granted: true,
        text: Some(text(2000)),
        at: now(),
    };
    Submission {
        source: Name::parse("form").unwrap(),
        channel: Channel::Website,
        event_id: Some(text(256)),
        is_test: false,
        filtered: false,
        filtered_by: None,
        challenge: None,
        erases: false,
        reference: crate::domain::Reference::new(),
        fields: BTreeMap::from([(Field::Message, text(65_536).into())]),
        answers: (0..2000)
            .map(|n| (n, if n == 7 { 65_536 } else { 1 }))
            .map(|(n, bytes)| Answer { key: format!("a_{n}"), value: text(bytes).into() })
            .collect(),
        consents: vec![consent; 50],
        attribution: (0..2000).map(|n| (format!("key_{n}"), text(500))).collect(),
        occurred_at: Some(now()),
        flags: vec![Flag::Truncated],
        content: Vec::new(),
    }
}

fn refused(change: impl FnOnce(&mut Submission)) -> bool {
    let mut submission = full();
    change(&mut submission);
    !plainly_fits(&submission) && !violated(&submission).is_empty()
}

#[test]
fn what_is_as_large_as_it_may_be_fits_both_ways() {
    let full = full();
    assert!(plainly_fits(&full));
    assert_eq!(violated(&full), Vec::new());
}

#[test]
fn one_more_fits_neither_way() {
    let text = |bytes: usize| "x".repeat(bytes);
    for id in [String::new(), text(257), "a\tb".into(), "a\u{7f}".into()] {
        assert!(refused(|it| it.event_id = Some(id)));
    }
    for value in [String::new(), text(65_537)] {
        assert!(refused(|it| drop(it.fields.insert(Field::Email, value.clone().into()))));
        assert!(refused(|it| it.answers[7].value = value.clone().into()));
    }
    for key in ["", "_a", "a_", "a__b", "A", "é", "a b"] {
        assert!(refused(|it| it.answers[7].key = key.into()), "{key}");
        assert!(refused(|it| {
            it.attribution.remove("key_7");
            it.attribution.insert(key.into(), text(3));
        }));
    }
    assert!(refused(|it| it.answers.push(it.answers[0].clone())));
    assert!(refused(|it| it.consents.push(it.consents[0].clone())));
    assert!(refused(|it| drop(it.attribution.insert("more".into(), text(1)))));
    assert!(refused(|it| drop(it.attribution.insert("key_7".into(), text(501)))));
    assert!(refused(|it| drop(it.attribution.insert("key_7".into(), String::new()))));
    assert!(refused(|it| it.consents[7].purpose = text(65)));
    assert!(refused(|it| it.consents[7].channel = String::new()));
    assert!(refused(|it| it.consents[7].text = Some(text(2001))));
    assert!(refused(|it| it.flags = vec![Flag::Truncated, Flag::Truncated]));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Never the other way round: what is long in bytes only, the schema is asked about.
    #[test]
    fn what_plainly_fits_fits(
        id in proptest::option::of("\\PC{0,3}|.{0,300}"),
        values in proptest::collection::vec(("[a-z_]{0,5}|.{0,5}", ".{0,20}|[é]{240,260}"), 0..4),
        purpose in "\\PC{0,70}",
    ) {
        let at = now();
        let submission = Submission {
            event_id: id,
            answers: values
                .iter()
                .map(|(key, value)| Answer { key: key.clone(), value: value.clone().into() })
                .collect(),
            attribution: values.into_iter().collect(),
            consents: vec![Consent {
                channel: purpose.clone(), purpose, granted: false, text: None, at,
            }],
            flags: Vec::new(),
            ..full()
        };
        if plainly_fits(&submission) {
            prop_assert_eq!(violated(&submission), Vec::new());
        }
    }
}
