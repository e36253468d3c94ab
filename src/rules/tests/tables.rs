//! Decision tables: which row wins, what is wrong with a file, and that the index finds what asking every row would.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Example, Says, compile};
use crate::domain::Checked;
use crate::rules::{Found, Policy, ROWS_MAX, Sheet, SheetProblem, Table};

fn table(text: &str, policy: Policy) -> Table {
    Table::compile(&Sheet::csv(text.as_bytes()).unwrap(), policy).unwrap()
}

fn problems(text: &str) -> Vec<SheetProblem> {
    let sheet = match Sheet::csv(text.as_bytes()) {
        Ok(sheet) => sheet,
        Err(problems) => return problems,
    };
    Table::compile(&sheet, Policy::First).unwrap_err()
}

/// Says the line of the row that wins, else the letter of why none does.
fn line(table: &Table, example: &Example) -> Result<u32, char> {
    let Found { says, row } = table.find(&example.subject());
    assert_eq!(row.is_some(), says == Says::Match);
    row.map(|row| table.line(row)).ok_or(says.letter())
}

fn somebody(country: &str, postal: &str, employees: Option<i64>) -> Example {
    let mut example = Example::unknown();
    if !country.is_empty() {
        example.lead.contact.country = Some(Checked::valid(country, country));
    }
    example.lead.contact.postal_code = Some(postal.into()).filter(|_| !postal.is_empty());
    example.lead.company.employees = employees;
    example
}

const TERRITORIES: &str =
    "contact.country,contact.postal_code starts_with,company.employees,queue,pool,member,note
DE,8,,sales,south,,all of the south
DE,803,1000..,sales,,mia,
DE,803,..999,sales,munich,,
AT | CH,,,sales,alps,,
GB,SW1A 1,,sales,london,,
,,5000..,key-accounts,,,wherever they are
";

#[test]
fn the_first_row_in_the_file_wins_unless_told_otherwise() {
    let first = table(TERRITORIES, Policy::First);
    let best = table(TERRITORIES, Policy::MostSpecific);
    for (country, postal, employees, by_file, by_fit) in [
        ("DE", "80331", Some(2000), Ok(2), Ok(3)),
        ("DE", "80331", Some(20), Ok(2), Ok(4)),
        ("DE", "80331", None, Ok(2), Ok(2)),
        ("DE", "D-80331", Some(20), Err('n'), Err('n')),
        ("DE", "8 03-31", Some(20), Ok(2), Ok(4)),
        ("CH", "8001", Some(20), Ok(5), Ok(5)),
        // What is missing may decide: an empty cell is true of it, any other is not.
        ("CH", "", None, Ok(5), Ok(5)),
        ("DE", "", None, Err('m'), Err('m')),
        ("GB", "sw1a1aa", None, Ok(6), Ok(6)),
        ("FR", "80331", Some(9000), Ok(7), Ok(7)),
        ("FR", "80331", Some(10), Err('n'), Err('n')),
    ] {
        let example = somebody(country, postal, employees);
        assert_eq!(line(&first, &example), by_file, "{country} {postal} {employees:?}");
        assert_eq!(line(&best, &example), by_fit, "{country} {postal} {employees:?}");
    }
    let assigned = &best.assigned()[best.outcome(best.row_of_line(3).unwrap())];
    assert_eq!((assigned.queue.as_deref(), assigned.pool.as_deref()), (Some("sales"), None));
    assert_eq!(assigned.member.as_deref(), Some("mia"));
    assert_eq!(assigned.places, [(3, 15), (3, 1), (3, 22)]);
    let words = best.row_in_words(best.row_of_line(3).unwrap());
    assert_eq!(
        words,
        "contact.country is de and contact.postal_code begins with 803 and company.employees is within 1000.."
    );
}

