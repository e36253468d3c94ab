//! Who is there: hours, holidays, days off, skills, and what becomes of a lead while nobody is.

use super::name;
use crate::assign::hours::{Hours, HoursSettings, compile};
use crate::assign::plan::{Situation, plan};
use crate::assign::pools::Findings;
use crate::assign::tests::compiled;
use crate::assign::tests::plan::{GERMAN, asked, subject_of};
use crate::assign::{PlannedBranch, Router};
use crate::domain::{Absence, OwnerStep, Paused, Roster, TimeOff, Timestamp};

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn hours(yaml: &str) -> Hours {
    let settings: HoursSettings = serde_saphyr::from_str(yaml).unwrap();
    let mut findings = Findings::default();
    let all = compile(&[("office".to_owned(), settings)].into(), &mut findings);
    assert!(findings.problems.is_empty(), "{:?}", findings.problems);
    all["office"].clone()
}

#[test]
fn hours_go_by_the_clocks_of_their_zone_and_know_holidays() {
    let zone = crate::assign::calendar::zone("Europe/Berlin").unwrap();
    let office = hours(
        "{ week: { mon-fri: '09:00-12:30, 13:30-17:00', sat: '22:00-24:00' }, holidays: ['2026-04-06'] }",
    );
    let opens = |text: &str| office.opens(&zone, at(text)).unwrap();
    assert!(office.is_open(&zone, at("2026-03-04T09:00:00+01:00")));
    assert!(!office.is_open(&zone, at("2026-03-04T12:30:00+01:00")));
    assert_eq!(opens("2026-03-04T12:30:00+01:00"), at("2026-03-04T13:30:00+01:00"));
    assert_eq!(opens("2026-03-04T17:00:00+01:00"), at("2026-03-05T09:00:00+01:00"));
    assert!(office.is_open(&zone, at("2026-03-07T23:59:59+01:00")));
    assert_eq!(opens("2026-03-08T00:00:00+01:00"), at("2026-03-09T09:00:00+01:00"));
    // Over Easter Monday, and over the night in which clocks are set.
    assert_eq!(opens("2026-04-04T23:59:00+02:00"), at("2026-04-04T23:59:00+02:00"));
    assert_eq!(opens("2026-04-05T12:00:00+02:00"), at("2026-04-07T09:00:00+02:00"));
    assert_eq!(opens("2026-03-29T00:30:00+01:00"), at("2026-03-30T09:00:00+02:00"));
}

const POOLS: &str = r#"
zone: Europe/Madrid
hours:
  office: { week: { mon-fri: "09:00-17:00" } }
  new-york: { zone: America/New_York, week: { mon-fri: "09:00-17:00" } }
pools:
  emea:
    hours: office
    members:
      - { name: ana, time_off: [ { from: 2026-03-04, to: 2026-03-05 } ], skills: { language: [Es, en] } }
      - { name: bo, caps: { day: 20 }, skills: { language: [de] } }
      - { name: cy, hours: new-york, skills: { language: [en] } }
"#;

const ROUTING: &str = "
queues: { sales: { destinations: [crm] } }
owners: [account_owner, existing_owner]
do_not_route: { field: company.domain, is: rival.example }
rules:
  - name: by-language
    when: { field: contact.country, is: DE }
    assign: { pool: emea, skills: { language: answers.language }, assign_within: 20h, else: { hold: 8h, queue: triage } }
fallback: { queue: triage }
";

fn router() -> Router {
    compiled(ROUTING, POOLS).unwrap()
}

fn reasons(ruled_out: &[(crate::domain::Name, String)]) -> Vec<String> {
    ruled_out.iter().map(|(member, why)| format!("{member}: {why}")).collect()
}

fn candidates(branch: &PlannedBranch) -> Vec<String> {
    let pick = branch.pick.iter().flat_map(|pick| &pick.candidates);
    pick.map(|candidate| candidate.member.to_string()).collect()
}

#[test]
fn who_is_away_is_named_with_the_reason() {
    let roster = Roster::default();
    let planned = asked(GERMAN, None, |subject| {
        plan(&router(), subject, Situation::at(at("2026-03-04T16:00:00+01:00"), &roster))
    });
    assert_eq!(candidates(&planned.branches[0]), ["bo", "cy"]);
    assert_eq!(reasons(&planned.ruled_out), ["ana: time_off until 2026-03-05T23:00:00.000Z"]);
    let planned = asked(GERMAN, Some("EN"), |subject| {
        plan(&router(), subject, Situation::at(at("2026-03-04T10:00:00+01:00"), &roster))
    });
    assert_eq!(
        reasons(&planned.ruled_out),
        [
            "ana: time_off until 2026-03-05T23:00:00.000Z",
            "bo: skill language=en",
            "cy: out_of_hours until 2026-03-04T14:00:00.000Z",
        ]
    );
    // Cy begins within the time: she gets it, and is told then.
    assert_eq!(candidates(&planned.branches[1]), ["cy"]);
    assert_eq!(planned.branches[1].outcome.opens_at, Some(at("2026-03-04T15:00:00+01:00")));
}

