//! A condition in words, for people who look at what is in force.

use super::ConditionSource;
use super::source::Raw;

/// Longer lists are cut; the file has the rest.
const LISTED_MAX: usize = 12;

impl ConditionSource {
    /// The condition as a sentence's part: `category is sell and country is one of DE, AT`.
    #[must_use]
    pub fn in_words(&self) -> String {
        words(&self.0, false)
    }
}

pub(super) fn words(raw: &Raw, inside: bool) -> String {
    let Raw::Map(entries) = raw else { return value(raw) };
    let get = |key: &str| entries.iter().find(|(name, _)| name == key).map(|(_, value)| value);
    for (key, with) in [("all", " and "), ("any", " or ")] {
        if let Some(Raw::List(parts)) = get(key) {
            let parts: Vec<String> = parts.iter().map(|part| words(part, true)).collect();
            let joined = parts.join(with);
            return if inside && parts.len() > 1 { format!("({joined})") } else { joined };
        }
    }
    if let Some(part) = get("not") {
        return format!("not ({})", words(part, false));
    }
    if let Some(expression) = get("expr") {
        return value(expression);
    }
    let field = get("field").map(value).unwrap_or_default();
    let clauses: Vec<String> = entries
        .iter()
        .filter(|(key, _)| key != "field")
        .map(|(operator, operand)| format!("{field} {}", clause(operator, operand)))
        .collect();
    clauses.join(" and ")
}

fn clause(operator: &str, operand: &Raw) -> String {
    let what = value(operand);
    match (operator, operand) {
        ("is", _) => format!("is {what}"),
        ("is_not", _) => format!("is not {what}"),
        ("in", _) => format!("is one of {what}"),
        ("not_in", _) => format!("is none of {what}"),
        ("gte", _) => format!("is at least {what}"),
        ("gt", _) => format!("is more than {what}"),
        ("lte", _) => format!("is at most {what}"),
        ("lt", _) => format!("is less than {what}"),
        ("exists", Raw::Flag(true)) => "is known".to_owned(),
        ("exists", Raw::Flag(false)) => "is not known".to_owned(),
        _ => format!("{} {what}", operator.replace('_', " ")),
    }
}

fn value(raw: &Raw) -> String {
    match raw {
        Raw::Null => "nothing".to_owned(),
        Raw::Flag(true) => "yes".to_owned(),
        Raw::Flag(false) => "no".to_owned(),
        Raw::Number(number) => number.to_string(),
        Raw::Text(text) => text.clone(),
        Raw::List(values) => {
            let mut parts: Vec<String> = values.iter().take(LISTED_MAX).map(value).collect();
            if values.len() > LISTED_MAX {
                parts.push(format!("{} more", values.len() - LISTED_MAX));
            }
            parts.join(", ")
        }
        Raw::Map(entries) => {
            let parts: Vec<String> =
                entries.iter().map(|(key, of)| format!("{key} {}", value(of))).collect();
            parts.join(", ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ConditionSource;

    #[test]
    fn conditions_read_as_sentences() {
        let of = |json: serde_json::Value| -> String {
            serde_json::from_value::<ConditionSource>(json).unwrap().in_words()
        };
        let both = serde_json::json!({"all": [
            {"field": "category", "is": "sell"},
            {"any": [{"field": "contact.country", "in": ["DE", "AT"]}, {"field": "company.employees", "gte": 1000}]},
            {"not": {"field": "contact.phone_valid", "is": true}},
        ]});
        assert_eq!(
            of(both),
            "category is sell and (contact.country is one of DE, AT or company.employees is at least 1000) \
             and not (contact.phone_valid is yes)"
        );
        assert_eq!(
            of(serde_json::json!({"expr": "company.employees > 3"})),
            "company.employees > 3"
        );
        assert_eq!(of(serde_json::json!({"field": "a", "exists": false})), "a is not known");
    }
}
