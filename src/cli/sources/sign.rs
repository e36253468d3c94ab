//! `lead-router sources sign NAME`: a post as the vendor makes it, as a `curl` that can be pasted.

use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::show::find;
use crate::app::{RandomMint, SystemClock};
use crate::capture::{Post, Proved, Reveal, SampleSettings, Source};
use crate::cli::client::ClientError;
use crate::cli::folder::{ConfigArgs, Env, quoted};
use crate::domain::Name;
use crate::domain::ports::{Clock as _, Mint as _};

/// Longer bodies do not fit into one argument of a command.
const INLINE_BYTES_MAX: usize = 100_000;

/// Arguments of `sources sign`.
#[derive(Debug, Clone, Args)]
pub struct SignArgs {
    #[command(flatten)]
    pub config: ConfigArgs,
    /// The source
    #[arg(value_name = "NAME")]
    pub name: Name,
    /// A body to send instead of the preset's own sample (which is marked as a test)
    #[arg(long, value_name = "FILE")]
    pub body: Option<PathBuf>,
    /// The content type of that body; default by the file's ending
    #[arg(long, value_name = "TYPE", requires = "body")]
    pub content_type: Option<String>,
    /// That body is a list for `…/batch`
    #[arg(long, requires = "body")]
    pub batch: bool,
    /// Base URL of the public listener. Default: `public_url` of server.yaml, else where it listens
    #[arg(long, value_name = "URL")]
    pub to: Option<String>,
}

/// Prints the command.
///
/// # Errors
/// If there is no such source, or the body cannot be proved.
pub(super) fn run(args: &SignArgs, env: &Env<'_>, out: &mut dyn Write) -> Result<(), ClientError> {
    let folder = args.config.open(env)?;
    let workspace = args.config.workspace(&folder)?;
    let source = find(&workspace, &args.name)?;
    let sample = sample(args, source)?;
    let (id, now) = (RandomMint::default().mint(), SystemClock::default().now());
    let id = format!("msg_{}", uuid::Uuid::from_bytes(id).simple());
    let post = Post {
        batch: sample.settings.batch,
        content_type: &sample.settings.content_type,
        body: &sample.body,
    };
    let proved = source
        .prove(post, &id, now)
        .map_err(|error| ClientError::Refused(format!("`{}`: {error}", args.name)))?;
    let base = folder.loaded.server.public_base();
    let url = match &args.to {
        Some(to) => {
            let to = to.trim_end_matches('/');
            format!("{to}/v1/{}/inquiries/{}", workspace.name, args.name)
        }
        None => source.setup(&base, &workspace.name, Reveal::Nothing).url,
    };
    let file = args.body.as_deref().filter(|_| proved.body == sample.body);
    let line = curl(&format!("{url}{}", proved.suffix), &proved, file)?;
    writeln!(out, "{line}")?;
    Ok(())
}

/// What is to be sent.
struct Sample {
    settings: SampleSettings,
    body: Vec<u8>,
}

fn sample(args: &SignArgs, source: &Source) -> Result<Sample, ClientError> {
    let Some(path) = &args.body else {
        let settings = source.sample().cloned().ok_or_else(|| {
            let message =
                format!("preset `{}` has no sample: give one with --body", source.preset().0);
            ClientError::Refused(message)
        })?;
        let body = settings.body.clone().into_bytes();
        return Ok(Sample { settings, body });
    };
    let body = std::fs::read(path)
        .map_err(|error| ClientError::Refused(format!("{}: {error}", path.display())))?;
    let of_preset = source.sample().map(|sample| sample.content_type.clone());
    let content_type = args.content_type.clone().or_else(|| by_ending(path)).or(of_preset);
    let content_type = content_type.unwrap_or_else(|| "application/json".to_owned());
    let settings = SampleSettings { batch: args.batch, content_type, body: String::new() };
    Ok(Sample { settings, body })
}

pub(super) fn by_ending(path: &Path) -> Option<String> {
    let word = match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "json" => "application/json",
        "csv" => "text/csv",
        "ndjson" | "jsonl" => "application/x-ndjson",
        "xml" => "application/xml",
        "vcf" => "text/vcard",
        _ => return None,
    };
    Some(word.to_owned())
}

/// The command. A body that is a file's as it stands is read from there.
fn curl(url: &str, proved: &Proved, file: Option<&Path>) -> Result<String, ClientError> {
    let mut line = String::new();
    if proved.expires {
        line.push_str("# signed now: good for five minutes\n");
    }
    // Writing to a string cannot fail.
    let _ = write!(line, "curl -sS -w '\\nHTTP %{{http_code}}\\n' {}", quoted(url));
    for (name, value) in &proved.headers {
        let _ = write!(line, " \\\n  -H {}", quoted(&format!("{name}: {value}")));
    }
    let body = match file {
        Some(path) => format!("@{}", path.display()),
        None => String::from_utf8(proved.body.clone())
            .ok()
            .filter(|text| text.len() <= INLINE_BYTES_MAX && !text.contains('\0'))
            // A body that began with @ would be taken for a file's name.
            .filter(|text| !text.starts_with('@'))
            .ok_or_else(|| {
                let message = "the body cannot stand in a command: too long, or no text";
                ClientError::Refused(message.to_owned())
            })?,
    };
    let _ = write!(line, " \\\n  --data-binary {}", quoted(&body));
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types_follow_from_the_ending() {
        assert_eq!(by_ending(Path::new("a/Scans.CSV")).as_deref(), Some("text/csv"));
        assert_eq!(by_ending(Path::new("body")), None);
    }
}
