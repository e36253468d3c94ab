//! The scripted stream: invented persons from the three sources, each post with a word on why it is
//! there.

use serde_json::json;

use crate::config::DemoValues;

/// One post of the stream.
#[derive(Debug, Clone)]
pub struct Post {
    pub source: &'static str,
    /// What is special about it.
    pub what: &'static str,
    pub content_type: &'static str,
    pub body: String,
    /// A batch: to `…/batch`, with the scanner's key.
    pub batch: bool,
    /// Sent as a stranger would, not with the demo's API key (that would vouch for it).
    pub stranger: bool,
}

impl Post {
    /// Where it is posted to.
    pub fn path(&self) -> String {
        let batch = if self.batch { "/batch" } else { "" };
        format!("/v1/demo/inquiries/{}{batch}", self.source)
    }
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

fn form(what: &'static str, body: &str) -> Post {
    Post {
        source: "form",
        what,
        content_type: FORM,
        body: body.to_owned(),
        batch: false,
        stranger: false,
    }
}

fn google(
    what: &'static str,
    id: &str,
    key: &str,
    is_test: bool,
    columns: &[(&str, &str)],
) -> Post {
    let columns: Vec<_> =
        columns.iter().map(|(id, value)| json!({"column_id": id, "string_value": value})).collect();
    let body = json!({
        "lead_id": id,
        "api_version": "1.0",
        "form_id": 40_000_000_123_i64,
        "campaign_id": 20_111_222_333_i64,
        "google_key": key,
        "is_test": is_test,
        "gcl_id": format!("Cj0KDemo-{id}"),
        "user_column_data": columns,
    });
    Post {
        source: "google-ads",
        what,
        content_type: JSON,
        body: body.to_string(),
        batch: false,
        stranger: key != DemoValues::GOOGLE_KEY,
    }
}

const GOOD: &str = "first_name=Frida&last_name=Fjordlund&email=frida.fjordlund%40fjordlund-dairy.example\
&phone=%2B49+30+23125+018&company=Fjordlund+Dairy&country=Germany&employees=320&industry=food\
&product=filler&budget=45000&authority=decision+maker&timeline=this+quarter\
&message=Our+old+filler+stops+twice+a+day.";

/// Visitors of a stand, as the scanner app exports them in the evening.
const SCANS: &str = "badge_id;first_name;last_name;company;email;phone;country;rating;notes;scanned_at\n\
B-1001;Theo;Quillfeather;Quillfeather Drinks;theo@quillfeather-drinks.example;+44 20 7946 0101;GB;5;wants a complete line this year;2026-03-03 10:12\n\
B-1002;Mila;Brummelkamp;Brummelkamp GmbH;mila@brummelkamp.example;030 23125 044;DE;4;labeller;2026-03-03 11:40\n\
B-1003;Ugo;Zanzotter;;ugo.zanzotter@mail.test;;IT;2;took a pen;2026-03-03 12:05\n\
B-1001;Theo;Quillfeather;Quillfeather Drinks;theo@quillfeather-drinks.example;+44 20 7946 0101;GB;5;wants a complete line this year;2026-03-03 10:12\n";

fn scans(what: &'static str) -> Post {
    Post {
        source: "scanner",
        what,
        content_type: "text/csv",
        body: SCANS.to_owned(),
        batch: true,
        stranger: false,
    }
}

/// The stream, in order.
pub fn stream() -> Vec<Post> {
    let key = DemoValues::GOOGLE_KEY;
    vec![
        form("good: complete, fits, can buy", GOOD),
        form("the browser sent it twice", GOOD),
        form(
            "the same person asks again",
            "email=Frida.Fjordlund%40FJORDLUND-DAIRY.example&message=Can+you+visit+us+next+week%3F",
        ),
        form(
            "incomplete: promising, much unknown",
            "name=Oskar+Okonkwo-Vast&email=oskar%40okonkwo-vast.example&company=Okonkwo-Vast+AG&employees=1200&country=CH&product=palletiser",
        ),
        form(
            "interested, but not now",
            "name=Nele+Zanzotter&email=nele%40zanzotter-bakery.example&phone=030+23125+077&company=Zanzotter+Bakery&employees=60&product=capper&budget=2000&timeline=no+plans",
        ),
        form(
            "not eligible: a competitor",
            "name=Rolf+Brummelkamp&email=rolf%40packrival.example&product=filler&budget=99999&timeline=now",
        ),
        form("spam: a robot filled the trap", "email=bot%40zanzotter.test&message=buy&_gotcha=yes"),
        form("nobody could be reached", "message=Please+call+me"),
        google(
            "good: from an ad",
            "TeSter-demo-1",
            key,
            false,
            &[
                ("FULL_NAME", "Petra Fjordlund"),
                ("WORK_EMAIL", "petra@fjordlund-cosmetics.example"),
                ("PHONE_NUMBER", "+12025550143"),
                ("COMPANY_NAME", "Fjordlund Cosmetics"),
                ("COMPANY_SIZE", "1000-5000"),
                ("JOB_TITLE", "Head of Operations"),
                ("COUNTRY", "US"),
                ("PRODUCT", "complete line"),
            ],
        ),
        google(
            "Google's \"send test data\"",
            "TeSter-demo-2",
            key,
            true,
            &[("FULL_NAME", "FirstName LastName"), ("EMAIL", "test@quillfeather.test")],
        ),
        google(
            "a stranger without the key",
            "TeSter-demo-3",
            "not-the-google-key",
            false,
            &[("EMAIL", "someone@quillfeather.test")],
        ),
        scans("four scans of three visitors"),
        scans("the same upload again"),
        Post {
            source: "form",
            what: "broken: cut off on the way",
            content_type: JSON,
            body: r#"{"email": "cut.off@fjord"#.to_owned(),
            batch: false,
            stranger: false,
        },
    ]
}
