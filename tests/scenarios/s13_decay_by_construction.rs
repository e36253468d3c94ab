//! 13. Fit 35 and engagement 40 fade to 45 by day 28, and cross 60 by themselves at day nine and a half, once.

use std::time::Duration;

use serde_json::json;

use super::scene::on_both;
use crate::harness::app::{Answer, eventually};

const FADING: &str = r"
contact:
  - { name: decides, text: decides, when: { field: contact.title, exists: true }, points: 35 }
engagement:
  - name: shows
    half_life: 14d
    lines:
      - { name: wrote, text: wrote to us, when: { field: channel, is: website }, points: 40 }
thresholds: { sell: 70, demote: 60, nurture: 40 }
";

const DAY: Duration = Duration::from_hours(24);
/// 14 · log2(1.6) days.
const CROSSES: Duration = Duration::from_millis(820_195_777);

#[tokio::test(flavor = "multi_thread")]
async fn engagement_halves_and_the_crossing_is_scheduled_and_happens_once() {
    on_both(FADING, async |scene| {
        let fields = json!({
            "contact.email": "ida@brummelkamp.example",
            "contact.title": "VP",
            "contact.country": "DE",
        });
        let answer = scene.inquire(fields).await;
        assert_eq!(
            (answer["score"].as_i64(), answer["category"].as_str()),
            (Some(75), Some("sell"))
        );
        eventually("sales told", || async {
            (scene.events("crm", &answer) == ["lead.routed"]).then_some(())
        })
        .await;

        let points = |lead: &Answer, line: usize| {
            lead.body["qualification"]["lines"][line]["points"].as_f64().unwrap()
        };
        let lead = scene.lead(&answer).await;
        assert!((39.99..=40.0).contains(&points(&lead, 1)), "{lead:?}");

        // Just before it is still to be sold, and reading changes nothing.
        scene.app.clock.pass(CROSSES.checked_sub(Duration::from_mins(5)).unwrap());
        let lead = scene.lead(&answer).await;
        assert_eq!((lead.at("/category"), lead.at("/queue")), ("sell", "sales"));
        let score = lead.body["score"].as_f64().unwrap();
        assert!(score > 60.0 && score < 60.02, "{score}");

        // By itself, whatever is restarted in between.
        let scene = scene.again(CROSSES + Duration::from_mins(5)).await;
        let lead = eventually("the demotion", || async {
            let lead = scene.lead(&answer).await;
            (lead.at("/category") == "nurture").then_some(lead)
        })
        .await;
        assert_eq!((lead.at("/queue"), lead.at("/status")), ("nurture", "nurtured"));
        eventually("both sides told", || async {
            let told = scene.events("crm", &answer) == ["lead.routed", "lead.nurtured"];
            (told && scene.events("mailer", &answer) == ["lead.nurtured"]).then_some(())
        })
        .await;

        // 40 is 10 on day 28, line by line; nothing more happens, after another start either.
        let scene = scene.again(DAY * 28).await;
        let lead = scene.lead(&answer).await;
        let score = lead.body["score"].as_f64().unwrap();
        assert!((44.99..=45.0).contains(&score), "{score}");
        let lines = lead.body["qualification"]["lines"].as_array().unwrap();
        assert_eq!(lines.len(), 2, "{lines:?}");
        let (fit, engagement) = (points(&lead, 0), points(&lead, 1));
        assert!(
            (34.99..=35.0).contains(&fit) && (9.99..=10.0).contains(&engagement),
            "{fit} + {engagement}"
        );
        assert_eq!(
            (lines[1]["group"].as_str(), lines[1]["criterion"].as_str()),
            (Some("engagement"), Some("wrote"))
        );
        assert!(lines[1]["until"].is_string() && lines[1]["because"][0]["field"] == "channel");
        assert_eq!(scene.events("crm", &answer).len(), 2);
        assert_eq!(scene.events("mailer", &answer).len(), 1);

        // Whoever inquires again is worth selling again.
        let again = json!({"contact.email": "ida@brummelkamp.example", "need.message": "and now?"});
        let answer = scene.inquire(again).await;
        assert_eq!(answer["category"], "sell", "{answer}");
        // What people did is never against them, however long ago it was.
        scene.app.clock.pass(DAY * 1000);
        let lead = scene.lead(&answer).await;
        let lines = lead.body["qualification"]["lines"].as_array().unwrap();
        assert!(lines.iter().all(|line| line["points"].as_f64() >= Some(0.0)), "{lines:?}");
        assert!(lead.body["score"].as_f64() >= Some(35.0), "{lead:?}");
        assert_eq!(scene.app.stop().await, lead_router::app::Stopped::Cleanly);
    })
    .await;
}
