//! Everything comes back as it was, and shorter.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Serialize;
use serde_json::Value;

use super::numbers::time;
use super::phrases::{PHRASES, SHORT, is_code, may_begin};
use super::write::remembered;
use super::{PACKED, pack, packed, read, unpack};
use crate::domain::{Lead, Pii, Timestamp};

fn round(plain: &[u8]) -> usize {
    let stored = pack(plain).into_owned();
    let length = stored.len();
    assert_eq!(unpack(stored).unwrap(), plain, "{}", String::from_utf8_lossy(plain));
    length
}

#[test]
fn phrases_can_be_told_apart_and_found() {
    let list = &PHRASES.list;
    assert!(list.len() <= SHORT + 11 * 256, "{}", list.len());
    for (code, phrase) in list.iter().enumerate() {
        assert!(phrase.len() >= 3, "{code}");
        assert!(!phrase.iter().any(|byte| is_code(*byte)) && phrase.is_ascii());
        assert!(may_begin(phrase[0]), "{}", String::from_utf8_lossy(phrase));
        assert_eq!(list.iter().position(|other| other == phrase), Some(code), "twice");
        assert_eq!(PHRASES.longest(phrase), Some((*phrase, code)));
        let inside = [b"{", *phrase, b"}"].concat();
        assert!(round(&inside) <= 5 + phrase.len().min(2), "{}", String::from_utf8_lossy(phrase));
    }
}

#[test]
fn what_we_store_takes_about_half() {
    let lead = include_bytes!("sample.json").trim_ascii_end();
    let packed = round(lead);
    assert!(packed * 100 <= lead.len() * 58, "{packed} of {}", lead.len());
}

