//! Doctor: a good deployment, and deployments broken on purpose, each in one way.

use serde_json::Value;

use super::newcomer::Newcomer;

const DOCTOR: &str = "lead-router doctor --config leads --store embedded:leads/data";

/// What doctor says, and its exit code, after everything that is well was made well.
pub fn examined(newcomer: &Newcomer, line: &str) -> (i32, Value) {
    let said = newcomer.run(&format!("{line} --format json"));
    let body = serde_json::from_str(&said.out);
    let body = body.unwrap_or_else(|error| panic!("{error}: {}{}", said.out, said.complained));
    (said.code.unwrap(), body)
}

/// The findings of one check.
fn of<'a>(body: &'a Value, check: &str) -> Vec<&'a Value> {
    let all = body["checks"].as_array().unwrap().iter();
    all.filter(|finding| finding["check"].as_str().unwrap().starts_with(check)).collect()
}

/// That a check ended so, with these words in what was found or what to do.
pub fn ended(body: &Value, check: &str, state: &str, words: &str) {
    let found = of(body, check);
    let wanted =
        |finding: &&&Value| finding["state"] == state && finding.to_string().contains(words);
    assert!(found.iter().any(|f| wanted(&f)), "{check} {state} {words}: {body:#}");
    if state != "ok" {
        let mend = found.iter().find(wanted).unwrap()["mend"].as_str().unwrap_or_default();
        assert!(!mend.is_empty(), "{check}: nothing is said about what to do");
    }
}

