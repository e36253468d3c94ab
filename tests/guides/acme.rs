//! Commands for a running service with a workspace `acme`: typed in the order of the guides, each
//! with the lead, inquiry or delivery that it is meant for.

use std::collections::BTreeSet;
use std::os::unix::fs::symlink;

use super::table::{By, lines};
use crate::harness::receiver::{Receiver, Reply};
use crate::harness::wait::eventually;
use crate::journeys::desk::{Desk, WITHIN, id};
use crate::packaging::markdown::pages;

const SHIPPED: &str = include_str!("../../config/presets/sources/scanner-batch.yaml");
const TELEPHONE: &str =
    "preset: html-form\nchannel: telemarketing\nverify: key\nsecrets: [telephone-secret]\n";
const SCANNER: &str = "preset: scanner-batch\nsecrets: [scanner-secret]\n";

const ROUTING: &str = "workspaces/acme/routing.yaml";
const FRANCE: &str = "rules:
  - name: france
    when: { field: contact.country, is: FR }
    assign: { queue: triage }
";

/// The desk, and what was handed out already.
struct Work {
    desk: Desk,
    posted: u32,
    used: BTreeSet<String>,
    unreadable: Vec<String>,
}

/// Every id of that kind in a text.
fn ids(kind: &str, text: &str) -> BTreeSet<String> {
    text.match_indices(kind).map(|(at, _)| id(kind, &text[at..])).collect()
}

impl Work {
    async fn begin() -> Self {
        let sources = [
            ("form", "preset: html-form\n"),
            ("telephone", TELEPHONE),
            ("scanner", SCANNER),
            ("google-ads", "preset: google-ads-lead-form\nsecrets: [google-secret]\n"),
        ];
        let desk = Desk::sit(Receiver::start(), &sources).await;
        symlink("configuration", desk.file("../config")).unwrap();
        // So that a refused post is a failed command.
        desk.write("../.curlrc", "fail-with-body\nsilent\nshow-error\n");
        let mut work = Self { desk, posted: 0, used: BTreeSet::new(), unreadable: Vec::new() };
        work.post("-d name='Ina Quillfeather' -d email=ina@quillfeather.example").await;
        work.keep_bodies().await;
        work
    }

    async fn post(&mut self, fields: &str) {
        let url = self.desk.source_url("form");
        self.desk.well(&format!("curl {url} {fields}"), &[]).await;
    }

    /// Posts somebody new; gives the e-mail address.
    async fn somebody(&mut self) -> String {
        self.posted += 1;
        let email = format!("ida{}@quillfeather.example", self.posted);
        self.post(&format!("-d email={email}")).await;
        email
    }

