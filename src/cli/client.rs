//! How commands find a running service, ask it, and show what it said.

use std::fmt;
use std::future::Future;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;
use serde_json::Value;

use crate::domain::Name;
use crate::egress::{LocalAnswer, LocalClient, LocalError};

/// Where the private listener is, and with which key to ask. Without flags and environment the
/// runtime file is read that `serve` and `demo` write (mode 0600).
#[derive(Clone, Default, Args)]
pub struct ClientArgs {
    /// Base URL of the private listener
    #[arg(long, value_name = "URL", env = "LEAD_ROUTER_URL")]
    pub url: Option<String>,
    /// API key
    #[arg(long, value_name = "KEY", env = "LEAD_ROUTER_API_KEY", hide_env_values = true)]
    pub key: Option<String>,
    /// Runtime file of the service
    #[arg(long, value_name = "FILE", env = "LEAD_ROUTER_RUNTIME_FILE")]
    pub runtime_file: Option<PathBuf>,
}

impl fmt::Debug for ClientArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientArgs").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Where `serve` and `demo` write their runtime file and the other commands look for it:
/// `LEAD_ROUTER_RUNTIME_FILE`, else in `XDG_RUNTIME_DIR`, else in the home folder; `None` = nowhere.
pub fn runtime_file(env: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let given = env("LEAD_ROUTER_RUNTIME_FILE").map(PathBuf::from);
    let below = |name: &str, rest: &str| env(name).map(|folder| PathBuf::from(folder).join(rest));
    given
        .or_else(|| below("XDG_RUNTIME_DIR", "lead-router.json"))
        .or_else(|| below("HOME", ".local/state/lead-router/runtime.json"))
}

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error(
        "no running service is known here: give --url and --key, or set LEAD_ROUTER_URL and LEAD_ROUTER_API_KEY"
    )]
    Unknown,
    #[error("the runtime file {0} is not one of ours; is the service running?")]
    RuntimeFile(String),
    #[error(transparent)]
    Talk(#[from] LocalError),
    #[error("say which workspace with --workspace: {0}")]
    Workspace(String),
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What the runtime file holds.
#[derive(Deserialize)]
struct Running {
    url: String,
    key: String,
}

impl ClientArgs {
    /// The base URL and the key.
    fn found(
        &self,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(String, Option<String>), ClientError> {
        if let Some(url) = &self.url {
            return Ok((url.clone(), self.key.clone()));
        }
        let path =
            self.runtime_file.clone().or_else(|| runtime_file(env)).ok_or(ClientError::Unknown)?;
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(ClientError::Unknown);
            }
            Err(error) => return Err(error.into()),
        };
        let running: Running = serde_json::from_str(&text)
            .map_err(|_| ClientError::RuntimeFile(path.display().to_string()))?;
        Ok((running.url, self.key.clone().or(Some(running.key))))
    }

    /// A client of the service.
    ///
    /// # Errors
    /// If none is known here.
    pub fn client(&self, env: &dyn Fn(&str) -> Option<String>) -> Result<LocalClient, ClientError> {
        let (url, key) = self.found(env)?;
        Ok(LocalClient::new(&url, key.as_deref())?)
    }
}

/// A running service, and one workspace of it.
#[derive(Debug, Clone, Default, Args)]
pub struct ServiceArgs {
    #[command(flatten)]
    pub client: ClientArgs,
    #[command(flatten)]
    pub workspace: WorkspaceArgs,
}

impl ServiceArgs {
    /// A client of the service, and the workspace meant.
    ///
    /// # Errors
    /// If no service is known here, it does not answer, or the workspace has to be said.
    pub async fn open(
        &self,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(LocalClient, Name), ClientError> {
        let client = self.client.client(env)?;
        let workspace = self.workspace.name(&client).await?;
        Ok((client, workspace))
    }
}

/// Which workspace is meant.
#[derive(Debug, Clone, Default, Args)]
pub struct WorkspaceArgs {
    /// Workspace; may be left out where the service has only one
    #[arg(long, value_name = "NAME", env = "LEAD_ROUTER_WORKSPACE")]
    workspace: Option<Name>,
}

impl WorkspaceArgs {
    /// The one that was named.
    pub fn given(&self) -> Option<&Name> {
        self.workspace.as_ref()
    }

