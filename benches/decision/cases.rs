//! The cases: a configuration each, and inquiries that differ.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use lead_router::config::{Snapshot, Workspace, load_snapshot};
use lead_router::decide::{Input, decide};
use lead_router::domain::{Facts, IdBlock, Inquiry, Timestamp};
use lead_router::identify::{Pepper, keys};
use lead_router::rules::{Condition, ConditionSource, Lists, Subject};
use lead_router::simulate::{Business, Given, Taken, World};
use serde_json::json;

use crate::Outcome;

/// What is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole decision.
    Decision,
    /// The conditions of the rules alone, each asked.
    EachRule,
    /// One condition, given as JSON.
    Condition(&'static str),
}

/// One case.
#[derive(Debug)]
pub struct Case {
    pub name: &'static str,
    pub kind: Kind,
    pub rules: usize,
    /// Rows of the list that the first rule asks.
    pub list: usize,
    /// Rows of the table that the second rule asks; 0 = there is none.
    pub table: usize,
}

const fn case(name: &'static str, rules: usize, list: usize, table: usize) -> Case {
    Case { name, kind: Kind::Decision, rules, list, table }
}

const fn each(name: &'static str, rules: usize) -> Case {
    Case { name, kind: Kind::EachRule, rules, list: 10, table: 0 }
}

const fn condition(name: &'static str, json: &'static str) -> Case {
    Case { name, kind: Kind::Condition(json), rules: 20, list: 10, table: 0 }
}

/// All of them, in the order of the page.
pub const CASES: &[Case] = &[
    case("20 rules", 20, 10, 0),
    case("200 rules", 200, 10, 0),
    case("2,000 rules", 2_000, 10, 0),
    case("20 rules, a list of 100,000 rows", 20, 100_000, 0),
    case("20 rules, a table of 10 rows", 20, 10, 10),
    case("20 rules, a table of 100,000 rows", 20, 10, 100_000),
    each("20 conditions, each asked", 20),
    each("200 conditions, each asked", 200),
    each("2,000 conditions, each asked", 2_000),
    condition(
        "one condition as clauses",
        r#"{"all": [{"field": "contact.country", "in": ["DE", "AT", "CH"]}, {"field": "company.employees", "gte": 1000}]}"#,
    ),
    condition(
        "the same as an expression",
        r#"{"expr": "contact.country in [\"DE\", \"AT\", \"CH\"] && company.employees >= 1000"}"#,
    ),
];

const COUNTRIES: [&str; 20] = [
    "DE", "AT", "CH", "FR", "ES", "IT", "PT", "NL", "BE", "DK", "SE", "NO", "FI", "PL", "CZ", "HU",
    "RO", "GR", "IE", "GB",
];

const QUALIFICATION: &str = "
criteria:
  budget:
    - { name: budget, yes: { field: need.budget, gte: 10000 }, points: 30 }
  authority:
    - { name: decides, yes: { field: contact.title, contains: head }, points: 10 }
contact:
  - { name: reachable, when: { field: contact.email_valid, is: true }, points: 60 }
thresholds: { sell: 50, nurture: 10 }
";

/// The conditions of the rules: a country and an industry each, every fourth a size.
fn condition_of(number: usize) -> serde_json::Value {
    let mut all = vec![
        json!({"field": "category", "is": "sell"}),
        json!({"field": "contact.country", "is": COUNTRIES[number % COUNTRIES.len()]}),
        json!({"field": "company.industry", "is": format!("industry {}", number / COUNTRIES.len())}),
    ];
    if number.is_multiple_of(4) {
        all.push(json!({"field": "company.employees", "gte": 1000}));
    }
    json!({ "all": all })
}

fn routing(case: &Case) -> String {
    let mut text =
        "queues: { sales: { destinations: [crm] }, nurture: { destinations: [crm] } }\nrules:\n"
            .to_owned();
    text.push_str(
        "  - { name: named, when: { field: company.domain, in_list: { list: named, column: domain } }, assign: { queue: sales, pool: team } }\n",
    );
    if case.table > 0 {
        text.push_str("  - { name: accounts, table: accounts, assign: { queue: sales } }\n");
    }
    for number in 0..case.rules {
        let when = condition_of(number);
        // JSON is YAML.
        let _ = writeln!(
            text,
            "  - {{ name: r{number}, when: {when}, assign: {{ queue: sales, pool: team }} }}"
        );
    }
    text.push_str("fallback: { queue: triage }\n");
    text
}

fn rows(count: usize, header: &str, end: &str) -> Vec<u8> {
    let mut text = format!("{header}\n");
    for number in 0..count {
        let _ = writeln!(text, "account-{number}.example{end}");
    }
    text.into_bytes()
}

/// The configuration of a case.
pub fn load(case: &Case) -> Outcome<Arc<Workspace>> {
    let mut files = vec![("lists/named.csv", rows(case.list, "domain", ""))];
    if case.table > 0 {
        let rows = rows(case.table, "company.domain,contact.country,pool", ",,team");
        files.push(("tables/accounts.csv", rows));
    }
    files.push(("routing.yaml", routing(case).into_bytes()));
    files.push(("pools.yaml", b"pools: { team: { members: [ada, ben, cleo] } }\n".to_vec()));
    loaded(files)
}

