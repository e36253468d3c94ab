//! `lead-router healthcheck`: for container health checks, without a shell or curl in the image.

use std::io::{self, Write};

use clap::Args;

use super::client::{ClientArgs, ClientError, good, run_to_end};

/// Arguments of `healthcheck`.
#[derive(Debug, Clone, Args)]
pub struct HealthcheckArgs {
    #[command(flatten)]
    pub client: ClientArgs,
    /// Ask whether it may be sent work, not only whether it lives
    #[arg(long)]
    pub ready: bool,
}

/// Asks a running service. `false` = it is not well; the reason was said.
///
/// # Errors
/// If nothing can be written.
pub fn run(
    args: &HealthcheckArgs,
    env: &dyn Fn(&str) -> Option<String>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    run_to_end(async {
        let client = args.client.client(env)?;
        let answer = client.get(if args.ready { "/readyz" } else { "/healthz" }).await?;
        let word = answer.body["status"].as_str().unwrap_or("unknown").to_owned();
        if !answer.is_success() && args.ready {
            return Err(ClientError::Refused(word));
        }
        good(answer)?;
        writeln!(out, "{word}")?;
        Ok(())
    })
}