#[test]
fn the_overlay_is_heeded_like_the_configuration() {
    let by = name("ops");
    let (from, until) = (at("2026-03-04T00:00:00Z"), at("2026-03-06T00:00:00Z"));
    let now = at("2026-03-04T16:00:00+01:00");
    let off = TimeOff { from, until, by: by.clone(), at: now };
    let mut roster = Roster::default();
    let pause = Some(Paused { paused: true, by, at: now });
    roster.members.insert(name("bo"), Absence { pause, time_off: vec![] });
    roster.members.insert(name("cy"), Absence { pause: None, time_off: vec![off] });
    let planned =
        asked(GERMAN, None, |subject| plan(&router(), subject, Situation::at(now, &roster)));
    assert_eq!(
        reasons(&planned.ruled_out),
        [
            "ana: time_off until 2026-03-05T23:00:00.000Z",
            "bo: paused",
            "cy: time_off until 2026-03-06T00:00:00.000Z",
        ]
    );
    let last = planned.branches.last().unwrap();
    let wait = last.outcome.wait.as_ref().unwrap();
    assert_eq!(
        (wait.since, wait.until),
        (now, Some(now.after(std::time::Duration::from_hours(8))))
    );
    assert_eq!(wait.next, wait.until.unwrap(), "nobody is back before the wait is over");
    let held_since = Some(at("2026-03-04T08:00:00+01:00"));
    let later = Situation { held_since, ..Situation::at(now, &roster) };
    let planned = asked(GERMAN, None, |subject| plan(&router(), subject, later));
    let last = &planned.branches.last().unwrap().outcome;
    assert_eq!((last.queue.as_str(), &last.wait, &last.pool), ("triage", &None, &None));
}

#[test]
fn owners_come_before_the_rules_in_the_order_said() {
    let roster = Roster::default();
    let now = at("2026-03-04T16:00:00+01:00");
    let owners = [(OwnerStep::Existing, name("ana")), (OwnerStep::Account, name("bo"))];
    let situation = Situation { owners: &owners, ..Situation::at(now, &roster) };
    let planned = asked(GERMAN, None, |subject| plan(&router(), subject, situation));
    assert_eq!(
        planned.owners,
        [(OwnerStep::Account, name("bo")), (OwnerStep::Existing, name("ana"))]
    );
    assert_eq!(candidates(&planned.branches[0]), ["bo"]);
    assert!(candidates(&planned.branches[1]).is_empty(), "she is off");
    assert_eq!(candidates(&planned.branches[2]), ["bo", "cy"]);
    let gone = [(OwnerStep::Existing, name("left-long-ago"))];
    let situation = Situation { owners: &gone, ..Situation::at(now, &roster) };
    let planned = asked(GERMAN, None, |subject| plan(&router(), subject, situation));
    assert!(planned.owners.is_empty());
}

#[test]
fn who_is_not_to_be_routed_waits_for_a_person() {
    let roster = Roster::default();
    let now = at("2026-03-04T16:00:00+01:00");
    let rival = super::plan::Case { domain: "rival.example", ..GERMAN };
    let planned =
        subject_of(rival, |subject| plan(&router(), subject, Situation::at(now, &roster)));
    assert_eq!(planned.rule, Some(name("do_not_route")));
    let only = &planned.branches[0];
    assert_eq!((planned.branches.len(), only.outcome.queue.as_str()), (1, "triage"));
    assert!(only.pick.is_none() && only.outcome.pool.is_none());
}

#[test]
fn mistakes_of_hours_and_skills_are_found() {
    let pools = r#"
hours:
  office: { week: { funday: "09:00-17:00", mon: "17:00-09:00" }, holidays: [soon] }
pools:
  a:
    method: least_busy
    skip: accrue
    hours: offce
    caps: { open: 3, minute: 0 }
    members: [ { name: ada, time_off: [ { from: 2026-03-09, to: 2026-03-01 } ], zone: Mars } ]
"#;
    let routing = "
rules:
  - { name: one, assign: { queue: triage, hold: 3h } }
  - { name: two, assign: { pool: a, skills: { language: contact.languge }, assign_within: soon } }
  - { name: do_not_route, assign: { queue: triage } }
fallback: { queue: triage }
";
    let problems = compiled(routing, pools).unwrap_err();
    let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
    for path in [
        "hours.office.week.funday",
        "hours.office.week.mon",
        "hours.office.holidays[0]",
        "hours.office.week",
        "pools.a.skip",
        "pools.a.hours",
        "pools.a.caps.minute",
        "pools.a.caps.open",
        "pools.a.members[0].time_off[0]",
        "pools.a.members[0].zone",
        "rules[0].assign.hold",
        "rules[1].assign.assign_within",
        "rules[1].assign.skills.language",
        "rules[2].name",
    ] {
        assert!(paths.contains(&path), "{path} is not in {paths:?}");
    }
}
