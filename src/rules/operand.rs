//! The value after an operator, checked against the field's type and made ready.

use regex::{Regex, RegexBuilder};

use super::condition::{Interval, Test, Texts};
use super::field::FieldType;
use super::fold::fold;
use super::list::Lists;
use super::operator::{Operand, Operator, OperatorRow};
use super::reader::Reader;
use super::source::Raw;
use super::{LIST_MAX, PATTERN_BYTES_MAX, PATTERN_PROGRAM_MAX, TEXT_MAX};
use crate::domain::{Field, SettingProblem, region_code};

/// Reads operands of one clause; mistakes go to `problems`.
pub(super) struct Operands<'a> {
    pub(super) path: &'a str,
    pub(super) reader: &'a Reader,
    pub(super) lists: &'a Lists,
    pub(super) problems: &'a mut Vec<SettingProblem>,
}

impl Operands<'_> {
    /// The test, and whether it is turned round.
    pub(super) fn test(&mut self, row: &OperatorRow, value: &Raw) -> Option<(Test, bool)> {
        let negative =
            matches!(row.operator, Operator::IsNot | Operator::NotIn | Operator::NotInList);
        let test = match row.operand {
            Operand::Flag => return Some((Test::Exists, !self.flag(value, self.path)?)),
            Operand::Value => self.value(value)?,
            Operand::Values => self.values(value)?,
            Operand::Number => self.half_open(row.operator, value)?,
            Operand::Bounds => self.bounds(value)?,
            Operand::Text => {
                let text = self.text(value, self.path)?;
                match row.operator {
                    Operator::StartsWith => Test::StartsWith(text),
                    Operator::EndsWith => Test::EndsWith(text),
                    _ => Test::Contains(text),
                }
            }
            Operand::Pattern => self.pattern(value)?,
            Operand::List => self.listed(value)?,
        };
        Some((test, negative))
    }

    pub(super) fn refuse<T>(
        &mut self,
        path: &str,
        message: impl Into<String>,
        suggestion: &str,
    ) -> Option<T> {
        let mut problem = SettingProblem::new(path, message);
        problem.suggestion = (!suggestion.is_empty()).then(|| suggestion.to_owned());
        self.problems.push(problem);
        None
    }

    fn value(&mut self, value: &Raw) -> Option<Test> {
        match (self.reader.kind(), value) {
            (FieldType::Flag, _) => Some(Test::Flag(self.flag(value, self.path)?)),
            (FieldType::Number, _) | (FieldType::Answer, Raw::Number(_)) => {
                Some(Test::Numbers(vec![self.number(value, self.path)?]))
            }
            _ => Some(Test::Equals(self.word(value, self.path)?)),
        }
    }

    fn values(&mut self, value: &Raw) -> Option<Test> {
        let Raw::List(items) = value else {
            let message = format!("a list is needed here, not {}", value.kind());
            return self.refuse(
                self.path,
                message,
                "write `[one, two]`, or use `is` for one value",
            );
        };
        if items.is_empty() {
            return self.refuse(self.path, "an empty list matches nothing", "");
        }
        if items.len() > LIST_MAX {
            return self.refuse(self.path, format!("a list has at most {LIST_MAX} elements"), "");
        }
        let kind = self.reader.kind();
        let numeric = kind == FieldType::Number
            || (kind == FieldType::Answer && matches!(items[0], Raw::Number(_)));
        let before = self.problems.len();
        let paths = (0..items.len()).map(|index| format!("{}[{index}]", self.path));
        let items: Vec<_> = items.iter().zip(paths.collect::<Vec<_>>()).collect();
        let test = if numeric {
            let mut numbers: Vec<f64> =
                items.iter().filter_map(|(item, path)| self.number(item, path)).collect();
            numbers.sort_by(f64::total_cmp);
            Test::Numbers(numbers)
        } else {
            let texts = items.iter().filter_map(|(item, path)| self.word(item, path));
            Test::OneOf(texts.map(String::into_boxed_str).collect::<Texts>())
        };
        (self.problems.len() == before).then_some(test)
    }

    fn half_open(&mut self, operator: Operator, value: &Raw) -> Option<Test> {
        let number = self.number(value, self.path)?;
        let included = matches!(operator, Operator::Gte | Operator::Lte);
        let whole = Interval::closed(f64::NEG_INFINITY, f64::INFINITY);
        Some(Test::Within(match operator {
            Operator::Gt | Operator::Gte => {
                Interval { low: number, low_included: included, ..whole }
            }
            _ => Interval { high: number, high_included: included, ..whole },
        }))
    }

    fn bounds(&mut self, value: &Raw) -> Option<Test> {
        let Raw::List(items) = value else {
            let message = format!("two numbers are needed here, not {}", value.kind());
            return self.refuse(self.path, message, "write `[low, high]`");
        };
        let [low, high] = items.as_slice() else {
            let message = format!("two numbers are needed here, not {}", items.len());
            return self.refuse(self.path, message, "write `[low, high]`");
        };
        let low = self.number(low, &format!("{}[0]", self.path));
        let high = self.number(high, &format!("{}[1]", self.path));
        Some(Test::Within(Interval::closed(low?, high?)))
    }

    fn flag(&mut self, value: &Raw, path: &str) -> Option<bool> {
        match value {
            Raw::Flag(flag) => Some(*flag),
            other => {
                let message = format!("true or false is needed here, not {}", other.kind());
                self.refuse(path, message, "")
            }
        }
    }

    fn number(&mut self, value: &Raw, path: &str) -> Option<f64> {
        match value {
            // Zero has one spelling, so that it can be found by comparing.
            Raw::Number(number) if number.is_finite() => Some(*number + 0.0),
            other => {
                let message = format!("a number is needed here, not {}", other.kind());
                self.refuse(path, message, "write plain digits, such as 50000 or 0.5")
            }
        }
    }

    /// A text in the form in which texts are compared.
    fn text(&mut self, value: &Raw, path: &str) -> Option<String> {
        let text = match value {
            Raw::Text(text) => text,
            Raw::Number(_) | Raw::Flag(_) => {
                let message = format!("a text is needed here; this was read as {}", value.kind());
                return self.refuse(path, message, "put it in quotes");
            }
            other => {
                let message = format!("a text is needed here, not {}", other.kind());
                return self.refuse(path, message, "");
            }
        };
        let folded = fold(text).as_str().to_owned();
        if folded.is_empty() {
            return self.refuse(path, "an empty text matches nothing", "use `exists: false`");
        }
        if folded.len() > TEXT_MAX {
            return self.refuse(path, format!("a text here has at most {TEXT_MAX} bytes"), "");
        }
        Some(folded)
    }

    /// A text that the field can have.
    pub(super) fn word(&mut self, value: &Raw, path: &str) -> Option<String> {
        let folded = self.text(value, path)?;
        match self.reader.kind() {
            FieldType::Country => self.country(folded, path),
            FieldType::Word => {
                let words = self.reader.words();
                if words.contains(&folded.as_str()) {
                    return Some(folded);
                }
                let message = format!("`{folded}` is none of {}", words.join(", "));
                self.problems.push(SettingProblem::new(path, message).suggest(&folded, words));
                None
            }
            _ if matches!(self.reader, Reader::Canonical(Field::Region)) => {
                self.region(folded, path)
            }
            _ => Some(folded),
        }
    }

    /// Regions that have codes are known by them, whatever was written.
    fn region(&mut self, folded: String, path: &str) -> Option<String> {
        let Some(code) = region_code(&folded, None) else { return Some(folded) };
        let message = format!("`{folded}` is known by its code (ISO 3166-2, without the country)");
        self.refuse(path, message, &format!("did you mean `{code}`?"))
    }

    fn country(&mut self, folded: String, path: &str) -> Option<String> {
        let upper = folded.to_uppercase();
        if rust_iso3166::from_alpha2(&upper).is_some() {
            return Some(folded);
        }
        let meant = if upper == "UK" {
            Some("GB".to_owned())
        } else {
            rust_iso3166::ALL
                .iter()
                .find(|country| {
                    country.alpha3 == upper || country.name.eq_ignore_ascii_case(&upper)
                })
                .map(|country| country.alpha2.to_owned())
        };
        let message = format!("`{folded}` is no two-letter country code (ISO 3166-1)");
        let suggestion = meant.map(|code| format!("did you mean `{code}`?")).unwrap_or_default();
        self.refuse(path, message, &suggestion)
    }

    fn pattern(&mut self, value: &Raw) -> Option<Test> {
        let Raw::Text(written) = value else {
            let message = format!("a regular expression is needed here, not {}", value.kind());
            return self.refuse(self.path, message, "put it in quotes");
        };
        match pattern(written) {
            Ok(regex) => Some(Test::Matches(regex)),
            Err((message, suggestion)) => self.refuse(self.path, message, suggestion),
        }
    }
}

