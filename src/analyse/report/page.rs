//! A report as one page that needs nothing else: no scripts, no fonts, no pictures from elsewhere.

use std::fmt::Write as _;

use super::{Row, Table, Unit};
use crate::domain::in_html;

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1c2430;--quiet:#586374;--ground:#fff;--line:#d5dbe3;--bar:#1d63c9}\
@media(prefers-color-scheme:dark){:root{--ink:#e7ebf1;--quiet:#a3aebd;--ground:#12171f;--line:#313b49;--bar:#7fb0f5}}\
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground);margin:0 auto;max-width:72rem;padding:1rem}\
h1{font-size:1.5rem;margin:.5rem 0}p{color:var(--quiet);margin:.25rem 0 1rem}\
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}\
th,td{padding:.35rem .6rem;border-bottom:1px solid var(--line);text-align:left;white-space:nowrap}\
.n{text-align:right}tfoot th,tfoot td{font-weight:600}\
figure{margin:0 0 1.25rem}figcaption{color:var(--quiet);font-size:.9rem}svg{width:100%;height:auto;max-width:44rem;display:block}svg.line{height:7.5rem}\
svg text{fill:var(--ink);font:13px system-ui,sans-serif}.bar{fill:var(--bar)}\
polyline{fill:none;stroke:var(--bar);stroke-width:2;vector-effect:non-scaling-stroke}";

impl Table {
    /// The page. `about`: of which time, by what, as of when.
    #[must_use]
    pub fn page(&self, by: &str, about: &str) -> String {
        let title = in_html(self.report.title());
        let plots = self.plots(by);
        let mut html = format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title}</title><style>{STYLE}</style></head><body><main><h1>{title}</h1><p>{}</p>{plots}<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Figures\"><table><thead><tr><th scope=\"col\">{}</th>",
            in_html(about),
            in_html(by),
        );
        for column in &self.columns {
            // Writing to a string does not fail.
            let _ = write!(
                html,
                "<th scope=\"col\"{}>{}</th>",
                right(column.unit),
                in_html(&column.name.replace('_', " "))
            );
        }
        html.push_str("</tr></thead><tbody>");
        for row in &self.rows {
            self.write_row(&mut html, row);
        }
        html.push_str("</tbody><tfoot>");
        for row in self.totals.iter().chain(&self.goals) {
            self.write_row(&mut html, row);
        }
        html.push_str("</tfoot></table></div></main></body></html>\n");
        html
    }

    fn write_row(&self, html: &mut String, row: &Row) {
        let _ = write!(html, "<tr><th scope=\"row\">{}</th>", in_html(&row.value));
        for (cell, column) in row.cells.iter().zip(&self.columns) {
            let shown = in_html(&cell.shown(column.unit));
            let _ = write!(html, "<td{}>{shown}</td>", right(column.unit));
        }
        html.push_str("</tr>");
    }
}

fn right(unit: Unit) -> &'static str {
    if unit == Unit::Text { "" } else { " class=\"n\"" }
}
