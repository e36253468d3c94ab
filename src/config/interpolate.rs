//! Filling `${env:NAME}`, `${file:PATH}` and `${demo:NAME}` into scalar values, after parsing.
//!
//! Only values, never keys; what is filled in is not looked at again. `$${` stands for a plain `${`.
//! Where a number or boolean is wanted, filled-in text is read as one. A missing variable is an
//! error that names the variable; values are never shown.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::tree::{Kind, Node, Plain};
use super::{ConfigError, Position};
use crate::domain::closest;

/// The most bytes a `${file:…}` may bring in.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// Where values come from.
pub struct Values<'a> {
    /// Environment variables by name; values of the demo as `demo:NAME`.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// Relative paths of `${file:…}` start here.
    pub dir: &'a Path,
    /// The files that were read, for noticing that one changed.
    pub files: BTreeSet<PathBuf>,
}

impl std::fmt::Debug for Values<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Values").field("dir", &self.dir).finish_non_exhaustive()
    }
}

/// What `${demo:…}` stands for while the demo runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoValues {
    /// `http://127.0.0.1:PORT` of the built-in receiver.
    pub receiver: String,
}

impl DemoValues {
    /// Public on purpose: the demo talks to itself over the loopback and keeps nothing.
    pub const GOOGLE_KEY: &str = "demo-google-key";
    /// Base64 of 32 fixed bytes.
    pub const SIGNING_SECRET: &str = "whsec_ZGVtby1kZW1vLWRlbW8tZGVtby1kZW1vLWRlbW8hIQ==";
    /// Opens everything, on the loopback, while the demo runs.
    pub const API_KEY: &str = "lrk_demo-demo-demo-demo-demo-demo-demo-demo-dem";
    /// For the scanner's batch upload.
    pub const SCANNER_KEY: &str = "demo-scanner-key";

    /// The value of `demo:NAME`; `None` for any other text.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        Some(match name.strip_prefix("demo:")? {
            "receiver" => self.receiver.clone(),
            "google_key" => Self::GOOGLE_KEY.to_owned(),
            "scanner_key" => Self::SCANNER_KEY.to_owned(),
            "api_key_sha256" => crate::http::keys::fingerprint(Self::API_KEY),
            "signing_secret" => Self::SIGNING_SECRET.to_owned(),
            _ => return None,
        })
    }
}

/// Fills in everything below `node`; the problems go to `problems`.
pub fn fill(file: &str, node: &mut Node, values: &mut Values, problems: &mut Vec<ConfigError>) {
    match &mut node.kind {
        Kind::Text(text) => match expand(text, values) {
            Ok(None) => {}
            Ok(Some(filled)) => {
                *text = filled;
                node.filled = true;
            }
            Err(found) => problems.extend(found.into_iter().map(|problem| {
                ConfigError::new(file, node.at, problem.message).suggesting(problem.suggestion)
            })),
        },
        Kind::List(items) => {
            for item in items {
                fill(file, item, values, problems);
                node.filled |= item.filled;
            }
        }
        Kind::Map(entries) => {
            for entry in entries {
                if entry.key.contains("${") {
                    let message = "`${…}` stands in values only, never in keys";
                    problems.push(ConfigError::new(file, entry.at, message));
                }
                fill(file, &mut entry.value, values, problems);
                node.filled |= entry.value.filled;
            }
        }
        Kind::Null | Kind::Plain(..) => {}
    }
}

/// What a filled-in text is where a number or boolean is wanted.
#[must_use]
pub fn plain(text: &str) -> Option<Plain> {
    let text = text.trim();
    match text {
        "true" => Some(Plain::Bool(true)),
        "false" => Some(Plain::Bool(false)),
        _ if !text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.') => None,
        _ => text
            .parse()
            .map(Plain::Unsigned)
            .or_else(|_| text.parse().map(Plain::Signed))
            .ok()
            .or_else(|| text.parse().map(Plain::Float).ok()),
    }
}

struct Problem {
    message: String,
    suggestion: Option<String>,
}

impl Problem {
    fn new(message: impl Into<String>, suggestion: Option<&str>) -> Self {
        Self { message: message.into(), suggestion: suggestion.map(str::to_owned) }
    }
}

