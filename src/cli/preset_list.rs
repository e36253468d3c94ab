//! What `sources` and `destinations` have in common: listing the presets there are.

use std::io::{self, Write};

use crate::domain::{Name, Tier};

/// One preset's name, how well it is known to fit, and what it is for.
pub struct Row<'a> {
    pub name: &'a Name,
    pub tier: Tier,
    pub title: &'a str,
    pub summary: &'a str,
}

/// A line each, and how to use one.
///
/// # Errors
/// If nothing can be written.
pub fn list(out: &mut dyn Write, rows: &[Row<'_>], add: &str) -> io::Result<()> {
    let width = rows.iter().map(|row| row.name.as_str().len()).max().unwrap_or(0);
    for Row { name, tier, title, summary } in rows {
        let (name, tier) = (name.as_str(), tier.as_str());
        writeln!(out, "{name:width$}  {tier:12}  {title}: {summary}")?;
    }
    writeln!(out, "\nadd one: {add}")
}
