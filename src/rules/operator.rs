//! The closed table of operators: what each takes, on which types of field, and what it means.

use super::field::FieldType;
use super::field::FieldType::{Answer, Country, Flag, Number, Text, Word};

/// What stands after an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operand {
    /// One value of the field's type; for an answer a text or a number.
    Value,
    /// A list of 1 to [`super::LIST_MAX`] such values.
    Values,
    Number,
    /// `[low, high]`, both included.
    Bounds,
    Text,
    /// A regular expression without look-around or back references, matched in linear time.
    Pattern,
    /// The name of a CSV file in `lists/`, or `{ list: NAME, column: NAME }`.
    List,
    Flag,
}

/// An operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Is,
    IsNot,
    In,
    NotIn,
    InList,
    NotInList,
    Gt,
    Gte,
    Lt,
    Lte,
    Between,
    Contains,
    StartsWith,
    EndsWith,
    Matches,
    Exists,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct OperatorRow {
    pub operator: Operator,
    /// As written in a clause.
    pub name: &'static str,
    pub operand: Operand,
    /// The types of field it can be asked of; anything else does not load.
    pub types: &'static [FieldType],
    pub meaning: &'static str,
}

const ALL: &[FieldType] = &[Text, Country, Word, Answer, Number, Flag];
const LISTED: &[FieldType] = &[Text, Country, Word, Answer, Number];
const NUMERIC: &[FieldType] = &[Number, Answer];
const TEXTUAL: &[FieldType] = &[Text, Answer];

const fn row(
    operator: Operator,
    name: &'static str,
    operand: Operand,
    types: &'static [FieldType],
    meaning: &'static str,
) -> OperatorRow {
    OperatorRow { operator, name, operand, types, meaning }
}

const TABLE: &[OperatorRow] = &[
    row(Operator::Is, "is", Operand::Value, ALL, "equal, whatever the case"),
    row(Operator::IsNot, "is_not", Operand::Value, ALL, "known, and not equal"),
    row(Operator::In, "in", Operand::Values, LISTED, "equal to one of the list"),
    row(Operator::NotIn, "not_in", Operand::Values, LISTED, "known, and equal to none of the list"),
    row(Operator::InList, "in_list", Operand::List, LISTED, "equal to an entry of the list"),
    row(
        Operator::NotInList,
        "not_in_list",
        Operand::List,
        LISTED,
        "known, and equal to no entry of the list",
    ),
    row(Operator::Gt, "gt", Operand::Number, NUMERIC, "greater than"),
    row(Operator::Gte, "gte", Operand::Number, NUMERIC, "greater than or equal"),
    row(Operator::Lt, "lt", Operand::Number, NUMERIC, "less than"),
    row(Operator::Lte, "lte", Operand::Number, NUMERIC, "less than or equal"),
    row(
        Operator::Between,
        "between",
        Operand::Bounds,
        NUMERIC,
        "from the first to the second, both included",
    ),
    row(
        Operator::Contains,
        "contains",
        Operand::Text,
        TEXTUAL,
        "the text occurs in it, whatever the case",
    ),
    row(
        Operator::StartsWith,
        "starts_with",
        Operand::Text,
        TEXTUAL,
        "begins with the text, whatever the case",
    ),
    row(
        Operator::EndsWith,
        "ends_with",
        Operand::Text,
        TEXTUAL,
        "ends with the text, whatever the case",
    ),
    row(
        Operator::Matches,
        "matches",
        Operand::Pattern,
        TEXTUAL,
        "the regular expression matches somewhere in the lower-cased text",
    ),
    row(
        Operator::Exists,
        "exists",
        Operand::Flag,
        ALL,
        "true: there is a value; false: there is none",
    ),
];

/// Every operator, in the order of the documentation.
#[must_use]
pub fn operators() -> &'static [OperatorRow] {
    TABLE
}
