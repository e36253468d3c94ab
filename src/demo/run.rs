//! Running the demo from start to the table, and on.

use std::io::{IsTerminal as _, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use super::receiver::{self, Inbox};
use super::script::{Post, stream};
use super::table::{Line, render};
use crate::app::{App, AppError, MasterKey, Options, StoreUrl, SystemClock};
use crate::config::{DemoValues, Place, Reloader};
use crate::domain::InquiryId;
use crate::egress::{LocalAnswer, LocalClient, LocalError};

/// How long the table waits for the last deliveries.
const DELIVERIES_WITHIN: Duration = Duration::from_secs(10);

/// Why the demo ended early.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error(transparent)]
    App(#[from] AppError),
    #[error("the configuration has {0} errors; `lead-router check` shows them")]
    Configuration(usize),
    #[error("the demo talks to itself and got no answer: {0}")]
    Talk(#[from] LocalError),
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("{0}")]
    Key(String),
}

/// Where the demo keeps its data and configuration.
#[derive(Debug)]
pub struct DemoOptions {
    pub store: std::path::PathBuf,
    pub config: Place,
    pub once: bool,
    /// Where the CLI finds this demo.
    pub runtime_file: Option<std::path::PathBuf>,
}

/// Runs the demo; with `once` it ends after the table, else when `stop` resolves.
///
/// # Errors
/// If a part of it cannot be started or does not answer.
pub async fn run(
    options: DemoOptions,
    out: &mut (dyn Write + Send),
    stop: impl Future<Output = ()>,
) -> Result<(), DemoError> {
    let inbox = Arc::new(Inbox::default());
    let receiver = receiver::start(Arc::clone(&inbox), Arc::new(SystemClock::default()))?;
    let values = DemoValues { receiver: format!("http://{receiver}") };
    let env = move |name: &str| values.get(name);
    let reloader = Reloader::start(options.config, Box::new(env))
        .map_err(|errors| DemoError::Configuration(errors.len()))?;
    let keyring = MasterKey::load(None, Some(&options.store))
        .map_err(|error| DemoError::Key(error.to_string()))?;
    let app = App::build(Options {
        reloader,
        store: StoreUrl::Embedded(options.store),
        keyring,
        public: Some(free_or_any(8080)),
        private: Some(free_or_any(8081)),
        ports_file: None,
        runtime_file: options.runtime_file,
        clock: None,
        stop_within: Duration::from_secs(5),
        reload_on_hang_up: false,
    })
    .await?;
    let (public, private) = (app.public(), app.private());
    let link = app.console_link();
    let (flow, active, key) = (app.flow(), app.active(), app.runtime_key().to_owned());
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(app.run(async {
        // Both a message and a dropped sender mean: stop.
        drop(ended.await);
    }));

    writeln!(
        out,
        "lead-router demo: the service listens on http://{public}, a receiver plays CRM, nurture tool and triage inbox."
    )?;
    writeln!(out, "Sending a scripted stream from three sources …\n")?;
    let shown = show(public, &key, &inbox, out).await?;
    if let Some(first) = shown {
        let workspace = active.load().workspaces.values().next().cloned();
        if let Some(workspace) = workspace
            && let Ok(Some((record, _))) = flow.record(&workspace, first).await
        {
            writeln!(out, "\nWhy the first one went where it went:")?;
            for sentence in &record.sentences {
                writeln!(out, "  {sentence}")?;
            }
        }
    }
    if !options.once {
        invite(public, private, &key, &link, out)?;
        stop.await;
        writeln!(out, "\nStopping …")?;
    }
    drop(end);
    serving.await.map_err(std::io::Error::other)??;
    Ok(())
}

/// Sends the stream and prints the table; gives the first inquiry's id.
async fn show(
    public: SocketAddr,
    key: &str,
    inbox: &Inbox,
    out: &mut (dyn Write + Send),
) -> Result<Option<InquiryId>, DemoError> {
    let base = format!("http://{public}");
    let known = LocalClient::new(&base, Some(key))?;
    let stranger = LocalClient::new(&base, None)?;
    let posts = stream();
    let mut sent = Vec::new();
    for (number, post) in posts.iter().enumerate() {
        progress(out, &format!("{} of {} sent", number + 1, posts.len()))?;
        let client = if post.stranger { &stranger } else { &known };
        let began = now();
        let answer = send(client, post).await?;
        sent.push((post, began, answer));
    }
    let lines: Vec<(Line, Option<String>, Instant)> =
        sent.iter().flat_map(|(post, began, answer)| lines_of(post, answer, *began)).collect();
    let waiting = now();
    let mut missing = expected(&lines);
    while now().duration_since(waiting) < DELIVERIES_WITHIN {
        missing.retain(|id| inbox.about(id).is_empty());
        if missing.is_empty() {
            break;
        }
        progress(out, &format!("waiting for {} deliveries", missing.len()))?;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    progress(out, "")?;
    if !missing.is_empty() {
        writeln!(out, "{} deliveries are still outstanding", missing.len())?;
    }
    let lines: Vec<Line> =
        lines.into_iter().map(|(line, id, began)| with_delivery(line, id, began, inbox)).collect();
    write!(out, "{}", render(&lines))?;
    if inbox.refused() > 0 {
        writeln!(out, "{} deliveries had a signature that does not hold", inbox.refused())?;
    }
    let first = sent.first().and_then(|(_, _, answer)| answer.body["inquiry_id"].as_str());
    Ok(first.and_then(|id| id.parse().ok()))
}

async fn send(client: &LocalClient, post: &Post) -> Result<LocalAnswer, DemoError> {
    let mut headers = vec![("content-type", post.content_type)];
    if post.batch {
        headers.push(("x-api-key", DemoValues::SCANNER_KEY));
    }
    Ok(client.post_as(&post.path(), &headers, post.body.clone()).await?)
}

/// One line per inquiry: a batch has one per row.
fn lines_of(
    post: &Post,
    answer: &LocalAnswer,
    began: Instant,
) -> Vec<(Line, Option<String>, Instant)> {
    let nothing = Map::new();
    match answer.body["results"].as_array() {
        Some(rows) => rows
            .iter()
            .map(|row| {
                let what = format!("{}, row {}", post.what, row["row"]);
                line(post.source, &what, row.as_object().unwrap_or(&nothing), began)
            })
            .collect(),
        None => {
            vec![line(post.source, post.what, answer.body.as_object().unwrap_or(&nothing), began)]
        }
    }
}

fn line(
    source: &str,
    what: &str,
    answer: &Map<String, Value>,
    began: Instant,
) -> (Line, Option<String>, Instant) {
    let text = |key: &str| match answer.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let duplicate = answer.get("duplicate") == Some(&Value::Bool(true));
    let status = if duplicate {
        "duplicate".to_owned()
    } else if answer.get("outcome").and_then(Value::as_str) == Some("success") {
        text("status")
    } else if answer.contains_key("reason") {
        text("reason")
    } else {
        "unauthenticated".to_owned()
    };
    let line = Line {
        source: source.to_owned(),
        what: what.to_owned(),
        status,
        score: text("score"),
        category: text("category"),
        queue: text("queue"),
        owner: text("owner"),
        delivered: String::new(),
    };
    let id = answer.get("inquiry_id").and_then(Value::as_str).map(str::to_owned);
    (line, id, began)
}

/// Inquiries of which some destination must hear.
fn expected(lines: &[(Line, Option<String>, Instant)]) -> Vec<String> {
    let told = ["routed", "nurtured", "qualifying", "held", "repeat", "test"];
    lines
        .iter()
        .filter(|(line, ..)| told.contains(&line.status.as_str()))
        .filter_map(|(_, id, _)| id.clone())
        .collect()
}

fn with_delivery(mut line: Line, id: Option<String>, began: Instant, inbox: &Inbox) -> Line {
    let arrived = id.map(|id| inbox.about(&id)).unwrap_or_default();
    if line.status != "duplicate"
        && let Some(first) = arrived.first()
    {
        let after = first.at.duration_since(began).as_millis();
        line.delivered = format!("{} to {} after {after} ms", first.kind, first.destination);
    }
    line
}

/// One line that is written over by the next, where somebody looks at a terminal.
fn progress(out: &mut (dyn Write + Send), text: &str) -> std::io::Result<()> {
    if std::io::stdout().is_terminal() {
        write!(out, "\r  {text:<40}\r")?;
        out.flush()?;
    }
    Ok(())
}

fn invite(
    public: SocketAddr,
    private: SocketAddr,
    key: &str,
    link: &str,
    out: &mut (dyn Write + Send),
) -> std::io::Result<()> {
    writeln!(
        out,
        "\nThe console (the link works once; the key below logs in as well):\n\n  {link}"
    )?;
    writeln!(
        out,
        "
Your turn. The form's URL is http://{public}/v1/demo/inquiries/form

  curl http://{public}/v1/demo/inquiries/form -d email=you@company.example -d name='Your Name' -d product=filler
  curl http://{public}/v1/demo/inquiries/form -H 'authorization: Bearer {key}' -d email=you@company.example -d message='The real status needs a key'

The private API (key: {key}):

  curl -H 'authorization: Bearer {key}' http://{private}/v1/demo/find -H 'content-type: application/json' -d '{{\"q\": \"you@company.example\"}}'
  curl -H 'authorization: Bearer {key}' http://{private}/v1/demo/worklists
  curl -H 'authorization: Bearer {key}' http://{private}/metrics

Ctrl-C ends the demo; its temporary store goes with it."
    )
}

/// The usual port, or any free one if it is taken.
fn free_or_any(port: u16) -> SocketAddr {
    let wanted = SocketAddr::from(([127, 0, 0, 1], port));
    match std::net::TcpListener::bind(wanted) {
        Ok(_) => wanted,
        Err(_) => SocketAddr::from(([127, 0, 0, 1], 0)),
    }
}

fn now() -> Instant {
    Instant::now()
}
