//! E-mails, phones, countries, companies, quantities: from text to normal form.

use super::super::{company, country, email, language, phone, quantity, text::Scrub};
use crate::domain::{Checked, Validity};

#[test]
fn emails_have_one_normal_form() {
    let table = [
        ("Anna.Quillfeather@Acme.Example", Some("Anna.Quillfeather@acme.example")),
        ("  anna@acme.example\n", Some("anna@acme.example")),
        ("mailto:anna@acme.example?subject=Hi", Some("anna@acme.example")),
        ("MAILTO:anna@acme.example", Some("anna@acme.example")),
        ("<anna@acme.example>", Some("anna@acme.example")),
        ("Anna Quillfeather <anna@acme.example>", Some("anna@acme.example")),
        ("\"Quillfeather, Anna\" <anna@acme.example>;", Some("anna@acme.example")),
        ("anna@acme.example;", Some("anna@acme.example")),
        ("anna@acme.example.", Some("anna@acme.example")),
        ("anna @ acme.example", Some("anna@acme.example")),
        ("ａｎｎａ＠ａｃｍｅ．ｅｘａｍｐｌｅ", Some("anna@acme.example")),
        ("anna\u{200b}@acme\u{feff}.example", Some("anna@acme.example")),
        ("anna@Bücher.example", Some("anna@xn--bcher-kva.example")),
        ("anna@xn--bcher-kva.example", Some("anna@xn--bcher-kva.example")),
        ("аня@пример.example", Some("аня@xn--e1afmkfd.example")),
        ("anna+shop@acme.example", Some("anna+shop@acme.example")),
        ("o'fjordlund@acme.example", Some("o'fjordlund@acme.example")),
        ("anna@test", None),
        ("anna", None),
        ("anna@", None),
        ("@acme.example", None),
        ("anna@@acme.example", None),
        ("anna q@acme.example", None),
        ("anna..q@acme.example", None),
        (".anna@acme.example", None),
        ("anna@acme..example", None),
        ("anna@-acme.example", None),
        ("anna@ac_me.example", None),
        ("anna@127.0.0.1", None),
        ("anna@[127.0.0.1]", None),
        ("anna@acme.example, bert@acme.example", None),
        ("<test lead: dummy data for email>", None),
    ];
    for (raw, normal) in table {
        let checked = email::check(raw);
        assert_eq!(checked.normal(), normal, "{raw}");
        assert_eq!(checked.raw.expose(), raw);
        assert_eq!(checked.validity == Validity::Valid, normal.is_some());
    }
    let long = format!("{}@acme.example", "a".repeat(65));
    assert_eq!(email::check(&long).validity, Validity::Invalid);
}

#[test]
fn spellings_of_one_mailbox_meet_and_others_do_not() {
    let table = [
        ("Anna@acme.example", "anna@acme.example"),
        ("anna+crm@acme.example", "anna@acme.example"),
        ("a.n.n.a@acme.example", "a.n.n.a@acme.example"),
        ("An.Na+x@gmail.com", "anna@gmail.com"),
        ("an.na@googlemail.com", "anna@gmail.com"),
        ("+anna@acme.example", "+anna@acme.example"),
        ("\"a+b\"@acme.example", "\"a+b\"@acme.example"),
    ];
    for (normal, mailbox) in table {
        assert_eq!(email::mailbox(normal), mailbox);
    }
}

#[test]
fn mailboxes_are_told_apart_by_kind() {
    for role in [
        "info",
        "Info",
        "sales",
        "kontakt",
        "contact",
        "hello",
        "support",
        "admin",
        "office2",
        "sales.uk",
        "info-de",
        "info+web",
        "vertrieb",
        "commercial",
        "ventas",
        "vendite",
        "verkoop",
        "biuro",
        "no-reply",
    ] {
        assert!(email::is_role(role), "{role}");
    }
    for person in [
        "anna",
        "info.brummelkamp",
        "annasales",
        "it.quillfeather",
        "a.b",
        "press.anna",
        "informer",
    ] {
        assert!(!email::is_role(person), "{person}");
    }
    for free in
        ["gmail.com", "web.de", "qq.com", "orange.fr", "t-online.de", "yahoo.co.uk", "naver.com"]
    {
        assert!(email::is_free(free) && !email::is_disposable(free), "{free}");
    }
    for own in ["acme.example", "notgmail.com", "example", ""] {
        assert!(!email::is_free(own) && !email::is_disposable(own), "{own}");
    }
    for thrown in ["mailinator.com", "x.mailinator.com", "guerrillamail.com", "yopmail.com"] {
        assert!(email::is_disposable(thrown), "{thrown}");
    }
}

