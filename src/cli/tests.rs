//! The command line reads what it should.

use clap::{CommandFactory as _, Parser as _};

use super::*;
use crate::config::{shape, tree};
use crate::domain::Name;
use crate::http::keys::{KeyRing, KeysFile, Scope};

#[test]
fn the_arguments_make_sense_to_clap() {
    Cli::command().debug_assert();
}

#[test]
fn without_a_subcommand_it_is_the_demo() {
    let cli = Cli::try_parse_from(["lead-router", "--once"]).unwrap();
    assert!(cli.command.is_none() && cli.demo.once);
}

#[test]
fn serve_needs_a_configuration() {
    assert!(Cli::try_parse_from(["lead-router", "serve"]).is_err());
    let line = ["lead-router", "serve", "--config", "c", "--public", "127.0.0.1:0"];
    assert!(Cli::try_parse_from(line).is_ok());
}

#[test]
fn a_new_key_is_let_in_by_the_row_that_was_printed() {
    let line =
        "lead-router keys new --name crm --scope leads:read --scope metrics --workspace demo";
    let cli = Cli::try_parse_from(line.split(' ')).unwrap();
    let Some(Command::Keys(args)) = cli.command else { panic!("keys") };
    let mut out = Vec::new();
    assert!(keys::run(&args, [7; 32], &|_| None, &mut out).unwrap());
    let text = String::from_utf8(out).unwrap();
    let key = text.lines().find_map(|line| line.trim().strip_prefix("lrk_")).unwrap();
    assert_eq!(key.len(), 43);
    let row = &text[text.find("keys:").unwrap()..text.find("It opens:").unwrap()];
    let tree = tree::parse("keys.yaml", row.as_bytes()).unwrap();
    let file: KeysFile = shape::read("keys.yaml", &tree).unwrap();
    let name = |text| Name::parse(text).unwrap();
    let ring = KeyRing::compile(&file, &[name("demo")].into()).unwrap();
    let found = ring.find(&format!("lrk_{key}")).unwrap();
    assert!(found.allows(&name("demo"), Scope::LeadsRead));
    assert!(!found.allows(&name("demo"), Scope::LeadsWrite));
    assert!(!found.allows(&name("other"), Scope::LeadsRead));
    assert!(ring.find("lrk_x").is_none());
}

#[test]
fn an_unknown_scope_is_refused_with_the_list() {
    let line = "lead-router keys new --name crm --scope leads:raed";
    let error = Cli::try_parse_from(line.split(' ')).unwrap_err().to_string();
    assert!(error.contains("deliveries:write"), "{error}");
}
