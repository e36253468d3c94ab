//! `lead-router check DIR`: everything that is wrong with a configuration, at once.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use crate::config::{self, ConfigError, DemoValues, Loaded, Severity};

/// Arguments of `check`.
#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    /// Configuration folder
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// Refuse warnings too
    #[arg(long)]
    pub strict: bool,
}

/// Prints `file:line:col: message (suggestion)` for each finding, and a summary. Whether the
/// configuration may be used.
///
/// # Errors
/// If `out` cannot be written.
pub fn run(
    args: &CheckArgs,
    env: &dyn Fn(&str) -> Option<String>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    // The demo's own values exist only while it runs; checking its files needs some.
    let demo = DemoValues { receiver: "http://127.0.0.1:9".to_owned() };
    let found = match config::load(&args.dir, &|name| demo.get(name).or_else(|| env(name))) {
        Ok(loaded) => {
            print(out, &loaded.warnings)?;
            let good = !args.strict || loaded.warnings.is_empty();
            return summary(out, &loaded, good).map(|()| good);
        }
        Err(found) => found,
    };
    print(out, &found)?;
    let errors = found.iter().filter(|f| f.severity == Severity::Error).count();
    let warnings = found.len() - errors;
    writeln!(out, "not good: {errors} error(s), {warnings} warning(s)")?;
    Ok(false)
}

fn print(out: &mut dyn Write, found: &[ConfigError]) -> io::Result<()> {
    found.iter().try_for_each(|finding| writeln!(out, "{finding}"))
}

fn summary(out: &mut dyn Write, loaded: &Loaded, good: bool) -> io::Result<()> {
    for (name, workspace) in &loaded.workspaces {
        writeln!(out, "workspace {name}: {}", workspace.summary())?;
    }
    let word = if good { "good" } else { "not good (--strict)" };
    let (keys, warnings) = (loaded.keys.len(), loaded.warnings.len());
    writeln!(out, "{word}: {keys} API key(s), {warnings} warning(s), hash {}", loaded.hash)
}
