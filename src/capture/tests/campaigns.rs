//! Where people came from: what the form sends, and what stands in the addresses of its pages.

use super::*;
use crate::domain::Flag;

fn attribution(pairs: &[(&str, &str)]) -> crate::domain::Attribution {
    let body = serde_urlencoded::to_string(pairs).unwrap();
    inquiry(&form(), &post(FORM, body.as_bytes())).attribution
}

#[test]
fn campaign_and_clicks_are_read_from_the_page() {
    let page = "https://www.acme.example/boats?utm_source=news&UTM-Medium=mail&utm_campaign=Spring+%26+Sun\
                &gclid=G-1&fbclid=F-1&msclkid=M-1&li_fat_id=L-1&ttclid=T-1&ScCid=S-1&q=secret#top?utm_term=no";
    let found = attribution(&[("page_url", page)]);
    for (key, value) in [
        ("utm_source", "news"),
        ("utm_medium", "mail"),
        ("utm_campaign", "Spring & Sun"),
        ("gclid", "G-1"),
        ("fbclid", "F-1"),
        ("msclkid", "M-1"),
        ("li_fat_id", "L-1"),
        ("ttclid", "T-1"),
        ("sccid", "S-1"),
        ("page_url", page),
    ] {
        assert_eq!(found.get(key).map(String::as_str), Some(value), "{key}");
    }
    assert_eq!(found.len(), 10, "nothing else of the address: {:?}", found.keys());
}

#[test]
fn what_the_form_says_goes_before_the_page_and_the_page_before_where_they_landed() {
    let found = attribution(&[
        (
            "landing_page",
            "https://acme.example/?utm_source=landed&utm_medium=landed&utm_term=landed",
        ),
        ("page", "https://acme.example/form?utm_source=page&utm_medium=page"),
        ("utm_source", "form"),
    ]);
    assert_eq!(found["utm_source"], "form");
    assert_eq!(found["utm_medium"], "page");
    assert_eq!(found["utm_term"], "landed");
}

#[test]
fn a_long_address_still_says_its_campaign() {
    let filler = "x".repeat(600);
    let page = format!("https://acme.example/?q={filler}&gclid=G-1&utm_id={filler}");
    let body = serde_urlencoded::to_string([("page_url", &page)]).unwrap();
    let taken = inquiry(&form(), &post(FORM, body.as_bytes()));
    assert_eq!(taken.attribution["gclid"], "G-1");
    assert_eq!(taken.attribution["utm_id"].len(), 500);
    assert_eq!(taken.flags, [Flag::Truncated]);
    for odd in
        ["?", "https://acme.example/?&&=&utm_=&utm_source=", "utm_source=x", "http://[?gclid=%"]
    {
        let found = attribution(&[("page_url", odd)]);
        let more: Vec<_> =
            found.iter().filter(|(key, _)| *key != "page_url" && *key != "gclid").collect();
        assert!(more.is_empty(), "{odd}: {more:?}");
    }
}

#[test]
fn pages_of_every_vendor_are_read() {
    let typeform = r#"{"event_type":"form_response","form_response":{"token":"t","hidden":{"utm_source":"h","page_url":"https://a.example/?utm_medium=m"}}}"#;
    let segment = r#"{"type":"identify","messageId":"m","userId":"u","context":{"page":{"url":"https://a.example/?gclid=g"}}}"#;
    for (preset, body, key, value) in
        [("typeform", typeform, "utm_medium", "m"), ("segment", segment, "gclid", "g")]
    {
        let source = source(&format!("preset: {preset}\nsecrets: [a-secret-of-it]"));
        let request = Request { caller_known: true, ..post(JSON, body.as_bytes()) };
        assert_eq!(inquiry(&source, &request).attribution[key], value, "{preset}");
    }
}
