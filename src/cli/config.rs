//! `lead-router config`: show the configuration in force and where every value comes from; have its
//! files looked at now.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{ClientArgs, ClientError, good, run_to_end};
use crate::config::{self, DemoValues};
use crate::domain::Name;
use crate::http::configuration::{Origin, ShownFile, ShownValue, Step};

/// Arguments of `config`.
#[derive(Debug, Clone, Args)]
pub struct ConfigArgs {
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// What can be done with the configuration.
#[derive(Debug, Clone, Subcommand)]
pub enum ConfigCommand {
    /// Every value in force and where it comes from; of secrets only whether they are set
    Show(ShowArgs),
    /// Have a running service look at its files now; a bad configuration never replaces a good one
    Reload(ClientArgs),
}

/// Arguments of `config show`.
#[derive(Debug, Clone, Args)]
pub struct ShowArgs {
    /// Configuration folder; without one, a running service is asked
    #[arg(value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Only this workspace's files
    #[arg(long, value_name = "NAME")]
    pub workspace: Option<Name>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Yaml)]
    pub format: Format,
    #[command(flatten)]
    pub client: ClientArgs,
}

/// How to write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// As in the files, with origins as comments
    Yaml,
    /// For programs
    Json,
}

/// Does what was asked. `false` = it could not; the reason was said.
///
/// # Errors
/// If `out` cannot be written.
pub fn run(
    args: &ConfigArgs,
    env: &dyn Fn(&str) -> Option<String>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    match &args.command {
        ConfigCommand::Show(args) => match &args.dir {
            Some(dir) => show_folder(args, dir, env, out),
            None => run_to_end(show_running(args, env, out)),
        },
        ConfigCommand::Reload(client) => run_to_end(reload(client, env, out)),
    }
}

fn show_folder(
    args: &ShowArgs,
    dir: &std::path::Path,
    env: &dyn Fn(&str) -> Option<String>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    // The demo's own values exist only while it runs; showing its files needs some.
    let demo = DemoValues { receiver: "http://127.0.0.1:9".to_owned() };
    let loaded = match config::load(dir, &|name| demo.get(name).or_else(|| env(name))) {
        Ok(loaded) => loaded,
        Err(found) => {
            found.iter().try_for_each(|finding| writeln!(out, "{finding}"))?;
            writeln!(out, "the configuration does not load, so nothing would be in force")?;
            return Ok(false);
        }
    };
    if let Some(name) = args.workspace.as_ref().filter(|n| !loaded.workspaces.contains_key(*n)) {
        writeln!(out, "there is no workspace `{name}`")?;
        return Ok(false);
    }
    let wanted = |file: &&ShownFile| args.workspace.is_none() || file.workspace == args.workspace;
    let files: Vec<ShownFile> = loaded.shown.iter().filter(wanted).cloned().collect();
    write(args.format, &json!({ "hash": loaded.hash }), &files, out).map(|()| true)
}

#[derive(Deserialize)]
struct Effective {
    files: Vec<ShownFile>,
}

async fn show_running(
    args: &ShowArgs,
    env: &dyn Fn(&str) -> Option<String>,
    out: &mut dyn Write,
) -> Result<(), ClientError> {
    let client = args.client.client(env)?;
    let state = good(client.get("/v1/configuration").await?)?;
    let query = args.workspace.as_ref().map(|name| format!("?workspace={name}"));
    let path = format!("/v1/configuration/effective{}", query.unwrap_or_default());
    let effective: Effective = serde_json::from_value(good(client.get(&path).await?)?)
        .map_err(|_| ClientError::Refused("the service is of another version".to_owned()))?;
    write(args.format, &state, &effective.files, out)?;
    Ok(())
}

async fn reload(
    client: &ClientArgs,
    env: &dyn Fn(&str) -> Option<String>,
    out: &mut dyn Write,
) -> Result<(), ClientError> {
    let answer = client.client(env)?.post("/v1/configuration/reload", &json!({})).await?;
    if let Some(errors) = answer.body["errors"].as_array() {
        for error in errors {
            writeln!(out, "{}", error["text"].as_str().unwrap_or_default())?;
        }
    }
    let body = good(answer)?;
    let word = if body["changed"] == true { "in force now" } else { "unchanged" };
    writeln!(out, "{word}: hash {}", body["hash"].as_str().unwrap_or_default())?;
    Ok(())
}

