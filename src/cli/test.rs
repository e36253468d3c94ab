//! `lead-router test`: the rule tests of a configuration, in files beside what they test.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::rule_tests::{Found, Read, read};
use super::rule_tests_report as report;
use crate::config::{self, ConfigError, DemoValues, Loaded, Severity};
use crate::simulate::{self, Business};

/// Arguments of `test`.
#[derive(Debug, Clone, Args)]
pub struct TestArgs {
    /// Configuration folder
    #[arg(value_name = "DIR", default_value = ".", env = "LEAD_ROUTER_CONFIG")]
    pub dir: PathBuf,
    /// Only tests whose name, file or workspace holds this text
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// How to say what came
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Json,
    /// XML as CI systems read it
    Junit,
}

/// Runs every test. `false` = one failed, is wrong as written, or there is none to run.
///
/// # Errors
/// If `out` cannot be written.
pub fn run(
    args: &TestArgs,
    env: &dyn Fn(&str) -> Option<String>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    let loaded = match loaded(&args.dir, env) {
        Ok(loaded) => loaded,
        Err(found) => return refused(out, &found),
    };
    let Read { mut found, errors } = read(&args.dir, &loaded);
    if !errors.is_empty() {
        return refused(out, &errors);
    }
    if let Some(filter) = &args.filter {
        found.retain(|test| test.holds(filter));
    }
    if found.is_empty() {
        let filtered = if args.filter.is_some() { " that holds this text" } else { "" };
        writeln!(
            out,
            "there is no test{filtered}: no workspaces/*/tests/*.yaml in {}",
            args.dir.display()
        )?;
        return Ok(false);
    }
    let results: Vec<report::Result> = found.iter().map(|test| judged(test, &loaded)).collect();
    match args.format {
        Format::Text => report::text(out, &results)?,
        Format::Json => report::json(out, &results)?,
        Format::Junit => report::junit(out, &results)?,
    }
    Ok(results.iter().all(report::Result::passed))
}

fn judged(test: &Found, loaded: &Loaded) -> report::Result {
    let business = business(loaded, test);
    let verdict = business.map(|business| simulate::run(&business, &test.settings, &test.case));
    report::Result {
        workspace: test.workspace.to_string(),
        file: test.file.clone(),
        line: test.line,
        name: test.case.name.clone(),
        verdict: match verdict {
            Some(Ok(verdict)) => Ok(verdict),
            Some(Err(fault)) => Err(fault.to_string()),
            None => Err("its workspace is not loaded".to_owned()),
        },
    }
}

pub(super) fn business<'a>(loaded: &'a Loaded, test: &Found) -> Option<Business<'a>> {
    let workspace = loaded.workspaces.get(&test.workspace)?;
    Some(Business { configuration: &workspace.decide, sources: &workspace.sources })
}

/// Loads a configuration to decide by: nothing is sent and nobody is let in, so secrets that are not
/// in the environment are made up.
pub(super) fn loaded(
    dir: &Path,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Loaded, Vec<ConfigError>> {
    let demo = DemoValues { receiver: "http://127.0.0.1:9".to_owned() };
    let made_up = |name: &str| {
        let secret = name != "LEAD_ROUTER_KEY" && !name.contains(':');
        secret.then(|| DemoValues::SIGNING_SECRET.to_owned())
    };
    config::load(dir, &|name| demo.get(name).or_else(|| env(name)).or_else(|| made_up(name)))
}

pub(super) fn refused(out: &mut dyn Write, found: &[ConfigError]) -> io::Result<bool> {
    for error in found.iter().filter(|error| error.severity == Severity::Error) {
        writeln!(out, "{error}")?;
    }
    Ok(false)
}