#[test]
fn domains_answers_flags_and_text_ranges() {
    let accounts = "company.domain,contact.email_free,answers.team_size between,contact.postal_code between,contact.email,pool
acme.example,,,,,named
eu.acme.example,,,,,europe
,no,10..49,,,small
,,,80..81,,munich
,,,,boss@rival.example,secret
";
    let first = table(accounts, Policy::First);
    let best = table(accounts, Policy::MostSpecific);
    let mut example = Example::unknown();
    example.lead.company.domain = Some("shop.eu.acme.example".to_owned());
    assert_eq!((line(&first, &example), line(&best, &example)), (Ok(2), Ok(3)));
    example.lead.company.domain = Some("other.example".to_owned());
    assert_eq!(line(&first, &example), Err('m'));
    example.lead.contact.email = Some(Checked::valid("a@other.example", "a@other.example"));
    example.answer("team_size", "lots");
    assert_eq!(line(&first, &example), Err('e'), "an answer that is no number for certain");
    example.answer("team_size", "20");
    assert_eq!(line(&first, &example), Ok(4), "of several answers one is enough");
    example.lead.answers.clear();
    for (postal, found) in [("79999", false), ("80000", true), ("81999", true), ("82000", false)] {
        example.lead.contact.postal_code = Some(postal.into());
        assert_eq!(line(&first, &example) == Ok(5), found, "{postal}");
    }
    example.lead.contact.email = Some(Checked::valid("boss@rival.example", "boss@rival.example"));
    assert_eq!(line(&first, &example), Ok(6));
    assert_eq!(first.row_in_words(4), "contact.email matches", "no person is named");
}

#[test]
fn every_mistake_is_said_with_its_place() {
    let found = problems(
        "contact.contry,company.employees starts_with,contact.city like,owner,pol,company.employees\nDE,1,x,y,z,1\n",
    );
    let said: Vec<_> = found
        .iter()
        .map(|p| (p.line, p.column, p.suggestion.clone().unwrap_or_default()))
        .collect();
    assert_eq!(
        said,
        [
            (1, 1, "did you mean `contact.country`?".to_owned()),
            (1, 16, "leave it away: the cells are values then".to_owned()),
            (1, 46, String::new()),
            (1, 64, "who gets the lead is a `member`".to_owned()),
            (1, 70, "did you mean `pool`?".to_owned()),
        ]
    );
    let found = problems(
        "category,contact.country,company.employees,contact.email_free,pool\nsel,DE,10,yes,a\nsell,\"UK\",9..1,perhaps,b\nsell,,\"1,5\",,c\n",
    );
    let said: Vec<_> = found.iter().map(|p| (p.line, p.column, p.message.as_str())).collect();
    assert_eq!(said.len(), 5, "{said:?}");
    assert_eq!((said[0].0, said[0].1), (2, 1));
    assert_eq!(found[0].suggestion.as_deref(), Some("did you mean `sell`?"));
    assert_eq!((said[1].0, said[1].1), (3, 6));
    assert_eq!(found[1].suggestion.as_deref(), Some("did you mean `GB`?"));
    assert_eq!(said[2], (3, 11, "the lower end lies above the upper one"));
    assert_eq!(said[3], (3, 16, "yes or no is needed here"));
    assert_eq!((said[4].0, said[4].1), (4, 7));
    assert!(problems("pool,note\na,b\n")[0].message.contains("no column asks"));
    let many = format!("contact.country,pool\n{}", "XX,a\n".repeat(30));
    let found = problems(&many);
    assert_eq!((found.len(), found[20].message.as_str()), (21, "10 more cells are wrong"));
}

#[test]
fn rows_that_can_never_win_are_found() {
    let text = "contact.country,contact.postal_code starts_with,company.employees,pool
DE,8,,a
DE,803,,b
AT | CH,,,c
CH,8,..50,d
FR,,10..100,e
FR,,20..50,f
FR,,20..500,g
DE,8,,h
";
    let warned = |policy| -> Vec<(u32, String)> {
        let table = table(text, policy);
        table.warnings().iter().map(|w| (w.line, w.message.clone())).collect()
    };
    let first = warned(Policy::First);
    let lines: Vec<u32> = first.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [3, 5, 7, 9]);
    assert!(first[0].1.contains("line 2 before it"), "{first:?}");
    let best = warned(Policy::MostSpecific);
    assert_eq!(best.len(), 1, "only the one that stands there twice: {best:?}");
    assert_eq!(best[0].0, 9);
}

