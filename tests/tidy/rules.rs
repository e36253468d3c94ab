//! The rules and how they are checked. Text is enough: the tree is formatted by rustfmt.

use std::fmt;

use super::source::File;

/// One violation.
#[derive(Debug)]
pub struct Finding {
    pub rule: &'static str,
    place: String,
    what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.place, self.rule, self.what)
    }
}

/// What each room may import of ours, besides itself. Everything may import `domain`.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("rules", &["domain"]),
    ("capture", &["domain"]),
    ("identify", &["domain", "rules"]),
    ("qualify", &["domain", "rules"]),
    ("assign", &["domain", "rules", "qualify"]),
    ("follow_up", &["domain", "rules", "qualify", "assign"]),
    ("decide", &["domain", "rules", "identify", "qualify", "assign", "follow_up"]),
    ("analyse", &["domain", "follow_up"]),
    (
        "simulate",
        &[
            "domain",
            "rules",
            "capture",
            "identify",
            "qualify",
            "assign",
            "follow_up",
            "decide",
            "store",
        ],
    ),
    ("keyring", &["domain", "identify"]),
    ("telemetry", &["domain"]),
    ("store", &["domain", "assign", "analyse"]),
    ("egress", &["domain"]),
    ("deliver", &["domain", "rules", "telemetry", "egress"]),
    ("jobs", &["domain", "telemetry"]),
    (
        "flow",
        &[
            "domain",
            "rules",
            "capture",
            "identify",
            "qualify",
            "assign",
            "follow_up",
            "decide",
            "analyse",
            "keyring",
            "telemetry",
        ],
    ),
    ("http", &["domain", "capture", "follow_up", "decide", "analyse", "flow", "telemetry"]),
    (
        "console",
        &[
            "domain",
            "qualify",
            "assign",
            "follow_up",
            "decide",
            "analyse",
            "flow",
            "http",
            "telemetry",
        ],
    ),
    (
        "config",
        &[
            "domain",
            "rules",
            "capture",
            "identify",
            "qualify",
            "assign",
            "follow_up",
            "decide",
            "analyse",
            "deliver",
            "egress",
            "http",
            "telemetry",
        ],
    ),
];
/// The composition root and what stands beside it may import everything.
const ROOTS: &[&str] = &["app", "cli", "demo", "main", "lib"];

const VENDORS: &[(&str, &[&str])] = &[
    ("redis", &["src/store/redis/", "tests/", "benches/"]),
    ("redb", &["src/store/embedded/", "tests/", "benches/"]),
    ("reqwest", &["src/egress/", "tests/", "benches/"]),
    ("actix_web", &["src/http/", "src/console/", "src/app/", "src/demo/", "tests/", "benches/"]),
    ("cel", &["src/rules/expr/", "tests/", "benches/"]),
    ("jsonschema", &["src/capture/", "src/config/", "tests/", "src/deliver/tests/"]),
];

const PURE: &[&str] = &[
    "domain",
    "rules",
    "capture",
    "identify",
    "qualify",
    "assign",
    "follow_up",
    "decide",
    "analyse",
    "simulate",
];
const IMPURE: &[&str] = &[
    "std::env::",
    "std::fs::",
    "std::net::Tcp",
    "tracing::",
    "rand::",
    "tokio::",
    "Instant::now",
    "SystemTime::now",
    "async fn",
];

/// The ports are asynchronous because those who implement them are; nothing pure calls them.
const PORTS: &str = "src/domain/ports";

const LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;

const BANNED_NAMES: &[&str] = &[
    "util", "utils", "helper", "helpers", "common", "manager", "handler", "sender", "sink",
    "enquiry",
];
/// Folders of the machine this was written on.
const OUTSIDE: &[&str] = &["../shared", "/work/", "/var/tmp/", "/root/"];
const BANNED_MARKS: &[&str] = &["todo!(", "unimplemented!(", "FIXME", "XXX", "#[ignore"];

