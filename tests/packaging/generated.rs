//! Tables in the guides that are written from the code. After a change of the code:
//! `UPDATE_DOCS=1 cargo test --features test-clock --test it generated`.

use std::fmt::Write as _;

use lead_router::rules::{FieldType, Operand, fields, functions, operators};

use super::markdown::{read, root};

/// Holds what stands between `<!-- generated: NAME -->` and `<!-- end -->` equal to `wanted`.
pub fn holds(page: &str, name: &str, wanted: &str) {
    let text = read(page);
    let begin = format!("<!-- generated: {name} -->\n");
    let start = text.find(&begin).unwrap_or_else(|| panic!("{page} has no `{name}`")) + begin.len();
    let end = start + text[start..].find("<!-- end -->").expect("an end");
    if &text[start..end] == wanted {
        return;
    }
    assert!(
        std::env::var_os("UPDATE_DOCS").is_some(),
        "`{name}` in {page} is not what the code says: run with UPDATE_DOCS=1"
    );
    let text = format!("{}{wanted}{}", &text[..start], &text[end..]);
    std::fs::write(root().join(page), text).unwrap();
}

fn type_word(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Text => "text",
        FieldType::Country => "country",
        FieldType::Word => "word",
        FieldType::Answer => "answer",
        FieldType::Number => "number",
        FieldType::Flag => "flag",
    }
}

/// One test, for the tables share a page that it may write.
#[test]
fn tables_are_what_the_code_says() {
    let operand = |operand| match operand {
        Operand::Value => "a value",
        Operand::Values => "a list of values",
        Operand::Number => "a number",
        Operand::Bounds => "`[low, high]`",
        Operand::Text => "a text",
        Operand::Pattern => "a regular expression",
        Operand::List => "a list's name, or `{ list, column }`",
        Operand::Flag => "`true` or `false`",
    };
    let mut table =
        "| operator | takes | on fields of type | meaning |\n|---|---|---|---|\n".to_owned();
    for row in operators() {
        let types: Vec<&str> = row.types.iter().map(|kind| type_word(*kind)).collect();
        let (types, takes) = (types.join(", "), operand(row.operand));
        let _ = writeln!(table, "| `{}` | {takes} | {types} | {} |", row.name, row.meaning);
    }
    holds("docs/rules.md", "operators", &table);
    let mut table = "| field | type | meaning |\n|---|---|---|\n".to_owned();
    for row in fields() {
        let kind = type_word(row.kind);
        let _ = writeln!(table, "| `{}` | {kind} | {} |", row.path, row.meaning);
    }
    holds("docs/rules.md", "fields", &table);
    let mut table = "| function | meaning |\n|---|---|\n".to_owned();
    for row in functions() {
        let _ = writeln!(table, "| `{}` | {} |", row.form, row.meaning);
    }
    holds("docs/rules.md", "functions", &table);
}
