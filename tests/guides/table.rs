//! The one table of what runs the commands and samples of the guides.

use crate::packaging::markdown::{Block, Page, pages, root};

/// Who runs a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Typed beside a running service with the workspace `acme`, in which things wait (`acme.rs`).
    Acme,
    /// Typed beside the running demo (`demo.rs`).
    Demo,
    /// Typed in a folder with a configuration, and nothing running (`folder.rs`).
    Folder,
    /// Typed on a machine that is set up with these commands (`deployment.rs`).
    Deployment,
    /// Taken by this test.
    Test(&'static str),
    /// Not run as it stands: why, and what is run in its place.
    Instead(&'static str, &'static str),
    /// Nothing to run: a drawing, a list of files, an answer that is shown.
    Shown,
}

use By::{Acme, Demo, Deployment, Folder, Instead, Shown, Test};

const REGISTRY: &str = "no image registry and no container engine can be reached here";
const CLUSTER: &str = "there is no cluster";

/// The page, how the block's first line begins, and what runs it.
pub const TABLE: &[(&str, &str, By)] = &[
    (
        "README.md",
        "cargo run --release",
        Instead(
            "it builds for minutes, and `make test` is what runs this",
            "every_kind_of_inquiry_ends_as_it_should: the same program, built for tests",
        ),
    ),
    ("README.md", "source ", Test("every_kind_of_inquiry_ends_as_it_should")),
    ("README.md", "lead-router init", Test("the_readme_ends_with_an_inquiry_that_is_taken")),
    ("docs/ads-and-events.md", "curl http", Demo),
    ("docs/ads-and-events.md", "Badge ID;", Test("what_is_typed_beside_the_demo_works_as_shown")),
    (
        "docs/ads-and-events.md",
        "{\"summary\"",
        Test("what_is_typed_beside_the_demo_works_as_shown"),
    ),
    ("docs/ads-and-events.md", "lead-router find", Acme),
    (
        "docs/ads-and-events.md",
        "lead-router backfill",
        Test("what_the_webhook_missed_is_pulled_once"),
    ),
    ("docs/architecture.md", " forms, ads", Shown),
    ("docs/console.md", "The console (the link", Test("the_demos_link_lets_in_once")),
    ("docs/destinations.md", "# workspaces/main", Test("the_samples_of_the_guide_are_good")),
    ("docs/destinations.md", "# presets/destinations", Test("the_samples_of_the_guide_are_good")),
    (
        "docs/new-vendor.md",
        "title: Beanstalk",
        Test("the_vendor_of_the_tutorial_is_added_in_yaml_alone"),
    ),
    ("docs/new-vendor.md", "fields:", Test("the_vendor_of_the_tutorial_is_added_in_yaml_alone")),
    ("docs/new-vendor.md", "{\"mode\"", Test("the_vendor_of_the_tutorial_is_added_in_yaml_alone")),
    (
        "docs/new-vendor.md",
        "lead-router sources test",
        Test("the_tutorials_vendor_is_typed_in_as_shown"),
    ),
    ("docs/operations.md", "lead-router check", Deployment),
    ("docs/operations.md", "lead-router keys new", Deployment),
    ("docs/operations.md", "lead-router worklists", Acme),
    ("docs/operations.md", "lead-router config reload", Acme),
    ("docs/operations.md", "lead-router doctor", Deployment),
    ("docs/operations.md", "scrape_configs:", Test("operations_works_as_it_stands")),
    ("docs/operations.md", "lead-router audit", Deployment),
    (
        "docs/operations.md",
        "make image",
        Instead(
            REGISTRY,
            "make image-local image-try: the same Dockerfile by buildah, and what it declares, run",
        ),
    ),
    ("docs/privacy.md", "lead-router people --workspace acme access", Acme),
    ("docs/privacy.md", "lead-router people --workspace acme erase", Acme),
    ("docs/privacy.md", "retention:", Test("the_retention_of_the_guide_loads")),
    ("docs/qualifier.md", "lead-router worklists", Acme),
    ("docs/qualifier.md", "curl \"$LEAD_ROUTER_URL", Demo),
    (
        "docs/qualifier.md",
        "{ \"id\": \"call-4711\"",
        Test("a_disposition_qualifies_once_by_key_or_signature"),
    ),
    ("docs/qualifier.md", "lead-router leads --workspace acme assign", Acme),
    ("docs/qualifier.md", "lead-router leads --workspace acme discard", Acme),
    ("docs/quick-start.md", "lead-router init", Test("the_quick_start_works_as_it_stands")),
    ("docs/quick-start.md", "lead-router serve", Test("the_quick_start_works_as_it_stands")),
    ("docs/quick-start.md", "lead-router receive", Test("the_quick_start_works_as_it_stands")),
    ("docs/quick-start.md", "curl http", Test("the_quick_start_works_as_it_stands")),
    ("docs/quick-start.md", "lead-router find", Test("the_quick_start_works_as_it_stands")),
    (
        "docs/quick-start.md",
        "lead-router sources presets",
        Test("the_quick_start_works_as_it_stands"),
    ),
    ("docs/quick-start.md", "lead-router sources sign", Test("the_quick_start_works_as_it_stands")),
    (
        "docs/quick-start.md",
        "lead-router destinations presets",
        Test("the_quick_start_works_as_it_stands"),
    ),
    (
        "docs/quick-start.md",
        "lead-router destinations test",
        Test("the_quick_start_works_as_it_stands"),
    ),
    ("docs/quick-start.md", "lead-router check", Test("the_quick_start_works_as_it_stands")),
    ("docs/receivers.md", "import base64", Test("receivers_verify_as_shown")),
    ("docs/receivers.md", "import { createHmac", Test("receivers_verify_as_shown")),
    ("docs/receivers.md", "function verified", Test("receivers_verify_as_shown")),
    ("docs/receivers.md", "{", Test("receivers_verify_as_shown")),
    ("docs/reports.md", "id,source", Test("it_is_known_which_source_pays")),
    ("docs/revops.md", "DIR/server.yaml", Shown),
    ("docs/revops.md", "lead-router check", Folder),
    ("docs/revops.md", "lead-router leads", Acme),
    ("docs/revops.md", "do_not_route:", Test("the_order_of_a_way_loads_as_shown")),
    (
        "docs/revops.md",
        "# workspace.yaml\nfilters",
        Test("what_a_condition_calls_spam_is_kept_counted_and_let_go"),
    ),
    (
        "docs/revops.md",
        "# workspace.yaml\naccounts",
        Test("people_of_one_company_are_shown_together"),
    ),
    ("docs/revops.md", "lead-router members", Acme),
    ("docs/revops.md", "# follow-up.yaml", Test("the_clocks_of_the_guide_load")),
    ("docs/rules.md", "when:", Test("conditions_load_as_shown")),
    ("docs/rules.md", "domain,name", Test("conditions_load_as_shown")),
    ("docs/rules.md", "- { field: company.domain", Test("conditions_load_as_shown")),
    ("docs/rules.md", "- expr:", Test("conditions_load_as_shown")),
    (
        "docs/rules.md",
        "contact.country,contact.postal_code",
        Test("a_decision_table_loads_as_shown"),
    ),
    ("docs/rules.md", "rules:", Test("a_decision_table_loads_as_shown")),
    (
        "docs/nurture.md",
        "curl -s -H \"Authorization: Bearer $LEAD_ROUTER_ENG",
        Instead(
            "the person is somebody's own",
            "what_people_do_promotes_once_and_strangers_are_not_kept: the same call about somebody there",
        ),
    ),
    ("docs/nurture.md", "engagement:", Test("nurture_loads_as_shown")),
    ("docs/nurture.md", "nurture:", Test("nurture_loads_as_shown")),
    (
        "docs/nurture.md",
        "curl -s -H \"Authorization: Bearer $LEAD_ROUTER_KEY",
        Instead(
            "the id is that of somebody's own lead",
            "who_wants_to_be_left_alone_is_and_nothing_that_waited_goes_out: the same call with an id there is",
        ),
    ),
    ("docs/sales.md", "dispositions:", Test("the_samples_of_the_page_for_sales_are_taken")),
    ("docs/sales.md", "{ \"id\"", Test("the_samples_of_the_page_for_sales_are_taken")),
    ("docs/sales.md", "Record ID;", Test("the_samples_of_the_page_for_sales_are_taken")),
    ("docs/sales.md", "# workspace.yaml", Test("a_crms_own_webhook_is_understood")),
    ("docs/sales.md", "lead-router dispositions", Acme),
    ("docs/scoring.md", "engagement:", Test("scoring_loads_as_shown")),
    ("docs/scoring.md", "expected_value:", Test("scoring_loads_as_shown")),
    ("docs/scoring.md", "grades:", Test("scoring_loads_as_shown")),
    ("docs/scoring.md", "unresponsive:", Test("scoring_loads_as_shown")),
    ("docs/rules.md", "workspaces/demo/routing.yaml:14:17", Test("a_mistake_is_said_as_shown")),
    (
        "docs/rules.md",
        "lead-router explain",
        Instead(
            "the ids are those of somebody's own service",
            "the_row_that_fits_best_decides_and_is_recorded: the same commands with ids there are",
        ),
    ),
    ("docs/rules.md", "lead-router rules", Demo),
    ("docs/rules.md", "cases:", Test("rule_tests_pass_as_shown")),
    ("docs/rules.md", "lead-router test", Folder),
    ("docs/rules.md", "lead-router diff", Demo),
    ("docs/rules.md", "on: pull_request", Test("the_steps_of_github_actions_run")),
    (
        "docs/sources.md",
        "lead-router sources presets",
        Test("a_source_is_added_and_a_body_tried_as_shown"),
    ),
    (
        "docs/sources.md",
        "lead-router sources test",
        Test("a_source_is_added_and_a_body_tried_as_shown"),
    ),
    (
        "docs/sources.md",
        "preset: signed-webhook",
        Test("every_preset_is_added_and_its_signed_sample_is_taken"),
    ),
    (
        "docs/sources.md",
        "preset: meta-lead-ads",
        Test("a_reference_becomes_the_inquiry_that_was_promised"),
    ),
    (
        "docs/sources.md",
        "preset: html-form",
        Test("the_sample_of_the_guide_has_addresses_confirmed"),
    ),
    ("docs/sources.md", "lead-router backfill", Test("what_the_webhook_missed_is_pulled_once")),
    ("docs/sources-ads.md", "", Test("pages_about_sources_are_what_the_presets_say")),
    ("docs/sources-events.md", "", Test("pages_about_sources_are_what_the_presets_say")),
    ("docs/sources-forms.md", "", Test("pages_about_sources_are_what_the_presets_say")),
    ("docs/sources-general.md", "", Test("pages_about_sources_are_what_the_presets_say")),
    ("docs/troubleshooting.md", "lead-router find", Acme),
    ("docs/troubleshooting.md", "lead-router worklists --workspace acme unreadable", Acme),
    ("docs/troubleshooting.md", "lead-router inquiries", Acme),
    ("docs/troubleshooting.md", "lead-router worklists --workspace acme dead", Acme),
    ("docs/troubleshooting.md", "lead-router deliveries", Acme),
    (
        "docs/web-developer.md",
        "<form",
        Test("a_plain_form_gives_one_lead_however_often_it_is_sent"),
    ),
    (
        "docs/web-developer.md",
        "<script src",
        Test("the_services_own_script_says_where_the_visitor_came_from"),
    ),
    (
        "docs/web-developer.md",
        "const form",
        Test("a_script_may_read_the_answer_where_its_origin_is_listed"),
    ),
    ("docs/web-developer.md", "curl http", Demo),
    ("helm/lead-router/README.md", "CRM_SECRET=", Instead(CLUSTER, CHART)),
    ("helm/lead-router/README.md", "kubectl create secret", Instead(CLUSTER, CHART)),
    ("helm/lead-router/README.md", "helm/config-values.sh", Instead(CLUSTER, CHART)),
    ("helm/lead-router/README.md", "kubectl port-forward", Instead(CLUSTER, CHART)),
];

