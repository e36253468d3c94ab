//! What holds of every page that we serve: it fits three widths, in light and in dark, complains about
//! nothing, loads nothing from elsewhere, and can be used by everybody.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::chromium::Browser;

/// A phone, a tablet, a desk: pixels.
pub const WIDTHS: [u32; 3] = [390, 820, 1280];
const HEIGHT: u32 = 900;
const SCHEMES: [&str; 2] = ["light", "dark"];

/// A folder of the build where things for people to look at are kept.
pub fn build_folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target").join(name);
    std::fs::create_dir_all(&folder).expect("the folder");
    folder
}

fn axe() -> String {
    let file = build_folder("browser-parts").join("node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(file).expect("axe-core is not there: make install-test-parts")
}

/// Tables that are wider than their place, so that a column is cut until somebody moves them.
const CUT: &str = "return [...document.querySelectorAll('.scroll')]\
    .filter(box => box.scrollWidth > box.clientWidth + 1)\
    .map(box => box.getAttribute('aria-label') || box.getAttribute('aria-labelledby'))";

/// Judges the page that is open, in every width and both schemes. Pictures are kept as
/// `target/pictures/NAME-WIDTH-SCHEME.png`.
/// Gives everything that is wrong.
pub async fn faults(browser: &Browser, name: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let pictures = build_folder("pictures");
    for width in WIDTHS {
        browser.resize(width, HEIGHT).await;
        for scheme in SCHEMES {
            browser.prefers(scheme).await;
            browser.picture(&pictures.join(format!("{name}-{width}-{scheme}.png"))).await;
            let place = format!("{name} at {width}, {scheme}");
            wrong.extend(hard_to_use(browser).await.iter().map(|what| format!("{place}: {what}")));
        }
        let over = browser.run("return document.documentElement.scrollWidth - innerWidth").await;
        if over.as_i64().is_none_or(|over| over > 0) {
            wrong.push(format!("{name} at {width}: {over} pixels too wide"));
        }
        let cut = browser.run(CUT).await;
        if cut.as_array().is_none_or(|cut| !cut.is_empty()) {
            wrong.push(format!("{name} at {width}: cut: {cut}"));
        }
    }
    wrong.extend(browser.complaints().await);
    let own = browser.run("return location.origin").await;
    let own = own.as_str().unwrap_or_default().to_owned();
    let elsewhere = browser.requests().await.into_iter().map(|request| request.url);
    wrong.extend(elsewhere.filter(|url| !url.starts_with(&own) && !url.starts_with("data:")));
    wrong
}

/// What axe finds that keeps people out: rule, element, why. Serious and critical ones.
async fn hard_to_use(browser: &Browser) -> Vec<String> {
    if browser.run("return typeof axe").await != "object" {
        browser.run(&axe()).await;
    }
    let script = "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']})\
                  .then(found => done(found.violations), error => done([{id: String(error), impact: 'critical', nodes: []}]))";
    let found = browser.run_to_callback(script).await;
    let serious =
        found.as_array().cloned().unwrap_or_default().into_iter().filter(|violation| {
            matches!(violation["impact"].as_str(), Some("serious" | "critical"))
        });
    serious.map(|violation| told(&violation)).collect()
}

fn told(violation: &Value) -> String {
    let nodes = violation["nodes"].as_array().cloned().unwrap_or_default();
    let places: Vec<String> = nodes
        .iter()
        .map(|node| json!([node["target"], node["any"][0]["message"]]).to_string())
        .collect();
    format!("{}: {}", violation["id"].as_str().unwrap_or_default(), places.join(", "))
}
