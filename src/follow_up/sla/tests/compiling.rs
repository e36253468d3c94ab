//! What `sla:` may say, and for whom a clock runs.

use super::{compiled, name};
use crate::domain::{BranchOutcome, BusinessTime, Category, Qualification, Stage, Status};
use crate::follow_up::sla::OnBreach;
use crate::rules::example::Example;

fn outcome(queue: &str, status: Status) -> BranchOutcome {
    BranchOutcome {
        status,
        stage: Stage::Lead,
        category: Category::Sell,
        queue: name(queue),
        pool: None,
        wait: None,
        opens_at: None,
        clock: None,
        counted: false,
    }
}

#[test]
fn every_mistake_is_found_with_its_place() {
    let found = compiled(
        "
- { name: One, queues: [slaes, triage], warn_at: [0.8, 0.5, 1.5] }
- { name: two, first_touch_within: 30m, on_breach: { reassign: 21, escalate: boss } }
- { name: two, acknowledge_within: 4h, when: { field: sauce, is: x } }
- { name: four, acknowledge_within: 1h, warn_at: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6] }
",
    )
    .unwrap_err();
    let paths: Vec<&str> = found.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "[0].name",
            "[0].queues[0]",
            "[0].queues[1]",
            "[0]",
            "[0].warn_at[1]",
            "[0].warn_at[2]",
            "[1].on_breach.reassign",
            "[1].on_breach.escalate",
            "[2].when.field",
            "[2].name",
            "[3].warn_at",
        ],
        "{found:#?}"
    );
    assert_eq!(found[1].suggestion.as_deref(), Some("did you mean `sales`?"));
}

#[test]
fn the_first_clock_that_is_for_a_lead_runs() {
    let sla = compiled(
        "
- { name: fairs, when: { field: channel, is: trade_show }, first_touch_within: 2d, calendar: pool }
- { name: sales, queues: [sales], first_touch_within: 30m, warn_at: [0.5, 0.8], on_breach: { reassign: 2, escalate: managers } }
- { name: others, acknowledge_within: 4h, on_breach: { notify: false } }
",
    )
    .unwrap();
    let example = Example::unknown();
    let subject = example.subject();
    let terms = |queue, status| sla.terms(Some(&subject), &outcome(queue, status));
    let sales = terms("sales", Status::Routed).unwrap();
    assert_eq!((sales.clock.as_str(), &sales.warn_at[..]), ("sales", &[500, 800][..]));
    assert_eq!(sales.first_touch, Some(BusinessTime::Minutes(30)));
    assert_eq!(terms("managers", Status::Routed).unwrap().clock, name("others"));
    assert_eq!(terms("qualify", Status::Qualifying).unwrap().clock, name("others"));
    // Nobody is to act.
    for status in [Status::Held, Status::Nurtured, Status::Discarded] {
        assert_eq!(terms("sales", status), None, "{status:?}");
    }
    assert_eq!(sla.terms(None, &outcome("sales", Status::Routed)).unwrap().clock, name("sales"));

    let steps = |clock: &str| sla.on_breach(&name(clock));
    let up = Some(name("managers"));
    assert_eq!(steps("sales"), OnBreach { notify: true, reassign: 2, escalate: up });
    assert_eq!(steps("others"), OnBreach { notify: false, reassign: 0, escalate: None });
    assert_eq!(steps("gone"), OnBreach { notify: true, reassign: 0, escalate: None });
}

#[test]
fn clocks_are_told_apart_by_category_and_source() {
    let sla = compiled(
        "
- { name: asked, when: { all: [ { field: category, is: nurture }, { field: source, is: web-form } ] }, first_touch_within: 2d }
- { name: sold, when: { field: category, is: sell }, first_touch_within: 30m }
",
    )
    .unwrap();
    let mut example = Example::unknown();
    for (category, clock) in [(Category::Sell, "sold"), (Category::Nurture, "asked")] {
        example.qualification = Some(Qualification {
            score: 0,
            lines: Vec::new(),
            floor: 0,
            completeness: 0,
            grade: None,
            category,
            ask: false,
            open: Vec::new(),
            ineligible: None,
            errors: Vec::new(),
            expected: None,
        });
        let subject = example.subject();
        let terms = sla.terms(Some(&subject), &outcome("sales", Status::Routed)).unwrap();
        assert_eq!(terms.clock, name(clock));
    }
}