const CHART: &str = "make package-lint: helm/journey.py types every line of that page; Helm's own library renders, \
                     Kubernetes' schemas judge, the program takes what would be mounted; \
                     rollout, exec and port-forward are only looked at";

/// The row of a block.
fn row(page: &Page, block: &Block) -> Option<By> {
    let path = page.path.to_str()?;
    let fits = |row: &&(&str, &str, By)| row.0 == path && block.text.starts_with(row.1);
    TABLE.iter().filter(fits).max_by_key(|row| row.1.len()).map(|row| row.2)
}

/// All lines of commands that these rows name, by page, in the order of the table's pages.
pub fn lines(by: By) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    for page in pages() {
        for block in page.blocks().into_iter().filter(|block| row(&page, block) == Some(by)) {
            assert_eq!(block.language, "sh", "{}: {}", page.path.display(), block.text);
            let path = page.path.display().to_string();
            lines.extend(block.text.lines().map(|line| (path.clone(), line.to_owned())));
        }
    }
    lines
}

/// The one block of that page that begins so.
///
/// # Panics
/// If there is none.
pub fn block(path: &str, begins: &str) -> String {
    let page = pages().into_iter().find(|page| page.path.to_str() == Some(path)).expect(path);
    let mut blocks = page.blocks().into_iter().filter(|block| block.text.starts_with(begins));
    blocks.next().unwrap_or_else(|| panic!("{path}: no block begins with {begins}")).text
}

