//! What the guides say, word for word: blocks and commands, taken out of the pages.

/// A page of the repository.
fn guide_page(path: &str) -> String {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The first block of that language that holds `part`.
///
/// # Panics
/// If the page has none.
pub fn block(page: &str, language: &str, part: &str) -> String {
    let text = guide_page(page);
    let open = format!("```{language}\n");
    let blocks = text.split(&open).skip(1).filter_map(|rest| rest.split("\n```").next());
    let mut fitting = blocks.filter(|block| block.contains(part));
    fitting
        .next()
        .unwrap_or_else(|| panic!("{page} has no {language} block with `{part}`"))
        .to_owned()
}

/// The command of a page that begins so, to the end of its line.
///
/// # Panics
/// If the page has none.
pub fn command(page: &str, begins: &str) -> String {
    let text = guide_page(page);
    let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    let mut lines = blocks.flat_map(str::lines).chain(spans(&text));
    let found = lines.find(|line| line.starts_with(begins));
    found.unwrap_or_else(|| panic!("{page} has no command `{begins}…`")).to_owned()
}

/// What stands between single backticks.
fn spans(text: &str) -> impl Iterator<Item = &str> {
    text.split("```").step_by(2).flat_map(|part| part.split('`').skip(1).step_by(2))
}
