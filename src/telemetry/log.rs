//! Where log lines go: standard error, as JSON or as text for people.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use super::json_line::JsonLine;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One JSON object a line, for collectors.
    #[default]
    Json,
    /// For people.
    Text,
}

/// Installs the process-wide log. `filter` is a `tracing` filter such as `info` or
/// `lead_router=debug,warn`; one that cannot be read falls back to `info`. A second call is ignored.
pub fn install<W>(format: LogFormat, filter: &str, writer: W)
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    let installed = match format {
        LogFormat::Json => builder.with_ansi(false).event_format(JsonLine).try_init(),
        LogFormat::Text => builder.with_target(false).with_ansi(false).try_init(),
    };
    // A second installation (tests in one process) keeps the first.
    drop(installed);
}
