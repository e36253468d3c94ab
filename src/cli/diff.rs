//! `lead-router diff A B`: which decisions change from one configuration to another.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde::Deserialize as _;
use serde_json::{Value, json};

use super::client::{ClientArgs, ClientError, WorkspaceArgs, escaped, good, run_to_end};
use super::rule_tests::read;
use super::test::{loaded, refused};
use crate::config::{Loaded, Workspace, shape, tree};
use crate::domain::{Inquiry, Name, Timestamp};
use crate::simulate::{Business, Comparison, Given, Move, Outcome, Taken, World};

/// Differences listed one by one; the rest is in the moves.
const LISTED_MAX: usize = 20;
/// Rows asked for at once.
const PAGE: usize = 200;

/// Arguments of `diff`.
#[derive(Debug, Clone, Args)]
pub struct DiffArgs {
    /// Configuration folder as it is
    #[arg(value_name = "A")]
    pub before: PathBuf,
    /// Configuration folder as it would be
    #[arg(value_name = "B")]
    pub after: PathBuf,
    /// Inquiries, one JSON object a line, `-` = standard input. Without it: those of the rule tests of B
    #[arg(long, value_name = "FILE", conflicts_with = "recorded")]
    pub inquiries: Option<PathBuf>,
    /// Inquiries that a running service has decided, from this time on (RFC 3339)
    #[arg(long, value_name = "SINCE")]
    pub recorded: Option<String>,
    /// At most so many recorded inquiries
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub limit: usize,
    /// How to say what changes
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    pub format: DiffFormat,
    /// End with code 1 if anything changes
    #[arg(long)]
    pub exit_code: bool,
    #[command(flatten)]
    pub client: ClientArgs,
    #[command(flatten)]
    pub workspace: WorkspaceArgs,
}

/// How changes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    Text,
    Json,
}

/// What is to be decided by both, in order.
enum Subject {
    /// As people wrote it: read by each configuration's own source.
    Given { name: String, at: Timestamp, given: Box<Given> },
    /// As it was recorded: normalised already.
    Recorded(Box<Inquiry>),
}

/// Compares. `false` = it could not, or something changes and `--exit-code` was given.
///
/// # Errors
/// If `out` cannot be written.
pub fn run(
    args: &DiffArgs,
    env: &dyn Fn(&str) -> Option<String>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    let mut sides = Vec::with_capacity(2);
    for dir in [&args.before, &args.after] {
        match loaded(dir, env) {
            Ok(loaded) => sides.push(loaded),
            Err(found) => return refused(out, &found),
        }
    }
    let [before, after] = sides.as_slice() else { return Ok(false) };
    let mut subjects: BTreeMap<Name, Vec<Subject>> = BTreeMap::new();
    if let Some(since) = &args.recorded {
        if !run_to_end(recorded(args, env, since, &mut subjects))? {
            return Ok(false);
        }
    } else if let Some(file) = &args.inquiries {
        let Some(name) = only(args, after) else {
            writeln!(out, "say which workspace with --workspace")?;
            return Ok(false);
        };
        match lines(file)? {
            Ok(read) => subjects.insert(name, read),
            Err(message) => {
                writeln!(out, "{}: {message}", file.display())?;
                return Ok(false);
            }
        };
    } else {
        let tests = read(&args.after, after);
        if !tests.errors.is_empty() {
            return refused(out, &tests.errors);
        }
        let mut found: BTreeMap<Name, Vec<Subject>> = BTreeMap::new();
        for test in tests.found {
            let at = test.case.when.time().ok().flatten();
            let at = at.or_else(|| crate::simulate::start(&test.settings).ok());
            let given = Box::new(test.case.when);
            let at = at.unwrap_or(Timestamp::EPOCH);
            let subject = Subject::Given { name: test.case.name, at, given };
            found.entry(test.workspace).or_default().push(subject);
        }
        subjects = found;
    }
    let comparison = match compared(before, after, &subjects) {
        Ok(comparison) => comparison,
        Err(message) => {
            writeln!(out, "{message}")?;
            return Ok(false);
        }
    };
    match args.format {
        DiffFormat::Text => text(out, &comparison)?,
        DiffFormat::Json => as_json(out, &comparison)?,
    }
    let good = !args.exit_code || comparison.differences.is_empty();
    Ok(good && comparison.decided > 0)
}

