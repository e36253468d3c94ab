//! The first ten minutes.

use std::process::{Command, Stdio};

use super::newcomer::{Newcomer, commands};

#[tokio::test(flavor = "multi_thread")]
async fn what_init_says_next_leads_to_a_routed_lead() {
    let (mut newcomer, said) = Newcomer::with_leads();
    let next: Vec<String> = commands(&said).iter().map(|line| newcomer.moved(line)).collect();
    let [serve, receive, curl, find] = next.as_slice() else { panic!("{said}") };
    newcomer.start(serve, "serve.log");
    newcomer.until_ready().await;
    newcomer.start(receive, "receive.log");
    newcomer.until_written("receive.log", "listening on").await;
    let answer = newcomer.well(curl);
    assert!(answer.contains("\"status\":\"received\""), "{answer}");
    let arrived = newcomer.until_written("receive.log", "lead.routed").await;
    assert!(arrived.contains("Ina Quillfeather") && arrived.contains("queue=sales"), "{arrived}");
    assert!(arrived.contains("owner=ada"), "{arrived}");
    let found = newcomer.well(find);
    assert!(found.contains("ada") && found.contains("lead_"), "{found}");
    // The key that was shown opens the real answer.
    let key = said.split_whitespace().find(|word| word.starts_with("lrk_")).unwrap();
    let answer = newcomer.well(&format!(
        "{curl} -d message=again -H 'authorization: Bearer {key}' -H 'accept: application/json'"
    ));
    assert!(answer.contains("\"owner\":\"ada\""), "{answer}");
    let log = newcomer.read("serve.log");
    assert!(!log.contains("Quillfeather"), "the log names somebody");
}

#[test]
fn init_writes_what_git_may_keep_and_what_it_may_not() {
    let (newcomer, said) = Newcomer::with_leads();
    assert_eq!(newcomer.mode("leads/secrets/main.crm.signing"), 0o600);
    assert_eq!(newcomer.mode("leads/secrets"), 0o700);
    assert!(newcomer.read("leads/.gitignore").contains("/secrets/"));
    let key = said.split_whitespace().find(|word| word.starts_with("lrk_")).unwrap();
    let secret = newcomer.read("leads/secrets/main.crm.signing");
    let visible: Vec<&str> = ["server.yaml", "keys.yaml"].into();
    for file in visible {
        let text = newcomer.read(&format!("leads/{file}"));
        assert!(!text.contains(key) && !text.contains(secret.trim()), "{file}");
    }
    assert!(!newcomer.everything("leads/workspaces").contains(secret.trim()));
    assert!(newcomer.well("lead-router check --strict leads").contains("good: 1 API key(s)"));
    // Two of them have nothing in common that should be secret.
    newcomer.well("lead-router init other --workspace acme");
    assert_ne!(newcomer.read("other/secrets/acme.crm.signing"), secret);
    assert!(!newcomer.everything("other").contains("/v1/main/"));
    assert!(newcomer.well("lead-router check --strict other").contains("workspace acme:"));
}

#[test]
fn init_overwrites_nothing() {
    let newcomer = Newcomer::new();
    newcomer.well("mkdir full && echo mine > full/notes && touch file");
    let said = newcomer.badly("lead-router init full");
    assert!(said.contains("full is not empty: nothing was written"), "{said}");
    assert_eq!(newcomer.well("ls -A full"), "notes\n");
    assert!(newcomer.badly("lead-router init file").contains("file is a file"));
    newcomer.well("mkdir empty && lead-router init empty");
}

#[test]
fn a_folder_with_a_space_in_its_name_can_be_pasted() {
    let newcomer = Newcomer::new();
    let said = newcomer.well("lead-router init 'my leads'");
    let serve = commands(&said).remove(0);
    assert!(serve.contains("--config 'my leads' --store 'embedded:my leads/data'"), "{serve}");
}

#[test]
fn what_is_made_stands_beside_the_example_of_the_repository() {
    let newcomer = Newcomer::new();
    newcomer.well("lead-router init leads");
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/config/starter");
    // Editors find the schemas beside the files, not in the repository.
    let differing = newcomer.run(&format!("diff -rq -I '^# yaml-language-server' {example} leads"));
    let lines: Vec<&str> = differing.out.lines().collect();
    let [schemas, keys, secrets] = lines.as_slice() else { panic!("{lines:?}") };
    assert!(schemas.ends_with("leads: .schemas") && secrets.ends_with("leads: secrets"));
    assert!(keys.contains("keys.yaml"), "{keys}");
    newcomer.well("lead-router sources add html-form contact --config leads");
    for line in newcomer.everything("leads/workspaces").lines() {
        if let Some(path) = line.strip_prefix("# yaml-language-server: $schema=") {
            let name = path.trim_start_matches("../");
            assert!(newcomer.path("leads").join(name).exists(), "{line}");
        }
    }
    let file = newcomer.read("leads/workspaces/main/sources/contact.yaml");
    assert!(file.starts_with("# yaml-language-server: $schema=../../../.schemas/source.json\n"));
}

#[test]
fn a_key_is_added_to_the_file_and_its_scopes_are_explained() {
    let (newcomer, _) = Newcomer::with_leads();
    let line = "lead-router keys new --name crm --scope leads:read --scope metrics";
    let printed = newcomer.well(line);
    assert!(printed.contains("keys:\n  - name: \"crm\""), "{printed}");
    assert!(printed.contains("leads, worklists, find"), "{printed}");
    let written = newcomer.well(&format!("{line} --write --config leads"));
    assert!(written.contains("changed  leads/keys.yaml"), "{written}");
    assert!(newcomer.well("lead-router check leads").contains("2 API key(s)"));
    let again = newcomer.run(&format!("{line} --write --config leads"));
    assert_eq!(again.code, Some(1));
    assert!(again.complained.contains("another key has this name"), "{}", again.complained);
    assert!(!again.out.contains("lrk_"), "a key that opens nothing was shown");
    newcomer.write("leads/keys.yaml", "keys: [] # a comment\n");
    newcomer.well(&format!("{line} --write --config leads"));
    assert!(newcomer.well("lead-router check leads").contains("1 API key(s)"));
    let help = newcomer.well("lead-router keys new --help");
    assert!(help.contains("assign, release, re-decide"), "{help}");
}

/// `lead-router … | head` ends well and says nothing, however early the reader is gone.
#[test]
fn a_closed_pipe_is_no_error() {
    for line in [&["sources", "presets"][..], &["keys", "new", "--name", "a", "--scope", "metrics"]]
    {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let done = Command::new(env!("CARGO_BIN_EXE_lead-router"))
            .args(line)
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let complained = String::from_utf8_lossy(&done.stderr);
        assert_eq!((done.status.code(), &*complained), (Some(0), ""), "{line:?}");
    }
}
