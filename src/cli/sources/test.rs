//! `lead-router sources test FILE`: what a source, or a preset, makes of a body that somebody captured.
//! Says where each value stood and what it became; nothing is sent or kept, and no value is printed.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::show::find;
use super::sign::by_ending;
use crate::app::SystemClock;
use crate::capture::{
    Captured, Origin, Presets, Request, RowProblem, SchemeSettings, Source, SourceSettings,
    Violation, explain,
};
use crate::cli::client::ClientError;
use crate::cli::folder::{ConfigArgs, Env, missing};
use crate::cli::preset_list;
use crate::domain::ports::Clock as _;
use crate::domain::{Name, Submission};

/// Arguments of `sources test`.
#[derive(Debug, Clone, Args)]
pub struct TestArgs {
    #[command(flatten)]
    pub config: ConfigArgs,
    /// The body, as it was posted
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// A source of the configuration
    #[arg(long, value_name = "NAME", required_unless_present = "preset")]
    pub source: Option<Name>,
    /// A preset, without a configured source
    #[arg(long, value_name = "PRESET", conflicts_with = "source")]
    pub preset: Option<Name>,
    /// The content type it was posted with; default by the file's ending, else the preset's sample's
    #[arg(long, value_name = "TYPE")]
    pub content_type: Option<String>,
    /// It was posted to `…/batch`
    #[arg(long)]
    pub batch: bool,
}

/// Prints what became of each value.
///
/// # Errors
/// If the body cannot be taken or read.
pub(super) fn run(args: &TestArgs, env: &Env<'_>, out: &mut dyn Write) -> Result<(), ClientError> {
    let body = std::fs::read(&args.file)
        .map_err(|error| ClientError::Refused(format!("{}: {error}", args.file.display())))?;
    let source = source(args, env)?;
    let (name, title) = source.preset();
    writeln!(out, "preset {name} ({title}), {}", source.tier().as_str())?;
    let of_sample = || source.sample().map(|sample| sample.content_type.clone());
    let content_type =
        args.content_type.clone().or_else(|| by_ending(&args.file)).or_else(of_sample);
    let request = Request {
        batch: args.batch,
        caller_known: true,
        ..Request::post(content_type.as_deref(), &body)
    };
    let (captured, origins) = explain(&source, &request, SystemClock::default().now())
        .map_err(|refused| ClientError::Refused(refused.message))?;
    let mut origins = origins.into_iter();
    match captured {
        Captured::Inquiry { submission, .. } => {
            inquiry(out, 1, &submission, &origins.next().unwrap_or_default())
        }
        Captured::Batch(rows) => rows.iter().enumerate().try_for_each(|(n, row)| match row {
            Ok(submission) => inquiry(out, n + 1, submission, &origins.next().unwrap_or_default()),
            Err(problem) => unread(out, problem),
        }),
        Captured::Unreadable(unreadable) => {
            let said = said(&unreadable.violations);
            Err(ClientError::Refused(format!("unreadable, {}{said}", unreadable.reason)))
        }
        Captured::Ping | Captured::Handshake(_) => {
            Err(ClientError::Refused("this asks only who is there".to_owned()))
        }
    }
}

fn source(args: &TestArgs, env: &Env<'_>) -> Result<Source, ClientError> {
    if let Some(preset) = &args.preset {
        let presets: Presets = preset_list::known(&args.config, env)?;
        if presets.get(preset.as_str()).is_none() {
            let names: Vec<&str> = presets.names().map(Name::as_str).collect();
            return Err(missing("preset", preset.as_str(), names.iter().copied()));
        }
        let settings = SourceSettings::trial(preset.clone(), SchemeSettings::None);
        return Source::compile(preset, &settings, &presets).map_err(|problems| {
            let said: Vec<String> = problems.into_iter().map(|problem| problem.message).collect();
            ClientError::Refused(said.join("\n"))
        });
    }
    let folder = args.config.open(env)?;
    let workspace = args.config.workspace(&folder)?;
    let name = args.source.as_ref().map_or("", Name::as_str);
    let name = Name::parse(name).map_err(|error| ClientError::Refused(error.to_string()))?;
    find(&workspace, &name).cloned()
}

fn inquiry(
    out: &mut dyn Write,
    number: usize,
    submission: &Submission,
    origins: &[Origin],
) -> Result<(), ClientError> {
    let mut marks = Vec::new();
    let mut mark = |set: bool, word: &str| {
        if set {
            marks.push(word.to_owned());
        }
    };
    mark(submission.is_test, "a test");
    mark(submission.filtered, "filtered");
    mark(submission.event_id.is_none(), "no event id: told apart by its content");
    for flag in &submission.flags {
        mark(true, flag.as_str());
    }
    let marks = if marks.is_empty() { String::new() } else { format!(": {}", marks.join(", ")) };
    writeln!(out, "\ninquiry {number}{marks}")?;
    let width = origins.iter().map(|origin| origin.to.chars().count()).max().unwrap_or(0);
    let mut sorted: Vec<&Origin> = origins.iter().collect();
    sorted.sort_by_key(|origin| rank(&origin.to));
    for Origin { at, to } in sorted {
        writeln!(out, "  {to:width$}  {at}")?;
    }
    Ok(())
}

/// Fields first, what is not kept last.
fn rank(to: &str) -> u8 {
    match to {
        _ if to.starts_with("answer ") => 2,
        _ if to.starts_with("technical") => 3,
        _ if to.contains('.') && !to.contains(' ') => 0,
        _ => 1,
    }
}

fn unread(out: &mut dyn Write, problem: &RowProblem) -> Result<(), ClientError> {
    let said = said(&problem.violations);
    writeln!(out, "\nrow {}: unreadable, {}{said}", problem.row, problem.reason)?;
    Ok(())
}

fn said(violations: &[Violation]) -> String {
    violations
        .iter()
        .fold(String::new(), |said, it| said + "\n  " + &it.pointer + " " + &it.message)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn fields_go_before_answers_and_technical_values() {
        let order = ["contact.email", "event id", "answer topics", "technical (not kept)"];
        assert_eq!(order.map(rank), [0, 1, 2, 3]);
    }

    #[test]
    fn every_shipped_preset_makes_a_trial_source() {
        let presets = Presets::shipped().unwrap();
        for name in presets.names() {
            let settings = SourceSettings::trial(name.clone(), SchemeSettings::None);
            assert!(Source::compile(name, &settings, &presets).is_ok(), "{name}");
        }
        assert!(by_ending(Path::new("a.xml")).is_some());
    }
}
