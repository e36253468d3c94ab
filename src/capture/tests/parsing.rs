//! Tables, times and names, case by case.

use super::super::names::{compact, normal};
use super::super::stated_time;
use super::*;
use crate::domain::Flag;

#[test]
fn labels_get_a_normal_form() {
    for (label, name) in [
        ("E-Mail", "e_mail"),
        ("\n   Owner Name* ", "owner_name"),
        ("Straße", "strasse"),
        ("Prénom", "prenom"),
        ("your-email", "your_email"),
        ("q3_studentsName", "q3_studentsname"),
        ("ＦＵＬＬ　ＮＡＭＥ", "full_name"),
        ("Имя", "imia"),
        ("???", ""),
        ("", ""),
    ] {
        assert_eq!(normal(label), name, "{label}");
    }
    assert_eq!(compact("First Name"), compact("firstName"));
    let taken = inquiry(&form(), &post(FORM, "%3F%3F%3F=x&%3F=y".as_bytes()));
    assert_eq!((answer(&taken, "answer"), answer(&taken, "answer_2")), ("x".into(), "y".into()));
}

#[test]
fn tables_are_read_in_every_dialect() {
    let utf16 = |text: &str, big: bool, mark: bool| -> Vec<u8> {
        let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
        units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    let comma = "badge_id,Vorname,Nachname,Firma\r\nB-1,Jörg,Zanzotter,\"Fjordlund, Söhne \"\"&\"\" Co\"\r\n";
    let semicolon = comma.replace(',', ";").replace("Fjordlund;", "Fjordlund,");
    let tab = comma.replace(',', "\t").replace("Fjordlund\t", "Fjordlund,");
    let pipe = comma.replace(',', "|").replace("Fjordlund|", "Fjordlund,");
    let latin: Vec<u8> = semicolon.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("text/csv", comma.into()),
        ("text/csv", format!("\u{feff}{comma}").into()),
        ("text/csv", comma.replace("\r\n", "\n").into()),
        ("text/csv", comma.replace("\r\n", "\r").into()),
        ("text/csv", semicolon.clone().into()),
        ("text/csv", format!("sep=;\r\n{semicolon}").into()),
        ("text/csv", tab.clone().into()),
        ("text/tab-separated-values", tab.into()),
        ("text/csv", pipe.into()),
        ("text/csv", latin.clone()),
        ("text/csv; charset=utf-8", latin.clone()),
        ("text/csv; charset=iso-8859-1", latin),
        ("application/vnd.ms-excel", utf16(&semicolon, false, true)),
        ("text/csv", utf16(&semicolon, true, true)),
        ("text/csv", utf16(&semicolon, false, false)),
        ("text/csv", utf16(&semicolon, true, false)),
    ];
    for (n, (content_type, bytes)) in files.iter().enumerate() {
        let rows = rows(&scanner(), content_type, bytes);
        assert_eq!(rows.len(), 1, "file {n}");
        let row = rows[0].as_ref().unwrap();
        assert_eq!(field(row, "contact.external_id"), "B-1", "file {n}");
        assert_eq!(field(row, "contact.first_name"), "Jörg", "file {n}");
        assert_eq!(field(row, "company.name"), "Fjordlund, Söhne \"&\" Co", "file {n}");
    }
    // Polish and Greek do not fit Latin-1, but a content type may say what they are in.
    let polish = [b"badge;Imi\xea\n1;J\xf3\xbcef\n".as_slice()].concat();
    let rows = rows(&scanner(), "text/csv; charset=iso-8859-2", &polish);
    assert_eq!(field(rows[0].as_ref().unwrap(), "contact.first_name"), "Józef".replace('z', "ź"));
}

#[test]
fn ragged_and_empty_rows_lose_nothing() {
    let csv = "badge,notes,,Phone,Phone\n1,a,b,+49 30 23125 001,+49 30 23125 002,more\n\n,,,\n2\n";
    let rows = rows(&scanner(), "text/csv", csv.as_bytes());
    assert_eq!(rows.len(), 2);
    let first = rows[0].as_ref().unwrap();
    assert_eq!(answer(first, "column_3"), "b");
    assert_eq!(answer(first, "column_6"), "more");
    assert_eq!(field(first, "contact.phone"), "+49 30 23125 002");
    assert_eq!(answer(first, "phone"), "+49 30 23125 001");
    assert_eq!(field(rows[1].as_ref().unwrap(), "contact.external_id"), "2");
}

#[test]
fn tables_that_cannot_be_trusted_are_kept_whole() {
    for (csv, reason) in [
        ("badge,notes\n1,\"open\n2,x\n3,y\n", "bad_csv"),
        ("7,8,9\n1,2,3\n", "no_known_columns"),
        ("  \n \n", "empty"),
        ("", "empty"),
    ] {
        let request =
            Request { batch: true, caller_known: true, ..post("text/csv", csv.as_bytes()) };
        let kept = unreadable(&scanner(), &request);
        assert_eq!((kept.reason.as_str(), kept.body_redacted.as_slice()), (reason, csv.as_bytes()));
    }
    // Quotes inside a cell are inch marks.
    assert_eq!(rows(&scanner(), "text/csv", b"badge,notes\n1,a 5\" pipe\n2,x\n").len(), 2);
}

