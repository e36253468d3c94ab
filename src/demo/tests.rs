//! The demo's script and table.

use super::script::stream;
use super::table::{Line, render};

#[test]
fn the_stream_shows_every_kind_of_inquiry() {
    let stream = stream();
    for word in ["good", "again", "incomplete", "not eligible", "spam", "test", "broken"] {
        assert!(stream.iter().any(|post| post.what.contains(word)), "{word}");
    }
    for source in ["form", "google-ads", "scanner"] {
        assert!(stream.iter().any(|post| post.source == source), "{source}");
    }
}

#[test]
fn the_table_lines_up() {
    let line = |source: &str| Line {
        source: source.into(),
        delivered: "after 3 ms".into(),
        ..Line::default()
    };
    let text = render(&[line("form"), line("google-ads")]);
    let column = |row: &str| row.find("after").map(|at| row[..at].chars().count());
    let rows: Vec<&str> = text.lines().skip(2).collect();
    assert_eq!(column(rows[0]), column(rows[1]));
}
