//! What holds for any input.

use proptest::prelude::*;

use super::super::text::{Scrub, any_block, any_fold, any_line, any_technical, fold, technical};
use super::super::{country, email, language, person, phone, place};
use super::*;

/// Text as strangers send it: anything, with the characters that make trouble drawn more often.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[a-zA-Z0-9 .@+,<>-]{0,12}",
        1 => any::<String>(),
        1 => proptest::sample::select(vec![
            "\u{200b}", "\u{202e}", "ﬁ", "İ", "ß", "u\u{308}", "＠", "．", "mailto:", "p:", "00", "+49 30 23125", "gmail.com",
            "\r\n", "null", "-", "🇩🇪", "\u{1F1E6}",
        ]).prop_map(str::to_owned),
    ];
    proptest::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

fn local_part() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9]{0,8}(\\.[a-z0-9]{1,6})?"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn ascii_goes_the_short_way_to_the_same_end(
        sent in "[\\x00-\\x7f]{0,40}|[ \r\n\ta-c'`]{0,20}",
    ) {
        let mut scrub = Scrub::default();
        if let Some(line) = scrub.line(&sent) {
            prop_assert_eq!(line, any_line(&sent));
        }
        prop_assert_eq!(scrub.block(&sent).unwrap_or_default(), any_block(&sent));
        prop_assert_eq!(technical(&sent), any_technical(&sent));
        prop_assert_eq!(fold(&sent), any_fold(&sent));
    }

    #[test]
    fn normalising_twice_is_normalising_once(sent in text()) {
        let mut scrub = Scrub::default();
        if let Some(line) = scrub.line(&sent) {
            prop_assert_eq!(scrub.line(&line), Some(line.clone()));
            prop_assert_eq!(person::tidy(&person::tidy(&line)), person::tidy(&line));
            for country in [None, Some("DE"), Some("GB"), Some("US"), Some("NL"), Some("SE")] {
                let code = place::postal_code(&line, country);
                prop_assert_eq!(place::postal_code(&code, country), code);
                let region = place::region(line.clone(), country);
                prop_assert_eq!(place::region(region.clone(), country), region);
            }
        }
        if let Some(block) = scrub.block(&sent) {
            prop_assert_eq!(scrub.block(&block), Some(block.clone()));
        }
        if let Some(value) = email::check(&sent).normal() {
            let again = email::check(value);
            prop_assert_eq!(again.normal(), Some(value));
            prop_assert_eq!(email::mailbox(&email::mailbox(value)), email::mailbox(value));
        }
        for hint in [None, Some("DE"), Some("US")] {
            if let Some(value) = phone::check(&sent, None, hint).normal() {
                let again = phone::check(value, None, None);
                prop_assert_eq!(again.normal(), Some(value));
            }
        }
        if let Some(code) = country::code(&sent) {
            prop_assert_eq!(country::code(code), Some(code));
        }
        if let Some(tag) = language::tag(&sent) {
            prop_assert_eq!(language::tag(&tag), Some(tag.clone()));
        }
        prop_assert_eq!(fold(&fold(&sent)), fold(&sent));
    }

    #[test]
    fn any_submission_is_normalised_and_never_shown(texts in proptest::collection::vec(text(), Field::ALL.len())) {
        let fields: Vec<_> = Field::ALL.iter().copied().zip(texts.iter().map(String::as_str)).collect();
        let first = inquiry(1, &fields);
        let _ = keys(&first, &pepper());
        let shown = format!("{:?}", first.contact);
        for sent in texts.iter().filter(|it| it.len() > 12 && it.is_ascii()) {
            prop_assert!(!shown.contains(sent.trim()) || sent.trim().len() < 8, "masked in Debug");
        }
    }

    #[test]
    fn one_person_in_different_spellings_has_one_email_key(
        local in local_part(), tag in "[a-z0-9]{1,5}", upper in any::<bool>(), wrap in 0_usize..5, gmail in any::<bool>(),
    ) {
        let domain = if gmail { "gmail.com" } else { "acme.example" };
        let plain = format!("{local}@{domain}");
        let spelt = if gmail { format!("{}+{tag}@googlemail.com", local.replace('.', "")) } else { format!("{local}+{tag}@ACME.example") };
        let spelt = if upper { spelt.to_uppercase() } else { spelt };
        let spelt = match wrap {
            0 => spelt,
            1 => format!("  {spelt}\t"),
            2 => format!("<{spelt}>"),
            3 => format!("mailto:{spelt}"),
            _ => format!("Anna Quillfeather <{spelt}>"),
        };
        let key = |address: &str| keys(&inquiry(1, &[(Field::Email, address)]), &pepper())[0].key;
        prop_assert_eq!(key(&plain), key(&spelt), "{} {}", plain, spelt);
    }

    #[test]
    fn different_mailboxes_have_different_keys(a in local_part(), b in local_part()) {
        prop_assume!(a != b);
        let key = |local: &str| keys(&inquiry(1, &[(Field::Email, &format!("{local}@acme.example"))]), &pepper())[0].key;
        prop_assert_ne!(key(&a), key(&b));
    }

    #[test]
    fn merging_loses_no_valid_value(people in proptest::collection::vec(sparse(), 1..8)) {
        let mut merged: Option<Lead> = None;
        let inquiries: Vec<Inquiry> = people.iter().enumerate().map(|(n, fields)| {
            let fields: Vec<_> = fields.iter().map(|(field, text)| (*field, text.as_str())).collect();
            inquiry(u8::try_from(n).unwrap(), &fields)
        }).collect();
        for inquiry in &inquiries {
            let keys = keys(inquiry, &pepper());
            merged = Some(merge(merged.as_ref(), lead_id(1), inquiry, &keys, inquiry.received_at));
        }
        let lead = merged.unwrap();
        let known = values(&lead.contact, &lead.company);
        for inquiry in &inquiries {
            for (field, value) in values(&inquiry.contact, &inquiry.company) {
                prop_assert!(known.contains(&(field, value)), "{} lost", field);
            }
            for indexed in keys(inquiry, &pepper()) {
                prop_assert!(lead.keys.contains(&indexed.key));
            }
        }
        prop_assert_eq!(lead.inquiries as usize, inquiries.len());
        prop_assert_eq!(lead.first_touch.inquiry, inquiry_id(0));
    }

    #[test]
    fn the_order_of_the_facts_does_not_matter(
        people in proptest::collection::vec(sparse(), 1..8), who in sparse(), turn in 0_usize..8,
    ) {
        let leads: Vec<Lead> = people.iter().enumerate().map(|(n, fields)| {
            let fields: Vec<_> = fields.iter().map(|(field, text)| (*field, text.as_str())).collect();
            lead(u8::try_from(n).unwrap(), &fields)
        }).collect();
        let fields: Vec<_> = who.iter().map(|(field, text)| (*field, text.as_str())).collect();
        let asking = inquiry(50, &fields);
        let found = keys(&asking, &pepper());
        let given = facts(&asking, &leads);
        let mut turned = given.clone();
        turned.keys.reverse();
        turned.leads.rotate_left(turn % leads.len());
        for (_, set) in &mut turned.keys {
            if let KeySet::Leads(ids) = &mut set.value { ids.reverse(); }
        }
        let judgement = judge(&asking, &found, &given);
        prop_assert_eq!(judge(&asking, &found, &turned), judgement.clone());
        // A lead is never both chosen and refused.
        prop_assert!(judgement.refused.iter().all(|(id, _)| Some(*id) != judgement.lead));
        prop_assert_eq!(judgement.lead.is_some(), !judgement.matched_on.is_empty());
    }
}

