//! From what people send to what is compared and shown, line by line.

use super::*;
use Field::*;

fn names(fields: &[(Field, &str)]) -> [Option<String>; 3] {
    let contact = inquiry(1, fields).contact;
    let text = |it: Option<Pii>| it.map(|it| it.expose().to_owned());
    [text(contact.full_name), text(contact.first_name), text(contact.last_name)]
}

fn said(full: &str, first: &str, last: &str) -> [Option<String>; 3] {
    [full, first, last].map(|it| Some(it.to_owned()).filter(|it| !it.is_empty()))
}

#[test]
fn names_are_split_only_where_the_source_gives_one_field() {
    // One field: split with care.
    assert_eq!(
        names(&[(FullName, "Ida Quillfeather")]),
        said("Ida Quillfeather", "Ida", "Quillfeather")
    );
    // Two fields: as they are, however they would be split.
    assert_eq!(
        names(&[(FirstName, "Ida van den"), (LastName, "Brummelkamp")]),
        said("Ida van den Brummelkamp", "Ida van den", "Brummelkamp")
    );
    assert_eq!(
        names(&[
            (FullName, "Ida Zanzotter Fjordlund"),
            (FirstName, "Ida"),
            (LastName, "Zanzotter Fjordlund")
        ]),
        said("Ida Zanzotter Fjordlund", "Ida", "Zanzotter Fjordlund")
    );
    // One part and the whole that agree: the rest follows. That do not: it stays open.
    assert_eq!(
        names(&[(FullName, "Ida Fjordlund"), (FirstName, "Ida")]),
        said("Ida Fjordlund", "Ida", "Fjordlund")
    );
    assert_eq!(
        names(&[(FullName, "Ida Fjordlund"), (FirstName, "Tilo")]),
        said("Ida Fjordlund", "Tilo", "")
    );
}

#[test]
fn particles_go_with_the_last_name_and_suffixes_with_none() {
    for (full, first, last) in [
        ("Ida van den Brummelkamp", "Ida", "van den Brummelkamp"),
        ("Ida van 't Brummelkamp", "Ida", "van 't Brummelkamp"),
        ("Tilo von und zu Zanzotter", "Tilo", "von und zu Zanzotter"),
        ("Maria de la Quillfeather", "Maria", "de la Quillfeather"),
        ("João dos Fjordlund", "João", "dos Fjordlund"),
        ("José Zanzotter y Fjordlund", "José", "Zanzotter y Fjordlund"),
        ("Ida Maria Zanzotter e Fjordlund", "Ida Maria", "Zanzotter e Fjordlund"),
        ("Ida al Quillfeather", "Ida", "al Quillfeather"),
        ("Ida Quillfeather Jr.", "Ida", "Quillfeather"),
        ("Ida Quillfeather, PhD", "Ida", "Quillfeather"),
        ("Ida Quillfeather III", "Ida", "Quillfeather"),
        ("Dr. med. Ida Quillfeather", "Ida", "Quillfeather"),
        ("Quillfeather, Ida", "Ida", "Quillfeather"),
    ] {
        assert_eq!(names(&[(FullName, full)]), said(full, first, last));
    }
}

#[test]
fn scripts_that_write_the_family_first_are_left_whole() {
    for name in ["山田 太郎", "やまだ たろう", "ﾔﾏﾀﾞ ﾀﾛｳ", "김 철수", "王 小明", "𠮷田 太郎"]
    {
        assert_eq!(names(&[(FullName, name)]), said(name, "", ""), "{name}");
    }
    // Others are split as in Latin.
    assert_eq!(names(&[(FullName, "Юрий Гагарин")]), said("Юрий Гагарин", "Юрий", "Гагарин"));
}

#[test]
fn phones_have_extensions_and_national_formats() {
    for (raw, country, value) in [
        ("202.555.0123 ext. 45", "US", "+12025550123"),
        ("(202) 555-0123 x45", "US", "+12025550123"),
        ("+1 202 555 0123 #45", "US", "+12025550123"),
        ("tel:+1-202-555-0123;ext=45", "US", "+12025550123"),
        ("030 23125 Durchwahl 12", "DE", "+493023125"),
        ("+49 30 23125 DW 12", "DE", "+493023125"),
        ("+49 30 23125 100 Nst. 7", "DE", "+493023125100"),
        ("020 7946 0123 extension 9", "GB", "+442079460123"),
        ("01 99 00 12 34 poste 5", "FR", "+33199001234"),
    ] {
        let inquiry = inquiry(1, &[(Phone, raw), (Country, country)]);
        assert_eq!(inquiry.contact.phone.unwrap().normal(), Some(value), "{raw}");
        // E.164 has no extension: what was sent stays in sight.
        assert_eq!(inquiry.answers[0], Answer { key: "contact.phone".into(), value: raw.into() });
    }
    for (raw, country, value) in [
        ("030/23125-100", "DE", "+493023125100"),
        ("01 99 00 12 34", "FR", "+33199001234"),
        ("020 91 99 999", "NL", "+31209199999"),
        ("02 1234 5678", "IT", "+390212345678"),
        ("(020) 7946-0123", "GB", "+442079460123"),
        ("1-202-555-0123", "US", "+12025550123"),
        ("011 44 20 7946 0123", "US", "+442079460123"),
        ("00 44 20 7946 0123", "DE", "+442079460123"),
    ] {
        let inquiry = inquiry(1, &[(Phone, raw), (Country, country)]);
        assert_eq!(inquiry.contact.phone.unwrap().normal(), Some(value), "{raw}");
        assert_eq!(inquiry.answers, []);
    }
}

