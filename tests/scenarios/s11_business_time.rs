//! Sold on Friday ten minutes before the end of work, half an hour of business time: nobody touches anything, and on
//! Monday at twenty past nine the clock runs out by itself. Two others get it in turn, then it goes up; the inquiry's own
//! time runs on from Friday. The same in both weeks in which clocks are set.

use lead_router::domain::Timestamp;
use serde_json::{Value, json};

use super::processes::{On, SOON, Stage};
use crate::harness::socket_receiver::Arrived;
use crate::harness::wait::eventually;

const POOLS: &str = r#"
zone: Europe/Madrid
hours: { office: { week: { mon-fri: "09:00-17:00" } } }
pools: { emea: { hours: office, members: [ana, bo, cy] } }
"#;

const ROUTING: &str = "
queues:
  sales: { destinations: [crm] }
  managers: { destinations: [crm] }
  nurture: { destinations: [crm] }
rules:
  - name: sell
    when: { field: category, is: sell }
    assign: { queue: sales, pool: emea }
fallback: { queue: triage }
";

const FOLLOW_UP: &str = "
sla:
  - name: first-call
    queues: [sales]
    first_touch_within: 30m
    warn_at: [0.5, 0.8]
    on_breach: { reassign: 2, escalate: managers }
";

const FILES: [(&str, &str); 3] =
    [("pools.yaml", POOLS), ("routing.yaml", ROUTING), ("follow-up.yaml", FOLLOW_UP)];

/// Friday 16:50 and Monday 9:00 in Madrid, in UTC: a usual week, clocks set forward, set back.
const WEEKS: [(&str, &str); 3] = [
    ("2026-02-27T15:50:00Z", "2026-03-02T08:00:00Z"),
    ("2026-03-27T15:50:00Z", "2026-03-30T07:00:00Z"),
    ("2026-10-23T14:50:00Z", "2026-10-26T08:00:00Z"),
];

fn after(start: &str, minutes: i64) -> String {
    Timestamp::from_millis(Timestamp::parse(start).unwrap().as_millis() + minutes * 60_000)
        .to_string()
}

impl Stage {
    /// Every event of a type, in the order in which they came.
    fn events(&self, kind: &str) -> Vec<Arrived> {
        let came = self.receiver.of("crm").into_iter();
        came.filter(|event| event.text("/type") == kind).collect()
    }

    /// Waits for one more event of a type, and gives it.
    async fn next(&self, kind: &str, count: usize) -> Value {
        self.told(kind, count).await;
        self.events(kind)[count - 1].body.clone()
    }
}