#[test]
fn one_bad_line_is_one_bad_row() {
    let ndjson = b"{\"badge\":\"1\"}\r\n{\"badge\":\"2\"\n\n[3]\n{\"badge\":\"4\"}";
    let rows = rows(&scanner(), "application/x-ndjson", ndjson);
    let reasons: Vec<_> = rows
        .iter()
        .map(|row| row.as_ref().map_or_else(|problem| problem.reason.as_str(), |_| "ok"))
        .collect();
    assert_eq!(reasons, ["ok", "bad_json", "not_an_object", "ok"]);
    let problem = rows[1].as_ref().unwrap_err();
    assert_eq!((problem.row, problem.row_redacted.as_slice()), (2, b"{\"badge\":\"2\"".as_slice()));
    let request = Request { batch: true, caller_known: true, ..post(JSON, b"[{\"badge\":1},") };
    assert_eq!(unreadable(&scanner(), &request).reason.as_str(), "bad_json");
    let one = super::rows(&scanner(), JSON, b" {\"badge\": 12345678901234567890} ");
    assert_eq!(field(one[0].as_ref().unwrap(), "contact.external_id"), "12345678901234567890");
}

#[test]
fn stated_times_are_read_as_written() {
    let berlin = stated_time::zone("Europe/Berlin").unwrap();
    for (text, at, assumed) in [
        ("2026-11-20T09:00:00Z", "2026-11-20T09:00:00.000Z", false),
        ("2026-11-20T09:00:00+0000", "2026-11-20T09:00:00.000Z", false),
        ("2026-11-20T09:00:00.250+01:00", "2026-11-20T08:00:00.250Z", false),
        ("Fri, 20 Nov 2026 09:00:00 +0100", "2026-11-20T08:00:00.000Z", false),
        ("1795165200", "2026-11-20T09:00:00.000Z", false),
        ("1795165200123", "2026-11-20T09:00:00.123Z", false),
        ("2026-11-20 09:00:00", "2026-11-20T08:00:00.000Z", true),
        ("2026-11-20T09:00", "2026-11-20T08:00:00.000Z", true),
        ("2026-11-20 09:00 UTC", "2026-11-20T09:00:00.000Z", false),
        ("2026-11-20 09:00:00 +02:00", "2026-11-20T07:00:00.000Z", false),
        ("2026-11-20", "2026-11-19T23:00:00.000Z", true),
        ("20261120", "2026-11-19T23:00:00.000Z", true),
        ("20261120090000", "2026-11-20T08:00:00.000Z", true),
        ("20.11.2026 09:00", "2026-11-20T08:00:00.000Z", true),
        ("20.11.26, 9.00 Uhr", "2026-11-20T08:00:00.000Z", true),
        ("20/11/2026 04:17 PM", "2026-11-20T15:17:00.000Z", true),
        ("11/20/2026 12:05 a.m.", "2026-11-19T23:05:00.000Z", true),
        ("2026/11/20 09:00", "2026-11-20T08:00:00.000Z", true),
        ("03/04/2026 10:00", "2026-04-03T08:00:00.000Z", true),
        // The hour that is there twice is the first one, the one that is not there is moved on.
        ("2026-10-25 02:30", "2026-10-25T00:30:00.000Z", true),
        ("2026-03-29 02:30", "2026-03-29T01:30:00.000Z", true),
    ] {
        let stated =
            stated_time::read(text, &berlin, DateOrder::Dmy).unwrap_or_else(|| panic!("{text}"));
        assert_eq!((stated.at.to_string().as_str(), stated.zone_assumed), (at, assumed), "{text}");
    }
    let us = stated_time::read("03/04/2026", &berlin, DateOrder::Mdy).unwrap();
    assert_eq!(us.at.to_string(), "2026-03-03T23:00:00.000Z");
    for text in [
        "",
        "yesterday",
        "32.13.2026",
        "2026-02-30",
        "99:99",
        "12",
        "1.2.3.4",
        "março 32, 2026",
        "20.11.2026 25:00",
    ] {
        assert_eq!(stated_time::read(text, &berlin, DateOrder::Dmy), None, "{text}");
    }
}

