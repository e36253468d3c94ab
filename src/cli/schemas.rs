//! `lead-router schemas DIR`: the JSON Schemas of the configuration, for an editor.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::config::schemas;

/// Arguments of `schemas`.
#[derive(Debug, Clone, Args)]
pub struct SchemasArgs {
    /// Folder to write them to; made if it is not there
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
}

/// Writes every schema into the folder, over older ones, and says what to do with them.
///
/// # Errors
/// If the folder or `out` cannot be written.
pub fn run(args: &SchemasArgs, out: &mut dyn Write) -> io::Result<()> {
    let count = write(&args.dir)?;
    let dir = args.dir.display();
    writeln!(out, "{count} schemas in {dir}")?;
    writeln!(out, "name one in the first line of a file, with the way to it from there:")?;
    writeln!(out, "# yaml-language-server: $schema={dir}/routing.json")
}

/// Writes every schema into a folder; how many there were.
///
/// # Errors
/// If the folder cannot be written.
pub fn write(dir: &Path) -> io::Result<usize> {
    std::fs::create_dir_all(dir)?;
    let all = schemas::all();
    for (name, text) in &all {
        std::fs::write(dir.join(name), text)?;
    }
    Ok(all.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_is_written_as_published() {
        let dir = tempfile::tempdir().unwrap();
        let args = SchemasArgs { dir: dir.path().join("a/.schemas") };
        let mut out = Vec::new();
        run(&args, &mut out).unwrap();
        run(&args, &mut out).unwrap();
        let published = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/configuration");
        let mut count = 0;
        for entry in std::fs::read_dir(published).unwrap() {
            let path = entry.unwrap().path();
            let written = std::fs::read(args.dir.join(path.file_name().unwrap())).unwrap();
            assert_eq!(written, std::fs::read(path).unwrap());
            count += 1;
        }
        assert_eq!(std::fs::read_dir(&args.dir).unwrap().count(), count);
        assert!(String::from_utf8(out).unwrap().starts_with(&format!("{count} schemas in ")));
    }
}
