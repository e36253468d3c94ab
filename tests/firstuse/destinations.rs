//! Destinations: a preset, a name and a URL, and a test that says what the receiver makes of it.

use std::collections::BTreeMap;
use std::time::Duration;

use lead_router::deliver::sign::{Secret, Signed, verify};
use lead_router::domain::Timestamp;

use super::newcomer::{Newcomer, PATIENCE};
use crate::harness::receiver::{Came, Receiver, Reply};
use crate::harness::wait::eventually;

/// Lets the service reach the receiver.
fn open(newcomer: &Newcomer, receiver: &Receiver) {
    let server = newcomer.read("leads/server.yaml");
    let port = receiver.address.port();
    let allow = format!("allow: [\"127.0.0.1/32:{port}\", ");
    newcomer.write("leads/server.yaml", &server.replace("allow: [", &allow));
}

fn holds(newcomer: &Newcomer, name: &str, came: &Came) -> bool {
    let secret = newcomer.read(&format!("leads/secrets/main.{name}.signing"));
    let signed = Signed {
        id: came.header("webhook-id"),
        timestamp: came.header("webhook-timestamp"),
        signature: came.header("webhook-signature"),
    };
    let stated: i64 = signed.timestamp.parse().unwrap();
    let now = Timestamp::from_millis(stated * 1000);
    verify(&[Secret::parse(secret.trim()).unwrap()], signed, &came.body, now).is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destination_is_added_tested_and_gets_leads() {
    let receiver = Receiver::start();
    let (mut newcomer, _) = Newcomer::with_leads();
    open(&newcomer, &receiver);
    newcomer.serve().await;
    let said = newcomer.well(&format!(
        "lead-router destinations add standard-webhooks erp --url {} --queue sales --queue nurture --config leads",
        receiver.url("erp")
    ));
    let secret = newcomer.read("leads/secrets/main.erp.signing");
    assert_eq!(newcomer.mode("leads/secrets/main.erp.signing"), 0o600);
    assert!(said.contains(&secret) && said.contains("docs/receivers.md"), "{said}");
    assert!(said.contains("changed  leads/workspaces/main/routing.yaml"), "{said}");
    let routing = newcomer.read("leads/workspaces/main/routing.yaml");
    assert!(routing.contains("  sales: { destinations: [crm, erp] }\n"), "{routing}");
    assert!(routing.contains("# The first rule that matches wins."), "{routing}");
    newcomer.well("lead-router check --strict leads");

    let said =
        newcomer.until_well("lead-router destinations test erp", "The receiver took it.").await;
    assert!(said.contains("> POST ") && said.contains("< HTTP 204"), "{said}");
    assert!(!said.contains("/erp") && said.contains("\"test\": true"), "{said}");
    let came = receiver.came("erp").remove(0);
    assert!(holds(&newcomer, "erp", &came));
    let signature = came.header("webhook-signature");
    assert!(!said.contains(signature) && said.contains(&signature[..8]), "{said}");
    assert_eq!(came.json()["data"]["test"], true);
    assert_eq!(came.json()["data"]["lead"]["contact"]["email"], "test.person@example.com");
    // It is no lead: nothing is found, nothing is counted, and it stands in the journal by itself.
    let found = newcomer.well("lead-router find test.person@example.com");
    assert!(found.contains("nothing"), "{found}");
    assert!(newcomer.well("lead-router worklists").contains("tests  count=0"));
    let journal = newcomer.well("lead-router find --from 2020-01-01T00:00:00Z");
    assert!(journal.contains("destination_tested") && journal.contains("erp"), "{journal}");
    assert!(!journal.contains("inquiry_decided"), "{journal}");

    newcomer.well(&format!(
        "curl -sS {}/v1/main/inquiries/form -d email=a@example.com -d phone=%2B493023125101",
        newcomer.public()
    ));
    eventually("the lead", PATIENCE, async || {
        let routed = receiver.events("erp");
        (routed.len() == 2 && routed[1] == "lead.routed").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_says_in_words_what_is_wrong() {
    let receiver = Receiver::start();
    let (newcomer, _) = Newcomer::with_leads();
    open(&newcomer, &receiver);
    let mut urls: BTreeMap<&str, String> = ["takes", "sends-away", "moved", "slow", "talks"]
        .map(|name| (name, receiver.url(name)))
        .into();
    urls.insert("nobody", format!("http://127.0.0.1:{}/x", newcomer.receiver_port()));
    urls.insert("no-tls", receiver.url("x").replace("http:", "https:"));
    urls.insert("no-name", "https://no-such-host.invalid/x".to_owned());
    for (name, url) in &urls {
        newcomer.well(&format!(
            "lead-router destinations add standard-webhooks {name} --url {url} --config leads"
        ));
    }
    let file = "leads/workspaces/main/destinations/slow.yaml";
    newcomer.write(file, &format!("{}timeout_ms: 1000\n", newcomer.read(file)));
    receiver.always("sends-away", Reply::status(401));
    receiver.always("moved", Reply::status(302));
    receiver.always("slow", Reply { after: Duration::from_secs(20), ..Reply::status(200) });
    receiver.always(
        "talks",
        Reply {
            headers: vec![("x-request-id", "abc".to_owned())],
            body: format!("no such field\u{1b}[31m{}", "x".repeat(2000)),
            ..Reply::status(422)
        },
    );
    for (name, words, advice) in [
        ("sends-away", "lets nobody in", "Compare the secret"),
        ("moved", "never followed", "final URL"),
        ("slow", "within the destination's timeout", "timeout_ms"),
        ("talks", "refuses this body", "Its answer may say why"),
        ("nobody", "Nobody listens there", "Start the receiver"),
        ("no-tls", "TLS failed", "certificate"),
        ("no-name", "does not resolve", "DNS"),
    ] {
        let said = newcomer.run(&format!("lead-router destinations test {name} --offline leads"));
        assert_eq!(said.code, Some(1), "{name}: {}", said.out);
        assert!(said.out.contains(words), "{name}: {}", said.out);
        assert!(said.complained.contains(advice), "{name}: {}", said.complained);
        if name == "talks" {
            assert!(said.out.contains("< x-request-id: abc") && said.out.contains("no such field"));
            assert!(!said.out.contains('\u{1b}') && said.out.contains("is not shown"));
        }
    }
    newcomer.well("lead-router destinations test takes --offline leads");
    assert_eq!(receiver.came("sends-away").len(), 1, "a test is never tried again");
    let said = newcomer.badly("lead-router destinations test take --offline leads");
    assert!(said.contains("did you mean `takes`?"), "{said}");
    let said = newcomer.badly("lead-router destinations test takes");
    assert!(said.contains("no running service is known here"), "{said}");
}

#[test]
fn the_guard_and_the_whole_check_come_before_writing() {
    let (newcomer, _) = Newcomer::with_leads();
    let before = newcomer.everything("leads");
    for (line, wanted) in [
        ("standard-webhooks erp --url https://10.0.0.1/x", "not on the egress allow-list"),
        ("standard-webhooks erp --url nonsense", "this is not a whole URL"),
        ("standard-webhooks crm --url https://crm.example.com/", "is there already"),
        ("standard-webhooks erp --url https://erp.example.com/ --queue slaes", "has no list"),
        (
            "standard-webhook erp --url https://erp.example.com/",
            "did you mean `standard-webhooks`?",
        ),
    ] {
        let said = newcomer.badly(&format!("lead-router destinations add {line} --config leads"));
        assert!(said.contains(wanted), "{line}: {said}");
        assert_eq!(newcomer.everything("leads"), before, "{line}");
    }
}

#[test]
fn every_preset_gives_a_destination_that_loads() {
    let (newcomer, _) = Newcomer::with_leads();
    let presets = lead_router::deliver::DestinationPresets::shipped().unwrap();
    for (name, preset) in presets.iter() {
        let asked = preset.request.iter().flat_map(|request| &request.with);
        // A token is had by an id and a secret.
        let has_oauth = preset.request.as_ref().is_some_and(|request| request.oauth.is_some());
        let tokens = ["client_id", "client_secret", "refresh_token"];
        let for_token = |key: &str| has_oauth && tokens.contains(&key);
        let asked = asked.filter(|(key, with)| with.required || for_token(key));
        let with: Vec<String> = asked.map(|(key, _)| format!(" --with {key}=12345678")).collect();
        let with = with.concat();
        let add = format!(
            "lead-router destinations add {name} to-{name} --url https://hooks.example.com/t0ken --config leads"
        );
        if !with.is_empty() {
            let said = newcomer.badly(&add);
            assert!(said.contains("the preset needs more") && said.contains("--with "), "{said}");
        }
        let said = newcomer.well(&format!("{add}{with}"));
        if preset.setup.contains("{url}") {
            assert!(said.contains("https://hooks.example.com/t0ken"), "{said}");
        }
        assert!(said.contains(preset.tier.as_str()), "{said}");
        let shown =
            newcomer.well(&format!("lead-router destinations show to-{name} --config leads"));
        assert!(shown.contains("https://hooks.example.com") && !shown.contains("t0ken"), "{shown}");
        assert!(
            !preset.summary.is_empty()
                && newcomer.well("lead-router destinations presets").contains(&preset.title)
        );
    }
    let file = newcomer.read("leads/workspaces/main/destinations/to-hubspot-contacts.yaml");
    assert!(file.contains("token: \"${file:secrets/main.to-hubspot-contacts.token}\""), "{file}");
    assert_eq!(newcomer.mode("leads/secrets/main.to-hubspot-contacts.token"), 0o600);
    let file = newcomer.read("leads/workspaces/main/destinations/to-header-key.yaml");
    assert!(
        file.contains("authorization: \"Bearer ${file:secrets/main.to-header-key.key}\""),
        "{file}"
    );
    let listed = newcomer.well("lead-router destinations list --config leads");
    assert!(listed.contains("no queue") && !listed.contains("t0ken"), "{listed}");
    assert!(listed.contains("slack (experimental)") && !listed.contains("12345678"), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_changed_without_a_restart_and_without_a_gap() {
    let receiver = Receiver::start();
    let (mut newcomer, _) = Newcomer::with_leads();
    open(&newcomer, &receiver);
    let url = receiver.url("erp");
    newcomer.well(&format!(
        "lead-router destinations add standard-webhooks erp --url {url} --queue sales --config leads"
    ));
    newcomer.serve().await;
    newcomer.until_well("lead-router destinations test erp", "The receiver took it.").await;
    assert!(holds(&newcomer, "erp", &receiver.came("erp").remove(0)));
    let said = newcomer.well("lead-router destinations rotate erp --key-pair --config leads");
    let public = said.split_whitespace().find(|word| word.starts_with("whpk_")).unwrap().to_owned();
    assert!(!said.contains("whsk_") && said.contains("signs too until"), "{said}");
    newcomer.well("lead-router check --strict leads");
    let both = eventually("both sign", PATIENCE, async || {
        newcomer.well("lead-router destinations test erp");
        let last = receiver.came("erp").pop().unwrap();
        last.header("webhook-signature").starts_with("v1a,").then_some(last)
    })
    .await;
    // Who knows only the old secret still verifies, and so does who knows only the new key.
    assert!(holds(&newcomer, "erp", &both));
    let signed = Signed {
        id: both.header("webhook-id"),
        timestamp: both.header("webhook-timestamp"),
        signature: both.header("webhook-signature"),
    };
    let now = Timestamp::from_millis(signed.timestamp.parse::<i64>().unwrap() * 1000);
    let new = [Secret::parse(&public).unwrap()];
    assert_eq!(verify(&new, signed, &both.body, now), Ok(()));
    let said = newcomer.badly("lead-router destinations rotate erp --config leads");
    assert!(said.contains("others still retire"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_is_told_in_its_own_words_and_its_id_is_shown() {
    let receiver = Receiver::start();
    let (mut newcomer, _) = Newcomer::with_leads();
    open(&newcomer, &receiver);
    let url = receiver.url("ac");
    newcomer.well(&format!(
        "lead-router destinations add activecampaign ac --url {url} --with token=t-12345678 --queue sales --queue nurture --config leads"
    ));
    newcomer.well("lead-router check --strict leads");
    let contact = "{\"contact\": {\"id\": \"113\"}}".to_owned();
    let path = "ac/api/3/contact/sync";
    receiver.always(path, Reply { body: contact, ..Reply::status(201) });
    newcomer.serve().await;
    let said =
        newcomer.until_well("lead-router destinations test ac", "it gave: contact 113").await;
    assert!(!said.contains("t-12345678"), "{said}");
    newcomer.well(&format!(
        "curl -sS {}/v1/main/inquiries/form -d email=a@example.com -d phone=%2B493023125101",
        newcomer.public()
    ));
    let came = eventually("the contact", PATIENCE, async || {
        receiver
            .came(path)
            .into_iter()
            .find(|came| came.json()["contact"]["email"] == "a@example.com")
    })
    .await;
    assert_eq!(came.header("api-token"), "t-12345678");
    assert_eq!(came.json()["contact"]["phone"], "+493023125101");
    let found = newcomer.until_well("lead-router find a@example.com", "delivered to ac").await;
    let mut words = found.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let lead = words.rfind(|word| word.starts_with("lead_")).unwrap().to_owned();
    let shown = newcomer.well(&format!("lead-router leads show {lead}"));
    assert!(shown.contains("contact") && shown.contains("113"), "{shown}");
    // A token that is not good any more: seen where destinations are listed, with reason and time.
    receiver.always(path, Reply::status(403));
    newcomer.well(&format!(
        "curl -sS {}/v1/main/inquiries/form -d email=b@example.com -d phone=%2B493023125102",
        newcomer.public()
    ));
    let listed = newcomer.until_well("lead-router deliveries destinations", "credentials").await;
    assert!(listed.contains("ac  paused  credentials  20"), "{listed}");
    assert!(listed.contains("activecampaign  confirmed"), "{listed}");
}