#[test]
fn every_block_of_every_guide_is_run_or_listed() {
    let mut missing = Vec::new();
    let mut used = vec![false; TABLE.len()];
    for page in pages() {
        for block in page.blocks() {
            let first = block.text.lines().next().unwrap_or_default();
            match row(&page, &block) {
                None => missing.push(format!("{}: {first}", page.path.display())),
                Some(Shown | Test(_))
                    if block.language == "sh"
                        && !first.starts_with("lead-router")
                        && !first.starts_with("curl") =>
                {
                    missing.push(format!(
                        "{}: commands that are only shown: {first}",
                        page.path.display()
                    ));
                }
                Some(_) => {
                    let path = page.path.to_str().unwrap();
                    for (at, row) in TABLE.iter().enumerate() {
                        used[at] |= row.0 == path && block.text.starts_with(row.1);
                    }
                }
            }
        }
    }
    assert!(missing.is_empty(), "nothing says what runs:\n{}", missing.join("\n"));
    let unused: Vec<_> =
        TABLE.iter().zip(used).filter(|(_, used)| !used).map(|(row, _)| row).collect();
    assert!(unused.is_empty(), "rows for blocks that are not there: {unused:#?}");
}

#[test]
fn the_tests_that_run_them_exist() {
    let tests = crate::packaging::markdown::source("tests");
    for (page, _, by) in TABLE {
        let name = match by {
            Test(name) => name,
            Instead(why, instead) => {
                assert!(!why.is_empty(), "{page}");
                match instead.split_once(':') {
                    Some((name, _)) if name.contains('_') => name,
                    Some((command, _)) => {
                        let makefile = std::fs::read_to_string(root().join("Makefile")).unwrap();
                        for target in command.split(' ').skip(1) {
                            assert!(makefile.contains(&format!("\n{target}:")), "{command}");
                        }
                        continue;
                    }
                    None => panic!("{page}: {instead}"),
                }
            }
            _ => continue,
        };
        assert!(tests.contains(&format!("fn {name}(")), "{page}: there is no test `{name}`");
    }
}
