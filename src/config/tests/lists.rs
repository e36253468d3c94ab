//! Lists and expressions in whole configurations: where mistakes are said to be, and what the hash covers.

use super::*;

const ROUTING: &str = "queues: { sales: { destinations: [crm] } }
rules:
  - name: named
    when: { field: company.domain, in_list: { list: named, column: domain } }
    assign: { queue: sales }
  - name: large
    when:
      all:
        - { field: category, is: sell }
        - expr: company.employees > 10 && contact.contry == \"DE\"
    assign: { queue: sales }
fallback: { queue: triage }
";

fn errors(dir: &Path) -> Vec<String> {
    let found = load(dir, &no_env).unwrap_err();
    found.iter().filter(|f| f.severity == Severity::Error).map(ToString::to_string).collect()
}

#[test]
fn lists_and_expressions_are_part_of_the_configuration() {
    let dir = folder(&[]);
    complete(dir.path(), "a");
    write(dir.path(), "workspaces/a/routing.yaml", ROUTING);
    // Neither the list nor the field is there.
    let found = errors(dir.path());
    assert_eq!(found.len(), 2, "{found:#?}");
    assert_eq!(
        found[0],
        "workspaces/a/routing.yaml:4:36: there is no list `named` (lists are files: lists/named.csv)"
    );
    assert_eq!(
        found[1],
        "workspaces/a/routing.yaml:10:17: there is no field `contact.contry`, at character 27 of the expression:\n    \
         company.employees > 10 && contact.contry == \"DE\"\n                              ^ \
         (did you mean `contact.country`?)"
    );
    write(dir.path(), "workspaces/a/routing.yaml", &ROUTING.replace("contry", "country"));
    // A broken list is said once, in its own file.
    write(dir.path(), "workspaces/a/lists/named.csv", "domain,domain\na.example,b\n");
    let found = errors(dir.path());
    assert_eq!(found, ["workspaces/a/lists/named.csv:1:8: there are two columns `domain`"]);
    write(dir.path(), "workspaces/a/lists/named.csv", "domain,owner\na.example,ann\n");
    let first = load(dir.path(), &no_env).unwrap();
    write(dir.path(), "workspaces/a/lists/named.csv", "domain,owner\nb.example,ann\n");
    let second = load(dir.path(), &no_env).unwrap();
    let name = Name::parse("a").unwrap();
    assert_ne!(first.workspaces[&name].hash, second.workspaces[&name].hash);
    let bundle = String::from_utf8(second.workspaces[&name].bundle.clone()).unwrap();
    assert!(bundle.contains("b.example"), "the list is kept with the configuration");
    // Rule tests are no part of what a service runs by.
    write(dir.path(), "workspaces/a/tests/routing.yaml", "cases: []\n");
    assert_eq!(load(dir.path(), &no_env).unwrap().hash, second.hash);
}

#[test]
fn tables_are_checked_cell_by_cell() {
    let dir = folder(&[]);
    complete(dir.path(), "a");
    let routing = "queues: { sales: { destinations: [crm] } }
rules:
  - name: territories
    table: { name: territories, match: most_specific }
    assign: { queue: sales }
  - { name: lines, table: lines }
fallback: { queue: triage }
";
    write(dir.path(), "workspaces/a/routing.yaml", routing);
    write(dir.path(), "workspaces/a/pools.yaml", "pools: { dach: { members: [ada] } }\n");
    let csv = "contact.country,contact.postal_code starts_with,pool\nDE,8,dahc\nXX,,dach\n";
    write(dir.path(), "workspaces/a/tables/territories.csv", csv);
    let yaml = "columns: [need.product, queue]\nrows:\n  - [[pumps, valves], sells]\n  - [filters, sales, 3]\n";
    write(dir.path(), "workspaces/a/tables/lines.yaml", yaml);
    assert_eq!(
        errors(dir.path()),
        [
            "workspaces/a/tables/lines.yaml:4:6: this row has 3 cells; there are 2 columns",
            "workspaces/a/tables/territories.csv:3:1: `xx` is no two-letter country code (ISO 3166-1)",
        ]
    );
    write(dir.path(), "workspaces/a/tables/lines.yaml", &yaml.replace(", 3]", "]"));
    write(dir.path(), "workspaces/a/tables/territories.csv", &csv.replace("XX", "AT"));
    assert_eq!(
        errors(dir.path()),
        [
            "workspaces/a/tables/lines.yaml:3:23: there is no queue `sells` (declare it: `queues: { sells: { destinations: [] } }`)",
            "workspaces/a/tables/territories.csv:2:6: there is no pool `dahc` (did you mean `dach`?)",
        ]
    );
    write(
        dir.path(),
        "workspaces/a/tables/lines.yaml",
        &yaml.replace("sells", "sales").replace(", 3]", "]"),
    );
    let good = "contact.country,contact.postal_code starts_with,pool\nDE,8,dach\nDE,8,\nAT,,\n";
    write(dir.path(), "workspaces/a/tables/territories.csv", good);
    write(dir.path(), "workspaces/a/tables/idle.csv", good);
    let loaded = load(dir.path(), &no_env).unwrap();
    let warned: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        warned,
        [
            "workspaces/a/tables/idle.csv:1:1: warning: no rule of routing.yaml names this table",
            "workspaces/a/tables/territories.csv:3:1: warning: this row can never win: line 2 before it takes all it would take",
        ]
    );
}

#[test]
fn other_files_among_the_lists_are_errors() {
    let dir = folder(&[]);
    complete(dir.path(), "a");
    write(dir.path(), "workspaces/a/lists/named.txt", "domain\na.example\n");
    write(dir.path(), "workspaces/a/lists/Named Accounts.csv", "domain\na.example\n");
    write(dir.path(), "workspaces/a/list/other.csv", "domain\na.example\n");
    let found = errors(dir.path());
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(found[0].contains("lists`?)"), "{found:#?}");
    assert!(found[1].contains("must be a name"), "{found:#?}");
    assert!(found[2].ends_with("(call it `.csv`)"), "{found:#?}");
}
