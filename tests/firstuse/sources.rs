//! Sources: a preset and a name, what to paste where, and a sample that is taken.

use lead_router::capture::{Presets, SchemeSettings};

use super::newcomer::Newcomer;

/// Every preset under every scheme it knows, with a name of its own.
fn every_scheme() -> Vec<(String, String, String, bool)> {
    let presets = Presets::shipped().unwrap();
    let mut all = Vec::new();
    for (name, preset) in presets.iter() {
        for (scheme, settings) in &preset.verification.schemes {
            let public = *settings == SchemeSettings::None;
            all.push((name.to_string(), scheme.to_string(), format!("{name}-{scheme}"), public));
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn every_preset_is_added_and_its_signed_sample_is_taken() {
    let (mut newcomer, _) = Newcomer::with_leads();
    newcomer.serve().await;
    let all = every_scheme();
    assert!(all.len() >= 6, "{all:?}");
    for (preset, scheme, name, public) in &all {
        let line =
            format!("lead-router sources add {preset} {name} --verify {scheme} --config leads");
        let said = newcomer.well(&line);
        let url = format!("{}/v1/main/inquiries/{name}", newcomer.public());
        assert!(said.contains(&url), "{said}");
        assert!(said.contains("public_url is not set in leads/server.yaml"), "{said}");
        let secret = format!("leads/secrets/main.{name}.");
        let kept = ["key", "signing"].map(|end| newcomer.path(&format!("{secret}{end}")));
        let kept: Vec<_> = kept.iter().filter(|path| path.exists()).collect();
        assert_eq!(kept.len(), usize::from(!public), "{name}");
        if let Some(path) = kept.first() {
            let text = std::fs::read_to_string(path).unwrap();
            assert!(said.contains(&text), "{name}: the secret is shown once");
            let shown = newcomer.well(&format!("lead-router sources show {name} --config leads"));
            assert!(!shown.contains(&text) && shown.contains("--reveal"), "{shown}");
        }
    }
    for (_, _, name, public) in &all {
        let sign = format!("lead-router sources sign {name} --config leads");
        let answer = newcomer.until_well(&format!("{sign} | bash"), "HTTP 20").await;
        assert!(answer.contains("HTTP 202") || answer.contains("HTTP 200"), "{name}: {answer}");
        if !public {
            // The same with another secret is sent away.
            let marks = "Bearer |Exhibitor |Basic |x-api-key: |signature: |sha256=|[?]key=|\"google_key\":\"|\"HandshakeKey\":\"";
            let forged = newcomer.well(&format!("{sign} | sed -E 's/({marks})[^,]/\\1~/' | bash"));
            assert!(forged.contains("HTTP 401"), "{name}: {forged}");
        }
    }
    let tests = newcomer.well("lead-router worklists tests --limit 200");
    assert!(tests.lines().count() >= all.len(), "{tests}");
    let listed = newcomer.well("lead-router sources list --config leads");
    assert_eq!(listed.lines().filter(|line| line.contains("/v1/main/")).count(), all.len() + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebodys_own_body_is_signed_as_it_stands() {
    let (mut newcomer, _) = Newcomer::with_leads();
    newcomer.well("lead-router sources add scanner-batch scanner --config leads");
    newcomer
        .well("lead-router sources add html-form site --verify standard-webhooks --config leads");
    newcomer.well("lead-router sources add google-ads-lead-form google --config leads");
    newcomer.serve().await;
    newcomer.write("scans.csv", "badge;email\nB-1;t@example.com\nB-2;\"it's\"\n");
    newcomer.write(
        "lead.json",
        "{\"email\": \"it's.me@example.com\", \"message\": \"50 % \\\"off\\\"\"}",
    );
    newcomer.write("google.json", "{\"lead_id\": \"1\", \"user_column_data\": [{\"column_id\": \"EMAIL\", \"string_value\": \"g@example.com\"}]}");
    for (line, wanted) in [
        ("sources sign scanner --body scans.csv --batch", "\"rows\":2"),
        ("sources sign site --body lead.json", "\"status\":\"received\""),
        ("sources sign google --body google.json", "HTTP 200"),
    ] {
        let answer = newcomer.well(&format!("lead-router {line} --config leads | bash"));
        assert!(answer.contains(wanted) && answer.contains("HTTP 20"), "{line}: {answer}");
    }
    let said = newcomer.badly("lead-router sources sign google --body scans.csv --config leads");
    assert!(said.contains("is no JSON object"), "{said}");
    let said =
        newcomer.badly("lead-router sources sign form --body scans.csv --batch --config leads");
    assert!(said.contains("API key"), "{said}");
    assert!(
        newcomer
            .badly("lead-router sources sign from --config leads")
            .contains("did you mean `form`?")
    );
}

#[test]
fn what_would_not_load_leaves_nothing_behind() {
    let (newcomer, _) = Newcomer::with_leads();
    let before = newcomer.everything("leads");
    for (line, wanted) in [
        ("html-form contact --origin https://www.example.com/page", "must be an origin"),
        ("html-form contact --verify kee", "did you mean `key`?"),
        ("html-from contact", "did you mean `html-form`?"),
        ("html-form form", "is there already: nothing was written"),
        ("html-form contact --workspace mian", "did you mean `main`?"),
    ] {
        let said = newcomer.badly(&format!("lead-router sources add {line} --config leads"));
        assert!(said.contains(wanted), "{line}: {said}");
        assert_eq!(newcomer.everything("leads"), before, "{line}");
    }
    let line =
        "lead-router sources add google-ads-lead-form google --verify google-kee --config leads";
    newcomer.badly(line);
    assert_eq!(newcomer.everything("leads"), before);
    newcomer.write("leads/workspaces/main/pools.yaml", "pools: {reps: {members: []}}\n");
    let said = newcomer.badly("lead-router sources add html-form contact --config leads");
    assert!(said.contains("pools.yaml:1:") && said.contains("does not load"), "{said}");
}

#[test]
fn a_public_url_is_what_is_handed_out() {
    let (newcomer, _) = Newcomer::with_leads();
    let server = newcomer.read("leads/server.yaml");
    newcomer.write("leads/server.yaml", &format!("public_url: https://in.example.com/\n{server}"));
    let line =
        "lead-router sources add html-form contact --origin https://www.example.com --config leads";
    let said = newcomer.well(line);
    assert!(said.contains("action=\"https://in.example.com/v1/main/inquiries/contact\""), "{said}");
    assert!(!said.contains("is not set"), "{said}");
    let file = newcomer.read("leads/workspaces/main/sources/contact.yaml");
    assert!(file.contains("origins: [\"https://www.example.com\"]"), "{file}");
    newcomer.well("lead-router check --strict leads");
    let presets = newcomer.well("lead-router sources presets");
    for (name, ..) in every_scheme() {
        assert!(presets.contains(&name), "{presets}");
    }
    assert!(presets.contains("confirmed"), "{presets}");
}
