//! Merging loses nothing.

use super::*;
use Field::*;

fn merged(fields: &[&[(Field, &str)]]) -> Lead {
    let mut result: Option<Lead> = None;
    for (n, fields) in fields.iter().enumerate() {
        let n = u8::try_from(n + 1).unwrap();
        let inquiry = inquiry(n, fields);
        let keys = keys(&inquiry, &pepper());
        result = Some(merge(result.as_ref(), lead_id(n), &inquiry, &keys, inquiry.received_at));
    }
    result.unwrap()
}

fn others(lead: &Lead) -> Vec<(Field, &str)> {
    lead.contact.others.iter().map(|(field, value)| (*field, value.expose())).collect()
}

#[test]
fn a_new_lead_is_the_inquiry() {
    let lead = merged(&[&[(Email, "anna@acme.example"), (FullName, "Anna Quillfeather")]]);
    assert_eq!((lead.id, lead.cycle, lead.inquiries, lead.score), (lead_id(1), 1, 1, 0));
    assert_eq!(lead.first_touch.inquiry, inquiry_id(1));
    assert_eq!(lead.touches, std::slice::from_ref(&lead.first_touch));
    assert_eq!(lead.assignment, Assignment::Pending(vec![]));
    assert_eq!(lead.keys.len(), 3);
}

#[test]
fn valid_beats_invalid_and_the_first_valid_stays() {
    let lead = merged(&[
        &[(Email, "anna@acme"), (Phone, "12"), (Country, "Atlantis")],
        &[(Email, "info@acme.example"), (Phone, "+49 30 23125 100"), (Country, "Austria")],
        &[(Email, "anna@acme.example"), (Phone, "030 23125 200"), (Country, "DE")],
        &[(Email, "nonsense"), (Phone, "1"), (Country, "?")],
    ]);
    let normal = |checked: &Option<Checked>| checked.as_ref().unwrap().normal().unwrap().to_owned();
    assert_eq!(lead.id, lead_id(1));
    assert_eq!(normal(&lead.contact.email), "info@acme.example");
    assert!(lead.contact.email_role, "the flags go with the address");
    assert_eq!(normal(&lead.contact.phone), "+493023125100");
    assert_eq!(normal(&lead.contact.country), "AT");
    let expected = [(Email, "anna@acme.example"), (Phone, "+493023125200"), (Country, "DE")];
    assert_eq!(others(&lead), expected);
    assert_eq!(lead.inquiries, 4);
}

#[test]
fn the_fuller_of_two_compatible_names_has_the_place() {
    let mail = (Email, "anna@acme.example");
    let lead = merged(&[
        &[mail, (FullName, "A. Quillfeather")],
        &[mail, (FirstName, "Anna"), (LastName, "Quillfeather")],
        &[mail, (FullName, "Bert Zanzotter")],
        &[mail, (FullName, "Quillfeather")],
    ]);
    assert_eq!(lead.contact.first_name.as_ref().unwrap().expose(), "Anna");
    assert_eq!(lead.contact.full_name.as_ref().unwrap().expose(), "Anna Quillfeather");
    let expected =
        [(FullName, "A. Quillfeather"), (FullName, "Bert Zanzotter"), (FullName, "Quillfeather")];
    assert_eq!(others(&lead), expected);
}

#[test]
fn names_of_two_people_make_no_third() {
    let mail = (Email, "anna@acme.example");
    let lead = merged(&[&[mail, (FirstName, "Anna")], &[mail, (FullName, "Bert Zanzotter")]]);
    assert_eq!(lead.contact.last_name, None);
    assert_eq!(others(&lead), [(FullName, "Bert Zanzotter")]);
    let lead = merged(&[&[mail, (FirstName, "Anna")], &[mail, (FullName, "Anna Zanzotter")]]);
    assert_eq!(lead.contact.last_name.as_ref().unwrap().expose(), "Zanzotter");
}

#[test]
fn an_address_is_filled_up_only_where_it_agrees() {
    let mail = (Email, "anna@acme.example");
    let lead = merged(&[
        &[mail, (City, "Köln")],
        &[mail, (City, "KOLN"), (Street, "Weg 1"), (PostalCode, "50667")],
        &[mail, (City, "Wien"), (Street, "Gasse 2")],
    ]);
    assert_eq!(lead.contact.street.as_ref().unwrap().expose(), "Weg 1");
    assert_eq!(lead.contact.city.as_ref().unwrap().expose(), "Köln");
    assert_eq!(others(&lead), [(City, "KOLN"), (Street, "Gasse 2"), (City, "Wien")]);
}