/// Some fields of somebody, out of few values, so that people share them.
fn sparse() -> impl Strategy<Value = Vec<(Field, String)>> {
    fn maybe(
        field: Field,
        values: &'static [&'static str],
    ) -> impl Strategy<Value = Option<(Field, String)>> {
        proptest::option::of(
            proptest::sample::select(values).prop_map(move |text| (field, text.to_owned())),
        )
    }
    (
        maybe(
            Field::Email,
            &[
                "anna@acme.example",
                "ANNA@acme.example",
                "info@acme.example",
                "bert@globex.example",
                "bad@",
            ],
        ),
        maybe(Field::Phone, &["030 23125 100", "+49 30 23125 100", "+44 20 7946 0123", "12"]),
        maybe(
            Field::FullName,
            &["Anna Quillfeather", "A. Quillfeather", "Bert Zanzotter", "Quillfeather", "Anna"],
        ),
        maybe(Field::Country, &["DE", "Austria", "Atlantis"]),
        maybe(Field::City, &["Köln", "Koln", "Wien"]),
        maybe(Field::Street, &["Weg 1", "Gasse 2"]),
        maybe(Field::CompanyName, &["Acme", "ACME", "Globex"]),
        maybe(Field::Employees, &["10", "11-50", "many"]),
        maybe(Field::ExternalId, &["7", "8"]),
        maybe(Field::Title, &["Head of IT", "CTO"]),
        maybe(Field::Language, &["de", "en"]),
    )
        .prop_map(|it| {
            [it.0, it.1, it.2, it.3, it.4, it.5, it.6, it.7, it.8, it.9, it.10]
                .into_iter()
                .flatten()
                .collect()
        })
}

/// Every valid value somewhere in a record, by its field.
fn values(contact: &Contact, company: &Company) -> Vec<(Field, String)> {
    let mut all: Vec<(Field, String)> = Vec::new();
    for (field, checked) in [
        (Field::Email, &contact.email),
        (Field::Phone, &contact.phone),
        (Field::Country, &contact.country),
    ] {
        all.extend(checked.as_ref().and_then(Checked::normal).map(|it| (field, it.to_owned())));
    }
    for (field, text) in [
        (Field::FullName, &contact.full_name),
        (Field::Title, &contact.title),
        (Field::City, &contact.city),
        (Field::Street, &contact.street),
        (Field::ExternalId, &contact.external_id),
        (Field::CompanyName, &company.name),
    ] {
        all.extend(text.as_ref().map(|it| (field, it.expose().to_owned())));
    }
    all.extend(contact.language.clone().map(|it| (Field::Language, it)));
    all.extend(company.employees.map(|it| (Field::Employees, it.to_string())));
    all.extend(contact.others.iter().map(|(field, text)| (*field, text.expose().to_owned())));
    all
}
