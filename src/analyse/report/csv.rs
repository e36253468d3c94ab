//! A report as CSV.

use super::{Cell, Table};

impl Table {
    /// The rows as CSV with a header: figures as [`Cell::plain`], blank where there is nothing to say. Totals and goals are
    /// left out: whoever reads it adds up. A text of strangers that a spreadsheet would take for a formula gets
    /// an apostrophe before it.
    #[must_use]
    pub fn csv(&self, by: &str) -> String {
        let names = std::iter::once(by).chain(self.columns.iter().map(|column| column.name));
        let mut text = names.collect::<Vec<_>>().join(",");
        text.push_str("\r\n");
        for row in &self.rows {
            text.push_str(&field(&row.value));
            for cell in &row.cells {
                text.push(',');
                match cell {
                    Cell::Text(said) => text.push_str(&field(said)),
                    figure => text.push_str(&figure.plain()),
                }
            }
            text.push_str("\r\n");
        }
        text
    }
}

fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r', ';']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_is_a_formula_or_two_fields() {
        for (text, written) in [
            ("spring sale", "spring sale"),
            ("=cmd|x", "'=cmd|x"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
        ] {
            assert_eq!(field(text), written);
        }
    }
}
