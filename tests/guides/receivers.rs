//! The receiver's side: the functions that are shown verify what we send, and what is shown of an
//! event is in it.

use serde_json::{Value, json};

use super::table::block;
use crate::harness::receiver::{Came, Receiver};
use crate::journeys::desk::{Desk, SIGNING};

const PAGE: &str = "docs/receivers.md";

const PYTHON: &str = "
import json, sys
given = json.load(sys.stdin)
print(json.dumps(verified(given['secret'], given['headers'], given['body'].encode())))
";
const NODE: &str = "
import { readFileSync } from 'node:fs';
const given = JSON.parse(readFileSync(0));
console.log(JSON.stringify(verified(given.secret, given.headers, Buffer.from(given.body))));
";
const PHP: &str = "
$given = json_decode(stream_get_contents(STDIN), true);
echo json_encode(verified($given['secret'], $given['headers'], $given['body'])), \"\\n\";
";

/// The secret, the headers and the body of a request, as the programs above take them.
fn given(came: &Came, secret: &str, body: &[u8]) -> Value {
    let headers: serde_json::Map<String, Value> =
        came.headers.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
    json!({"secret": secret, "headers": headers, "body": String::from_utf8_lossy(body)})
}

/// Members of `shown` that `came` has not.
fn missing(shown: &Value, came: &Value, at: &str, found: &mut Vec<String>) {
    for (key, shown) in shown.as_object().into_iter().flatten() {
        let place = format!("{at}/{key}");
        match came.get(key) {
            None => found.push(place),
            Some(came) => missing(shown, came, &place, found),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn receivers_verify_as_shown() {
    let desk = Desk::sit(Receiver::start(), &[("form", "preset: html-form\n")]).await;
    let post = "-d email=ina@quillfeather.example -d company='Quillfeather AG' -d message='A quote, please' -d utm_source=news";
    desk.well(&format!("curl -sS {} {post}", desk.source_url("form")), &[]).await;
    desk.told(1).await;
    let came = desk.receiver.came("crm").remove(0);
    let mut tampered = came.body.clone();
    *tampered.last_mut().unwrap() = b' ';
    let another = SIGNING.replace("am91", "am92");
    let cases = [
        (given(&came, SIGNING, &came.body), "true"),
        (given(&came, SIGNING, &tampered), "false"),
        (given(&came, &another, &came.body), "false"),
    ];
    let languages = [
        ("import base64", "receiver.py", "", PYTHON, "python3"),
        ("import { createHmac", "receiver.mjs", "", NODE, "node"),
        ("function verified", "receiver.php", "<?php\n", PHP, "php"),
    ];
    for (begins, file, head, tail, program) in languages {
        desk.write(&format!("../{file}"), &format!("{head}{}{tail}", block(PAGE, begins)));
        for (at, (case, wanted)) in cases.iter().enumerate() {
            desk.write("../case.json", &case.to_string());
            let said = desk.well(&format!("{program} {file} < case.json"), &[]).await;
            assert_eq!(said.trim(), *wanted, "{file}, case {at}");
        }
    }
    let shown: Value = serde_json::from_str(&block(PAGE, "{")).unwrap();
    let mut absent = Vec::new();
    missing(&shown, &came.json(), "", &mut absent);
    assert!(absent.is_empty(), "shown, and not in an event: {absent:?}");
}