/// Every way in which a type of ours can be written.
#[derive(Debug, Serialize)]
enum Form {
    #[serde(rename = "in_a_word")]
    Word,
    Text(&'static str),
    Pair(i64, Option<f64>),
    Fields {
        at: Timestamp,
        #[serde(skip_serializing_if = "Option::is_none")]
        absent: Option<u8>,
        odd: BTreeMap<String, Vec<u32>>,
    },
}

#[test]
fn every_form_is_written_as_serde_json_writes_it() {
    let odd = BTreeMap::from([
        ("utm_source".to_owned(), vec![0, 9, 10, 999, 1000, 1001, u32::MAX]),
        ("a \"b\" \\ \u{1}\n\r\t\u{8}\u{c} \u{7f} é 𐍈".to_owned(), Vec::new()),
        (String::new(), vec![7]),
    ]);
    let forms = (
        Form::Word,
        [Form::Text(""), Form::Text("word"), Form::Text("inq_01a20211df5a7703b6a6fa2200000000")],
        [Form::Pair(i64::MIN, Some(0.1)), Form::Pair(-1, None)],
        Form::Fields { at: Timestamp::from_millis(1_763_000_000_123), absent: None, odd },
        ((), 'x', true, 1.5e300, "ends so\\"),
    );
    let object = BTreeMap::from([("forms", forms)]);
    for _ in 0..2 {
        let packed = packed(&object).unwrap();
        let text = String::from_utf8(unpack(packed).unwrap()).unwrap();
        assert_eq!(text, serde_json::to_string(&object).unwrap());
    }
}

#[test]
fn nothing_personal_is_remembered() {
    let of = |name: &str| {
        let person = BTreeMap::from([("first_name", Pii::from(name))]);
        packed(&person).unwrap();
        remembered()
    };
    let before = of("quillfeather");
    assert_eq!(of("zanzotter"), before, "another name is another run");
    assert_eq!(of("t.brummelkamp"), before, "the end of a name is another run");
    let word = packed(&BTreeMap::from([("first_name", "brummelkamp")])).unwrap();
    assert!(remembered() > before && !word.is_empty(), "a word of ours is not remembered");
}

#[test]
fn keys_are_texts() {
    assert!(packed(&BTreeMap::from([(1, 2)])).is_err());
    assert!(packed(&BTreeMap::from([(true, 2)])).is_err());
}

#[test]
fn a_lead_is_as_small_as_its_packed_text() {
    let text = include_bytes!("sample.json").trim_ascii_end();
    let lead: Lead = serde_json::from_slice(text).unwrap();
    let text = serde_json::to_vec(&lead).unwrap();
    let packed = packed(&lead).unwrap();
    assert_eq!(unpack(packed.clone()).unwrap(), text);
    assert!(read::<Lead>(&packed).as_ref() == Some(&lead));
    let of_text = pack(&text).len();
    assert!(packed.len() * 100 <= of_text * 107, "{} of {of_text}", packed.len());
}

#[test]
fn odd_ids_times_and_bytes_come_back() {
    for odd in [
        "",
        "{",
        "{}",
        "\u{0}",
        "{\u{0}}",
        "{\"a\":\"\u{7f}\"}",
        r#"{"at":"2026-02-30T00:00:00.000Z"}"#,
        r#"{"at":"2026-02-28T00:00:00.000+"}"#,
        r#"{"at":"1969-12-31T23:59:59.999Z"}"#,
        r#"{"at":"9999-12-30T22:00:00.000Z"}"#,
        r#"{"at":"2026-02-28t00:00:00.000Z"}"#,
        r#"{"id":"inq_01A20211df5a7703b6a6fa2200000000"}"#,
        r#"{"id":"inq_01a20211df5a7703b6a6fa22000000000"}"#,
        r#"{"id":"inq_"#,
        r#"{"k":"0000"#,
        r#"{"at":"2026-11-22T07:04:15.478Z"#,
        r#"{"at":"2024-02-29T23:59:60.000Z"}"#,
        r#"{"at":"2023-02-29T00:00:00.000Z"}"#,
        r#"{"at":"2024-13-01T24:00:00.000Z"}"#,
        r#"{"at":"0000-00-00T00:00:00.000Z"}"#,
    ] {
        round(odd.as_bytes());
    }
    round(&[b'{', 0xc0, 0xff, 0xf5]);
    for broken in [&[1, 0][..], &[1, 7, 0], &[1, 0xf5], &[1, 0xff, 0xff], &[1, 6, 1, 2]] {
        assert!(unpack(broken.to_vec()).is_none(), "{broken:?}");
    }
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[0-9a-f]{32}|(inq|lead|dlv|evt|att|req)_[0-9a-f]{31,33}".prop_map(Value::from),
        (0..253_402_207_200_000_i64)
            .prop_map(|millis| Timestamp::from_millis(millis).to_string().into()),
    ];
    let key = "[a-z_]{1,8}|status|stage|category|queue|contact|email|raw|value|validity|at|key";
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..6)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

#[test]
fn times_are_read_as_they_are_written() {
    let mut millis = 0_i64;
    while millis < 253_370_764_800_000 {
        let text = format!("\"{}\"", Timestamp::from_millis(millis));
        assert_eq!(time(text.as_bytes()), u64::try_from(millis).ok(), "{text}");
        millis += 86_399_999 * 3;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn json_comes_back_as_it_was(value in json()) {
        round(value.to_string().as_bytes());
    }

    #[test]
    fn a_value_is_packed_as_its_text_is(value in json()) {
        let packed = packed(&value).unwrap();
        prop_assert_eq!(pack(&packed), &packed[..], "what is packed stays as it is");
        let text = value.to_string();
        prop_assert_eq!(unpack(packed).unwrap(), text.as_bytes());
    }

    #[test]
    fn any_bytes_come_back(bytes in prop::collection::vec(any::<u8>(), 0..60), json: bool) {
        let bytes = if json { [&b"{"[..], &bytes].concat() } else { bytes };
        prop_assume!(bytes.first() != Some(&PACKED));
        round(&bytes);
    }

    #[test]
    fn any_bytes_are_unpacked_or_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        bytes.insert(0, PACKED);
        let _ = unpack(bytes);
    }
}