/// The workspace that was named, else the only one.
fn only(args: &DiffArgs, loaded: &Loaded) -> Option<Name> {
    let mut names = loaded.workspaces.keys();
    let only = names.next().filter(|_| loaded.workspaces.len() == 1);
    args.workspace.given().or(only).cloned()
}

/// The lines of a file: `{"source": …, "fields": {…}}` or `{"source": …, "body": …}`, as in a rule test.
fn lines(file: &Path) -> io::Result<Result<Vec<Subject>, String>> {
    let text: Vec<String> = if file.as_os_str() == "-" {
        io::stdin().lock().lines().collect::<Result<_, _>>()?
    } else {
        std::fs::read_to_string(file)?.lines().map(str::to_owned).collect()
    };
    let mut subjects = Vec::new();
    for (number, line) in text.iter().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let number = number + 1;
        // JSON is YAML: so numbers stay as they are written, and mistakes are said as in a test.
        let read =
            tree::parse("", line.as_bytes()).and_then(|tree| shape::read::<Given>("", &tree));
        let given = match read {
            Ok(given) => given,
            Err(found) => {
                let first = found.into_iter().next();
                let (message, suggestion) =
                    first.map_or_else(Default::default, |error| (error.message, error.suggestion));
                let suggestion = suggestion.map(|text| format!(" ({text})")).unwrap_or_default();
                return Ok(Err(format!("line {number}: {message}{suggestion}")));
            }
        };
        let at = match given.time() {
            Ok(at) => at.unwrap_or(Timestamp::EPOCH),
            Err(problem) => return Ok(Err(format!("line {number}: {}", problem.message))),
        };
        subjects.push(Subject::Given {
            name: format!("line {number}"),
            at,
            given: Box::new(given),
        });
    }
    Ok(Ok(subjects))
}

/// Asks a running service for what it has decided since a time, oldest first.
async fn recorded(
    args: &DiffArgs,
    env: &dyn Fn(&str) -> Option<String>,
    since: &str,
    subjects: &mut BTreeMap<Name, Vec<Subject>>,
) -> Result<(), ClientError> {
    let client = args.client.client(env)?;
    let workspace = args.workspace.name(&client).await?;
    let found = subjects.entry(workspace.clone()).or_default();
    let mut query = format!("from={}", escaped(since));
    while found.len() < args.limit {
        let path = format!("/v1/{workspace}/find?{query}&limit={PAGE}");
        let body = good(client.get(&path).await?)?;
        for row in body["happened"].as_array().map_or(&[][..], Vec::as_slice) {
            let decided = row["fact"] == "inquiry_decided";
            let Some(id) = row["inquiry"].as_str().filter(|_| decided) else { continue };
            let answer = client.get(&format!("/v1/{workspace}/inquiries/{id}")).await?;
            // Erased or expired since.
            if answer.status == 404 {
                continue;
            }
            let view = good(answer)?;
            let mut inquiry = Inquiry::deserialize(&view)
                .map_err(|_| ClientError::Refused(format!("{id} is not of this version's form")))?;
            inquiry.is_test = view["status"] == "test";
            inquiry.filtered = view["status"] == "filtered";
            found.push(Subject::Recorded(Box::new(inquiry)));
            if found.len() == args.limit {
                break;
            }
        }
        match body["next"].as_str() {
            Some(next) => query = format!("after={}", escaped(next)),
            None => break,
        }
    }
    Ok(())
}

fn compared(
    before: &Loaded,
    after: &Loaded,
    subjects: &BTreeMap<Name, Vec<Subject>>,
) -> Result<Comparison, String> {
    let mut comparison = Comparison::default();
    for (name, subjects) in subjects {
        let (Some(one), Some(other)) = (before.workspaces.get(name), after.workspaces.get(name))
        else {
            return Err(format!("workspace `{name}` is not in both configurations"));
        };
        let mut worlds = [World::new(business(one)), World::new(business(other))];
        for subject in subjects {
            let [one, other] = &mut worlds;
            let (was, becomes) = (decided(one, subject)?, decided(other, subject)?);
            for ((label, was), (_, becomes)) in was.iter().zip(&becomes) {
                comparison.add(name, label, was, becomes);
            }
        }
    }
    Ok(comparison)
}

