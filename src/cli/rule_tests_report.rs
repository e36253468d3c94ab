//! What rule tests came to, for people and for CI.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::simulate::{Mismatch, Verdict};

/// One test and how it ended.
#[derive(Debug)]
pub(super) struct Result {
    pub(super) workspace: String,
    pub(super) file: String,
    pub(super) line: u32,
    pub(super) name: String,
    /// Or why it could not be run.
    pub(super) verdict: std::result::Result<Verdict, String>,
}

impl Result {
    pub(super) fn passed(&self) -> bool {
        self.verdict.as_ref().is_ok_and(|verdict| verdict.mismatches.is_empty())
    }

    /// What is wrong, a line each; then why it came so.
    fn explained(&self) -> Vec<String> {
        match &self.verdict {
            Err(why) => vec![format!("could not be run: {why}")],
            Ok(verdict) => {
                let mut lines: Vec<String> = verdict.mismatches.iter().map(in_words).collect();
                if !lines.is_empty() {
                    lines.push("why:".to_owned());
                    let why = verdict.outcome.sentences.iter();
                    lines.extend(why.map(|sentence| format!("  {sentence}")));
                }
                lines
            }
        }
    }
}

fn in_words(mismatch: &Mismatch) -> String {
    let Mismatch { what, expected, came } = mismatch;
    format!("{what}: expected {expected}, came {came}")
}

fn counts(results: &[Result]) -> (usize, usize) {
    let passed = results.iter().filter(|result| result.passed()).count();
    (passed, results.len() - passed)
}

/// For people: a line per test, and everything about those that failed.
pub(super) fn text(out: &mut dyn Write, results: &[Result]) -> io::Result<()> {
    let mut file = "";
    for result in results {
        if result.file != file {
            file = &result.file;
            writeln!(out, "{file}")?;
        }
        let word = if result.passed() { "pass" } else { "FAIL" };
        writeln!(out, "  {word}  {}", result.name)?;
        if !result.passed() {
            writeln!(out, "        {}:{}", result.file, result.line)?;
            for line in result.explained() {
                writeln!(out, "        {line}")?;
            }
        }
    }
    let (passed, failed) = counts(results);
    writeln!(out, "{passed} passed, {failed} failed")
}

/// For programs: one JSON object.
pub(super) fn json(out: &mut dyn Write, results: &[Result]) -> io::Result<()> {
    let (passed, failed) = counts(results);
    let tests: Vec<Value> = results
        .iter()
        .map(|result| {
            let mismatches = result.verdict.as_ref().map_or(&[][..], |v| &v.mismatches);
            let mismatches: Vec<Value> = mismatches
                .iter()
                .map(|m| json!({ "what": m.what, "expected": m.expected, "came": m.came }))
                .collect();
            let why = result.verdict.as_ref().map(|v| v.outcome.sentences.clone());
            json!({
                "workspace": result.workspace,
                "file": result.file,
                "line": result.line,
                "name": result.name,
                "passed": result.passed(),
                "mismatches": mismatches,
                "why": why.unwrap_or_else(|error| vec![error.clone()]),
            })
        })
        .collect();
    let whole = json!({ "passed": passed, "failed": failed, "tests": tests });
    serde_json::to_writer_pretty(&mut *out, &whole).map_err(io::Error::other)?;
    writeln!(out)
}

/// For CI systems: JUnit's XML, a suite per file.
pub(super) fn junit(out: &mut dyn Write, results: &[Result]) -> io::Result<()> {
    let (_, failed) = counts(results);
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<testsuites name="lead-router" tests="{}" failures="{failed}">"#,
        results.len()
    )?;
    for suite in results.chunk_by(|a, b| a.file == b.file) {
        let file = escaped(&suite[0].file);
        let (_, failed) = counts(suite);
        let tests = suite.len();
        writeln!(out, r#"  <testsuite name="{file}" tests="{tests}" failures="{failed}">"#)?;
        for result in suite {
            let (name, class) = (escaped(&result.name), escaped(&result.workspace));
            let line = result.line;
            write!(
                out,
                r#"    <testcase name="{name}" classname="{class}" file="{file}" line="{line}""#
            )?;
            if result.passed() {
                writeln!(out, "/>")?;
                continue;
            }
            let lines = result.explained();
            let message = escaped(lines.first().map_or("", String::as_str));
            let text = escaped(&lines.join("\n"));
            writeln!(
                out,
                ">\n      <failure message=\"{message}\">{text}</failure>\n    </testcase>"
            )?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

/// As text or attribute of XML; what XML cannot hold at all is left out.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c if c.is_control() && !matches!(c, '\n' | '\t') => {}
            c => escaped.push(c),
        }
    }
    escaped
}
