//! What conditions promise: the truth table, the mistakes they refuse, the fields they read.

mod expressions;
mod index;
mod listed;
mod mistakes;
mod properties;
mod reading;
mod tables;
mod truth_table;

use super::example::Example;
use super::{Condition, ConditionSource, Lists, Says, Sheet};
use crate::domain::SettingProblem;

fn parse(json: &serde_json::Value) -> ConditionSource {
    serde_json::from_value(json.clone()).unwrap()
}

fn compile(json: &serde_json::Value) -> Result<Condition, Vec<SettingProblem>> {
    Condition::compile(&parse(json), &lists())
}

/// A list `sample` with a column per type of field, and `rivals` with one column of domains.
fn lists() -> Lists {
    let mut lists = Lists::default();
    let sample = "text,country,word,answer,number\nCEO,DE,sell,Large,100\n\"Head, of IT\",no,Nurture,10k,2.5\n";
    lists.insert("sample", Some(Sheet::csv(sample.as_bytes()).unwrap()));
    let rivals = "domain\nrival.example\nhttps://www.packrival.example/about\n";
    lists.insert("rivals", Some(Sheet::csv(rivals.as_bytes()).unwrap()));
    lists
}

fn says(json: &serde_json::Value, example: &Example) -> Says {
    compile(json).unwrap_or_else(|p| panic!("{json}: {p:?}")).evaluate(&example.subject())
}
