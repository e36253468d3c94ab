//! What was probably meant where a value has a wrong shape: said from what stands there, never with the
//! value itself where something was filled in.

use super::tree::{Kind, Node};

/// Where a number or boolean is wanted.
pub(super) fn number(node: &Node) -> Option<String> {
    let Kind::Text(text) = &node.kind else { return None };
    if node.filled {
        return None;
    }
    let text = text.trim();
    let begins_as_number = text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+');
    Some(match text.to_ascii_lowercase().as_str() {
        "on" | "yes" | "y" => "write `true`".to_owned(),
        "off" | "no" | "n" => "write `false`".to_owned(),
        "true" | "false" => "write it without quotes".to_owned(),
        _ if text.parse::<f64>().is_ok() => "write it without quotes".to_owned(),
        _ if begins_as_number => {
            "write plain digits, without unit, percent sign or separators".to_owned()
        }
        _ => return None,
    })
}

/// Where a list is wanted.
pub(super) fn list(node: &Node) -> Option<String> {
    Some(match node.kind {
        Kind::Map(_) => "begin every element with `- `".to_owned(),
        Kind::Null => "indent its elements below it, each with `- `; `[]` is none".to_owned(),
        Kind::List(_) => return None,
        Kind::Text(_) | Kind::Plain(..) => "put `[` and `]` around it".to_owned(),
    })
}

/// Where a map with these keys is wanted.
pub(super) fn map(node: &Node, keys: &[&str]) -> Option<String> {
    let known = || match keys {
        [] => String::new(),
        keys => format!("; known here: {}", keys.join(", ")),
    };
    Some(match node.kind {
        Kind::List(_) => format!("write `key: value` without the `- ` before it{}", known()),
        Kind::Null => format!("indent what belongs to it further than its key{}", known()),
        Kind::Map(_) => return None,
        Kind::Text(_) | Kind::Plain(..) => format!("write `{{ key: value }}`{}", known()),
    })
}

/// What other crates' words mean, for those whose own say too little.
pub(super) fn foreign(message: &str) -> Option<&'static str> {
    [
        ("invalid IP address syntax", "a network such as 10.0.0.0/8"),
        ("invalid socket address syntax", "an address and port in digits, such as 127.0.0.1:8080"),
        ("relative URL without a base", "a whole URL such as https://inquiries.example.com"),
        ("invalid prefix length", "a network such as 10.0.0.0/8"),
    ]
    .into_iter()
    .find_map(|(begin, wanted)| message.starts_with(begin).then_some(wanted))
}

/// What is most likely wrong where the YAML itself is broken, by the parser's words.
pub(super) fn syntax(message: &str) -> Option<&'static str> {
    [
        ("tabs disallowed", "indent with spaces"),
        ("did not find expected key", "keys of one map begin in the same column"),
        ("anchor or alias", "put what begins with `*` or `&` in quotes"),
        ("expected string scalar", "put what begins with `{` in quotes"),
        ("did not find expected ','", "put a text that holds `: `, `,` or brackets in quotes"),
        ("unexpected character", "put a text that begins with this character in quotes"),
        ("quoted scalar", "is a quotation mark before this not closed?"),
        ("mapping values are not allowed", "put a text that holds `: ` in quotes"),
        ("did not find expected '-'", "elements of one list begin in the same column"),
        ("unclosed bracket", "a `[` or `{` before this is not closed"),
    ]
    .into_iter()
    .find_map(|(words, hint)| message.contains(words).then_some(hint))
}
