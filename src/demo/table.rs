//! The table: one line per inquiry, as wide as it needs to be.

/// One line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    pub source: String,
    pub what: String,
    pub status: String,
    pub score: String,
    pub category: String,
    pub queue: String,
    pub owner: String,
    pub delivered: String,
}

const HEADS: [&str; 8] =
    ["source", "what", "status", "score", "category", "queue", "owner", "delivered"];

impl Line {
    fn cells(&self) -> [&str; 8] {
        [
            &self.source,
            &self.what,
            &self.status,
            &self.score,
            &self.category,
            &self.queue,
            &self.owner,
            &self.delivered,
        ]
    }
}

/// The lines as text with aligned columns.
pub fn render(lines: &[Line]) -> String {
    let rows: Vec<[&str; 8]> =
        std::iter::once(HEADS).chain(lines.iter().map(Line::cells)).collect();
    let mut widths = [0; 8];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
        if number == 0 {
            text.push_str(&"─".repeat(widths.iter().sum::<usize>() + 14));
            text.push('\n');
        }
    }
    text
}