/// The text with everything filled in; `None` if there was nothing to do.
fn expand(text: &str, values: &mut Values) -> Result<Option<String>, Vec<Problem>> {
    if !text.contains("${") {
        return Ok(None);
    }
    let mut out = String::with_capacity(text.len());
    let mut problems = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        if rest[..start].ends_with('$') {
            out.push_str(&rest[..start]);
            out.push('{');
            rest = &rest[start + 2..];
            continue;
        }
        out.push_str(&rest[..start]);
        let Some(length) = rest[start..].find('}') else {
            problems.push(Problem::new("`${` without `}`", Some("write `$${` for a plain `${`")));
            rest = "";
            break;
        };
        match value(&rest[start + 2..start + length], values) {
            Ok(value) => out.push_str(&value),
            Err(problem) => problems.push(problem),
        }
        rest = &rest[start + length + 1..];
    }
    out.push_str(rest);
    if problems.is_empty() { Ok(Some(out)) } else { Err(problems) }
}

/// The value of `env:NAME` and the like.
fn value(reference: &str, values: &mut Values) -> Result<String, Problem> {
    let Some((scheme, name)) = reference.split_once(':') else {
        let message = format!("`${{{reference}}}` does not say where the value comes from");
        return Err(Problem {
            message,
            suggestion: Some(format!(
                "`${{env:{reference}}}`, `${{file:PATH}}`, or `$${{` for a plain `${{`"
            )),
        });
    };
    match scheme {
        "env" => (values.env)(name).ok_or_else(|| {
            let message = format!("environment variable `{name}` is not set");
            Problem::new(message, Some("set it for this process; is the name spelt as there?"))
        }),
        "file" => read(name, values),
        "demo" => (values.env)(&format!("demo:{name}")).ok_or_else(|| {
            let message = format!("`${{demo:{name}}}` has no value here");
            Problem::new(message, Some("values of `demo:` exist only while the demo runs"))
        }),
        _ => {
            let near = closest(scheme, ["env", "file", "demo"]);
            let message = format!("`${{{scheme}:…}}` is not a place values come from");
            Err(Problem {
                message,
                suggestion: Some(near.map_or_else(
                    || "known are env, file and demo".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                )),
            })
        }
    }
}

/// A file's content without its last line break.
fn read(name: &str, values: &mut Values) -> Result<String, Problem> {
    let path = values.dir.join(name);
    values.files.insert(path.clone());
    let hint = "a path is relative to the configuration folder";
    let bad = |why: &str| Problem::new(format!("file `{name}` {why}"), Some(hint));
    let size = std::fs::metadata(&path).map_err(|error| bad(&unreadable(&error)))?;
    if !size.is_file() || size.len() > FILE_BYTES_MAX {
        return Err(bad("is not a file of at most 64 KiB"));
    }
    let bytes = std::fs::read(&path).map_err(|error| bad(&unreadable(&error)))?;
    let mut text = String::from_utf8(bytes).map_err(|_| bad("is not UTF-8 text"))?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}

fn unreadable(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "does not exist".to_owned(),
        kind => format!("cannot be read: {kind}"),
    }
}

/// `$NAME` alone is what a shell would fill in; here it stays as it stands.
pub fn left_as_is(file: &str, node: &Node, found: &mut Vec<ConfigError>) {
    if let Kind::Text(text) = &node.kind
        && let Some(name) = text.strip_prefix('$')
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    {
        let message = format!("`${name}` is not filled in: it is this text");
        let hint = format!("did you mean `${{env:{name}}}`?");
        found.push(ConfigError::new(file, node.at, message).warning().suggesting(Some(hint)));
    }
    node.children().for_each(|child| left_as_is(file, child, found));
}

/// Scalars that should be secrets but are written out in the file: they would be kept with the
/// configuration's history. Warnings, for every key of `names`.
pub fn written_out(file: &str, node: &Node, names: &[&str], found: &mut Vec<ConfigError>) {
    if let Kind::Map(entries) = &node.kind {
        for entry in entries {
            let listed = names.contains(&entry.key.as_str());
            for value in std::iter::once(&entry.value).chain(entry.value.children()) {
                if listed && matches!(&value.kind, Kind::Text(text) if !text.contains("${")) {
                    found.push(warning(file, value.at, &entry.key));
                }
            }
        }
    }
    for child in node.children() {
        written_out(file, child, names, found);
    }
}

fn warning(file: &str, at: Position, key: &str) -> ConfigError {
    let message = format!(
        "the value of `{key}` is written out here and would be kept with the configuration's history"
    );
    ConfigError::new(file, at, message)
        .warning()
        .suggesting(Some("use ${env:NAME} or ${file:PATH}".to_owned()))
}