/// As the vendors' own texts and captured posts write them.
#[test]
fn times_of_every_vendor_are_read() {
    let utc = stated_time::zone("UTC").unwrap();
    for (vendor, text, at) in [
        ("Meta's webhook", "1630087926", "2021-08-27T18:12:06.000Z"),
        ("Meta's Graph API", "2015-02-28T08:49:14+0000", "2015-02-28T08:49:14.000Z"),
        ("Google Ads", "2026-01-15T10:00:00Z", "2026-01-15T10:00:00.000Z"),
        ("LinkedIn, milliseconds", "1768471200000", "2026-01-15T10:00:00.000Z"),
        ("LinkedIn, seconds", "1768471200", "2026-01-15T10:00:00.000Z"),
        ("Calendly", "2023-01-29T13:50:13.000000Z", "2023-01-29T13:50:13.000Z"),
        ("Webflow", "2022-09-14T12:35:16.117Z", "2022-09-14T12:35:16.117Z"),
        ("Gravity Forms, Paperform", "2026-01-15 10:00:00", "2026-01-15T10:00:00.000Z"),
        ("Unbounce", "2026-01-15 04:17 PM UTC", "2026-01-15T16:17:00.000Z"),
        ("Elementor in Portuguese", "março 30, 2026 1:53 pm", "2026-03-30T13:53:00.000Z"),
        ("Elementor in figures", "16/09/2026", "2026-09-16T00:00:00.000Z"),
        ("Elementor in German", "30. März 2026 14:05", "2026-03-30T14:05:00.000Z"),
        ("ADF", "2000-03-30T15:30:20-08:00", "2000-03-30T23:30:20.000Z"),
        ("a connector", "02/01/2025 10:20", "2025-01-02T10:20:00.000Z"),
        ("Ruby", "2026-01-15 10:00:00 UTC", "2026-01-15T10:00:00.000Z"),
        ("Ruby with an offset", "2026-01-15 11:00:00 +0100", "2026-01-15T10:00:00.000Z"),
        ("mail", "Thu, 15 Jan 2026 11:00:00 +0100", "2026-01-15T10:00:00.000Z"),
        ("a spreadsheet", "15-Jan-2026 10:00", "2026-01-15T10:00:00.000Z"),
        ("SQL Server", "Jan 15 2026 10:00AM", "2026-01-15T10:00:00.000Z"),
        ("microseconds", "1768471200000000", "2026-01-15T10:00:00.000Z"),
    ] {
        let stated = stated_time::read(text, &utc, DateOrder::Dmy);
        assert_eq!(stated.map(|it| it.at.to_string()).as_deref(), Some(at), "{vendor}: {text}");
    }
}

#[test]
fn scan_times_come_from_one_column_or_several() {
    let at = |csv: &str| {
        let row = rows(&scanner(), "text/csv", csv.as_bytes()).remove(0).unwrap();
        (row.occurred_at.map_or(String::new(), |at| at.to_string()), row.flags, row.answers.len())
    };
    let utc = |text: &str, flags: &[Flag], answers| (text.to_owned(), flags.to_vec(), answers);
    let nine = "2026-11-20T08:00:00.000Z";
    assert_eq!(at("badge;scanned_at\n1;2026-11-20T08:00:00Z"), utc(nine, &[], 0));
    assert_eq!(at("badge;Datum;Uhrzeit\n1;20.11.2026;09:00"), utc(nine, &[Flag::ZoneAssumed], 0));
    assert_eq!(
        at("badge;Scan Date;Scan Time\n1;2026-11-20;9:00 AM"),
        utc(nine, &[Flag::ZoneAssumed], 0)
    );
    assert_eq!(at("badge;Scan Time\n1;2026-11-20 09:00"), utc(nine, &[Flag::ZoneAssumed], 0));
    assert_eq!(at("badge;date;time;tz\n1;2026-11-20;03:00;America/New_York"), utc(nine, &[], 0));
    assert_eq!(at("badge;date\n1;last Friday"), utc("", &[], 1));
    assert_eq!(at("badge;date;time\n1;2026-11-20;noonish"), utc("", &[], 2));
    // Thirty days are believed, and five minutes into the future.
    assert_eq!(
        at("badge;date\n1;2026-01-01T00:00:00Z"),
        utc("2026-10-23T12:00:00.000Z", &[Flag::TimeClamped], 0)
    );
    assert_eq!(
        at("badge;date\n1;2027-01-01T00:00:00Z"),
        utc("2026-11-22T12:00:00.000Z", &[Flag::TimeClamped], 0)
    );
    assert_eq!(at("badge;date\n1;2026-11-22T12:04:00Z"), utc("2026-11-22T12:00:00.000Z", &[], 0));
}

#[test]
fn broken_multipart_is_unreadable() {
    for body in [
        "",
        "--b",
        "--b\r\n",
        "--b--",
        "--b\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx",
        "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--b--",
        "--c\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--c--",
    ] {
        let result =
            capture(&form(), &post("multipart/form-data; boundary=b", body.as_bytes()), now());
        match result {
            Ok(Captured::Unreadable(kept)) => {
                assert!(["bad_multipart", "empty"].contains(&kept.reason.as_str()), "{body}");
            }
            Ok(Captured::Inquiry { submission, .. }) => {
                assert_eq!((body, submission.fields.len()), ("--b--", 0));
            }
            other => panic!("{body}: {other:?}"),
        }
    }
    assert_eq!(
        unreadable(&form(), &post("multipart/form-data", b"--b--")).reason.as_str(),
        "bad_multipart"
    );
}
