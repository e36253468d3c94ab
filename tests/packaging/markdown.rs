//! Reading the guides.

use std::path::{Path, PathBuf};

/// One page, its path relative to the repository.
#[derive(Debug)]
pub struct Page {
    pub path: PathBuf,
    pub text: String,
}

/// The repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the repository.
pub fn read(path: &str) -> String {
    let found = std::fs::read_to_string(root().join(path));
    found.unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every page that people read: at the top, in docs, beside the starter, the examples and the chart.
pub fn pages() -> Vec<Page> {
    let mut paths: Vec<PathBuf> =
        ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"].map(PathBuf::from).into();
    for folder in ["config", "docs", "examples", "helm"] {
        pages_below(Path::new(folder), &mut paths);
    }
    paths.sort();
    let page = |path: PathBuf| Page { text: read(path.to_str().unwrap()), path };
    paths.into_iter().map(page).collect()
}

fn pages_below(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(root().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = folder.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            pages_below(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            paths.push(path);
        }
    }
}

/// What links to headings of a page are called: lower-case words with hyphens.
pub fn anchors(text: &str) -> Vec<String> {
    let prose = text.split("```").step_by(2).flat_map(str::lines);
    let headings = prose.filter(|line| line.starts_with('#'));
    let slug = |line: &str| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        let kept = words.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(slug).collect()
}

/// All Rust text below a folder of the repository.
pub fn source(folder: &str) -> String {
    fn walk(folder: &Path, text: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, text);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                text.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut text = String::new();
    walk(&root().join(folder), &mut text);
    text
}

/// What stands between two fences.
#[derive(Debug, Clone)]
pub struct Block {
    /// The word after the first one: `sh`, `yaml` …
    pub language: String,
    pub text: String,
}

impl Page {
    /// The fenced blocks, in order.
    pub fn blocks(&self) -> Vec<Block> {
        let fenced = self.text.split("\n```").skip(1).step_by(2);
        let block = |part: &str| {
            let (language, text) = part.split_once('\n').unwrap_or((part, ""));
            Block { language: language.to_owned(), text: text.to_owned() }
        };
        fenced.map(block).collect()
    }

    /// The lines inside blocks of shell commands: fenced as `sh`, or indented by four spaces.
    pub fn commands(&self) -> Vec<String> {
        let mut fence: Option<bool> = None;
        let mut lines = Vec::new();
        for line in self.text.lines() {
            if let Some(language) = line.strip_prefix("```") {
                fence = if fence.is_some() { None } else { Some(language == "sh") };
            } else if fence == Some(true) || (fence.is_none() && line.starts_with("    ")) {
                lines.push(line.trim().to_owned());
            }
        }
        lines
    }

    /// What stands between single backticks.
    pub fn code_words(&self) -> impl Iterator<Item = &str> {
        let prose = self.text.split("```").step_by(2);
        prose.flat_map(|part| part.split('`').skip(1).step_by(2))
    }

    /// Where links lead that do not leave the repository.
    pub fn links(&self) -> impl Iterator<Item = &str> {
        let targets = self.text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        targets.filter(|target| !target.contains("://"))
    }
}
