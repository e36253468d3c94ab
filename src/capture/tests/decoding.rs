//! From bytes to values, line by line: keys, charsets, documents inside documents, tables.

use encoding_rs::Encoding;

use super::*;
use crate::domain::Flag;

fn bytes_in(charset: &str, text: &str) -> Vec<u8> {
    let encoding = Encoding::for_label(charset.as_bytes()).unwrap();
    let (bytes, _, lost) = encoding.encode(text);
    assert!(!lost, "{charset} has no {text}");
    bytes.into_owned()
}

fn utf16(text: &str, big: bool, mark: bool) -> Vec<u8> {
    let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
    units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

fn escaped(bytes: &[u8]) -> String {
    url::form_urlencoded::byte_serialize(bytes).collect()
}

/// Charsets, and a first name that each can write.
const WRITTEN: [(&str, &str); 10] = [
    ("utf-8", "Jörg Ł 山"),
    ("windows-1252", "Jörg € Š"),
    ("iso-8859-1", "Jörg"),
    ("iso-8859-2", "Łukasz"),
    ("iso-8859-7", "Γιάννης"),
    ("iso-8859-15", "Jörg €"),
    ("windows-1250", "Łukasz"),
    ("windows-1251", "Юрий"),
    ("Shift_JIS", "太郎"),
    ("ISO-2022-JP", "太郎"),
];

#[test]
fn bracket_keys_say_where_a_value_belongs() {
    for (body, key) in [
        ("fields[colour][value]=red", "colour"),
        ("fields%5Bcolour%5D%5Bvalue%5D=red", "colour"),
        ("data[lead][colour]=red", "colour"),
        ("colour[]=red", "colour"),
        ("shirt[colour]=red", "shirt_colour"),
        ("shirt[0][colour]=red", "shirt_0_colour"),
        // Brackets that do not pair are part of a name.
        ("colour[=red", "colour"),
        ("[colour]=red", "colour"),
    ] {
        let taken = inquiry(&form(), &post(FORM, body.as_bytes()));
        assert_eq!(answer(&taken, key), "red", "{body}");
    }
}

#[test]
fn forms_are_read_in_the_charset_they_were_written_in() {
    for (charset, name) in WRITTEN {
        let value = escaped(&bytes_in(charset, name));
        let stated = format!("{FORM}; charset={charset}");
        let taken = inquiry(&form(), &post(&stated, format!("first_name={value}").as_bytes()));
        assert_eq!(field(&taken, "contact.first_name"), name, "{charset} in the content type");
        let body = format!("first_name={value}&_charset_={charset}");
        let taken = inquiry(&form(), &post(FORM, body.as_bytes()));
        assert_eq!(field(&taken, "contact.first_name"), name, "{charset} in the form");
        assert_eq!(taken.answers.len(), 0);
    }
    // Nothing stated: UTF-8, else the Latin-1 of the web.
    let taken = inquiry(&form(), &post(FORM, b"first_name=J%F6rg&city=K%C3%B6ln&need=%80+10"));
    assert_eq!(field(&taken, "contact.first_name"), "Jörg");
    assert_eq!(
        (field(&taken, "contact.city"), field(&taken, "need.need")),
        ("Köln".into(), "€ 10".into())
    );
    // A wrong label is more common than text that is UTF-8 by chance.
    let taken = inquiry(&form(), &post(&format!("{FORM}; charset=iso-8859-1"), b"city=K%C3%B6ln"));
    assert_eq!(field(&taken, "contact.city"), "Köln");
}

#[test]
fn json_is_read_in_the_charset_it_was_written_in() {
    let json = |name: &str| format!("{{\"first_name\": \"{name}\", \"email\": \"a@b.example\"}}");
    let read = |content_type: &str, body: &[u8]| {
        let taken = inquiry(&form(), &post(content_type, body));
        assert_eq!(field(&taken, "contact.email"), "a@b.example");
        field(&taken, "contact.first_name")
    };
    for (charset, name) in WRITTEN {
        let stated = format!("{JSON}; charset={charset}");
        assert_eq!(read(&stated, &bytes_in(charset, &json(name))), name, "{charset}");
    }
    for (big, mark) in [(false, true), (true, true), (false, false), (true, false)] {
        assert_eq!(read(JSON, &utf16(&json("Jörg"), big, mark)), "Jörg", "{big} {mark}");
        let stated = format!("{JSON}; charset=utf-16");
        assert_eq!(read(&stated, &utf16(&json("Jörg"), big, mark)), "Jörg", "{big} {mark}");
    }
    assert_eq!(read(JSON, &bytes_in("windows-1252", &json("Jörg"))), "Jörg");
    // Said to be UTF-16 but changed on its way.
    assert_eq!(read(&format!("{JSON}; charset=utf-16"), json("Jörg").as_bytes()), "Jörg");
}

#[test]
fn what_is_kept_of_another_charset_has_no_secrets_either() {
    let body = utf16(r#"{"google_key":"a-google-key-1","x":"a-google-key-2"}"#, false, true);
    let request = Request { caller_known: true, ..post(JSON, &body) };
    let kept = String::from_utf8(redacted_body(&google(), &request)).unwrap();
    assert_eq!(kept, r#"{"google_key":"[redacted]","x":"[redacted]"}"#);
    let broken = utf16(r#"{"google_key":"a-google-key-1","x":"#, true, true);
    let kept = unreadable(&google(), &Request { caller_known: true, ..post(JSON, &broken) });
    assert!(!String::from_utf8_lossy(&kept.body_redacted).contains("a-google-key"), "{kept:?}");
}

#[test]
fn parts_of_a_form_are_read_in_the_charset_they_were_written_in() {
    for (charset, name) in WRITTEN {
        let mut body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"first_name\"\r\nContent-Type: text/plain; charset={charset}\r\n\r\n"
        )
        .into_bytes();
        body.extend(bytes_in(charset, name));
        body.extend(b"\r\n--b--");
        let taken = inquiry(&form(), &post("multipart/form-data; boundary=b", &body));
        assert_eq!(field(&taken, "contact.first_name"), name, "{charset} in the part");
        let mut body =
            b"--b\r\nContent-Disposition: form-data; name=\"first_name\"\r\n\r\n".to_vec();
        body.extend(bytes_in(charset, name));
        let said = format!(
            "\r\n--b\r\nContent-Disposition: form-data; name=\"_charset_\"\r\n\r\n{charset}\r\n--b--"
        );
        body.extend(said.into_bytes());
        let taken = inquiry(&form(), &post("multipart/form-data; boundary=b", &body));
        assert_eq!(field(&taken, "contact.first_name"), name, "{charset} in the form");
    }
}

#[test]
fn tables_and_xml_are_read_in_the_charset_they_were_written_in() {
    let webhook = source("preset: webhook\nverify: none");
    for (charset, name) in WRITTEN {
        let table = bytes_in(charset, &format!("badge;first name\nB-1;{name}\n"));
        let rows = rows(&scanner(), &format!("text/csv; charset={charset}"), &table);
        assert_eq!(field(rows[0].as_ref().unwrap(), "contact.first_name"), name, "{charset}");
        let inner = format!("<lead><first_name>{name}</first_name></lead>");
        let stated = bytes_in(charset, &inner);
        let taken = inquiry(&webhook, &post(&format!("text/xml; charset={charset}"), &stated));
        assert_eq!(field(&taken, "contact.first_name"), name, "{charset} in the content type");
        let declared = format!("<?xml version=\"1.0\" encoding=\"{charset}\"?>{inner}");
        let taken = inquiry(&webhook, &post("application/xml", &bytes_in(charset, &declared)));
        assert_eq!(field(&taken, "contact.first_name"), name, "{charset} declared");
    }
}

#[test]
fn parts_that_hold_json_are_opened() {
    let part = |name: &str, kind: &str, text: &str| {
        format!(
            "--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\nContent-Type: {kind}\r\n\r\n{text}\r\n"
        )
    };
    let body = [
        part(
            "data",
            "application/json; charset=utf-8",
            r#"{"email":"a@b.example","id":7012345678901234567}"#,
        ),
        part("basket", "application/json", r#"{"boats":[{"colour":"red"}]}"#),
        part("odd", "application/json", "{no json"),
        part("plain", "text/plain", r#"{"email":"z@b.example"}"#),
        "--b--".to_owned(),
    ]
    .concat();
    let taken = inquiry(&form(), &post("multipart/form-data; boundary=b", body.as_bytes()));
    assert_eq!(field(&taken, "contact.email"), "a@b.example");
    for (key, text) in [
        ("id", "7012345678901234567"),
        ("basket_boats_0_colour", "red"),
        ("odd", "{no json"),
        ("plain", r#"{"email":"z@b.example"}"#),
    ] {
        assert_eq!(answer(&taken, key), text);
    }
}

#[test]
fn json_in_strings_is_opened_where_the_vendor_puts_it() {
    let inner = r#"{"submission":{"submissionId":"s-1","questions":[{"name":"E-mail","type":"EmailInput","value":"a@b.example"}]}}"#;
    let fillout = source("preset: fillout\nsecrets: [fillout-key-1]");
    let body = serde_json::to_string(inner).unwrap();
    let known = Request { caller_known: true, ..post(JSON, body.as_bytes()) };
    let taken = inquiry(&fillout, &known);
    assert_eq!(field(&taken, "contact.email"), "a@b.example");
    assert_eq!(taken.event_id.as_deref(), Some("s-1"));

    let jotform = source("preset: jotform\nsecrets: [jotform-key-1]");
    let raw = serde_urlencoded::to_string([
        ("submissionID", "6084250982513018472"),
        ("rawRequest", r#"{"q3_visitor":{"first":"Ida"},"q4_table":{"rowIds":"[\"0\",\"1\"]"}}"#),
    ])
    .unwrap();
    let known = Request { caller_known: true, ..post(FORM, raw.as_bytes()) };
    let taken = inquiry(&jotform, &known);
    assert_eq!(taken.event_id.as_deref(), Some("6084250982513018472"));
    assert_eq!(field(&taken, "contact.first_name"), "Ida");
    // What no preset speaks of stays the text that it is.
    assert_eq!(answer(&taken, "table_rowids"), r#"["0","1"]"#);
    let broken = Request { caller_known: true, ..post(FORM, b"submissionID=1&rawRequest=%7Bno") };
    assert_eq!(answer(&inquiry(&jotform, &broken), "rawrequest"), "{no");
}

#[test]
fn what_equal_keys_say_is_kept() {
    let body =
        br#"{"email":"a@b.example","x":1,"x":2,"email":"c@d.example","y":{"a":1},"y":{"a":2}}"#;
    let taken = inquiry(&form(), &post(JSON, body));
    assert_eq!(field(&taken, "contact.email"), "c@d.example");
    assert_eq!(answer(&taken, "email"), "a@b.example");
    assert_eq!((answer(&taken, "x"), answer(&taken, "y_a")), ("1, 2".into(), "1, 2".into()));
    assert_eq!(taken.flags, [Flag::KeyTwice]);
    let twice =
        br#"{"google_key":"wrong-key-1","google_key":"a-google-key-1","EMAIL":"a@b.example"}"#;
    let kept = String::from_utf8(redacted_body(&google(), &post(JSON, twice))).unwrap();
    assert!(!kept.contains("key-1"), "{kept}");
    let _ = inquiry(&google(), &post(JSON, twice));
    let turned = br#"{"google_key":"a-google-key-1","google_key":"wrong-key-1"}"#;
    assert_eq!(refused(&google(), &post(JSON, turned)).code.as_str(), "unauthenticated");
}

#[test]
fn xml_expands_and_fetches_nothing() {
    let webhook = source("preset: webhook\nverify: none");
    let declared = r#"<!DOCTYPE a [<!ENTITY x "boom"><!ENTITY y "&x;&x;&x;&x;"><!ENTITY file SYSTEM "file:///etc/passwd">]>"#;
    let body = format!(
        "{declared}<lead><email>a@b.example</email><note>&y; &file; &amp; &#252; &lt;b&gt; A & B &nbsp;</note>\
         <code><![CDATA[<&y;>]]></code></lead>"
    );
    let taken = inquiry(&webhook, &post("application/xml", body.as_bytes()));
    assert_eq!(field(&taken, "contact.email"), "a@b.example");
    assert_eq!(field(&taken, "need.message"), "&y; &file; & ü <b> A & B &nbsp;");
    assert!(
        taken.answers.iter().any(|it| it.value.expose() == "<&y;>"),
        "{:?}",
        taken.answers.len()
    );
    assert!(!serde_json::to_string(&taken).unwrap().contains("boom"));
}

/// Columns as exports of shows and address books name them: first and last name, company, e-mail, phone, city,
/// postal code, country, position, message; a language per line.
const HEADERS: &str = "\
First name;Last Name;Company;E-mail;Phone;City;ZIP code;Country;Job Title;Message
Vorname;Nachname;Firma;E-Mail-Adresse;Telefonnummer;Ort;PLZ;Land;Funktion;Bemerkungen
Prénom;Nom;Société;Courriel;Téléphone;Ville;Code postal;Pays;Fonction;Message
Nombre;Apellidos;Empresa;Correo electrónico;Teléfono;Ciudad;Código postal;País;Cargo;Observaciones
Nome;Cognome;Azienda;Indirizzo email;Telefono;Città;CAP;Paese;Ruolo;Osservazioni
Primeiro nome;Sobrenome;Empresa;E-mail;Telemóvel;Cidade;Código postal;País;Cargo;Observações
Voornaam;Achternaam;Bedrijf;E-mail;Telefoonnummer;Plaats;Postcode;Land;Functie;Opmerking
Förnamn;Efternamn;Företag;E-post;Telefon;Ort;Postnummer;Land;Befattning;Meddelande
Fornavn;Efternavn;Virksomhed;E-mail;Telefon;Sted;Postnr.;Land;Stilling;Besked
Fornavn;Etternavn;Bedrift;E-post;Mobilnummer;Sted;Postnummer;Land;Tittel;Melding
Etunimi;Sukunimi;Yritys;Sähköposti;Puhelin;Kaupunki;Postinumero;Maa;Tehtävänimike;Viesti
Imię;Nazwisko;Firma;Adres e-mail;Telefon;Miasto;Kod pocztowy;Kraj;Stanowisko;Uwagi
Jméno;Příjmení;Společnost;E-mail;Telefon;Město;PSČ;Země;Pozice;Poznámka
Keresztnév;Vezetéknév;Cég;E-mail;Telefonszám;Város;Irányítószám;Ország;Beosztás;Megjegyzés
Prenume;Nume;Companie;E-mail;Telefon;Oraș;Cod poștal;Țară;Funcție;Mesaj
Adı;Soyadı;Şirket;E-posta;Telefon;Şehir;Posta kodu;Ülke;Unvan;Mesaj
Όνομα;Επώνυμο;Εταιρεία;E-mail;Τηλέφωνο;Πόλη;Ταχυδρομικός κώδικας;Χώρα;Θέση;Μήνυμα";

#[test]
fn headers_are_known_in_the_main_languages_of_europe() {
    const PATHS: [&str; 10] = [
        "contact.first_name",
        "contact.last_name",
        "company.name",
        "contact.email",
        "contact.phone",
        "contact.city",
        "contact.postal_code",
        "contact.country",
        "contact.title",
        "need.message",
    ];
    let mut unknown = Vec::new();
    for headers in HEADERS.lines() {
        let table = format!("{headers}\na;b;c;d;e;f;g;h;i;j\n");
        let shouted = table.to_uppercase();
        let tables = [(scanner(), &table), (form(), &table), (scanner(), &shouted)];
        for (source, table) in tables {
            let rows = rows(&source, "text/csv", table.as_bytes());
            let row = rows[0].as_ref().unwrap();
            for ((path, header), cell) in PATHS.iter().zip(headers.split(';')).zip('a'..='j') {
                if !field(row, path).eq_ignore_ascii_case(&cell.to_string()) {
                    unknown.push(format!("{}: {header}", source.preset().0));
                }
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
}