/// Compiles a regular expression; else what is wrong with it, and what may help.
pub(super) fn pattern(written: &str) -> Result<Regex, (String, &'static str)> {
    if written.len() > PATTERN_BYTES_MAX {
        let message = format!("a regular expression has at most {PATTERN_BYTES_MAX} bytes");
        return Err((message, ""));
    }
    let regex = RegexBuilder::new(written)
        .case_insensitive(true)
        .size_limit(PATTERN_PROGRAM_MAX)
        .dfa_size_limit(PATTERN_PROGRAM_MAX)
        .nest_limit(50)
        .build();
    match regex {
        Ok(regex) if regex.is_match("") => {
            Err(("this regular expression matches everything".to_owned(), "use `exists: true`"))
        }
        Ok(regex) => Ok(regex),
        Err(error) => {
            // The last line says what is wrong; those before it draw the pattern.
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
            Err((format!("this regular expression does not compile: {last}"), ""))
        }
    }
}

/// What keeps a field from ever being equal to a text: it has only certain words, and this is none.
pub(super) fn possible(path: &str, reader: &Reader, text: &str) -> Option<SettingProblem> {
    if !matches!(reader.kind(), FieldType::Country | FieldType::Word) {
        return None;
    }
    let mut problems = Vec::new();
    let lists = Lists::default();
    let mut operands = Operands { path, reader, lists: &lists, problems: &mut problems };
    let _ = operands.word(&Raw::Text(text.to_owned()), path);
    problems.pop()
}