fn write(
    format: Format,
    state: &Value,
    files: &[ShownFile],
    out: &mut dyn Write,
) -> io::Result<()> {
    if format == Format::Json {
        let mut body = state.clone();
        body["files"] = json!(files);
        return writeln!(out, "{}", serde_json::to_string_pretty(&body).map_err(io::Error::other)?);
    }
    let text = |key: &str| state[key].as_str().map(str::to_owned);
    let since = text("since").map(|since| format!(", in force since {since}")).unwrap_or_default();
    writeln!(out, "# hash {}{since}", text("hash").unwrap_or_default())?;
    if let Some(refused) = state["refused"].as_array() {
        let at = text("refused_at").unwrap_or_default();
        writeln!(out, "# the files as they are now were refused at {at}:")?;
        for finding in refused {
            writeln!(out, "#   {}", finding.as_str().unwrap_or_default())?;
        }
    }
    for file in files {
        writeln!(out, "\n# {}", file.file)?;
        let mut before: &[Step] = &[];
        for value in &file.values {
            for line in lines(before, &value.path, &shown(value)) {
                writeln!(out, "{line}")?;
            }
            before = &value.path;
        }
    }
    Ok(())
}

/// The value, and behind it where it comes from.
fn shown(value: &ShownValue) -> String {
    let fingerprint = value.fingerprint.as_deref().map(|digits| format!(", fingerprint {digits}"));
    let text = match (value.set, &value.value) {
        (Some(true), _) => "(set)".to_owned(),
        (Some(false), _) => "(unset)".to_owned(),
        (None, Value::String(text)) => quoted(text),
        (None, other) => other.to_string(),
    };
    let mut origin: Vec<String> = match value.origin {
        Origin::File => Vec::new(),
        Origin::Default => vec!["default".to_owned()],
        Origin::Preset => vec!["preset".to_owned()],
        Origin::Workspace => vec!["workspace".to_owned()],
        Origin::Environment => vec!["environment".to_owned()],
        Origin::Flag => vec!["flag".to_owned()],
    };
    origin.extend(value.place.clone());
    origin.extend(value.filled.iter().map(|what| match value.origin {
        Origin::Flag => what.clone(),
        _ => format!("${{{what}}}"),
    }));
    format!("{text}  # {}{}", origin.join(" "), fingerprint.unwrap_or_default())
}

/// A text as YAML takes it back.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./ ".contains(c);
    let begins_well = text.starts_with(|c: char| c.is_alphabetic()) && !text.ends_with(' ');
    let word = matches!(text, "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n");
    if begins_well && !word && text.chars().all(plain) {
        return text.to_owned();
    }
    Value::from(text).to_string()
}

/// The lines of one value, after the keys and list items that the one before it has opened already.
fn lines(before: &[Step], path: &[Step], shown: &str) -> Vec<String> {
    let open = before.iter().zip(path).take_while(|(one, other)| one == other).count();
    let mut lead = String::new();
    let mut lines = Vec::new();
    for (n, step) in path.iter().enumerate() {
        let last = n + 1 == path.len();
        match step {
            _ if n < open && !last => lead.push_str("  "),
            Step::Key(key) if last => lines.push(format!("{lead}{key}: {shown}")),
            Step::Key(key) => {
                lines.push(format!("{lead}{key}:"));
                lead = " ".repeat(lead.len() + 2);
            }
            Step::Index(_) if last => lines.push(format!("{lead}- {shown}")),
            Step::Index(_) => lead.push_str("- "),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Vec<Step> {
        let step = |word: &str| match word.parse() {
            Ok(index) => Step::Index(index),
            Err(_) => Step::Key(word.to_owned()),
        };
        text.split('/').map(step).collect()
    }

    #[test]
    fn paths_become_nested_lines() {
        let mut before: Vec<Step> = Vec::new();
        let mut text = Vec::new();
        for next in [
            "a",
            "rules/0/name",
            "rules/0/when/all/0/field",
            "rules/0/when/all/1/field",
            "rules/1/name",
            "list/0",
            "list/1",
            "z/y",
        ] {
            let next = path(next);
            text.extend(lines(&before, &next, "x"));
            before = next;
        }
        let expected = "a: x
rules:
  - name: x
    when:
      all:
        - field: x
        - field: x
  - name: x
list:
  - x
  - x
z:
  y: x";
        assert_eq!(text.join("\n"), expected);
    }

    #[test]
    fn texts_are_quoted_where_they_must() {
        for (text, written) in [
            ("Europe/Berlin", "Europe/Berlin"),
            ("on", "\"on\""),
            ("5", "\"5\""),
            ("60s", "\"60s\""),
            ("a: b", "\"a: b\""),
            ("", "\"\""),
        ] {
            assert_eq!(quoted(text), written);
        }
    }
}
