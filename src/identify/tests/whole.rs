//! A whole submission to an inquiry.

use super::*;
use Field::*;

#[test]
fn a_whole_submission_is_normalised() {
    let mut sent = submission(&[
        (Email, " Anna.Q@Acme.Example "),
        (Phone, "030 23125 100"),
        (FullName, "QUILLFEATHER, ANNA"),
        (Title, "Head  of\tIT"),
        (Language, "de_DE"),
        (Country, "Deutschland"),
        (City, "Ko\u{308}ln"),
        (ExternalId, "4711"),
        (CompanyName, "Acme\u{200b} GmbH"),
        (Employees, "51–200 Mitarbeiter"),
        (Revenue, "500"),
        (Message, " Hello\r\nthere "),
        (Budget, "10k"),
        (Referrer, "Bert <Bert@Acme.example>"),
    ]);
    sent.answers = vec![
        Answer { key: "colour".into(), value: " red ".into() },
        Answer { key: "empty".into(), value: " ".into() },
    ];
    sent.attribution =
        [("gclid".to_owned(), " x ".to_owned()), ("utm_term".to_owned(), String::new())].into();
    sent.consents = vec![Consent {
        purpose: " Marketing".into(),
        channel: "EMAIL".into(),
        granted: true,
        text: Some("I  agree".into()),
        at: T0,
    }];
    sent.flags = vec![Flag::KeyTwice];
    sent.event_id = Some("E-1".into());
    let hints = Hints { country: Some("US".into()), language: Some("en".into()) };
    let inquiry = normalise(sent, &hints, inquiry_id(1), at(5));

    let contact = &inquiry.contact;
    let text = |pii: &Option<Pii>| pii.as_ref().unwrap().expose().to_owned();
    assert_eq!(contact.email.as_ref().unwrap().normal(), Some("Anna.Q@acme.example"));
    assert_eq!(contact.email.as_ref().unwrap().raw.expose(), " Anna.Q@Acme.Example ");
    let phone = contact.phone.as_ref().unwrap().normal();
    assert_eq!(phone, Some("+493023125100"), "the contact's country before the source's");
    assert_eq!(text(&contact.full_name), "Quillfeather, Anna");
    assert_eq!(
        (text(&contact.first_name), text(&contact.last_name)),
        ("Anna".into(), "Quillfeather".into())
    );
    assert_eq!(text(&contact.title), "Head of IT");
    assert_eq!(contact.language.as_deref(), Some("de-de"));
    assert_eq!(contact.country.as_ref().unwrap().normal(), Some("DE"));
    assert_eq!(text(&contact.city), "Köln");
    assert_eq!(text(&contact.external_id), "web:4711");
    assert_eq!(text(&inquiry.company.name), "Acme GmbH");
    assert_eq!(inquiry.company.domain.as_deref(), Some("acme.example"));
    assert_eq!((inquiry.company.employees, inquiry.company.revenue), (Some(51), Some(500)));
    let answers: Vec<_> =
        inquiry.answers.iter().map(|it| (it.key.as_str(), it.value.expose())).collect();
    let expected = [
        ("need.budget", "10k"),
        ("need.message", "Hello\nthere"),
        ("company.employees", "51–200 Mitarbeiter"),
        ("colour", "red"),
    ];
    assert_eq!(answers, expected);
    assert_eq!(inquiry.referrer.as_ref().unwrap().expose(), "Bert@acme.example");
    assert_eq!(inquiry.attribution, [("gclid".to_owned(), "x".to_owned())].into());
    assert_eq!(
        (inquiry.consents[0].purpose.as_str(), inquiry.consents[0].channel.as_str()),
        ("marketing", "email")
    );
    assert_eq!((inquiry.occurred_at, inquiry.received_at), (at(5), at(5)));
    assert_eq!(inquiry.flags, [Flag::KeyTwice]);
    assert_eq!(inquiry.event_id.as_deref(), Some("E-1"));
}

#[test]
fn what_does_not_fit_is_kept() {
    let inquiry = inquiry(
        1,
        &[
            (Email, "pipedream@test"),
            (Phone, "viele"),
            (Employees, "many"),
            (Language, "Klingon"),
            (City, &"x".repeat(600)),
        ],
    );
    assert_eq!(inquiry.contact.email, Some(Checked::invalid("pipedream@test")));
    assert_eq!(inquiry.contact.phone, Some(Checked::invalid("viele")));
    assert_eq!(inquiry.company, Company::default());
    let kept: Vec<_> =
        inquiry.answers.iter().map(|it| (it.key.as_str(), it.value.expose())).collect();
    assert_eq!(kept, [("contact.language", "Klingon"), ("company.employees", "many")]);
    assert_eq!(inquiry.flags, [Flag::Truncated]);
}

#[test]
fn the_mailbox_flags_follow_the_address() {
    let flags = |address| {
        let contact = inquiry(1, &[(Email, address)]).contact;
        (contact.email_free, contact.email_role, contact.email_disposable)
    };
    assert_eq!(flags("anna@acme.example"), (false, false, false));
    assert_eq!(flags("anna@GoogleMail.com"), (true, false, false));
    assert_eq!(flags("Info@acme.example"), (false, true, false));
    assert_eq!(flags("anna@mailinator.com"), (false, false, true));
    assert_eq!(flags("info@"), (false, false, false));
}

#[test]
fn the_least_inquiry() {
    let table: &[(&[(Field, &str)], bool)] = &[
        (&[(Email, "anna@acme.example")], true),
        (&[(Email, "nonsense")], true),
        (&[(Phone, "12")], true),
        (&[(ExternalId, "7")], true),
        (&[(LastName, "Quillfeather"), (CompanyName, "Acme")], true),
        (&[(FullName, "Anna Quillfeather")], false),
        (&[(CompanyName, "Acme")], false),
        (&[(Email, " - "), (Phone, "n/a")], false),
        (&[(Message, "hello")], false),
        (&[], false),
    ];
    for (number, (fields, enough)) in table.iter().enumerate() {
        assert_eq!(least(&inquiry(1, fields)), *enough, "row {number}");
    }
}
