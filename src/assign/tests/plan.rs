//! Where leads go, by rule, by category and by fallback.

use std::collections::BTreeMap;

use super::{POOLS, ROUTING, compiled, name};
use crate::assign::{Lot, Planned, Router, Situation, plan};
use crate::domain::{
    Answer, Assignment, Category, Channel, Checked, Company, Contact, IdBlock, Inquiry, Lead, Name,
    Qualification, Roster, Timestamp, Touch,
};
use crate::rules::Subject;

fn situation(roster: &Roster) -> Situation<'_> {
    Situation::at(now(), roster)
}

fn now() -> Timestamp {
    Timestamp::parse("2026-03-04T15:20:30+01:00").unwrap()
}

/// What the tests vary.
#[derive(Clone, Copy, Default)]
pub(super) struct Case {
    pub(super) country: &'static str,
    pub(super) employees: i64,
    pub(super) domain: &'static str,
    pub(super) title: &'static str,
    pub(super) ask: bool,
    pub(super) ineligible: bool,
}

pub(super) const GERMAN: Case =
    Case { country: "DE", employees: 5, domain: "", title: "", ask: false, ineligible: false };

fn inquiry(case: Case, ids: &mut IdBlock) -> Inquiry {
    let contact = Contact {
        country: (!case.country.is_empty()).then(|| Checked::valid(case.country, case.country)),
        title: (!case.title.is_empty()).then(|| case.title.into()),
        ..Contact::default()
    };
    let company = Company {
        domain: (!case.domain.is_empty()).then(|| case.domain.to_owned()),
        employees: (case.employees > 0).then_some(case.employees),
        ..Company::default()
    };
    Inquiry {
        id: ids.inquiry(),
        source: name("web"),
        channel: Channel::Website,
        received_at: now(),
        occurred_at: now(),
        event_id: None,
        is_test: false,
        filtered: false,
        filtered_by: None,
        contact,
        company,
        answers: vec![Answer { key: "size".to_owned(), value: "lots".into() }],
        consents: Vec::new(),
        attribution: BTreeMap::new(),
        referrer: None,
        flags: Vec::new(),
    }
}

fn lead(inquiry: &Inquiry, ids: &mut IdBlock) -> Lead {
    let touch =
        Touch { inquiry: inquiry.id, at: now(), source: name("web"), channel: Channel::Website };
    Lead {
        id: ids.lead(),
        created_at: now(),
        updated_at: now(),
        cycle: 1,
        score: 0,
        worth: 0,
        completeness: 0,
        contact: inquiry.contact.clone(),
        company: inquiry.company.clone(),
        answers: inquiry.answers.clone(),
        consents: Vec::new(),
        attribution: BTreeMap::new(),
        first_touch: touch.clone(),
        earliest_known: None,
        touches: vec![touch],
        inquiries: 1,
        keys: Vec::new(),
        seen: Vec::new(),
        assignment: Assignment::Pending(Vec::new()),
        findings: crate::domain::Findings::default(),
        tries: None,
        look_again: None,
        clocks: None,
        said: None,
        nurture: None,
        confirmation: None,
        merged_into: None,
        merged_away: None,
        account: None,
        referrer: None,
        absorbed: Vec::new(),
        apart: Vec::new(),
        linked: Vec::new(),
    }
}

