//! The catalogue of problems, written into docs/troubleshooting.md out of the code: UPDATE_DOCS=1.

use std::fmt::Write as _;

use lead_router::http::advice::ADVICE;
use lead_router::http::openapi::catalogue;

use super::markdown::{read, root};

const PAGE: &str = "docs/troubleshooting.md";
const BEGIN: &str =
    "<!-- problems: written by `UPDATE_DOCS=1 cargo test`, out of src/http/advice.rs -->\n";
const END: &str = "<!-- end of problems -->";

/// One entry per code: what it means, who can mend it, how.
fn entries() -> String {
    let catalogue = catalogue();
    let mut text = String::new();
    for problem in catalogue["problems"].as_array().unwrap() {
        let word = |key: &str| problem[key].as_str().unwrap();
        let (code, status) = (word("code"), &problem["status"]);
        let (.., advice) = ADVICE.iter().find(|(known, ..)| *known == code).unwrap();
        let (title, who) = (word("title"), word("who"));
        write!(text, "\n### `{code}`\n\n{status}: {title}. It is mended by **{who}**.\n{advice}\n")
            .unwrap();
    }
    text.push('\n');
    text
}

#[test]
fn every_problem_is_explained() {
    let page = read(PAGE);
    let (before, rest) = page.split_once(BEGIN).expect("the mark where problems begin");
    let (stands, after) = rest.split_once(END).expect("the mark where problems end");
    let wanted = entries();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let text = format!("{before}{BEGIN}{wanted}{END}{after}");
        std::fs::write(root().join(PAGE), text).unwrap();
    } else {
        assert!(stands == wanted, "{PAGE} is not what the code says: UPDATE_DOCS=1 writes it");
    }
    assert!(wanted.matches("\n### ").count() > 30);
}
