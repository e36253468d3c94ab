//! What a person did counts by kind, page and campaign, and goes with time.

use std::time::Duration;

use super::settings;
use crate::domain::{Engagement, EngagementKind, Lead, Timestamp};
use crate::qualify::{Qualifier, qualify};
use crate::rules::example::Example;
use crate::rules::{Lists, Subject};

const NURTURE: &str = r"
engagement:
  - name: interest
    half_life: 14d
    max: 60
    lines:
      - {name: pricing, kind: page_viewed, when: {field: engagement.page, starts_with: /pricing}, points: 15}
      - {name: shows-up, kind: [webinar_attended, event_attended], points: 20}
      - {name: spring, kind: email_clicked, when: {field: engagement.campaign, is: spring}, points: 5}
      - {name: wrote, when: {field: channel, is: website}, points: 1}
thresholds: {sell: 30, nurture: 10}
";

fn compile(yaml: &str) -> Qualifier {
    Qualifier::compile(&settings(yaml), &Lists::default()).unwrap()
}

fn did(kind: EngagementKind, at: Timestamp, mark: u64) -> Engagement {
    Engagement { kind, at, page: None, campaign: None, mark, count: 1 }
}

fn note(lead: &mut Lead, told: &[Engagement]) {
    lead.nurture.get_or_insert_default().engagements.note(told);
}

/// Name and points of the lines.
fn lines(qualifier: &Qualifier, example: &Example, now: Timestamp) -> Vec<(String, i64)> {
    let judged = qualify(qualifier, &Subject { now, ..example.subject() });
    let name = |line| qualifier.line(line).unwrap().name.to_string();
    judged.lines.iter().map(|line| (name(line.line), line.points)).collect()
}

#[test]
fn kinds_pages_and_campaigns_say_what_counts() {
    let qualifier = compile(NURTURE);
    let mut example = Example::rich();
    let now = example.inquiry.received_at;
    let wrote = lines(&qualifier, &example, now);
    let priced = Engagement {
        page: Some("/pricing/teams".into()),
        ..did(EngagementKind::PageViewed, now, 1)
    };
    let elsewhere = Engagement { page: Some("/jobs".into()), mark: 2, ..priced.clone() };
    let clicked = |campaign: &str, mark| Engagement {
        campaign: Some(campaign.into()),
        ..did(EngagementKind::EmailClicked, now, mark)
    };
    note(
        &mut example.lead,
        &[
            priced,
            elsewhere,
            clicked("Spring", 3),
            clicked("autumn", 4),
            did(EngagementKind::EmailClicked, now, 5),
            did(EngagementKind::WebinarAttended, now, 6),
            did(EngagementKind::EmailOpened, now, 7),
        ],
    );
    let mut expected =
        vec![("pricing".into(), 15_000), ("shows-up".into(), 20_000), ("spring".into(), 5_000)];
    expected.extend(wrote);
    assert_eq!(lines(&qualifier, &example, now), expected);
    let later = lines(&qualifier, &example, now.after(Duration::from_hours(14 * 24)));
    assert_eq!(later[1], ("shows-up".into(), 10_000), "half of it");
}

#[test]
fn those_folded_into_one_count_as_many_as_they_were() {
    let qualifier = compile(&NURTURE.replace("max: 60", "max: 9000"));
    let mut example = Example::rich();
    let now = example.inquiry.received_at;
    let told: Vec<Engagement> =
        (1..=300).map(|mark| did(EngagementKind::WebinarAttended, now, mark)).collect();
    note(&mut example.lead, &told);
    assert_eq!(lines(&qualifier, &example, now)[0], ("shows-up".into(), 300 * 20_000));
}

#[test]
fn what_has_no_such_field_is_not_asked_for_it() {
    for (from, to, said) in [
        ("when: {field: channel, is: website}", "when: {field: engagement.page, is: /a}", "source"),
        ("{field: engagement.page, starts_with: /pricing}", "{field: channel, is: ad}", "a page"),
    ] {
        let bad = NURTURE.replacen(from, to, 1);
        let problems = Qualifier::compile(&settings(&bad), &Lists::default()).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].message.contains(said), "{problems:?}");
    }
    let unknown = NURTURE.replace("kind: page_viewed", "kind: page_vieved");
    let error = serde_saphyr::from_str::<crate::qualify::Settings>(&unknown).unwrap_err();
    assert!(error.to_string().contains("page_viewed"), "{error}");
}