#[test]
fn another_company_is_not_mixed_into_the_first() {
    let mail = (Email, "anna@gmail.com");
    let lead = merged(&[
        &[mail, (CompanyName, "Acme GmbH")],
        &[mail, (CompanyName, "ACME GmbH"), (Website, "acme.example"), (Employees, "11-50")],
        &[
            mail,
            (CompanyName, "Globex"),
            (Website, "globex.example"),
            (Employees, "5000"),
            (Revenue, "1m"),
        ],
        &[mail, (Industry, "Steel"), (Employees, "60")],
    ]);
    assert_eq!(lead.company.name.as_ref().unwrap().expose(), "Acme GmbH");
    assert_eq!(lead.company.domain.as_deref(), Some("acme.example"));
    assert_eq!((lead.company.employees, lead.company.revenue), (Some(11), None));
    assert_eq!(lead.company.industry.as_deref(), Some("Steel"));
    let expected = [
        (CompanyName, "ACME GmbH"),
        (CompanyName, "Globex"),
        (Website, "globex.example"),
        (Employees, "5000"),
        (Revenue, "1000000"),
        (Employees, "60"),
    ];
    assert_eq!(others(&lead), expected);
}

fn with_answers(n: u8, occurred: u64, answers: &[(&str, &str)]) -> Inquiry {
    let answers =
        answers.iter().map(|(key, value)| Answer { key: (*key).into(), value: (*value).into() });
    let mut inquiry = inquiry(n, &[(Email, "anna@acme.example")]);
    inquiry.answers = answers.collect();
    inquiry.occurred_at = at(occurred);
    inquiry
}

#[test]
fn answers_are_the_latest_by_the_time_they_were_given() {
    let step =
        |lead: Option<&Lead>, inquiry: &Inquiry| merge(lead, lead_id(1), inquiry, &[], at(99));
    let lead =
        step(None, &with_answers(1, 10, &[("need.budget", "5k"), ("size", "S"), ("size", "M")]));
    let lead =
        step(Some(&lead), &with_answers(2, 20, &[("need.budget", "10k"), ("colour", "red")]));
    let lead =
        step(Some(&lead), &with_answers(3, 5, &[("need.budget", "1k"), ("need.timeline", "now")]));
    let answers: Vec<_> =
        lead.answers.iter().map(|it| (it.key.as_str(), it.value.expose())).collect();
    let expected = [
        ("size", "S"),
        ("size", "M"),
        ("need.budget", "10k"),
        ("colour", "red"),
        ("need.timeline", "now"),
    ];
    assert_eq!(answers, expected);
    assert_eq!(lead.first_touch.inquiry, inquiry_id(1), "never rewritten");
    assert_eq!(lead.earliest_known.as_ref().unwrap().inquiry, inquiry_id(3));
    let order: Vec<_> = lead.touches.iter().map(|it| it.inquiry).collect();
    assert_eq!(order, [inquiry_id(3), inquiry_id(1), inquiry_id(2)]);
}

#[test]
fn the_latest_explicit_statement_of_consent_wins() {
    let consent = |granted, minute| Consent {
        purpose: "marketing".into(),
        channel: "email".into(),
        granted,
        text: None,
        at: at(minute),
    };
    let said = |consents: &[Consent]| {
        let mut result: Option<Lead> = None;
        for (n, consent) in consents.iter().enumerate() {
            let mut inquiry = inquiry(u8::try_from(n).unwrap(), &[(Email, "anna@acme.example")]);
            inquiry.consents = vec![consent.clone()];
            result = Some(merge(result.as_ref(), lead_id(1), &inquiry, &[], at(99)));
        }
        let silent = inquiry(90, &[(Email, "anna@acme.example")]);
        let lead = merge(result.as_ref(), lead_id(1), &silent, &[], at(99));
        assert_eq!(lead.consents.len(), 1);
        lead.consents[0].granted
    };
    assert!(said(&[consent(false, 1), consent(true, 2)]));
    assert!(!said(&[consent(true, 1), consent(false, 2)]));
    assert!(!said(&[consent(false, 2), consent(true, 1)]), "a late arrival of an earlier yes");
    assert!(!said(&[consent(true, 1), consent(false, 1)]), "at the same time the refusal counts");
    assert!(!said(&[consent(false, 1), consent(true, 1)]));
}

#[test]
fn touches_and_others_are_capped_and_inquiries_counted() {
    let mut lead = lead(0, &[(Email, "anna@acme.example")]);
    for n in 1..=60 {
        let address = format!("anna{n}@acme.example");
        lead =
            merge(Some(&lead), lead.id, &inquiry(n, &[(Email, &address)]), &[], at(u64::from(n)));
    }
    assert_eq!(lead.inquiries, 61);
    assert_eq!(lead.touches.len(), Lead::TOUCHES_MAX);
    assert_eq!(lead.touches.last().unwrap().inquiry, inquiry_id(60));
    assert_eq!(lead.touches[0].inquiry, inquiry_id(41));
    assert_eq!(lead.first_touch.inquiry, inquiry_id(0));
    assert_eq!(lead.contact.others.len(), OTHERS_MAX);
    assert_eq!(others(&lead)[OTHERS_MAX - 1], (Email, "anna60@acme.example"));
}

#[test]
fn the_same_inquiry_is_counted_once() {
    let anna = inquiry(1, &[(Email, "anna@acme.example"), (FullName, "Anna Quillfeather")]);
    let found = keys(&anna, &pepper());
    let once = merge(None, lead_id(1), &anna, &found, at(1));
    assert_eq!(merge(Some(&once), lead_id(2), &anna, &found, at(1)), once);
}
