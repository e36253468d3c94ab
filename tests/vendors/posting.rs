//! How often somebody posts is counted by two processes together.

use std::time::Duration;

use super::replicas::Pair;
use crate::harness::redis::tell;

/// Posts by turns at both.
async fn posts(pair: &Pair, number: usize, email: &str) -> u16 {
    let message = number.to_string();
    let fields = [("email", email), ("message", message.as_str())];
    pair.services[number % 2].form(&fields, None).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_count_together_who_posts() {
    let mut pair = Pair::start("").await;
    let form = "preset: html-form\nrates: { address_per_minute: 6, person_per_hour: 2 }\n";
    pair.rewrite("sources/form.yaml", form).await;
    let mut answers = Vec::new();
    for number in 0..3 {
        answers.push(posts(&pair, number, "Ina@quillfeather.example").await);
    }
    assert_eq!(answers, [202, 202, 429], "a person");
    let mut answers = Vec::new();
    for number in 3..8 {
        answers.push(posts(&pair, number, &format!("v{number}@zanzotter.example")).await);
    }
    assert_eq!(answers, [202, 202, 202, 429, 429], "an address");
    pair.pass(Duration::from_secs(10));
    assert_eq!(posts(&pair, 8, "v8@zanzotter.example").await, 202);
    assert_eq!(posts(&pair, 9, "v9@zanzotter.example").await, 429);

    let names = format!("{:?}", tell(pair.redis.port, &["KEYS", "*:rate/*"]).unwrap());
    assert_eq!(names.matches(":rate/").count(), 6, "the address and five people");
    assert!(!names.contains("quillfeather") && !names.contains("127.0.0.1"), "by hashes");

    // Who cannot be counted is let in, and not taken.
    pair.redis.kill();
    assert_eq!(posts(&pair, 10, "v10@zanzotter.example").await, 503);
}