async fn nobody_touches_anything(on: On, (friday, monday): (&str, &str)) {
    let mut stage = Stage::begin(on, friday, &FILES).await;
    let answer = stage.somebody(&[]).await;
    let (lead, first) = (answer.text("lead_id").to_owned(), answer.text("owner").to_owned());
    stage.told("lead.routed", 1).await;
    let clock = stage.lead(&lead).await["clock"].clone();
    assert_eq!(
        (&clock["name"], &clock["first_touch_due_at"]),
        (&json!("first-call"), &json!(after(monday, 20))),
        "{clock}"
    );

    // A minute before the first warning, and all weekend, nothing; a restart forgets nothing.
    stage.at(&after(monday, 4));
    stage.restart().await;
    stage.at(&after(monday, 5));
    let warning = stage.next("lead.sla_warning", 1).await;
    assert_eq!(
        warning["data"]["clock"],
        json!({
            "name": "first-call", "awaited": "first_touch", "owner": first, "warned_at": 0.5,
            "assigned_at": after(friday, 0), "due_at": after(monday, 5), "late_seconds": 0,
            "reassignments": 0,
        })
    );
    stage.at(&after(monday, 14));
    assert_eq!(stage.next("lead.sla_warning", 2).await["data"]["clock"]["warned_at"], 0.8);

    let mut owners = vec![first];
    for turn in 0..2 {
        let since = if turn == 0 { after(friday, 0) } else { after(monday, 20) };
        stage.at(&after(monday, 20 + 30 * turn));
        let count = usize::try_from(turn).unwrap() + 1;
        let breach = stage.next("lead.sla_breached", count).await;
        let late = &breach["data"]["clock"];
        assert_eq!(late["owner"], json!(owners.last()));
        assert_eq!((&late["assigned_at"], &late["reassignments"]), (&json!(since), &json!(turn)));
        assert_eq!(late["due_at"], json!(after(monday, 20 + 30 * turn)));
        let given = stage.next("lead.reassigned", count).await;
        let owner = given["data"]["assignment"]["owner"].as_str().unwrap().to_owned();
        assert_eq!(breach["data"]["assignment"]["owner"], json!(owner), "who has it now");
        assert!(!owners.contains(&owner), "{owner} had it: {owners:?}");
        let words = stage.words(answer.text("inquiry_id")).await;
        for before in &owners {
            let why = format!("`{before}` was not considered: excluded_previous_owner");
            assert!(words.contains(&why), "{words}");
        }
        owners.push(owner);
    }
    // Both turns are used: up. Nobody owns it there, and no clock runs for that queue.
    stage.at(&after(monday, 80));
    let breach = stage.next("lead.sla_breached", 3).await;
    assert_eq!(breach["data"]["clock"]["reassignments"], 2);
    assert_eq!(breach["data"]["assignment"], json!({"queue": "managers"}));
    stage.told("lead.reassigned", 3).await;
    let up = stage.lead(&lead).await;
    assert_eq!((&up["queue"], &up["stage"]), (&json!("managers"), &json!("lead")));
    assert!(up["owner"].is_null(), "{up}");
    assert_eq!(up["clock"]["breaches"], 3);
    assert_eq!(up["clock"]["previous_owners"], json!(owners));

    touched_at_last(&mut stage, &lead, friday, monday).await;
    stage.ends_clean().await;
}

/// The inquiry's own time ran on from Friday: 10 + 90 minutes of work, by the clock on the wall the weekend too.
async fn touched_at_last(stage: &mut Stage, lead: &str, friday: &str, monday: &str) {
    stage.at(&after(monday, 90));
    let said = stage.act(&format!("/leads/{lead}/no_answer"), &json!({})).await;
    assert_eq!(said.status, 200, "{said:?}");
    let clock = stage.lead(lead).await["clock"].clone();
    assert_eq!(clock["received_at"], json!(after(friday, 0)));
    assert_eq!(clock["first_touch_at"], json!(after(monday, 90)));
    assert_eq!(clock["waited_business_seconds"], 100 * 60, "{clock}");
    // Reports say the same: by the wall, in business time, and that it was not as agreed.
    let wall = Timestamp::parse(monday).unwrap().since(Timestamp::parse(friday).unwrap());
    // Lengths of some days are kept in steps of ten minutes.
    let wall = (wall.as_secs() + 90 * 60) / 600 * 600;
    for (report, column, figure) in
        [("speed", "median", wall), ("business-speed", "median", 6000), ("sla", "sla_missed", 1)]
    {
        let said = stage.ask(&format!("/reports/{report}?by=all")).await;
        assert_eq!(said["rows"][0][column], json!(figure), "{report}: {said}");
    }
}