/// A lead to be sold.
pub(super) fn subject_of<T>(case: Case, then: impl FnOnce(&Subject<'_>) -> T) -> T {
    subject(Category::Sell, case, None, then)
}

/// The same, which answered in which language.
pub(super) fn asked<T>(
    case: Case,
    language: Option<&str>,
    then: impl FnOnce(&Subject<'_>) -> T,
) -> T {
    subject(Category::Sell, case, language, then)
}

fn run(router: &Router, category: Category, case: Case) -> Planned {
    let nobody = Roster::default();
    let planned =
        subject(category, case, None, |subject| plan(router, subject, situation(&nobody)));
    assert!(planned.branches.last().is_some_and(|last| last.pick.is_none()));
    planned
}

fn subject<T>(
    category: Category,
    case: Case,
    language: Option<&str>,
    then: impl FnOnce(&Subject<'_>) -> T,
) -> T {
    let mut ids = IdBlock::new([3; 16]);
    let mut inquiry = inquiry(case, &mut ids);
    inquiry.answers.extend(
        language.map(|language| Answer { key: "language".to_owned(), value: language.into() }),
    );
    let lead = lead(&inquiry, &mut ids);
    let qualification = Qualification {
        score: 50_000,
        lines: Vec::new(),
        floor: 0,
        completeness: 500,
        grade: None,
        category,
        ask: case.ask,
        open: Vec::new(),
        ineligible: case.ineligible.then(|| name("competitor")),
        errors: Vec::new(),
        expected: None,
    };
    let qualification = Some(&qualification);
    let subject =
        Subject { inquiry: &inquiry, lead: &lead, known: false, now: now(), qualification };
    then(&subject)
}

/// `rules rule | status queue pool(candidates) stage | …`
fn told(planned: &Planned) -> String {
    let rule = planned.rule.as_ref().map_or("-", Name::as_str);
    let mut parts = vec![format!("{} {rule}", planned.rules)];
    for branch in &planned.branches {
        let outcome = &branch.outcome;
        let pool = outcome.pool.as_ref().map_or(String::new(), |pool| format!(" {pool}"));
        let names = branch.pick.as_ref().map_or(String::new(), |pick| {
            let names: Vec<_> = pick.candidates.iter().map(|c| c.member.as_str()).collect();
            format!("({})", names.join(","))
        });
        parts.push(format!("{} {} {}{pool}{names}", outcome.status, outcome.queue, outcome.stage));
    }
    parts.join(" | ")
}

#[track_caller]
fn check(category: Category, case: Case, expected: &str) {
    assert_eq!(told(&run(&compiled(ROUTING, POOLS).unwrap(), category, case)), expected);
}

#[test]
fn the_first_matching_rule_wins_and_the_rest_are_not_asked() {
    check(
        Category::Sell,
        Case { employees: 2000, ..GERMAN },
        "my enterprise-dach | routed sales lead enterprise(anna,bert) | held triage lead enterprise",
    );
    check(
        Category::Sell,
        GERMAN,
        "mnny german | routed sales lead everybody(anna,emil,frida) | held triage lead everybody",
    );
    check(
        Category::Sell,
        Case { domain: "zanzotter.example", ..Case::default() },
        "y key-account | routed sales lead enterprise(anna) | routed sales lead everybody(anna,emil,frida) \
         | held triage lead enterprise",
    );
}

#[test]
fn what_no_rule_takes_goes_where_its_category_belongs() {
    check(Category::Sell, Case { country: "FR", ..Case::default() }, "mnnn - | held triage lead");
    check(
        Category::Nurture,
        Case { country: "FR", ..Case::default() },
        "mnnn - | nurtured nurture inquiry",
    );
    check(
        Category::Nurture,
        Case { country: "FR", ask: true, ..Case::default() },
        "mnnn - | qualifying qualify inquiry",
    );
    check(
        Category::Discard,
        Case { country: "FR", ..Case::default() },
        "-nm- - | discarded none discarded",
    );
}

#[test]
fn a_rule_without_queue_leaves_it_to_the_category_and_uses_up_nobodys_turn() {
    check(Category::Nurture, GERMAN, "mnny german | nurtured nurture inquiry");
    check(
        Category::Nurture,
        Case { ask: true, ..GERMAN },
        "mnny german | qualifying qualify inquiry",
    );
}

#[test]
fn whom_people_should_ask_about_is_not_given_up() {
    let case = Case { country: "FR", ask: true, ..Case::default() };
    let planned = run(&compiled(ROUTING, POOLS).unwrap(), Category::Discard, case);
    assert_eq!(told(&planned), "mnmn - | qualifying qualify inquiry");
    assert_eq!(planned.branches[0].outcome.category, Category::Nurture);
}

#[test]
fn a_rule_that_says_the_queue_is_obeyed() {
    check(
        Category::Nurture,
        Case { ask: true, domain: "zanzotter.example", ..GERMAN },
        "y key-account | routed sales inquiry enterprise(anna) \
         | routed sales inquiry everybody(anna,emil,frida) | held triage inquiry enterprise",
    );
}

#[test]
fn only_a_rule_that_asks_for_the_category_takes_what_is_to_be_discarded() {
    check(Category::Discard, GERMAN, "-nm- - | discarded none discarded");
    check(
        Category::Discard,
        Case { domain: "zanzotter.example", ineligible: true, ask: true, ..GERMAN },
        "-nm- - | discarded none discarded",
    );
    check(
        Category::Discard,
        Case { title: "PhD student", ..GERMAN },
        "-ny students | discarded students discarded",
    );
}

#[test]
fn asking_takes_the_place_of_nurturing() {
    let routing = "
queues: { nurture: { destinations: [newsletter] } }
rules: [ { name: warm, when: { field: category, is: nurture }, assign: { queue: nurture, pool: everybody } } ]
fallback: { queue: triage }
";
    let router = compiled(routing, POOLS).unwrap();
    assert_eq!(
        told(&run(&router, Category::Nurture, GERMAN)),
        "y warm | nurtured nurture inquiry everybody(anna,emil,frida) | held triage inquiry everybody"
    );
    assert_eq!(
        told(&run(&router, Category::Nurture, Case { ask: true, ..GERMAN })),
        "y warm | qualifying qualify inquiry"
    );
}

#[test]
fn an_undeclared_queue_gives_way_to_the_fallback() {
    let routing = "
queues: { inbox: { destinations: [ops] } }
rules: [ { name: all, assign: { pool: everybody } } ]
fallback: { queue: inbox, pool: everybody, else: qualify }
";
    let router = compiled(routing, POOLS).unwrap();
    assert_eq!(
        told(&run(&router, Category::Sell, GERMAN)),
        "y all | routed inbox lead everybody(anna,emil,frida) | qualifying qualify lead"
    );
    assert_eq!(
        told(&run(&router, Category::Nurture, GERMAN)),
        "y all | nurtured inbox inquiry everybody(anna,emil,frida) | qualifying qualify inquiry"
    );
}

#[test]
fn caps_count_in_the_calendar_of_the_pool_and_paused_members_are_named() {
    let planned =
        run(&compiled(ROUTING, POOLS).unwrap(), Category::Sell, Case { employees: 2000, ..GERMAN });
    let pick = planned.branches[0].pick.as_ref().unwrap();
    let caps: Vec<_> = pick
        .candidates
        .iter()
        .flat_map(|c| &c.caps)
        .map(|cap| format!("{} < {} until {}", cap.counter, cap.limit, cap.until))
        .collect();
    assert_eq!(
        caps,
        [
            "anna:day:20260303T2300Z < 10 until 2026-03-04T23:00:00.000Z",
            "anna:week:20260301T2300Z < 40 until 2026-03-08T23:00:00.000Z",
            "bert:day:20260303T2300Z < 5 until 2026-03-04T23:00:00.000Z",
        ]
    );
    assert_eq!(pick.candidates[0].weight, 2);
    assert_eq!(planned.ruled_out, [(name("dora"), "paused".to_owned())]);
}

#[test]
fn a_rule_that_fails_is_recorded_and_never_a_match() {
    let routing = "
queues: { sales: { destinations: [crm] } }
rules:
  - { name: broken, when: { field: answers.size, gte: 10 }, assign: { queue: sales } }
  - { name: none, when: { not: { field: answers.size, gte: 10 } }, assign: { queue: sales } }
fallback: { queue: triage }
";
    let planned = run(&compiled(routing, "{}").unwrap(), Category::Sell, GERMAN);
    assert_eq!(told(&planned), "ee - | held triage lead");
    assert_eq!(planned.errors, [name("broken"), name("none")]);
}

#[test]
fn a_person_may_choose_a_member_past_caps_and_pause() {
    let router = compiled(ROUTING, POOLS).unwrap();
    let source = name("web");
    let lot = Lot { source: &source, category: Category::Sell };
    let pick = router.chosen(&name("bert"), None, lot, now()).unwrap();
    assert_eq!((pick.pool, pick.candidates.len()), (name("enterprise"), 1));
    assert_eq!(pick.candidates[0].caps[0].limit, u32::MAX);
    assert_eq!(pick.candidates[0].caps[0].counter, "bert:day:20260303T2300Z");
    assert!(router.chosen(&name("dora"), None, lot, now()).is_some());
    let preferred = router.chosen(&name("anna"), Some(&name("everybody")), lot, now()).unwrap();
    assert_eq!(preferred.pool, name("everybody"));
    assert!(router.chosen(&name("nobody"), None, lot, now()).is_none());
}
