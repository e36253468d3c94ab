//! A table of what was said back: the header names the columns, in the words that exports use.

use serde_json::{Map, Value};

/// Rows of one upload.
pub(super) const ROWS_MAX: usize = 5_000;

/// What columns may be called, in small letters, with `_` for everything else.
const COLUMNS: &[(&str, &[&str])] = &[
    ("id", &["event_id", "idempotency_key"]),
    ("lead_id", &["lead", "lead_router_id", "router_lead_id"]),
    ("destination", &["crm", "system"]),
    (
        "record_id",
        &["id", "crm_id", "object_id", "deal_id", "contact_id", "person_id", "salesforce_id"],
    ),
    ("email", &["e_mail", "email_address", "e_mail_address", "mail"]),
    ("phone", &["phone_number", "telephone", "tel", "mobile"]),
    ("disposition", &["status", "lead_status", "stage", "deal_stage", "outcome", "result"]),
    ("at", &["date", "changed_at", "updated_at", "close_date", "closed_at", "timestamp", "time"]),
    ("amount", &["value", "deal_value", "deal_amount", "revenue"]),
    ("currency", &["currency_code", "deal_currency"]),
    ("reason", &["lost_reason", "loss_reason", "closed_lost_reason"]),
    ("revisit_at", &["revisit", "follow_up_at", "follow_up_date", "call_back", "next_contact"]),
    ("note", &["notes", "comment"]),
];

/// Why the whole table is refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BadTable {
    NoTable,
    NoDisposition,
    TooMany,
}

/// Each row as one object, by the names that the JSON form has. Empty cells say nothing; columns that are not known are
/// left out.
pub(super) fn rows(body: &[u8]) -> Result<Vec<Value>, BadTable> {
    let text = std::str::from_utf8(body).map_err(|_| BadTable::NoTable)?;
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let separator = [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|separator| first.bytes().filter(|byte| byte == separator).count());
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator.unwrap_or(b','))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(|_| BadTable::NoTable)?;
    let columns: Vec<Option<&str>> = header.iter().map(column).collect();
    if !columns.contains(&Some("disposition")) {
        return Err(BadTable::NoDisposition);
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| BadTable::NoTable)?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        if rows.len() == ROWS_MAX {
            return Err(BadTable::TooMany);
        }
        let mut row = Map::new();
        for (name, cell) in columns.iter().zip(&record) {
            if let Some(name) = name.filter(|name| !cell.is_empty() && !row.contains_key(*name)) {
                row.insert(name.to_owned(), cell.into());
            }
        }
        rows.push(Value::Object(row));
    }
    Ok(rows)
}

fn column(header: &str) -> Option<&'static str> {
    let mut plain = String::new();
    for letter in header.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            plain.push(letter);
        } else if !plain.ends_with('_') {
            plain.push('_');
        }
    }
    let plain = plain.trim_matches('_');
    let own = COLUMNS.iter().find(|(name, _)| *name == plain && *name != "id");
    let known = || COLUMNS.iter().find(|(_, others)| others.contains(&plain));
    own.or_else(known).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn exports_are_read_by_their_own_headers() {
        let table = "\u{feff}Record ID;Deal Stage;Close Date;Amount;Owner\n17;Closed Won;2026-03-01;1250.5;ada\n;;;;\n18;\"Closed; Lost\";;;\n";
        let wanted = [
            json!({"record_id": "17", "disposition": "Closed Won", "at": "2026-03-01", "amount": "1250.5"}),
            json!({"record_id": "18", "disposition": "Closed; Lost"}),
        ];
        assert_eq!(rows(table.as_bytes()).unwrap(), wanted);
        let table = "Id,E-Mail,Lead Status\n9,ann@zanzotter.example,Contacted\n";
        let wanted =
            json!({"record_id": "9", "email": "ann@zanzotter.example", "disposition": "Contacted"});
        assert_eq!(rows(table.as_bytes()).unwrap(), [wanted]);
    }

    #[test]
    fn what_is_no_such_table_is_refused_whole() {
        assert_eq!(rows(b"email,amount\na,b\n"), Err(BadTable::NoDisposition));
        assert_eq!(rows(b"\xff\xfe"), Err(BadTable::NoTable));
        let many = format!("email,status\n{}", "a@b.test,won\n".repeat(ROWS_MAX + 1));
        assert_eq!(rows(many.as_bytes()), Err(BadTable::TooMany));
    }
}