#[test]
fn a_hundred_thousand_rows_have_an_index() {
    use std::fmt::Write as _;
    let mut text = "company.domain,contact.country,pool\n".to_owned();
    for n in 0..ROWS_MAX - 1 {
        writeln!(text, "account-{n}.example,,pool-{}", n % 50).unwrap();
    }
    text.push_str(",DE,rest\n");
    let table = table(&text, Policy::First);
    assert_eq!((table.rows(), table.assigned().len()), (ROWS_MAX, 51));
    let mut example = somebody("DE", "", None);
    example.lead.company.domain = Some("account-77777.example".to_owned());
    assert_eq!(line(&table, &example), Ok(77_779));
    example.lead.company.domain = Some("nobody.example".to_owned());
    assert_eq!(line(&table, &example), Ok(100_001));
    text.push_str(",AT,rest\n");
    let found = Sheet::csv(text.as_bytes()).unwrap_err();
    assert!(found[0].message.contains("at most 100000 rows"), "{found:?}");
}

/// A cell of each column, and the clause that says the same.
fn row() -> impl Strategy<Value = (String, Vec<Value>)> {
    let country = prop::sample::select(vec!["", "DE", "AT", "DE | CH"]);
    let postal = prop::sample::select(vec!["", "8", "80", "803", "1"]);
    let employees = prop::sample::select(vec!["", "10", "..50", "20..80", "50.."]);
    let domain = prop::sample::select(vec!["", "a.example", "b.a.example"]);
    (country, postal, employees, domain).prop_map(|(country, postal, employees, domain)| {
        let mut clauses = Vec::new();
        if !country.is_empty() {
            let all: Vec<&str> = country.split(" | ").collect();
            clauses.push(json!({"field": "contact.country", "in": all}));
        }
        if !postal.is_empty() {
            clauses.push(json!({"field": "contact.postal_code", "starts_with": postal}));
        }
        let clause = |(low, high): (&str, &str)| {
            let number = |text: &str, open: f64| text.parse::<f64>().unwrap_or(open);
            json!({"field": "company.employees", "between": [number(low, 0.0), number(high, 1e9)]})
        };
        if !employees.is_empty() {
            clauses.push(clause(employees.split_once("..").unwrap_or((employees, employees))));
        }
        match domain {
            "" => {}
            "a.example" => clauses.push(json!({"any": [
                {"field": "company.domain", "is": "a.example"},
                {"field": "company.domain", "ends_with": ".a.example"},
            ]})),
            other => clauses.push(json!({"field": "company.domain", "is": other})),
        }
        (format!("{country},{postal},{employees},{domain},p"), clauses)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever stands in a table, the row found is the first one of which all clauses are true.
    #[test]
    fn the_index_finds_what_asking_every_row_finds(
        rows in prop::collection::vec(row(), 1..25),
        country in prop::sample::select(vec!["", "DE", "AT", "CH", "FR"]),
        postal in prop::sample::select(vec!["", "80331", "81", "1010", "2"]),
        employees in prop::option::of(0_i64..100),
        domain in prop::sample::select(vec!["", "a.example", "b.a.example", "c.example"]),
    ) {
        let mut text = "contact.country,contact.postal_code starts_with,company.employees,company.domain,pool\n".to_owned();
        for (cells, _) in &rows {
            text.push_str(cells);
            text.push('\n');
        }
        let table = table(&text, Policy::First);
        let mut example = somebody(country, postal, employees);
        example.lead.company.domain = Some(domain.to_owned()).filter(|domain| !domain.is_empty());
        let first = rows.iter().position(|(_, clauses)| {
            clauses.is_empty()
                || compile(&json!({"all": clauses})).unwrap().evaluate(&example.subject()).is_match()
        });
        let found = line(&table, &example).ok().map(|line| line as usize - 2);
        prop_assert_eq!(found, first, "{}", text);
        // What can never win never wins.
        let never: Vec<u32> = table.warnings().iter().map(|warning| warning.line).collect();
        prop_assert!(found.is_none_or(|row| !never.contains(&(u32::try_from(row).unwrap() + 2))));
    }
}