#[test]
fn the_free_mail_list_is_clean() {
    let mut seen = std::collections::BTreeSet::new();
    let lines = include_str!("../free_mail.txt").lines().filter(|line| !line.starts_with('#'));
    for domain in lines.flat_map(str::split_whitespace) {
        assert_eq!(email::ascii_domain(domain).as_deref(), Some(domain));
        assert!(seen.insert(domain), "{domain} stands twice");
    }
    assert!(seen.len() > 200);
}

#[test]
fn phones_follow_the_hints_in_order() {
    use Validity::{Ambiguous, Invalid, Valid};
    let table = [
        // raw, contact's country, source's country, result
        ("+49 30 23125 123", None, None, Valid, "+493023125123"),
        ("+49 (0)30 23125-123", None, None, Valid, "+493023125123"),
        ("(+49) 30 23125123", None, None, Valid, "+493023125123"),
        ("0049 30 23125123", None, None, Valid, "+493023125123"),
        ("0049 30 23125123", Some("FR"), Some("US"), Valid, "+493023125123"),
        ("030 23125 123", None, Some("DE"), Valid, "+493023125123"),
        ("030 23125 123", Some("DE"), Some("US"), Valid, "+493023125123"),
        ("49 30 23125 123", Some("DE"), None, Valid, "+493023125123"),
        ("030 23125 123", None, None, Ambiguous, ""),
        ("030 23125 123", Some("US"), Some("DE"), Invalid, ""),
        ("(202) 555-0123", Some("US"), None, Valid, "+12025550123"),
        ("202.555.0123 ext. 45", Some("US"), None, Valid, "+12025550123"),
        ("202 555 0123 x45", None, Some("US"), Valid, "+12025550123"),
        ("011 44 20 7946 0123", Some("US"), None, Valid, "+442079460123"),
        ("020 7946 0123", Some("GB"), None, Valid, "+442079460123"),
        ("+44 (0)20 7946 0123", None, None, Valid, "+442079460123"),
        ("p:+442079460123", None, None, Valid, "+442079460123"),
        ("tel:+44-20-7946-0123", None, None, Valid, "+442079460123"),
        ("'+442079460123", None, None, Valid, "+442079460123"),
        ("＋４９３０２３１２５１２３", None, None, Valid, "+493023125123"),
        ("\u{202a}+49 30 23125123\u{202c}", None, None, Valid, "+493023125123"),
        ("+49a3023125123", None, None, Invalid, ""),
        ("+493023 and something", None, None, Invalid, ""),
        ("12345", Some("US"), None, Invalid, ""),
        ("12345678", None, None, Ambiguous, ""),
        ("123", None, None, Invalid, ""),
        ("4.93023E+11", None, Some("DE"), Invalid, ""),
        ("+999 123456789", None, None, Invalid, ""),
        ("<test lead: dummy data for phone_number>", None, None, Invalid, ""),
        ("none of your business", None, Some("DE"), Invalid, ""),
    ];
    for (raw, contact, source, validity, value) in table {
        let checked = phone::check(raw, contact, source);
        assert_eq!(checked.validity, validity, "{raw} {contact:?} {source:?}");
        assert_eq!(checked.normal().unwrap_or_default(), value, "{raw}");
        assert_eq!(checked.raw.expose(), raw);
    }
}