fn business(workspace: &Workspace) -> Business<'_> {
    Business { configuration: &workspace.decide, sources: &workspace.sources }
}

/// What one subject becomes in a world: several outcomes if it is a batch.
fn decided(world: &mut World<'_>, subject: &Subject) -> Result<Vec<(String, Outcome)>, String> {
    let fault = |error: crate::simulate::Fault| error.to_string();
    match subject {
        Subject::Recorded(inquiry) => {
            let outcome = world.inquire(inquiry, inquiry.received_at).map_err(fault)?;
            Ok(vec![(inquiry.id.to_string(), outcome)])
        }
        Subject::Given { name, at, given } => {
            let taken = world.read(given, *at).map_err(|problems| {
                let first = problems.first().map_or("", |problem| problem.message.as_str());
                format!("{name}: {first}")
            })?;
            let taken = taken.into_iter().map(|taken| match taken {
                Taken::Inquiry(inquiry) => world.inquire(&inquiry, *at).map_err(fault),
                Taken::Unreadable(reason) => Ok(Outcome::unreadable(world.inquiry_id(), reason)),
            });
            taken.map(|outcome| Ok((name.clone(), outcome?))).collect()
        }
    }
}

fn text(out: &mut dyn Write, comparison: &Comparison) -> io::Result<()> {
    let (decided, differing) = (comparison.decided, comparison.differences.len());
    if decided == 0 {
        return writeln!(out, "there is no inquiry to decide");
    }
    writeln!(out, "{decided} inquiries decided by both, {differing} decisions change")?;
    if differing == 0 {
        return Ok(());
    }
    let counts: Vec<String> =
        comparison.counts().into_iter().map(|(what, count)| format!("{count} {what}")).collect();
    if !counts.is_empty() {
        writeln!(out, "{}", counts.join(", "))?;
    }
    writeln!(out, "\n{:>6}  {:<9} {:<32} such as", "count", "what", "from -> to")?;
    for Move { value, from, to, count, examples } in comparison.moves() {
        let way = format!("{from} -> {to}");
        let examples = examples.join(", ");
        writeln!(out, "{count:>6}  {:<9} {way:<32} {examples}", value.as_str())?;
    }
    writeln!(out)?;
    for difference in comparison.differences.iter().take(LISTED_MAX) {
        let changes: Vec<String> = difference
            .changes
            .iter()
            .map(|(value, from, to)| format!("{} {from} -> {to}", value.as_str()))
            .collect();
        writeln!(out, "{}: {}", difference.inquiry, changes.join("; "))?;
    }
    if differing > LISTED_MAX {
        writeln!(out, "… and {} more (--format json lists all)", differing - LISTED_MAX)?;
    }
    Ok(())
}

fn as_json(out: &mut dyn Write, comparison: &Comparison) -> io::Result<()> {
    let moves: Vec<Value> = comparison
        .moves()
        .into_iter()
        .map(|m| {
            let what = m.value.as_str();
            json!({ "what": what, "from": m.from, "to": m.to, "count": m.count, "examples": m.examples })
        })
        .collect();
    let differences: Vec<Value> = comparison
        .differences
        .iter()
        .map(|difference| {
            let changes: Vec<Value> = difference
                .changes
                .iter()
                .map(|(what, from, to)| json!({ "what": what.as_str(), "from": from, "to": to }))
                .collect();
            let (inquiry, workspace) = (&difference.inquiry, difference.workspace.as_str());
            json!({ "inquiry": inquiry, "workspace": workspace, "changes": changes })
        })
        .collect();
    let whole = json!({
        "decided": comparison.decided,
        "changed": comparison.differences.len(),
        "counts": comparison.counts().into_iter().collect::<BTreeMap<_, _>>(),
        "moves": moves,
        "differences": differences,
    });
    serde_json::to_writer_pretty(&mut *out, &whole).map_err(io::Error::other)?;
    writeln!(out)
}
