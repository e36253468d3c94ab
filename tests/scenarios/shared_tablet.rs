//! Scenario 7: many visitors at one device, in one upload. Nothing matches on a device, an address on the
//! network or a cookie.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use super::stage::{ENGINES, Stage, good};
use crate::harness::app::KEY;

const VISITORS: usize = 250;

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_and_fifty_visitors_at_one_tablet_are_as_many_leads() {
    for engine in ENGINES {
        let stage = Stage::set(engine, &[]).await;
        let mut csv = "badge_id,email,name,country,budget,scanner_id,event\n".to_owned();
        let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap());
        for n in 0..VISITORS {
            let name = format!("X{}{}o", letter(n), letter(n / 26));
            writeln!(
                csv,
                "B{n},visitor-{n}@zanzotter-{n}.example,{name} Fjordlund,DE,20000,tablet-1,fair"
            )
            .unwrap();
        }
        let bearer = format!("Bearer {KEY}");
        let headers = [
            ("x-api-key", "scanner-secret"),
            ("authorization", bearer.as_str()),
            ("content-type", "text/csv"),
            ("cookie", "visitor=tablet-1"),
        ];
        let url = format!("{}/v1/acme/inquiries/scanner/batch", stage.app.public);
        let began = Instant::now();
        let answer = stage.app.ask(Method::POST, &url, &headers, csv).await;
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
        let results = answer.body["results"].as_array().unwrap().clone();
        let mut owners: BTreeMap<String, usize> = BTreeMap::new();
        let mut leads = std::collections::BTreeSet::new();
        for result in &results {
            assert_eq!(result["status"], "routed", "{engine}: {result}");
            leads.insert(result["lead_id"].to_string());
            *owners.entry(result["owner"].to_string()).or_default() += 1;
        }
        assert_eq!((results.len(), leads.len()), (VISITORS, VISITORS), "none merged, none dropped");
        let mut shares: Vec<usize> = owners.into_values().collect();
        shares.sort_unstable();
        assert_eq!(shares, [83, 83, 84]);
        stage.ends_well().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_matches_on_a_device_a_cookie_or_a_network_address() {
    let stage = Stage::set("embedded", &[]).await;
    let mut leads = std::collections::BTreeSet::new();
    for name in ["Ida Fjordlund", "Tilo Zanzotter"] {
        let mut body = good(&format!("{}@gmail.com", &name[..3]), name);
        body["device_id"] = "tablet-1".into();
        body["cookie_id"] = "c-1".into();
        body["ip"] = "192.0.2.7".into();
        body["fbclid"] = "click-1".into();
        let bearer = format!("Bearer {KEY}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
            ("cookie", "id=c-1"),
            ("user-agent", "Tablet/1"),
            ("x-forwarded-for", "192.0.2.7"),
        ];
        let url = format!("{}/v1/acme/inquiries/form", stage.app.public);
        let answer = stage.app.ask(Method::POST, &url, &headers, body.to_string()).await;
        assert_eq!(answer.body["matched_on"], json!([]));
        leads.insert(answer.at("/lead_id").to_owned());
    }
    assert_eq!(leads.len(), 2);
    stage.ends_well().await;
}
