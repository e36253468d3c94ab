//! Rules that ask a decision table.

use crate::assign::{PoolSettings, Router, RoutingSettings};
use crate::domain::{Name, SettingProblem};
use crate::rules::{Lists, Sheet};

const POOLS: &str = "pools: { dach: { members: [ada, ben] }, world: { members: [mia] }, both: { members: [ben, eve] } }";

pub(super) fn compile(routing: &str, table: &str) -> Result<Router, Vec<SettingProblem>> {
    let routing: RoutingSettings = serde_saphyr::from_str(routing).unwrap();
    let pools: PoolSettings = serde_saphyr::from_str(POOLS).unwrap();
    let mut lists = Lists::default();
    lists.insert_table("territories", Sheet::csv(table.as_bytes()).ok());
    let destinations = [Name::parse("crm").unwrap()].into_iter().collect();
    Router::compile(&routing, &pools, &destinations, &lists)
}

const ROUTING: &str = "queues: { sales: { destinations: [crm] } }
rules:
  - name: territories
    when: { field: category, is: sell }
    table: territories
    assign: { queue: sales, pool: world }
fallback: { queue: triage }
";

fn said(routing: &str, table: &str) -> Vec<(String, String)> {
    let problems = compile(routing, table).unwrap_err();
    problems.into_iter().map(|p| (p.path, p.suggestion.unwrap_or_default())).collect()
}

#[test]
fn what_a_row_assigns_is_checked_where_it_stands() {
    let table = "contact.country,queue,pool,member\nDE,sales,dahc,\nAT,,,ben\nCH,sels,,\nFR,,dach,eve\nIT,,,mia\n";
    assert_eq!(
        said(ROUTING, table),
        [
            ("tables/territories:2:10".to_owned(), "did you mean `dach`?".to_owned()),
            ("tables/territories:3:6".to_owned(), String::new()),
            (
                "tables/territories:4:4".to_owned(),
                "declare it: `queues: { sels: { destinations: [] } }`".to_owned()
            ),
            ("tables/territories:5:10".to_owned(), "known here: ada, ben".to_owned()),
        ]
    );
    let sound = "contact.country,pool\nDE,dach\n";
    assert_eq!(
        said(
            &ROUTING.replace("table: territories", "table: { name: teritories, match: best }"),
            sound
        ),
        [
            ("rules[0].table.match".to_owned(), "known here: first, most_specific".to_owned()),
            ("rules[0].table".to_owned(), "did you mean `territories`?".to_owned()),
        ]
    );
    assert_eq!(
        said(&ROUTING.replace("pool: world", "pool: wrld"), sound),
        [("rules[0].assign.pool".to_owned(), "did you mean `world`?".to_owned())],
        "said once, not for every row"
    );
}

#[test]
fn rows_that_can_never_win_are_warned_of_and_pools_of_rows_are_used() {
    let table = "contact.country,pool\nDE,dach\nDE,both\nFR,\n";
    let router = compile(ROUTING, table).unwrap();
    let warned: Vec<&str> = router.warnings().iter().map(|w| w.path.as_str()).collect();
    assert_eq!(warned, ["tables/territories:3:1"]);
    let (name, _, way) = router.rules_in_words().next().unwrap();
    assert!(way.contains("table territories") && way.contains("contact.country"), "{name}: {way}");
    let (file, row) = router.row_in_words(name, 2).unwrap();
    assert_eq!((file.as_str(), row.as_str()), ("tables/territories", "contact.country is de"));
}