#[test]
fn countries_are_known_by_code_and_by_name() {
    let table = [
        ("DE", "DE"),
        ("de", "DE"),
        (" deu ", "DE"),
        ("Deutschland", "DE"),
        ("ALLEMAGNE", "DE"),
        ("Germany (DE)", "DE"),
        ("🇩🇪", "DE"),
        ("Österreich", "AT"),
        ("Oesterreich", "AT"),
        ("Osterreich", "AT"),
        ("Schweiz", "CH"),
        ("Suisse", "CH"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("United States of America", "US"),
        ("États-Unis", "US"),
        ("UK", "GB"),
        ("England", "GB"),
        ("United Kingdom", "GB"),
        ("Great Britain", "GB"),
        ("The Netherlands", "NL"),
        ("Netherlands", "NL"),
        ("Holland", "NL"),
        ("España", "ES"),
        ("Italia", "IT"),
        ("Côte d'Ivoire", "CI"),
        ("South Korea", "KR"),
        ("Viet Nam", "VN"),
        ("Vietnam", "VN"),
        ("Czech Republic", "CZ"),
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
        ("中国", "CN"),
        ("日本", "JP"),
        ("Россия", "RU"),
        ("Bolivia", "BO"),
        ("Congo (Democratic Republic of the)", "CD"),
        ("EL", "GR"),
        ("Polska", "PL"),
        ("Sverige", "SE"),
        ("Danmark", "DK"),
        ("Niger", "NE"),
        ("Nigeria", "NG"),
        ("Georgia", "GE"),
    ];
    for (text, code) in table {
        assert_eq!(country::code(text), Some(code), "{text}");
    }
    for text in ["", "XX", "Europe", "D", "Bavaria", "n/a", "EN", "123"] {
        assert_eq!(country::code(text), None, "{text}");
    }
    assert_eq!(country::check("Atlantis").validity, Validity::Invalid);
}

#[test]
fn every_english_country_name_means_its_own_code() {
    for country in rust_iso3166::ALL {
        assert_eq!(country::code(country.name), Some(country.alpha2), "{}", country.name);
    }
}

#[test]
fn languages_become_tags() {
    let table = [
        ("de", Some("de")),
        ("de-DE", Some("de-de")),
        ("pt_BR", Some("pt-br")),
        ("de-DE,de;q=0.9,en;q=0.8", Some("de-de")),
        ("Deutsch", Some("de")),
        ("Français", Some("fr")),
        ("ENGLISH", Some("en")),
        ("en_US.UTF-8", Some("en-us")),
        ("zh-Hant-TW", Some("zh-hant-tw")),
        ("Klingon", None),
        ("4", None),
        ("", None),
    ];
    for (text, tag) in table {
        assert_eq!(language::tag(text).as_deref(), tag, "{text}");
    }
}

#[test]
fn the_lower_end_of_a_range_counts() {
    let table = [
        ("11-50", Some(11)),
        ("1.000+", Some(1000)),
        ("51–200 Mitarbeiter", Some(51)),
        ("10k", Some(10_000)),
        ("1,001-5,000 employees", Some(1001)),
        ("10 000", Some(10_000)),
        ("5'000", Some(5000)),
        ("> 500", Some(500)),
        ("ca. 250", Some(250)),
        ("1 to 10", Some(1)),
        ("< 10", Some(0)),
        ("bis 10", Some(0)),
        ("up to 50", Some(0)),
        ("5-10k", Some(5000)),
        ("10k-50k", Some(10_000)),
        ("1.5k", Some(1500)),
        ("1,5 Mio. €", Some(1_500_000)),
        ("$1.5 million", Some(1_500_000)),
        ("5-10 Mio €", Some(5_000_000)),
        ("10M-50M", Some(10_000_000)),
        ("€10m – €50m", Some(10_000_000)),
        ("2 Mrd", Some(2_000_000_000)),
        ("1.234.567,89 EUR", Some(1_234_567)),
        ("1,234,567.89", Some(1_234_567)),
        ("1.000.000 EUR", Some(1_000_000)),
        ("１０００", Some(1000)),
        ("200 20", Some(200)),
        ("0", Some(0)),
        ("viele", None),
        ("", None),
        ("-5", None),
        ("99999999999999999999999", None),
    ];
    for (text, number) in table {
        assert_eq!(quantity::lower_end(text), number, "{text}");
    }
}

#[test]
fn a_company_is_known_by_its_registrable_domain() {
    let table = [
        ("https://www.acme.example/about?x=1", Some("acme.example")),
        ("ACME.example", Some("acme.example")),
        ("shop.acme.co.uk:8443", Some("acme.co.uk")),
        ("http://user@www.acme.example", Some("acme.example")),
        ("www.bücher.example", Some("xn--bcher-kva.example")),
        ("https://www.linkedin.com/company/acme", None),
        ("facebook.com/acme", None),
        ("gmail.com", None),
        ("http://10.0.0.1/", None),
        ("localhost", None),
        ("co.uk", None),
        ("we have none", None),
    ];
    for (website, domain) in table {
        assert_eq!(company::domain_of_website(website).as_deref(), domain, "{website}");
    }
    assert_eq!(company::domain_of_address("a@mail.acme.example").as_deref(), Some("acme.example"));
    assert_eq!(company::domain_of_address("a@gmail.com"), None);
    assert_eq!(company::domain_of_address("a@mailinator.com"), None);
}

#[test]
fn text_loses_what_nobody_sees() {
    let mut scrub = Scrub::default();
    assert_eq!(scrub.line("  An\u{200b}na \t\u{202e} Q\u{0000} ").as_deref(), Some("Anna Q"));
    assert_eq!(scrub.line("u\u{0308}ber").as_deref(), Some("über"));
    for nothing in ["", "  ", "-", "...", "\u{200b}", "n/a", "null", "undefined"] {
        assert_eq!(scrub.line(nothing), None, "{nothing}");
    }
    assert_eq!(scrub.line("Null").as_deref(), Some("Null"), "a name");
    assert_eq!(scrub.block(" one\r\n two\u{7}\n").as_deref(), Some("one\n two"));
    assert!(!scrub.truncated);
    assert_eq!(scrub.line(&"ä".repeat(501)).map(|it| it.chars().count()), Some(500));
    assert!(std::mem::take(&mut scrub.truncated));
    assert_eq!(scrub.block(&"ä".repeat(10_001)).map(|it| it.chars().count()), Some(10_000));
    assert!(scrub.truncated);
}

#[test]
fn an_invalid_value_is_kept_as_it_came() {
    assert_eq!(email::check("nonsense"), Checked::invalid("nonsense"));
}