/// A deployment about which there is nothing to say: everything set, everybody listening.
async fn well() -> Newcomer {
    let (mut newcomer, _) = Newcomer::with_leads();
    let server = newcomer.read("leads/server.yaml");
    let public = newcomer.public();
    newcomer.write("leads/server.yaml", &format!("public_url: {public}\n{server}"));
    newcomer.write("leads/workspaces/main/workspace.yaml", "alerts: {destination: crm}\n");
    let crm = "leads/workspaces/main/destinations/crm.yaml";
    newcomer.write(crm, &format!("{}events: [\"lead.*\", \"alert.*\"]\n", newcomer.read(crm)));
    newcomer.start("lead-router receive --config leads", "receive.log");
    newcomer.until_written("receive.log", "listening on").await;
    newcomer.serve().await;
    newcomer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_deployment_has_nothing_to_mend() {
    let newcomer = well().await;
    let (code, body) = examined(&newcomer, DOCTOR);
    assert_eq!((code, body["state"].as_str()), (0, Some("ok")), "{body:#}");
    for check in [
        "configuration",
        "secret",
        "keys",
        "alerts main",
        "master key",
        "disk",
        "store",
        "private listener",
        "public listener",
        "public_url",
        "destination main/crm",
        "service",
        "version",
        "in force",
        "worklists main",
        "queues main",
    ] {
        ended(&body, check, "ok", "");
    }
    assert!(!newcomer.read("receive.log").contains("lead."), "something was sent");
    let text = newcomer.well(DOCTOR);
    assert!(text.contains("0 broken, 0 warning(s)"), "{text}");
    // A test event, only because it was asked for.
    let (code, body) = examined(&newcomer, &format!("{DOCTOR} --send-test"));
    assert_eq!(code, 0, "{body:#}");
    ended(&body, "destination main/crm", "ok", "HTTP 204");
    newcomer.until_written("receive.log", "lead.routed TEST").await;
    // Nothing secret is said.
    let secret = newcomer.read("leads/secrets/main.crm.signing");
    assert!(!text.contains(secret.trim()) && !body.to_string().contains(secret.trim()));

    // While it runs, files go bad: the running configuration stays, and doctor says both.
    newcomer.write("leads/workspaces/main/pools.yaml", "pools: {reps: {members: []}}\n");
    newcomer.until_written("serve.log", "configuration refused").await;
    let (code, body) = examined(&newcomer, DOCTOR);
    assert_eq!(code, 2);
    ended(&body, "configuration", "broken", "pools.yaml:1:");
    ended(&body, "in force", "broken", "an older configuration is in force");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_newcomers_have_not_done_yet_is_a_warning() {
    let (newcomer, _) = Newcomer::with_leads();
    let (code, body) = examined(&newcomer, DOCTOR);
    assert_eq!(code, 2, "the receiver is not there: {body:#}");
    ended(&body, "public_url", "warning", "good on this machine only");
    ended(&body, "alerts main", "warning", "operator-alerts");
    ended(&body, "service", "warning", "no running service");
    ended(&body, "store", "ok", "the first start makes it");
    ended(&body, "destination main/crm", "broken", "Nobody listens there");
    let qualification = "leads/workspaces/main/qualification.yaml";
    let text = newcomer.read(qualification);
    assert!(!text.contains("\ndefinitions:"), "the starter agrees on words by itself now");
    let old = "definitions:\n  lead: { text: Worth a call, agreed_on: 2020-01-01, review_by: 2021-01-01 }\n";
    newcomer.write(qualification, &format!("{text}{old}"));
    ended(&examined(&newcomer, DOCTOR).1, "definitions main", "warning", "by 2021-01-01");
    newcomer.write("leads/keys.yaml", "keys: []\n");
    let (_, body) = examined(&newcomer, DOCTOR);
    ended(&body, "keys", "warning", "keys new");
    let said = newcomer.run("lead-router doctor --config nowhere");
    assert_eq!(said.code, Some(2), "{}", said.out);
    assert!(said.out.contains("broken   configuration"), "{}", said.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_addresses_that_are_wrong_are_found() {
    let (newcomer, _) = Newcomer::with_leads();
    let server = newcomer.read("leads/server.yaml");
    newcomer.well("chmod 644 leads/secrets/main.crm.signing");
    newcomer.write(
        "leads/server.yaml",
        &format!("public_url: http://no-such-host.invalid\n{server}")
            .replace("private_address: 127.0.0.1", "private_address: 8.8.8.8"),
    );
    let (code, body) = examined(&newcomer, DOCTOR);
    assert_eq!(code, 2);
    ended(&body, "secret", "warning", "chmod 600");
    ended(&body, "private listener", "broken", "on the internet");
    ended(&body, "public_url", "warning", "TLS proxy");
    ended(&body, "public_url", "warning", "trusted_proxies");
    ended(&body, "public_url", "broken", "does not answer as ours");
    newcomer.write(
        "leads/server.yaml",
        &server.replace("private_address: 127.0.0.1", "private_address: 0.0.0.0"),
    );
    ended(&examined(&newcomer, DOCTOR).1, "private listener", "warning", "every interface");
    // Missing secrets, and variables that are not set.
    newcomer.well("rm leads/secrets/main.crm.signing");
    let (code, body) = examined(&newcomer, DOCTOR);
    assert_eq!(code, 2);
    ended(&body, "configuration", "broken", "does not exist");
    let crm = "leads/workspaces/main/destinations/crm.yaml";
    newcomer.write(crm, "url: https://crm.example.com/\nsecrets: [\"${env:NOT_SET}\"]\n");
    ended(&examined(&newcomer, DOCTOR).1, "configuration", "broken", "`NOT_SET` is not set");
    // Addresses that the guard refuses do not load; names that lead to one are found on the way.
    newcomer.write(crm, "url: https://localhost:1/\nsecrets: [\"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\"]\n");
    let (_, body) = examined(&newcomer, DOCTOR);
    ended(&body, "destination main/crm", "broken", "The egress guard refuses");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_with_another_key_is_found() {
    let (mut newcomer, _) = Newcomer::with_leads();
    newcomer.serve().await;
    newcomer.stop().await;
    let (_, body) = examined(&newcomer, DOCTOR);
    ended(&body, "master key", "ok", "the one the store was used with");
    ended(&body, "durability", "ok", "on disk");
    ended(&body, "clock", "ok", "agree");
    newcomer.well("chmod 644 leads/data/master.key");
    ended(&examined(&newcomer, DOCTOR).1, "master key", "broken", "chmod 600");
    newcomer.write("leads/data/master.key", &"0a".repeat(32));
    let (code, body) = examined(&newcomer, DOCTOR);
    assert_eq!(code, 2);
    ended(&body, "master key", "broken", "used with another one");
    newcomer.write("leads/data/master.key", "short");
    ended(&examined(&newcomer, DOCTOR).1, "master key", "broken", "64 hexadecimal digits");
    newcomer.well("rm leads/data/master.key");
    ended(&examined(&newcomer, DOCTOR).1, "master key", "broken", "nobody in the store is found");
    let (code, body) = examined(&newcomer, "lead-router doctor --config leads --store embeded:x");
    assert_eq!(code, 2);
    ended(&body, "store", "broken", "the store must be");
    ended(
        &examined(&newcomer, "lead-router doctor --config leads --store redis://127.0.0.1:1").1,
        "store",
        "broken",
        "not reachable",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_left_lying_is_counted() {
    let newcomer = well().await;
    // A destination that gives up at once.
    let crm = "leads/workspaces/main/destinations/crm.yaml";
    let text = newcomer.read(crm);
    let url = text.lines().find(|line| line.starts_with("url:")).unwrap();
    let text = text.replace(url, "url: https://no-such-host.invalid/x");
    let retry = text.lines().find(|line| line.starts_with("retry:")).unwrap().to_owned();
    newcomer.write(crm, &text.replace(&retry, "retry: [0s]"));
    newcomer.until_written("serve.log", "configuration reloaded").await;
    let post = format!("curl -sS {}/v1/main/inquiries/form", newcomer.public());
    newcomer.well(&format!("{post} -d email=a@example.com"));
    newcomer.until_well("lead-router worklists", "dead  count=1").await;
    let (code, body) = examined(&newcomer, DOCTOR);
    assert_eq!(code, 2);
    ended(&body, "worklists main", "warning", "1 on the list `dead`, the oldest since 20");
    ended(&body, "destination main/crm", "broken", "does not resolve");
    newcomer.well("lead-router deliveries pause crm");
    ended(&examined(&newcomer, DOCTOR).1, "queue main/crm", "warning", "paused (operator)");
    // A key that may not look says so.
    let made =
        newcomer.well("lead-router keys new --name m --scope metrics --write --config leads");
    let key = made.split_whitespace().find(|word| word.starts_with("lrk_")).unwrap().to_owned();
    let private = newcomer.moved("http://127.0.0.1:8081");
    newcomer
        .until_well(
            &format!("lead-router doctor --config leads --url {private} --key {key} || true"),
            "the scopes config:read",
        )
        .await;
}
