//! A real browser: Debian's chromium through its chromedriver, spoken to in the WebDriver protocol,
//! which is JSON over HTTP. Each browser has a profile of its own and is gone when dropped.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::harness::process::client;
use crate::harness::redis::free_port;
use crate::harness::wait::eventually;

/// How long anything on a page may take: two cores, and tests beside this one.
pub const WITHIN: Duration = Duration::from_secs(30);
/// Browsers at once; more only wait for each other.
static PLACES: Semaphore = Semaphore::const_new(2);
/// The key under which WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

const ARGUMENTS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    // Proxies of the environment are for the internet; the pages are here.
    "--no-proxy-server",
];

/// One request that a page made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requested {
    pub method: String,
    pub url: String,
}

/// A browser with one window.
pub struct Browser {
    driver: Child,
    base: String,
    client: Client,
    profile: TempDir,
    _place: SemaphorePermit<'static>,
}

impl Browser {
    /// Starts one, as soon as there is a place.
    pub async fn open() -> Self {
        let place = PLACES.acquire().await.expect("a place");
        let profile = tempfile::tempdir().expect("a profile");
        let (port, client) = (free_port(), client(WITHIN));
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .env("HOME", profile.path())
            .env("TMPDIR", profile.path())
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("chromedriver is needed ({error}): apt-get install chromium chromium-driver")
            });
        let base = format!("http://127.0.0.1:{port}");
        let mut browser = Self { driver, base, client, profile, _place: place };
        eventually("chromedriver", WITHIN, async || {
            let status = browser.try_ask(Method::GET, "/status", Value::Null).await.ok()?;
            (status["ready"] == true).then_some(())
        })
        .await;
        let mut arguments: Vec<String> = ARGUMENTS.iter().map(|&word| word.to_owned()).collect();
        let folder = browser.profile.path().join("profile");
        arguments.push(format!("--user-data-dir={}", folder.display()));
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"binary": "/usr/bin/chromium", "args": arguments},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }}});
        let session = browser.ask(Method::POST, "/session", wanted).await;
        let id = session["sessionId"].as_str().expect("a session").to_owned();
        browser.base = format!("{}/session/{id}", browser.base);
        browser
    }

    async fn try_ask(&self, method: Method, path: &str, body: Value) -> Result<Value, String> {
        let mut request = self.client.request(method.clone(), format!("{}{path}", self.base));
        if method == Method::POST {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await.map_err(|error| format!("{path}: {error}"))?;
        let text = response.text().await.map_err(|error| format!("{path}: {error}"))?;
        let answer: Value =
            serde_json::from_str(&text).map_err(|error| format!("{path}: {error}"))?;
        match answer["value"]["error"].as_str() {
            Some(error) => Err(format!("{path}: {error}: {}", answer["value"]["message"])),
            None => Ok(answer["value"].clone()),
        }
    }

    async fn ask(&self, method: Method, path: &str, body: Value) -> Value {
        self.try_ask(method, path, body).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Goes to an address and waits until the page is loaded.
    pub async fn go(&self, url: &str) {
        self.ask(Method::POST, "/url", json!({"url": url})).await;
    }

    /// The button of the browser itself.
    pub async fn back(&self) {
        self.ask(Method::POST, "/back", json!({})).await;
    }

    /// The address of the page.
    pub async fn url(&self) -> String {
        self.ask(Method::GET, "/url", Value::Null).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the page's address holds this.
    pub async fn until_at(&self, part: &str) {
        eventually("the page", WITHIN, async || self.url().await.contains(part).then_some(()))
            .await;
    }

    /// Waits until the page says this somewhere.
    pub async fn until_said(&self, part: &str) {
        let script = "return document.body ? document.body.innerText : ''";
        let said = eventually("the page's text", WITHIN, async || {
            // Between two pages there is none to ask.
            let text = self.try_run(script, json!([])).await.ok()?;
            text.as_str()?.contains(part).then_some(())
        });
        said.await;
    }

    async fn find(&self, css: &str) -> String {
        self.located(json!({"using": "css selector", "value": css})).await
    }

    /// The first element that fits, as soon as there is one.
    async fn located(&self, query: Value) -> String {
        eventually(&query["value"].to_string(), WITHIN, async || {
            let found = self.try_ask(Method::POST, "/element", query.clone()).await.ok()?;
            found[ELEMENT].as_str().map(str::to_owned)
        })
        .await
    }

    /// Clicks the middle of an element, as a mouse does; a page that comes of it is waited for.
    pub async fn click(&self, css: &str) {
        let element = self.find(css).await;
        self.ask(Method::POST, &format!("/element/{element}/click"), json!({})).await;
    }

    /// Clicks the first link, button or summary with these words on it, as a person would.
    pub async fn click_words(&self, words: &str) {
        let query = json!({"using": "xpath", "value": format!(
            "//*[self::a or self::button or self::summary][contains(normalize-space(.), \"{words}\")]"
        )});
        let element = self.located(query).await;
        self.ask(Method::POST, &format!("/element/{element}/click"), json!({})).await;
    }

    /// Presses Tab until the focus is on something with these words on it, and sees that people see
    /// where the focus is.
    pub async fn tab_to(&self, words: &str) {
        const FOCUS: &str = "const at = document.activeElement, look = getComputedStyle(at);\
             return [at.innerText || at.labels?.[0]?.innerText || at.getAttribute('aria-label') || '',\
                     look.outlineStyle !== 'none' || look.boxShadow !== 'none']";
        let mut passed = Vec::new();
        for _ in 0..120 {
            self.press("\u{E004}").await;
            let focus = self.run(FOCUS).await;
            let text = focus[0].as_str().unwrap_or_default().to_owned();
            assert_eq!(focus[1], true, "nobody sees that the focus is on `{text}`");
            if text.contains(words) {
                return;
            }
            passed.push(text);
        }
        panic!("Tab does not lead to `{words}`, but to {passed:?}");
    }

    /// Types on the keyboard, wherever the focus is. Enter is `\u{E007}`, Tab `\u{E004}`.
    pub async fn press(&self, keys: &str) {
        let strokes = keys.chars().flat_map(|key| {
            let key = key.to_string();
            [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})]
        });
        let actions: Vec<Value> = strokes.collect();
        self.act(json!({"type": "key", "id": "keyboard", "actions": actions})).await;
    }

    /// Clicks twice, as impatient people do.
    pub async fn double_click(&self, css: &str) {
        let element = self.find(css).await;
        let press = [
            json!({"type": "pointerDown", "button": 0}),
            json!({"type": "pointerUp", "button": 0}),
        ];
        let mut actions =
            vec![json!({"type": "pointerMove", "origin": {ELEMENT: element}, "x": 0, "y": 0})];
        actions.extend(press.iter().chain(&press).cloned());
        self.act(json!({"type": "pointer", "id": "mouse", "actions": actions})).await;
    }

    /// Types into an element.
    pub async fn fill(&self, css: &str, text: &str) {
        let element = self.find(css).await;
        self.ask(Method::POST, &format!("/element/{element}/value"), json!({"text": text})).await;
    }

    async fn act(&self, device: Value) {
        self.ask(Method::POST, "/actions", json!({"actions": [device]})).await;
    }

    async fn try_run(&self, script: &str, arguments: Value) -> Result<Value, String> {
        let body = json!({"script": script, "args": arguments});
        self.try_ask(Method::POST, "/execute/sync", body).await
    }

    /// Runs a script in the page.
    pub async fn run(&self, script: &str) -> Value {
        self.try_run(script, json!([])).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Runs a script that calls its last argument when it is done.
    pub async fn run_to_callback(&self, script: &str) -> Value {
        let body = json!({"script": script, "args": []});
        self.ask(Method::POST, "/execute/async", body).await
    }

    /// Has the browser itself do something (DevTools protocol).
    async fn command(&self, name: &str, params: Value) -> Value {
        let body = json!({"cmd": name, "params": params});
        self.ask(Method::POST, "/goog/cdp/execute", body).await
    }

    /// The pages see a window of this many pixels.
    pub async fn resize(&self, width: u32, height: u32) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.command("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// The person prefers dark pages, or light ones.
    pub async fn prefers(&self, scheme: &str) {
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.command("Emulation.setEmulatedMedia", features).await;
    }

    /// Pages may run no script.
    pub async fn without_script(&self) {
        self.command("Emulation.setScriptExecutionDisabled", json!({"value": true})).await;
    }

    /// The whole page as a PNG file.
    pub async fn picture(&self, path: &Path) {
        let options = json!({"format": "png", "captureBeyondViewport": true});
        let picture = self.command("Page.captureScreenshot", options).await;
        let bytes = STANDARD.decode(picture["data"].as_str().expect("a picture")).expect("base64");
        std::fs::write(path, bytes).expect("the picture's file");
    }

    async fn log(&self, kind: &str) -> Vec<Value> {
        let rows = self.ask(Method::POST, "/se/log", json!({"type": kind})).await;
        rows.as_array().cloned().unwrap_or_default()
    }

    /// What the browser's console complained about since the last call: errors and warnings.
    pub async fn complaints(&self) -> Vec<String> {
        let rows = self.log("browser").await;
        let bad =
            rows.iter().filter(|row| matches!(row["level"].as_str(), Some("SEVERE" | "WARNING")));
        bad.map(|row| row["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// The requests that pages made since the last call.
    pub async fn requests(&self) -> Vec<Requested> {
        let rows = self.log("performance").await;
        let sent = rows.iter().filter_map(|row| {
            let told: Value = serde_json::from_str(row["message"].as_str()?).ok()?;
            let told = &told["message"];
            let request = &told["params"]["request"];
            (told["method"] == "Network.requestWillBeSent").then(|| Requested {
                method: request["method"].as_str().unwrap_or_default().to_owned(),
                url: request["url"].as_str().unwrap_or_default().to_owned(),
            })
        });
        // The page that a new window shows is the browser's own.
        sent.filter(|request| !request.url.starts_with("chrome:")).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver and every process of the browser are one group.
        let group = format!("-{}", self.driver.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.driver.wait();
    }
}