    /// The one that was named, else the service's only one.
    ///
    /// # Errors
    /// If none was named and the service has several.
    pub async fn name(&self, client: &LocalClient) -> Result<Name, ClientError> {
        if let Some(name) = &self.workspace {
            return Ok(name.clone());
        }
        let body = good(client.get("/v1/configuration").await?)?;
        let all = body["workspaces"].as_object();
        let names: Vec<&str> =
            all.into_iter().flat_map(|all| all.keys().map(String::as_str)).collect();
        match names.as_slice() {
            [only] => Name::parse(only).map_err(|_| ClientError::Workspace(String::new())),
            _ => Err(ClientError::Workspace(names.join(", "))),
        }
    }
}

/// The body of a good answer; else what the service's problem says.
///
/// # Errors
/// If the answer is none of success.
pub fn good(answer: LocalAnswer) -> Result<Value, ClientError> {
    if answer.is_success() {
        return Ok(answer.body);
    }
    let text = |key: &str| answer.body[key].as_str().map(str::to_owned);
    let what = text("title").or_else(|| text("reason").map(|reason| format!("not done: {reason}")));
    let mut said = what.unwrap_or_else(|| format!("the service answered {}", answer.status));
    let detail = text("detail");
    // "The detail says why" says nothing beside the detail.
    let mend = text("mend").filter(|_| detail.is_none() || answer.body["code"] != "impossible");
    for more in [detail, mend].into_iter().flatten() {
        said.push_str(if said.ends_with(['.', '?', '!']) { " " } else { ". " });
        said.push_str(more.trim_end_matches('.'));
    }
    Err(ClientError::Refused(said))
}

/// Runs a command that talks to a service. `false` = it could not do its work; the reason was said.
///
/// # Errors
/// If the runtime cannot be set up, or nothing can be written.
#[expect(clippy::print_stderr, reason = "for people")]
pub fn run_to_end<F>(work: F) -> io::Result<bool>
where
    F: Future<Output = Result<(), ClientError>>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match runtime.block_on(work) {
        Ok(()) => Ok(true),
        Err(ClientError::Io(error)) => Err(error),
        Err(error) => {
            eprintln!("{error}");
            Ok(false)
        }
    }
}

/// Prints JSON as people read it.
///
/// # Errors
/// If `out` cannot be written.
pub fn print(out: &mut dyn Write, body: &Value) -> io::Result<()> {
    if body.is_null() {
        return writeln!(out, "done");
    }
    writeln!(out, "{}", serde_json::to_string_pretty(body).map_err(io::Error::other)?)
}

/// Prints one line of a list: these members of an object, those that are there.
///
/// # Errors
/// If `out` cannot be written.
pub fn print_line(out: &mut dyn Write, item: &Value, members: &[&str]) -> io::Result<()> {
    let words: Vec<String> = members
        .iter()
        .filter_map(|member| match &item[*member] {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(format!("{member}={other}")),
        })
        .collect();
    writeln!(out, "{}", words.join("  "))
}

/// A text as one part of a query: everything but plain letters and digits is escaped.
pub fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_over_the_runtime_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("runtime.json");
        std::fs::write(&file, r#"{"url":"http://127.0.0.1:1","key":"lrk_file"}"#).unwrap();
        let nothing = |_: &str| None;
        let mut args = ClientArgs { runtime_file: Some(file.clone()), ..ClientArgs::default() };
        let found = |args: &ClientArgs| args.found(&nothing).unwrap();
        assert_eq!(found(&args), ("http://127.0.0.1:1".to_owned(), Some("lrk_file".to_owned())));
        args.key = Some("lrk_mine".to_owned());
        assert_eq!(found(&args).1.as_deref(), Some("lrk_mine"));
        args.url = Some("http://127.0.0.1:2".to_owned());
        assert_eq!(found(&args).0, "http://127.0.0.1:2");
        std::fs::write(&file, "else").unwrap();
        args.url = None;
        assert!(matches!(args.found(&nothing), Err(ClientError::RuntimeFile(_))));
        args.runtime_file = Some(dir.path().join("none"));
        assert!(matches!(args.found(&nothing), Err(ClientError::Unknown)));
    }

    #[test]
    fn refusals_are_sentences() {
        let said = |body: Value| match good(LocalAnswer { status: 422, body }) {
            Err(ClientError::Refused(said)) => said,
            other => panic!("{other:?}"),
        };
        let body = serde_json::json!({
            "title": "That cannot be done", "code": "impossible",
            "detail": "There is no member `adaa`. Did you mean `ada`?", "mend": "The detail says why.",
        });
        let wanted = "That cannot be done. There is no member `adaa`. Did you mean `ada`?";
        assert_eq!(said(body), wanted);
        let body = serde_json::json!({"title": "Is it?", "mend": "Look."});
        assert_eq!(said(body), "Is it? Look");
    }

    #[test]
    fn what_is_asked_for_survives_the_query() {
        assert_eq!(escaped("ann+x@zanzotter.example"), "ann%2Bx%40zanzotter.example");
    }
}