/// One with other pools, whose one rule assigns so.
pub fn load_with(pools: &str, assign: &str) -> Outcome<Arc<Workspace>> {
    let routing = format!(
        "queues: {{ sales: {{ destinations: [crm] }} }}\nrules: [ {{ name: all, assign: {assign} }} ]\nfallback: {{ queue: triage }}\n"
    );
    loaded(vec![("routing.yaml", routing.into_bytes()), ("pools.yaml", pools.into())])
}

fn loaded(more: Vec<(&str, Vec<u8>)>) -> Outcome<Arc<Workspace>> {
    let destination = "url: https://crm.example/\nsecrets: [\"${env:SECRET}\"]\n";
    let usual = [
        ("workspace.yaml", "zone: UTC\n"),
        ("qualification.yaml", QUALIFICATION),
        ("sources/form.yaml", "preset: html-form\ncountry: DE\n"),
        ("destinations/crm.yaml", destination),
    ];
    let usual = usual.into_iter().map(|(path, text)| (path, text.as_bytes().to_vec()));
    let files: BTreeMap<String, Vec<u8>> =
        usual.chain(more).map(|(path, text)| (format!("workspaces/bench/{path}"), text)).collect();
    let snapshot = Snapshot { files, errors: Vec::new() };
    let env = |_: &str| Some("whsec_YmVuY2gtYmVuY2gtYmVuY2gtYmVuY2gtYmVuY2g=".to_owned());
    let loaded = load_snapshot(&snapshot, Path::new("."), &env).0;
    let loaded = loaded.map_err(|found| format!("{}", found[0]))?;
    Ok(Arc::clone(loaded.workspaces.values().next().ok_or("no workspace")?))
}

/// Somebody of each country, for whom one of the last twenty rules is; none is in the list or the table.
fn inquiries(case: &Case, workspace: &Workspace) -> Outcome<Vec<Inquiry>> {
    let business = Business { configuration: &workspace.decide, sources: &workspace.sources };
    let mut world = World::new(business);
    let mut found = Vec::new();
    for (number, country) in COUNTRIES.iter().enumerate() {
        let given: Given = serde_json::from_value(json!({
            "source": "form",
            "fields": {
                "contact.email": format!("p{number}@zanzotter.example"),
                "contact.full_name": "Nele Zanzotter",
                "contact.country": country,
                "company.industry": format!("industry {}", (case.rules - 1) / COUNTRIES.len()),
                "company.employees": "1500",
                "need.budget": "20000",
            },
        }))?;
        for taken in world.read(&given, Timestamp::EPOCH).map_err(|found| format!("{found:?}"))? {
            if let Taken::Inquiry(inquiry) = taken {
                found.push(*inquiry);
            }
        }
    }
    Ok(found)
}

/// Runs a case.
pub fn run(case: &Case, times: u64) -> Outcome<()> {
    let workspace = load(case)?;
    let all = inquiries(case, &workspace)?;
    if case.kind != Kind::Decision {
        return ask(case, &workspace, &all, times);
    }
    let pepper = Pepper::new([7; 32]);
    let keyed: Vec<_> = all.iter().map(|inquiry| (inquiry, keys(inquiry, &pepper))).collect();
    let facts = Facts::default();
    for (number, (inquiry, keys)) in (0..times).zip(keyed.iter().cycle()) {
        let mut seed = [0; 16];
        seed[..8].copy_from_slice(&number.to_be_bytes());
        let input = Input {
            inquiry,
            keys,
            account: None,
            referrer: None,
            facts: &facts,
            claim: None,
            lease: None,
            trace: None,
            now: Timestamp::EPOCH,
        };
        black_box(decide(&workspace.decide, input, &mut IdBlock::new(seed)));
    }
    Ok(())
}

/// Asks conditions one after the other, as a list of rules without an index would.
fn ask(case: &Case, workspace: &Workspace, all: &[Inquiry], times: u64) -> Outcome<()> {
    let sources: Vec<serde_json::Value> = match case.kind {
        Kind::Condition(json) => vec![serde_json::from_str(json)?],
        _ => (0..case.rules).map(condition_of).collect(),
    };
    let mut conditions = Vec::with_capacity(sources.len());
    for source in sources {
        let source: ConditionSource = serde_json::from_value(source)?;
        let compiled = Condition::compile(&source, &Lists::default());
        conditions.push(compiled.map_err(|found| format!("{found:?}"))?);
    }
    let facts = Facts::default();
    let mut decided = Vec::new();
    for inquiry in all {
        let input = Input {
            inquiry,
            keys: &[],
            account: None,
            referrer: None,
            facts: &facts,
            claim: None,
            lease: None,
            trace: None,
            now: Timestamp::EPOCH,
        };
        decided.push(decide(&workspace.decide, input, &mut IdBlock::new([3; 16])));
    }
    for (_, decision) in (0..times).zip(decided.iter().cycle()) {
        let lead = decision.lead.as_ref().ok_or("no lead")?;
        let subject = Subject {
            inquiry: &decision.inquiry,
            lead,
            known: false,
            now: Timestamp::EPOCH,
            qualification: Some(&decision.record.qualification),
        };
        for condition in &conditions {
            if black_box(condition.evaluate(&subject)).is_match() {
                break;
            }
        }
    }
    Ok(())
}
