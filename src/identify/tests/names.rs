//! Names as people write them.

use super::super::named::{Full, Names};
use super::super::person::{complete, tidy};
use crate::domain::Contact;
use crate::identify::PersonName;

#[test]
fn only_shouting_is_tidied() {
    let table = [
        ("ANNA QUILLFEATHER", "Anna Quillfeather"),
        ("ZANZOTTER-O'FJORDLUND", "Zanzotter-O'Fjordlund"),
        ("VAN DER BRUMMELKAMP", "van der Brummelkamp"),
        ("ÖRJAN", "Örjan"),
        ("J.P.", "J.P."),
        ("JP", "JP"),
        ("ANNA FJORDLUND III", "Anna Fjordlund III"),
        ("anna quillfeather", "anna quillfeather"),
        ("Anna McQuillfeather", "Anna McQuillfeather"),
        ("山田", "山田"),
    ];
    for (name, tidied) in table {
        assert_eq!(tidy(name), tidied);
        assert_eq!(tidy(tidied), tidied);
    }
}

#[test]
fn a_full_name_is_split_with_care() {
    let table = [
        ("Anna Quillfeather", Some(("Anna", "Quillfeather"))),
        ("Quillfeather, Anna", Some(("Anna", "Quillfeather"))),
        ("van den Brummelkamp, Jan", Some(("Jan", "van den Brummelkamp"))),
        ("Anna Maria Quillfeather", Some(("Anna Maria", "Quillfeather"))),
        ("Jan van den Brummelkamp", Some(("Jan", "van den Brummelkamp"))),
        ("Anna von Zanzotter", Some(("Anna", "von Zanzotter"))),
        ("Ama Okonkwo-Vast", Some(("Ama", "Okonkwo-Vast"))),
        ("Dr. Anna Quillfeather", Some(("Anna", "Quillfeather"))),
        ("Frau Prof. Dr. Anna Quillfeather", Some(("Anna", "Quillfeather"))),
        ("Anna Quillfeather, PhD", Some(("Anna", "Quillfeather"))),
        ("Anna Quillfeather Jr.", Some(("Anna", "Quillfeather"))),
        ("Quillfeather", None),
        ("Herr Quillfeather", None),
        ("山田 太郎", None),
        ("Anna & Bert Quillfeather", None),
        ("Anna und Bert Quillfeather", None),
        ("anna@acme.example", None),
        ("Anna Quillfeather 2", None),
        ("a b c d e f g h", None),
        ("Quillfeather, Anna, Berlin", None),
    ];
    for (full, parts) in table {
        let (whole, first, last) = complete((Some(full.to_owned()), None, None));
        assert_eq!(whole.as_deref(), Some(full));
        assert_eq!(first.as_deref().zip(last.as_deref()), parts, "{full}");
    }
}

#[test]
fn parts_fill_each_other() {
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        complete((None, some("Anna"), some("Quillfeather"))).0.as_deref(),
        Some("Anna Quillfeather")
    );
    assert_eq!(complete((None, None, some("Quillfeather"))).0.as_deref(), Some("Quillfeather"));
    let (_, _, last) = complete((some("Anna Quillfeather"), some("Anna"), None));
    assert_eq!(last.as_deref(), Some("Quillfeather"));
    let (_, _, last) = complete((some("Anna Quillfeather"), some("Bert"), None));
    assert_eq!(last, None, "not of the same person");
    let stated = (some("A Q"), some("Anna"), some("Quillfeather"));
    assert_eq!(complete(stated.clone()), stated);
}

/// `full | first | last`, empty parts left out.
fn person(text: &str) -> PersonName {
    let mut parts =
        text.split('|').map(|part| Some(part.trim().to_owned()).filter(|it| !it.is_empty()));
    let mut next = || parts.next().flatten();
    let (full, first, last) = complete((next(), next(), next()));
    PersonName::of(&Contact {
        full_name: full.map(Into::into),
        first_name: first.map(Into::into),
        last_name: last.map(Into::into),
        ..Contact::default()
    })
}

#[test]
fn names_are_one_persons_or_two_peoples() {
    use Full::{Agree, Differ, Unknown};
    let table = [
        ("Anna Quillfeather", "Anna Quillfeather", Agree),
        ("Anna Quillfeather", "ANNA  QUILLFEATHER", Agree),
        ("Anna Quillfeather", "Quillfeather, Anna", Agree),
        ("Anna Quillfeather", "Dr. Anna Quillfeather", Agree),
        ("Anna Quillfeather", "Quillfeather Anna", Agree),
        ("Anna Quillfeather", "A. Quillfeather", Agree),
        ("Anna Quillfeather", "Anna M. Quillfeather", Agree),
        ("Anna Maria Quillfeather", "Anna M. Quillfeather", Agree),
        ("Anna-Maria Quillfeather", "Annamaria Quillfeather", Agree),
        ("Anna Maria Quillfeather", "Anna Paula Quillfeather", Differ),
        ("José Zanzotter", "Jose Zanzotter", Agree),
        ("Jan van den Brummelkamp", "Jan Van Den Brummelkamp", Agree),
        ("Anna Quillfeather", "||Quillfeather", Unknown),
        ("Anna Quillfeather", "Quillfeather", Unknown),
        ("Anna Quillfeather", "AnnaQuillfeather", Agree),
        ("Quillfeather", "Quillfeather", Agree),
        ("山田太郎", "山田太郎", Agree),
        ("|Anna|", "|Anna|", Unknown),
        ("Anna Quillfeather", "Anna Quilfeather", Agree),
        ("Liesl Zanzotter", "Elisabeth Zanzotter", Agree),
        ("Anna Quillfeather", "Bert Quillfeather", Differ),
        ("Anna Quillfeather", "B. Quillfeather", Differ),
        ("Anna Quillfeather", "Anna Zanzotter", Differ),
        ("Anna Quillfeather", "Zanzotter", Differ),
        ("|Anna|", "|Bert|", Differ),
        ("Anna Quillfeather", "|Bert|", Differ),
        ("山田太郎", "山田花子", Differ),
        ("Anna Quillfeather", "|Anna|", Unknown),
        ("Anna Quillfeather", "Anna", Unknown),
        ("|Anna|", "||Quillfeather", Unknown),
        ("Anna Quillfeather", "", Unknown),
        ("", "", Unknown),
    ];
    for (a, b, says) in table {
        assert_eq!(Names::of(&person(a), &person(b)).full(), says, "{a} / {b}");
        assert_eq!(Names::of(&person(b), &person(a)).full(), says, "{b} / {a}");
    }
}

#[test]
fn key_parts_are_the_name_or_the_one_part_there_is() {
    let parts = |text| person(text).key_parts().map(|[a, b]| format!("{a}+{b}"));
    assert_eq!(parts("Dr. Ánna-María Quillfeather").as_deref(), Some("annamaria+quillfeather"));
    assert_eq!(parts("Quillfeather, Anna-Maria").as_deref(), Some("annamaria+quillfeather"));
    assert_eq!(parts("Quillfeather").as_deref(), Some("quillfeather+"));
    assert_eq!(parts("||Quillfeather").as_deref(), Some("quillfeather+"));
    assert_eq!(parts("").as_deref(), None);
    assert_eq!(format!("{:?}", person("Anna Quillfeather")), "PersonName");
}
