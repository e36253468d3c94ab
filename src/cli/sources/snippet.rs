//! `lead-router sources snippet`: a public source's form, to be put on a page.

use std::io::Write;

use clap::Args;

use super::show::find;
use crate::cli::client::ClientError;
use crate::cli::folder::{ConfigArgs, Env};
use crate::domain::Name;

/// Arguments of `sources snippet`.
#[derive(Debug, Clone, Args)]
pub struct SnippetArgs {
    #[command(flatten)]
    pub config: ConfigArgs,
    /// The source
    #[arg(value_name = "NAME")]
    pub name: Name,
}

/// HTML and nothing else.
///
/// # Errors
/// If there is no such source, or it is none for forms; or nothing can be written.
pub(super) fn run(
    args: &SnippetArgs,
    env: &Env<'_>,
    out: &mut dyn Write,
) -> Result<(), ClientError> {
    let folder = args.config.open(env)?;
    let workspace = args.config.workspace(&folder)?;
    let source = find(&workspace, &args.name)?;
    let base = folder.loaded.server.public_base();
    let snippet = source.snippet(&base, &workspace.name).ok_or_else(|| {
        let why = "no page can post there: it is none for forms, or asks for a secret, which a page cannot keep";
        ClientError::Refused(why.to_owned())
    })?;
    writeln!(out, "{snippet}")?;
    Ok(())
}
