//! Rules that can be proved never to win, because one before them takes everybody they would take.

use super::pools::Findings;
use super::router::Rule;
use super::settings::RuleSettings;
use crate::domain::Category;
use crate::rules::{Condition, ConditionSource, Lists};

/// Warns of each such rule, with the first one that stands in its way.
pub(super) fn warn(settings: &[RuleSettings], rules: &[Rule], findings: &mut Findings) {
    if settings.len() != rules.len() {
        return;
    }
    let kept = kept();
    for (number, rule) in rules.iter().enumerate() {
        let earlier = (0..number).find(|earlier| {
            takes_all(&rules[*earlier], rule, kept.as_ref())
                || says_the_same(&settings[*earlier], &settings[number])
        });
        if let Some(earlier) = earlier {
            let message = format!(
                "`{}` can never win: `{}` (rule {}) before it takes all it would take",
                rule.name,
                rules[earlier].name,
                earlier + 1
            );
            findings.warn(format!("rules[{number}]"), message);
        }
    }
}

/// What both say may be beyond proof (an expression) and still be the same.
fn says_the_same(earlier: &RuleSettings, rule: &RuleSettings) -> bool {
    earlier.when == rule.when && (earlier.table.is_none() || earlier.table == rule.table)
}

fn takes_all(earlier: &Rule, rule: &Rule, kept: Option<&Condition>) -> bool {
    if earlier.table.is_some() {
        // Of whom no row is true, the rule does not take.
        return false;
    }
    // What is to be discarded passes by rules that do not ask for the category.
    let asked = earlier.asks_category
        || !rule.asks_category
        || rule.when.as_ref().zip(kept).is_some_and(|(when, kept)| when.implies(kept));
    let covered = match (&rule.when, &earlier.when) {
        (_, None) => true,
        (Some(when), Some(earlier)) => when.implies(earlier),
        (None, Some(_)) => false,
    };
    asked && covered
}

/// True of whoever is not to be discarded.
fn kept() -> Option<Condition> {
    let words = [Category::Sell, Category::Nurture].map(Category::as_str);
    let source = ConditionSource::one_of("category", &words);
    Condition::compile(&source, &Lists::default()).ok()
}
