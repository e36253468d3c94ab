//! Somebody at the console: keeps cookies, fills in forms with the token of the page they stand on.

use lead_router::app::{Stopped, StoreUrl, open_store};
use lead_router::store::audit::audit;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::app::{Answer, Files, KEY, Running, eventually};
use crate::harness::receiver::Receiver;

/// A service on an embedded store, its receiver, and the folders they live in.
pub struct World {
    pub receiver: Receiver,
    pub files: Files,
    pub store: TempDir,
    pub app: Running,
}

impl World {
    pub async fn start() -> Self {
        let receiver = Receiver::start();
        let files = Files::new(&receiver);
        let store = tempfile::tempdir().unwrap();
        let app = Running::embedded(&files, store.path()).await;
        Self { receiver, files, store, app }
    }

    /// Stops the service; what it leaves behind must fit together.
    pub async fn ends_well(self) {
        assert_eq!(self.app.stop().await, Stopped::Cleanly);
        let url = StoreUrl::Embedded(self.store.path().to_path_buf());
        let store =
            eventually("the store's release", || async { open_store(&url).await.ok() }).await;
        let report = audit(store.as_ref(), &"acme".parse().unwrap()).await.unwrap();
        assert!(report.is_clean() && report.rows > 0, "{report}");
    }

    /// Posts an inquiry; gives its lead.
    pub async fn lead(&self, body: Value) -> String {
        let answer = self.app.inquire("form", body).await;
        assert!(answer.status < 300, "{answer:?}");
        answer.at("/lead_id").to_owned()
    }

    /// Somebody logged in with the key that may do everything.
    pub async fn visitor(&self) -> Visitor<'_> {
        self.visitor_with(KEY).await
    }

    /// Somebody logged in with that key.
    pub async fn visitor_with(&self, key: &str) -> Visitor<'_> {
        let mut visitor = Visitor { app: &self.app, cookies: Vec::new() };
        let answer = visitor.send("/console/login", &[("key", key)], &[]).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        visitor
    }

    /// Somebody who is not.
    pub fn stranger(&self) -> Visitor<'_> {
        Visitor { app: &self.app, cookies: Vec::new() }
    }
}

/// A good inquiry of that person: sold, German.
pub fn good(name: &str) -> Value {
    json!({
        "email": format!("{name}@zanzotter.example"),
        "name": format!("{name} Zanzotter"),
        "country": "DE",
        "budget": "25000",
    })
}

/// A browser without scripts.
pub struct Visitor<'a> {
    app: &'a Running,
    pub cookies: Vec<(String, String)>,
}

impl Visitor<'_> {
    fn keep(&mut self, answer: &Answer) {
        for line in answer.headers.get_all("set-cookie") {
            let line = line.to_str().unwrap();
            for must in ["Path=/console", "HttpOnly", "SameSite=Strict"] {
                assert!(line.contains(must), "{line}");
            }
            let (name, value) = line.split_once(';').unwrap().0.split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    fn cookie(&self) -> String {
        let pairs: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    /// A page.
    pub async fn get(&mut self, path: &str) -> Answer {
        let url = format!("{}{path}", self.app.private);
        let cookie = self.cookie();
        let answer = self.app.ask(Method::GET, &url, &[("cookie", &cookie)], String::new()).await;
        self.keep(&answer);
        answer
    }

    /// A form as it stands here, with further headers.
    pub async fn send(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let url = format!("{}{path}", self.app.private);
        let cookie = self.cookie();
        let mut all = vec![
            ("cookie", cookie.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        all.extend_from_slice(headers);
        let body = serde_urlencoded::to_string(fields).unwrap();
        let answer = self.app.ask(Method::POST, &url, &all, body).await;
        self.keep(&answer);
        answer
    }

    /// Fills in a form of a page, as a browser does: with the page's token, and where it stands.
    pub async fn submit(&mut self, page: &str, form: &str, fields: &[(&str, &str)]) -> Answer {
        let shown = self.get(page).await;
        assert_eq!(shown.status, 200, "{page}: {}", shown.text);
        let action = format!("action=\"{form}\"");
        let at = shown.text.find(&action).unwrap_or_else(|| panic!("{page} has no {form}"));
        let inside = shown.text[at..].split("</form>").next().unwrap();
        let mut all: Vec<(&str, &str)> = hidden(inside);
        all.extend_from_slice(fields);
        let origin = self.app.private.clone();
        let headers = [("origin", origin.as_str()), ("sec-fetch-site", "same-origin")];
        self.send(form, &all, &headers).await
    }

    /// Where an action led, and what was said there.
    pub async fn follow(&mut self, answer: &Answer) -> (String, String) {
        assert_eq!(answer.status, 303, "{}", answer.text);
        let to = answer.headers["location"].to_str().unwrap().to_owned();
        let page = self.get(&to).await;
        assert_eq!(page.status, 200, "{to}: {}", page.text);
        (said(&page.text), page.text)
    }
}

/// The hidden fields of a form.
fn hidden(form: &str) -> Vec<(&str, &str)> {
    let attribute = |tag: &'static str| {
        move |input: &'_ str| -> Option<(usize, usize)> {
            let from = input.find(tag)? + tag.len();
            Some((from, from + input[from..].find('"')?))
        }
    };
    form.split("<input type=\"hidden\"")
        .skip(1)
        .filter_map(|input| {
            let (name, value) = (attribute("name=\"")(input)?, attribute("value=\"")(input)?);
            Some((&input[name.0..name.1], &input[value.0..value.1]))
        })
        .collect()
}

/// What a page says became of the last action.
pub fn said(page: &str) -> String {
    let Some(at) = page.find("data-test=\"said\">") else { return String::new() };
    page[at + 17..].split("</p>").next().unwrap().to_owned()
}
