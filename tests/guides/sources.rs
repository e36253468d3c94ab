//! Commands about sources, typed in a folder that `init` made.

use super::table::block;
use crate::firstuse::newcomer::Newcomer;

const SOURCES: &str = "docs/sources.md";
const VENDOR: &str = "docs/new-vendor.md";
const TYPEFORM: &str = include_str!("../fixtures/sources/typeform/usual.in");

/// Types every line of a block; each has to go well and say something.
fn type_in(somebody: &Newcomer, path: &str, begins: &str) -> Vec<String> {
    let block = block(path, begins);
    let said: Vec<String> = block.lines().map(|line| somebody.well(line)).collect();
    assert!(said.iter().all(|said| !said.is_empty()), "{path}: {block}");
    said
}

#[test]
fn a_source_is_added_and_a_body_tried_as_shown() {
    let (somebody, _) = Newcomer::with_leads();
    let said = type_in(&somebody, SOURCES, "lead-router sources presets");
    assert!(said[1].contains("/v1/main/inquiries/contact"), "{}", said[1]);
    assert!(said[2].contains("/v1/main/inquiries/contact"), "{}", said[2]);
    let (_, body) = TYPEFORM.split_once("\n\n").unwrap();
    somebody.write("body.json", body);
    let said = type_in(&somebody, SOURCES, "lead-router sources test");
    assert!(said[0].contains("contact.email") && said[0].contains("event id"), "{}", said[0]);
    assert!(said[1].starts_with("preset html-form"), "{}", said[1]);
}

#[test]
fn the_tutorials_vendor_is_typed_in_as_shown() {
    let (somebody, _) = Newcomer::with_leads();
    let preset = format!("{}\n{}", block(VENDOR, "title: Beanstalk"), block(VENDOR, "fields:"));
    std::fs::create_dir_all(somebody.path("leads/presets/sources")).unwrap();
    somebody.write("leads/presets/sources/beanstalk.yaml", &preset);
    somebody.write("scan.json", &block(VENDOR, "{\"mode\""));
    let said = type_in(&somebody, VENDOR, "lead-router sources test");
    assert!(said[0].contains("need.budget") && said[0].contains("visitor.mail"), "{}", said[0]);
    // The page ends with the command that makes the source of it.
    let text = include_str!("../../docs/new-vendor.md");
    let add = "lead-router sources add beanstalk fair --config leads";
    assert!(text.contains(add));
    assert!(somebody.well(add).contains("/v1/main/inquiries/fair"));
    somebody.well("lead-router check --strict leads");
}
