//! What conditions promise: the truth table, the mistakes they refuse, the fields they read.

mod mistakes;
mod properties;
mod reading;
mod truth_table;

use super::example::Example;
use super::{Condition, ConditionSource, Says};
use crate::domain::SettingProblem;

fn parse(json: &serde_json::Value) -> ConditionSource {
    serde_json::from_value(json.clone()).unwrap()
}

fn compile(json: &serde_json::Value) -> Result<Condition, Vec<SettingProblem>> {
    Condition::compile(&parse(json))
}

fn says(json: &serde_json::Value, example: &Example) -> Says {
    compile(json).unwrap_or_else(|p| panic!("{json}: {p:?}")).evaluate(&example.subject())
}
