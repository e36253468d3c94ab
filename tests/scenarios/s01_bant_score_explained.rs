//! 1. Five lines add up to 85, each with field and value.

use super::scene::{BANT, on_both, replacing};

#[tokio::test(flavor = "multi_thread")]
async fn five_lines_sum_to_85_and_name_field_and_value() {
    on_both(BANT, async |scene| {
        let answer = scene.inquire(replacing("x@gmail.com", "ES")).await;
        assert_eq!(
            (answer["score"].as_i64(), answer["category"].as_str()),
            (Some(85), Some("sell"))
        );
        let lead = scene.lead(&answer).await;
        let lines = lead.body["qualification"]["lines"].as_array().unwrap().clone();
        let points: Vec<i64> = lines.iter().map(|line| line["points"].as_i64().unwrap()).collect();
        assert_eq!(points, [25, 20, 25, 20, -5], "{} {lines:?}", scene.engine);
        assert_eq!(points.iter().sum::<i64>(), 85);
        let because: Vec<(&str, &str)> = lines
            .iter()
            .map(|line| {
                let fact = &line["because"][0];
                (fact["field"].as_str().unwrap(), fact["value"].as_str().unwrap())
            })
            .collect();
        let expected = [
            ("need.budget", "60000"),
            ("contact.title", "VP Operations"),
            ("need.need", "replace a system"),
            ("need.timeline", "1-3 months"),
            ("contact.email_free", "true"),
        ];
        assert_eq!(because, expected, "{}", scene.engine);
        let words = scene.words(&answer).await;
        for part in [
            "yes, +25 points, because `need.budget` is 60000.",
            "yes, +20 points, because of what `contact.title` says.",
            "yes, +20 points, because `need.timeline` is 1-3 months.",
            "yes, -5 points, because `contact.email_free` is true.",
            "Score 85 (70 or more is sell, 40 or more is nurture).",
        ] {
            assert!(words.contains(part), "{part}\n{words}");
        }
        assert!(!words.contains("Operations"), "a record names nobody");
    })
    .await;
}