    /// Bodies that nobody understood, of a scanner whose preset is mended afterwards. Whoever writes from
    /// France waits in triage from then on.
    async fn keep_bodies(&mut self) {
        let url = self.desk.source_url("scanner");
        let post = format!(
            "curl --no-fail {url} -H 'authorization: Bearer scanner-secret' -H 'content-type: application/json'"
        );
        for n in 0..8 {
            let body = format!(r#"{{"besucher_kontakt": "ivy{n}@quillfeather.example"}}"#);
            self.desk.shell(&format!("{post} -d '{body}'"), &[]).await;
        }
        let list = "lead-router worklists --workspace acme unreadable";
        self.unreadable = ids("inq_", &self.desk.well(list, &[]).await).into_iter().collect();
        assert_eq!(self.unreadable.len(), 8);
        let before = self.desk.ask("/v1/configuration").await["hash"].clone();
        let mended =
            SHIPPED.replacen("contact.email:\n    [", "contact.email:\n    [besucher_kontakt, ", 1);
        self.desk.write("presets/sources/scanner-batch.yaml", &mended);
        let routing = std::fs::read_to_string(self.desk.file(ROUTING)).unwrap();
        self.desk.write(ROUTING, &routing.replace("rules:\n", FRANCE));
        eventually("the mended preset", WITHIN, async || {
            (self.desk.ask("/v1/configuration").await["hash"] != before).then_some(())
        })
        .await;
    }

    /// One that waits on a list and was not handed out yet.
    async fn waiting(&mut self, list: &str, kind: &str) -> String {
        let line = format!("lead-router worklists --workspace acme {list}");
        let used = self.used.clone();
        let found = eventually(list, WITHIN, async || {
            let listed = self.desk.well(&line, &[]).await;
            ids(kind, &listed).into_iter().find(|id| !used.contains(id))
        })
        .await;
        self.used.insert(found.clone());
        found
    }

    /// Somebody new's.
    async fn lead(&mut self) -> String {
        let email = self.somebody().await;
        let found = self.desk.find(&email).await;
        found["found"][0]["id"].as_str().unwrap().to_owned()
    }

    /// What a command's variable stands for: something it can be done to.
    async fn meant(&mut self, line: &str, variable: &str) -> String {
        let does = |word: &str| line.split(' ').any(|part| part == word);
        match variable {
            "LEAD" if does("release") => {
                self.posted += 1;
                let email = format!("ivo{}@quillfeather.example", self.posted);
                self.post(&format!("-d email={email} -d country=France")).await;
                self.waiting("triage", "lead_").await
            }
            "LEAD" if does("unmerge") => {
                let (lead, into) = (self.lead().await, self.lead().await);
                let merge =
                    format!("lead-router leads --workspace acme merge {lead} --into {into}");
                self.desk.well(&merge, &[]).await;
                lead
            }
            "LEAD" | "OTHER" => self.lead().await,
            "INQUIRY" if does("release") => {
                self.posted += 1;
                let email = format!("trap{}@quillfeather.example", self.posted);
                self.post(&format!("-d email={email} -d _gotcha=x")).await;
                self.waiting("filtered", "inq_").await
            }
            "INQUIRY" if does("reprocess") => self.unreadable.pop().unwrap(),
            "INQUIRY" if does("body") => self.unreadable[0].clone(),
            "INQUIRY" => {
                let email = self.somebody().await;
                let found = self.desk.find(&email).await;
                let lead = found["found"][0]["id"].as_str().unwrap().to_owned();
                let lead = self.desk.ask(&format!("/v1/acme/leads/{lead}")).await;
                lead["touches"][0]["inquiry"].as_str().unwrap().to_owned()
            }
            "DELIVERY" => {
                self.desk.receiver.always("crm", Reply::status(500));
                self.somebody().await;
                let dead = self.waiting("dead", "dlv_").await;
                self.desk.receiver.always("crm", Reply::status(204));
                dead
            }
            "TELEPHONE_KEY" => "telephone-secret".to_owned(),
            other => panic!("{line}: what is ${other}?"),
        }
    }

    /// Types a line of a guide; it must do well.
    async fn type_in(&mut self, page: &str, line: &str) {
        let variables = line.split('$').skip(1);
        let name = |rest: &str| -> String {
            rest.chars().take_while(|c| c.is_ascii_uppercase() || *c == '_').collect()
        };
        let mut values = Vec::new();
        for variable in variables.map(name) {
            let value = self.meant(line, &variable).await;
            values.push((variable, value));
        }
        let values: Vec<(&str, &str)> =
            values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let said = self.desk.shell(line, &values).await;
        assert!(said.good, "{page}: {line}\n{}{}", said.out, said.err);
        assert!(!said.out.trim().is_empty(), "{page}: {line} says nothing");
    }
}

/// Whole commands in the text of the pages: those that name the workspace.
fn in_the_text() -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for page in pages() {
        let whole = page
            .code_words()
            .filter(|code| code.starts_with("lead-router ") && code.contains("--workspace acme"));
        let path = page.path.display().to_string();
        found.extend(whole.map(|code| (path.clone(), code.to_owned())));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_beside_a_running_service_works() {
    let mut work = Work::begin().await;
    let blocks = lines(By::Acme);
    assert!(blocks.len() > 35, "only {} lines were found", blocks.len());
    let in_the_text = in_the_text();
    assert!(in_the_text.len() > 8, "only {} commands were found", in_the_text.len());
    for (page, line) in blocks.into_iter().chain(in_the_text) {
        work.type_in(&page, &line).await;
    }
}