#[test]
fn a_sub_address_counts_for_mail_and_not_for_the_key() {
    let tagged = inquiry(1, &[(Email, "ida+boats@quillfeather.example")]);
    let plain = inquiry(2, &[(Email, "IDA@quillfeather.example")]);
    assert_eq!(
        tagged.contact.email.as_ref().unwrap().normal(),
        Some("ida+boats@quillfeather.example")
    );
    assert_eq!(keys(&tagged, &pepper())[0].key, keys(&plain, &pepper())[0].key);
    let other = inquiry(3, &[(Email, "ida-boats@quillfeather.example")]);
    assert_ne!(keys(&other, &pepper())[0].key, keys(&plain, &pepper())[0].key);
}

#[test]
fn slips_of_providers_are_flagged_and_kept() {
    let flags = |domain: &str| {
        let inquiry = inquiry(1, &[(Email, &format!("ida@{domain}"))]);
        assert_eq!(inquiry.contact.email.unwrap().normal(), Some(format!("ida@{domain}").as_str()));
        inquiry.flags
    };
    for slip in [
        "gmial.com",
        "gmai.com",
        "gamil.com",
        "gmal.com",
        "gnail.com",
        "gmaill.com",
        "mgail.com",
        "gmail.co",
        "gmail.con",
        "gmail.cm",
        "gmail.comm",
        "googlemial.com",
        "yaho.com",
        "yahoo.con",
        "hotmial.com",
        "hotmal.com",
        "outlok.com",
        "outlook.co",
        "iclod.com",
        "t-onlin.de",
        "quillfeather.con",
        "brummelkamp.cmo",
    ] {
        assert_eq!(flags(slip), [Flag::EmailTypo], "{slip}");
    }
    for right in [
        "gmail.com",
        "email.com",
        "mail.com",
        "ymail.com",
        "hotmail.de",
        "yahoo.fr",
        "cloud.com",
        "web.de",
        "gmx.de",
        "quillfeather.example",
        "brummelkamp.test",
        "acme.co",
        "acme.cm",
        "acme.community",
        "orange.com",
    ] {
        assert_eq!(flags(right), [], "{right}");
    }
}

#[test]
fn legal_forms_do_not_part_a_company() {
    let key = |name: &str| account(&inquiry(1, &[(CompanyName, name)]), &pepper()).unwrap();
    let one = key("Quillfeather Werke");
    for name in [
        "Quillfeather Werke GmbH",
        "Quillfeather-Werke G.m.b.H.",
        "QUILLFEATHER WERKE GMBH & CO. KG",
        "Quillfeather Werke AG",
        "Quillfeather Werke UG (haftungsbeschränkt)",
        "Quillfeather Werke Ltd.",
        "Quillfeather Werke, Inc.",
        "The Quillfeather Werke Company",
        "Quillfeather Werke S.A.R.L.",
        "Quillfeather Werke S.p.A.",
        "Quillfeather Werke B.V.",
        "Quillfeather Werke Sp. z o.o.",
        "Quillfeather Werke s.r.o.",
        "Quillfeather Werke Oy",
        "Quillfeather Werke Pty Ltd",
        "Quillfeather Werke Holding SE",
    ] {
        assert_eq!(key(name), one, "{name}");
    }
    assert_ne!(key("Quillfeather Werften GmbH"), one);
}

#[test]
fn country_region_and_postal_code_go_together() {
    let place = |country: &str, region: &str, code: &str| {
        let contact =
            inquiry(1, &[(Country, country), (Region, region), (PostalCode, code)]).contact;
        let text = |it: Option<Pii>| it.unwrap().expose().to_owned();
        (
            contact.country.unwrap().best().to_owned(),
            text(contact.region),
            text(contact.postal_code),
        )
    };
    let is = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
    assert_eq!(place("United States", "california", "94105-1234"), is("US", "CA", "94105-1234"));
    assert_eq!(place("Deutschland", "Freistaat Bayern", "D-80331"), is("DE", "BY", "80331"));
    assert_eq!(place("Suisse", "Canton Genève", "CH-1201"), is("CH", "GE", "1201"));
    assert_eq!(place("UK", "Greater London", "sw1a1aa"), is("GB", "Greater London", "SW1A 1AA"));
    // Without a country that is known, a region only one country has is known all the same.
    assert_eq!(place("Atlantis", "Bayern", "d-80331"), is("Atlantis", "BY", "D-80331"));
}