/// Everything wrong with one file.
pub fn check(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    // The rules' own text names what they forbid.
    if file.path.starts_with("tests/tidy/") {
        return findings;
    }
    let mut add = |rule, line: usize, what: String| {
        findings.push(Finding { rule, place: format!("{}:{line}", file.path), what });
    };
    if !file.text.starts_with("//!") {
        add("file_doc", 1, "begins without saying what it is for (//!)".to_owned());
    }
    let code = code_lines(&file.text);
    if !is_test(&file.path) {
        check_imports(file, &code, &mut add);
        check_size(file, &code, &mut add);
    }
    check_vendors(file, &code, &mut add);
    check_paths(file, &mut add);
    check_names(file, &code, &mut add);
    check_waiting(file, &code, &mut add);
    findings
}

fn is_test(path: &str) -> bool {
    path.starts_with("tests/")
        || path.starts_with("benches/")
        || path.ends_with("/tests.rs")
        || path.contains("/tests/")
}

fn room(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("src/")?;
    Some(rest.split('/').next()?.trim_end_matches(".rs"))
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

/// Lines with their numbers; comments blanked, but for those with a mark that must not stay.
fn code_lines(text: &str) -> Vec<(usize, &str)> {
    let marked = |line: &str| line.contains("FIXME") || line.contains("XXX");
    let blanked = |line| if is_comment(line) && !marked(line) { "" } else { line };
    text.lines().enumerate().map(|(index, line)| (index + 1, blanked(line))).collect()
}

fn before_inline_tests<'a>(code: &'a [(usize, &'a str)]) -> &'a [(usize, &'a str)] {
    let end =
        code.windows(2).position(|pair| pair[0].1 == "#[cfg(test)]" && pair[1].1 == "mod tests {");
    &code[..end.unwrap_or(code.len())]
}

fn check_imports(
    file: &File,
    code: &[(usize, &str)],
    add: &mut impl FnMut(&'static str, usize, String),
) {
    let Some(room) = room(&file.path) else { return };
    if ROOTS.contains(&room) {
        return;
    }
    let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == room) else {
        add("direction", 1, format!("the room `{room}` has no line in the import table"));
        return;
    };
    for &(number, line) in before_inline_tests(code) {
        for (at, _) in line.match_indices("crate::") {
            let other: String =
                line[at + 7..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let is_room = MAY_IMPORT.iter().any(|(name, _)| *name == other)
                || ROOTS.contains(&other.as_str());
            if is_room && other != room && !allowed.contains(&other.as_str()) {
                add("direction", number, format!("`{room}` must not import `{other}`"));
            }
        }
        if PURE.contains(&room)
            && let Some(asked) = IMPURE.iter().find(|word| stands_alone(line, word))
            && !(file.path.starts_with(PORTS) && *asked == "async fn")
        {
            add("pure", number, format!("a pure room must not use `{asked}`"));
        }
    }
}

/// Whether `word` occurs in the line, not as the end of a longer name (`Operand::` is not `rand::`).
fn stands_alone(line: &str, word: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| !line[..at].ends_with(part_of_name))
}

fn check_vendors(
    file: &File,
    code: &[(usize, &str)],
    add: &mut impl FnMut(&'static str, usize, String),
) {
    for &(number, line) in before_inline_tests(code) {
        for (vendor, rooms) in VENDORS {
            let path = format!("{vendor}::");
            let named = line.match_indices(&path).any(|(at, _)| {
                !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
            });
            if named && !rooms.iter().any(|room| file.path.starts_with(room)) {
                add("vendor", number, format!("`{vendor}` is used outside its room"));
            }
        }
    }
}

/// Nothing in the repository may point out of it.
fn check_paths(file: &File, add: &mut impl FnMut(&'static str, usize, String)) {
    for (number, line) in (1..).zip(file.text.lines()) {
        if let Some(path) = OUTSIDE.iter().find(|path| line.contains(**path)) {
            add("outside", number, format!("`{path}` is not in this repository"));
        }
    }
}

fn check_size(
    file: &File,
    code: &[(usize, &str)],
    add: &mut impl FnMut(&'static str, usize, String),
) {
    let code = before_inline_tests(code);
    let lines = code.len();
    if lines > LINES_MAX {
        add("file_size", lines, format!("{lines} lines, more than {LINES_MAX}"));
    }
    let is_mod = file.path.ends_with("/mod.rs");
    let mut excused = false;
    let mut rest = code;
    while let Some((&(number, line), after)) = rest.split_first() {
        rest = after;
        let trimmed = line.trim_start();
        excused |= trimmed.contains("clippy::too_many_lines");
        if !is_function(trimmed) {
            continue;
        }
        // actix takes its routes as a function: that is wiring.
        if is_mod && !line.contains("web::ServiceConfig") {
            add("mod_logic", number, "mod.rs is for documentation and wiring only".to_owned());
        }
        let indent = indent(line);
        let body = function_lines(indent, line, after);
        if body > FUNCTION_LINES_MAX && !excused {
            let message = format!("a function of {body} lines, more than {FUNCTION_LINES_MAX}");
            add("function_size", number, message);
        }
        excused = false;
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Whether a line begins a function: `fn` after nothing but what may stand before it.
fn is_function(trimmed: &str) -> bool {
    let Some((before, _)) = trimmed.split_once("fn ") else { return false };
    let may = |word: &str| {
        matches!(word, "pub" | "async" | "const" | "unsafe" | "extern") || word.starts_with("pub(")
    };
    let before = before.replace("in crate::", "in_crate::");
    before.split_whitespace().all(may)
}

/// Lines of code in the body of the function that begins in `first`, counted as clippy counts them:
/// without the signature, empty lines and comments.
fn function_lines(depth: usize, first: &str, after: &[(usize, &str)]) -> usize {
    if first.ends_with('}') || first.ends_with(';') {
        return 0;
    }
    let mut inside = first.ends_with('{');
    let mut body = 0;
    for &(_, line) in after {
        let at_depth = !line.is_empty() && indent(line) == depth;
        if inside {
            if at_depth && line.trim_start() == "}" {
                break;
            }
            body += usize::from(!line.trim().is_empty());
        } else if at_depth && line.ends_with('{') {
            inside = true;
        } else if at_depth && (line.ends_with(';') || line.ends_with('}')) {
            break;
        }
    }
    body
}

fn check_names(
    file: &File,
    code: &[(usize, &str)],
    add: &mut impl FnMut(&'static str, usize, String),
) {
    let stem = file.path.rsplit('/').next().unwrap_or("").trim_end_matches(".rs");
    if BANNED_NAMES.contains(&stem) {
        add("banned_name", 1, format!("a file called `{stem}` says nothing"));
    }
    for &(number, line) in code {
        let trimmed = line
            .trim_start()
            .trim_start_matches("pub(crate) ")
            .trim_start_matches("pub(super) ")
            .trim_start_matches("pub ");
        for keyword in ["struct ", "enum ", "trait ", "mod ", "type "] {
            if let Some(rest) = trimmed.strip_prefix(keyword) {
                let name: String =
                    rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let words = words(&name);
                if let Some(word) = words.iter().find(|word| BANNED_NAMES.contains(&word.as_str()))
                {
                    add("banned_name", number, format!("`{name}` is named with `{word}`"));
                }
            }
        }
        if let Some(mark) = BANNED_MARKS.iter().find(|mark| line.contains(**mark)) {
            add("banned_mark", number, format!("`{mark}`"));
        }
    }
}

/// The words of a CamelCase or snake_case name, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in name.chars() {
        if c == '_' || c.is_uppercase() {
            words.push(String::new());
        }
        if c != '_' {
            words.last_mut().unwrap().extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Tests move time; they do not wait for it. Waiting for another task or process is allowed in one
/// kind of place: a function called `until…`, which asks for a condition and gives up at a deadline,
/// and in the harness, which starts and stops other processes.
fn check_waiting(
    file: &File,
    code: &[(usize, &str)],
    add: &mut impl FnMut(&'static str, usize, String),
) {
    let elsewhere = ["tests/harness/", "benches/"];
    if !is_test(&file.path) || elsewhere.iter().any(|folder| file.path.starts_with(folder)) {
        return;
    }
    let mut until = false;
    for &(number, line) in code {
        if is_function(line.trim_start()) {
            until = line.contains("fn until");
        }
        if !until && (line.contains("thread::sleep(") || line.contains("time::sleep(")) {
            add("sleep", number, "wait for a condition through `until` instead".to_owned());
        }
    }
}