/// Two hours after a clock ran out everything comes back: it says so once, with its true time, and goes on.
async fn late_after_an_outage(on: On) {
    let (friday, monday) = WEEKS[1];
    let mut stage = Stage::begin(on, friday, &FILES).await;
    let answer = stage.somebody(&[]).await;
    stage.told("lead.routed", 1).await;
    stage.cut();
    stage.at(&after(monday, 140));
    stage.restart().await;
    let breach = stage.next("lead.sla_breached", 1).await;
    let late = &breach["data"]["clock"];
    assert_eq!((&late["due_at"], &late["late_seconds"]), (&json!(after(monday, 20)), &json!(7200)));
    stage.told("lead.reassigned", 1).await;
    // Whoever has it now has half an hour.
    let clock = stage.lead(answer.text("lead_id")).await["clock"].clone();
    assert_eq!(clock["first_touch_due_at"], json!(after(monday, 170)));
    stage.restart().await;
    stage.at(&after(monday, 155));
    stage.told("lead.sla_warning", 1).await;
    stage.told("lead.sla_breached", 1).await;
    stage.ends_clean().await;
}

/// A clock runs by the terms it began with. Taken out of the file it goes on and only says so; put back, it does all it
/// did, and whoever gets a lead meanwhile has none.
async fn outlives_its_file(on: On) {
    let (friday, monday) = WEEKS[0];
    let mut stage = Stage::begin(on, friday, &FILES).await;
    let early = stage.somebody(&[]).await;
    stage.rewrite("follow-up.yaml", "").await;
    let without = stage.somebody(&[]).await;
    assert!(stage.lead(without.text("lead_id")).await["clock"].is_null());
    stage.at(&after(monday, 5));
    stage.told("lead.sla_warning", 1).await;
    stage.rewrite("follow-up.yaml", FOLLOW_UP).await;
    stage.at(&after(monday, 20));
    let breach = stage.next("lead.sla_breached", 1).await;
    assert_eq!(breach["data"]["lead"]["id"], json!(early.text("lead_id")));
    stage.told("lead.reassigned", 1).await;
    stage.ends_clean().await;
}

/// Saying that one has it, and trying in vain, are no silence; a repeat of the person is.
async fn only_people_stop_it(on: On) {
    let (friday, monday) = WEEKS[2];
    let mut stage = Stage::begin(on, friday, &FILES).await;
    let quiet = stage.post(&[("email", "ida@quillfeather.example")]).await;
    let tried = stage.somebody(&[]).await;
    stage.at(&after(monday, 3));
    stage.post(&[("email", "ida@quillfeather.example"), ("message", "still there?")]).await;
    let lead = tried.text("lead_id");
    let said = stage.act(&format!("/leads/{lead}/no_answer"), &json!({})).await;
    assert_eq!(said.status, 200, "{said:?}");
    stage.at(&after(monday, 20));
    let breach = stage.next("lead.sla_breached", 1).await;
    assert_eq!(breach["data"]["lead"]["id"], json!(quiet.text("lead_id")));
    let clock = stage.lead(lead).await["clock"].clone();
    assert_eq!(clock["touched_at"], json!(after(monday, 3)), "{clock}");
    assert_eq!((&clock["breaches"], &clock["waited_business_seconds"]), (&json!(0), &json!(780)));
    // Nobody tries again in time: that is said, too.
    stage.at(&after(monday, 3 + 24 * 60));
    let warnings = eventually("the next attempt", SOON, async || {
        let all = stage.events("lead.sla_warning");
        let next = all.into_iter().find(|it| it.text("/data/clock/awaited") == "next_attempt");
        next.filter(|it| it.text("/data/lead/id") == lead)
    })
    .await;
    assert_eq!(warnings.text("/data/clock/due_at"), after(monday, 3 + 24 * 60));
    stage.ends_clean().await;
}

#[tokio::test]
async fn scenario_11_business_time_embedded() {
    for week in WEEKS {
        nobody_touches_anything(On::Embedded, week).await;
    }
    late_after_an_outage(On::Embedded).await;
    outlives_its_file(On::Embedded).await;
    only_people_stop_it(On::Embedded).await;
}

#[tokio::test]
async fn scenario_11_business_time_redis() {
    for week in WEEKS {
        nobody_touches_anything(On::Redis, week).await;
    }
    late_after_an_outage(On::Redis).await;
    outlives_its_file(On::Redis).await;
    only_people_stop_it(On::Redis).await;
}
