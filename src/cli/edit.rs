//! Adding one entry to a YAML file that a person wrote: as text, so that comments stay, and only if
//! reading the result shows exactly the one addition.

use crate::config::tree::{self, Kind, Node};

/// The file with `item` (lines of a list item, indented by two) at the end of the top-level list `key`;
/// `None` if the file is written in another way than this can change safely.
pub fn appended(file: &str, text: &str, key: &str, item: &str) -> Option<String> {
    let before = tree::parse(file, text.as_bytes()).ok()?;
    let count = length(before.get(key)?)?;
    let after = if count == 0 {
        let empty = [format!("{key}: []"), format!("{key}: [ ]"), format!("{key}:")];
        let lines: Vec<String> = text
            .lines()
            .map(|line| {
                let bare = line.split(" #").next().unwrap_or(line).trim_end();
                let is_it = empty.iter().any(|form| form == bare);
                if is_it { format!("{key}:\n{}", item.trim_end()) } else { line.to_owned() }
            })
            .collect();
        format!("{}\n", lines.join("\n"))
    } else {
        // The items' own indentation, and the list must be what the file ends with.
        let lines: Vec<&str> = text.lines().collect();
        let start = lines.iter().position(|line| line.trim_end() == format!("{key}:"))?;
        let dash = lines[start + 1..].iter().find(|line| line.trim_start().starts_with("- "))?;
        let indent = " ".repeat(dash.len() - dash.trim_start().len());
        let item: Vec<String> =
            item.lines().map(|line| format!("{indent}{}", line.get(2..).unwrap_or(line))).collect();
        format!("{}\n{}\n", text.trim_end(), item.join("\n"))
    };
    let read = tree::parse(file, after.as_bytes()).ok()?;
    let grown = length(read.get(key)?)? == count + 1;
    let same = same_but(&before, &read, &|path| path == key);
    (grown && same && first_items_stand(before.get(key)?, read.get(key)?)).then_some(after)
}

/// The file with `word` as a further item of the list at `path` (`queues.sales.destinations`), however
/// that list is written; `None` as above.
pub fn listed(file: &str, text: &str, path: &[&str], word: &str) -> Option<String> {
    let before = tree::parse(file, text.as_bytes()).ok()?;
    let mut node = &before;
    for key in path {
        node = node.get(key)?;
    }
    let count = length(node)?;
    let lines: Vec<&str> = text.lines().collect();
    let at = usize::try_from(node.at.line).ok()?.checked_sub(1)?;
    let column = usize::try_from(node.at.column).ok()?.checked_sub(1)?;
    let line = lines.get(at)?;
    let byte = line.char_indices().nth(column).map(|(byte, _)| byte)?;
    let mut edited: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    if line[byte..].starts_with('[') {
        let close = byte + line[byte..].find(']')?;
        let comma = if count == 0 { "" } else { ", " };
        let held = line[..close].trim_end();
        edited[at] = format!("{held}{comma}{word}{}", &line[close..]);
    } else if line[byte..].starts_with("- ") {
        let indent = " ".repeat(column);
        edited.insert(at + 1, format!("{indent}- {word}"));
    } else {
        return None;
    }
    let after = format!("{}\n", edited.join("\n"));
    let read = tree::parse(file, after.as_bytes()).ok()?;
    let mut grown = &read;
    for key in path {
        grown = grown.get(key)?;
    }
    let joined = path.join(".");
    let has = grown.children().any(|item| matches!(&item.kind, Kind::Text(text) if text == word));
    let same = same_but(&before, &read, &|path| path == joined);
    (has && same && length(grown)? == count + 1).then_some(after)
}

fn length(node: &Node) -> Option<usize> {
    match &node.kind {
        Kind::List(items) => Some(items.len()),
        Kind::Null => Some(0),
        _ => None,
    }
}

fn first_items_stand(before: &Node, after: &Node) -> bool {
    before.children().zip(after.children()).all(|(one, other)| same_but(one, other, &|_| false))
}

/// Whether two trees say the same, but for what stands at the excepted path.
fn same_but(one: &Node, other: &Node, excepted: &dyn Fn(&str) -> bool) -> bool {
    fn same(one: &Node, other: &Node, path: &str, excepted: &dyn Fn(&str) -> bool) -> bool {
        if excepted(path) {
            return true;
        }
        match (&one.kind, &other.kind) {
            (Kind::Map(one), Kind::Map(other)) => {
                one.len() == other.len()
                    && one.iter().zip(other).all(|(a, b)| {
                        let dot = if path.is_empty() { "" } else { "." };
                        let path = format!("{path}{dot}{}", a.key);
                        a.key == b.key && same(&a.value, &b.value, &path, excepted)
                    })
            }
            (Kind::List(one), Kind::List(other)) => {
                let below = format!("{path}[]");
                one.len() == other.len()
                    && one.iter().zip(other).all(|(a, b)| same(a, b, &below, excepted))
            }
            (one, other) => one == other,
        }
    }
    same(one, other, "", excepted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = "  - name: \"b\"\n    sha256: \"1\"\n";

    #[test]
    fn a_row_is_appended_in_the_files_own_style() {
        let cases = [
            ("keys: []\n", Some("keys:\n  - name: \"b\"\n    sha256: \"1\"\n")),
            (
                "# mine\nkeys: [] # none\n",
                Some("# mine\nkeys:\n  - name: \"b\"\n    sha256: \"1\"\n"),
            ),
            (
                "keys:\n- name: a # a's\n  sha256: 0\n",
                Some("keys:\n- name: a # a's\n  sha256: 0\n- name: \"b\"\n  sha256: \"1\"\n"),
            ),
            ("keys: [{name: a, sha256: 0}]\n", None),
            ("keys: &x\n  - name: a\nother: *x\n", None),
            ("keys:\n  - name: a\nother: 1\n", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(appended("keys.yaml", text, "keys", ROW).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn a_word_joins_a_list_however_it_is_written() {
        let path = ["queues", "sales", "destinations"];
        let cases = [
            (
                "queues:\n  sales: { destinations: [crm] } # us\n",
                Some("queues:\n  sales: { destinations: [crm, new] } # us\n"),
            ),
            (
                "queues:\n  sales:\n    destinations: []\n  nurture: {}\n",
                Some("queues:\n  sales:\n    destinations: [new]\n  nurture: {}\n"),
            ),
            (
                "queues:\n  sales:\n    destinations:\n      - crm # ours\n      - erp\n",
                Some(
                    "queues:\n  sales:\n    destinations:\n      - crm # ours\n      - new\n      - erp\n",
                ),
            ),
            ("queues:\n  sales: { destinations: [\"a]b\"] }\n", None),
            ("queues:\n  sales: {}\n", None),
            ("queues:\n  sales: { destinations: [\n    crm ] }\n", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(listed("routing.yaml", text, &path, "new").as_deref(), wanted, "{text}");
        }
    }
}
