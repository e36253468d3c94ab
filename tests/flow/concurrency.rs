//! Many at once, through two processes on one Redis, and through one on the embedded store.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use futures_util::future::join_all;
use lead_router::domain::Name;
use lead_router::domain::ports::Store;
use lead_router::store::audit::{Report, audit};
use lead_router::store::embedded::Embedded;
use lead_router::store::redis::Redis;
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::deployment::{Deployment, Plan, WORKSPACE};
use crate::harness::process::{Answer, Service};
use crate::harness::redis::Server;
use crate::harness::socket_receiver::SocketReceiver;
use crate::harness::wait::eventually;

const SOON: Duration = Duration::from_secs(20);

/// Processes on one store, one receiver, one clock that stands still until it is moved.
struct Stage {
    services: Vec<Service>,
    receiver: SocketReceiver,
    redis: Option<Server>,
    data: TempDir,
    clock: PathBuf,
    now: u128,
    _deployment: Deployment,
}

impl Stage {
    async fn two_on_redis() -> Self {
        Self::set(Some(Server::start_durable()), 2).await
    }

    async fn one_embedded() -> Self {
        Self::set(None, 1).await
    }

    #[expect(clippy::disallowed_methods, reason = "the clock of this test begins now")]
    async fn set(redis: Option<Server>, processes: usize) -> Self {
        let receiver = SocketReceiver::start(&[]);
        let deployment = Deployment::write(&receiver, &Plan::default());
        let data = tempfile::tempdir().unwrap();
        let clock = data.path().join("clock");
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
        std::fs::write(&clock, format!("={now}")).unwrap();
        let store = redis.as_ref().map_or_else(|| embedded(&data), Server::url);
        let mut services = Vec::new();
        for _ in 0..processes {
            services.push(Service::start(deployment.path(), &store, Some(&clock)).await);
        }
        Self { services, receiver, redis, data, clock, now, _deployment: deployment }
    }

    /// Moves the clock of all processes.
    fn later(&mut self, by: Duration) {
        self.now += by.as_millis();
        let next = self.clock.with_extension("next");
        std::fs::write(&next, format!("={}", self.now)).unwrap();
        // Readers see the one or the other, never half of it.
        std::fs::rename(next, &self.clock).unwrap();
    }

    /// Posts all forms at once, in turn to each process.
    async fn post(&self, forms: &[Vec<(&str, String)>], key: Option<&str>) -> Vec<Answer> {
        join_all(forms.iter().enumerate().map(|(number, form)| async move {
            let fields: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
            self.services[number % self.services.len()].form(&fields, key).await
        }))
        .await
    }

    async fn told(&self, kind: &str, count: usize) {
        eventually(kind, SOON, async || (self.receiver.ids(kind).len() == count).then_some(()))
            .await;
    }

    /// The store as it is now, when nothing runs: dump and audit. The processes start again after.
    async fn at_rest(&mut self) -> (Vec<(String, String)>, Report) {
        for service in &mut self.services {
            assert!(service.stop().await.success());
        }
        let store: Box<dyn Store> = match &self.redis {
            Some(redis) => Box::new(Redis::connect(&redis.url()).await.unwrap()),
            None => Box::new(Embedded::open(&self.data.path().join("store")).unwrap()),
        };
        let workspace = Name::parse(WORKSPACE).unwrap();
        let dump = store.dump(&workspace).await.unwrap();
        let report = audit(store.as_ref(), &workspace).await.unwrap();
        drop(store);
        assert!(report.is_clean(), "{report}");
        for service in &mut self.services {
            service.spawn();
            service.ready().await;
        }
        (dump, report)
    }
}

fn embedded(data: &TempDir) -> String {
    format!("embedded:{}", data.path().join("store").display())
}

fn accepted(answers: &[Answer]) {
    let others: Vec<_> = answers.iter().filter(|answer| answer.status != 202).collect();
    assert!(others.is_empty(), "{} of {} not accepted: {others:?}", others.len(), answers.len());
}

/// A hundred times the same post: one inquiry, one lead, one event, the same answer to all.
async fn identical_posts_are_one(mut stage: Stage, key: Option<&str>) {
    let form = vec![
        ("email", "ida.quillfeather@quillfeather.example".to_owned()),
        ("name", "Ida Quillfeather".to_owned()),
        ("message", "Do you ship fillers?".to_owned()),
    ];
    let answers = stage.post(&vec![form; 100], key).await;
    accepted(&answers);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(answers[0].text("status"), "received");
    stage.told("lead.routed", 1).await;
    stage.later(Duration::from_mins(5));
    let (_, report) = stage.at_rest().await;
    assert_eq!((report.inquiries, report.leads, report.rows, report.jobs), (1, 1, 1, 1));
    assert_eq!(stage.receiver.arrived().len(), 1);
}

/// One person, spelled in a hundred ways.
fn spellings() -> Vec<Vec<(&'static str, String)>> {
    let locals = [
        "idaquillfeather",
        "ida.quillfeather",
        "Ida.Quillfeather",
        "i.d.a.quillfeather",
        "IDA.QUILLFEATHER",
    ];
    let tags = ["", "+fair", "+Fair2026"];
    let domains = ["gmail.com", "GMail.com", "googlemail.com"];
    let phones = ["+49 30 23125 101", "030 23125101", "0049 (0)30 / 23125-101", "+493023125101"];
    let names =
        ["Ida Quillfeather", "Quillfeather, Ida", "Dr. Ida Quillfeather", "ida quillfeather"];
    (0..100)
        .map(|n| {
            let email = format!("{}{}@{}", locals[n % 5], tags[n / 5 % 3], domains[n / 15 % 3]);
            let phone = phones[n % 4].to_owned();
            let name = names[n / 4 % 4].to_owned();
            let mut form = vec![("name", name), ("message", format!("question {n}"))];
            // Some give only the one or the other.
            if n % 7 != 3 {
                form.push(("email", email));
            }
            if n % 7 != 5 {
                form.push(("phone", phone));
            }
            form
        })
        .collect()
}

async fn spellings_are_one_person(mut stage: Stage) {
    // Whoever comes first must be found by e-mail and by phone.
    let first = vec![
        ("name", "Ida Quillfeather".to_owned()),
        ("email", "ida.quillfeather@gmail.com".to_owned()),
        ("phone", "+49 30 23125 101".to_owned()),
        ("message", "the first question".to_owned()),
    ];
    let mut forms = spellings();
    forms[0] = first;
    let complete = |form: &[(&str, String)]| form.len() == 4;
    // Spellings that give both come in one rush; those with only one of the two have to wait for
    // somebody who has connected them.
    let (both, one): (Vec<_>, Vec<_>) = forms.into_iter().partition(|form| complete(form));
    let answers = stage.post(&both, None).await;
    accepted(&answers);
    let more = stage.post(&one, None).await;
    accepted(&more);
    let ids: BTreeSet<_> =
        answers.iter().chain(&more).map(|answer| answer.text("inquiry_id")).collect();
    assert_eq!(ids.len(), 100, "every spelling is an inquiry of its own");
    stage.told("lead.routed", 1).await;
    assert!(stage.receiver.ids("lead.inquired_again").is_empty(), "told before its time");
    stage.later(Duration::from_secs(61));
    stage.told("lead.inquired_again", 1).await;
    let again = stage.receiver.arrived().into_iter().find(|one| one.kind == "lead.inquired_again");
    let again = again.unwrap();
    assert_eq!(again.body["data"]["repeats"]["count"], 99);
    assert_eq!(again.inquiries().len(), 99);
    stage.later(Duration::from_mins(5));
    let (_, report) = stage.at_rest().await;
    assert_eq!((report.inquiries, report.leads), (100, 1));
    assert_eq!(stage.receiver.arrived().len(), 2);
}

fn visitors() -> String {
    let mut csv = "badge_id,email,name,scanned_at\n".to_owned();
    for n in 0..250 {
        let (hour, minute) = (9 + n / 60, n % 60);
        // Writing to a string does not fail.
        let _ = writeln!(
            csv,
            "B{n:04},guest{n}@zanzotter.example,Rosa Zanzotter,2026-03-05 {hour:02}:{minute:02}"
        );
    }
    csv
}

async fn one_upload_is_shared_evenly(mut stage: Stage) {
    let csv = visitors();
    let first = stage.services[0].upload(&csv).await;
    assert_eq!(first.status, 200, "{:?}", first.body);
    assert_eq!(first.body["summary"]["accepted"], 250);
    stage.told("lead.routed", 250).await;
    let arrived = stage.receiver.arrived();
    let mut shares: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for one in &arrived {
        let owner = one.text("/data/assignment/owner");
        shares.entry(owner).or_default().insert(one.text("/data/lead/id"));
    }
    let mut counts: Vec<usize> = shares.values().map(BTreeSet::len).collect();
    counts.sort_unstable();
    assert_eq!(counts, [83, 83, 84], "{:?}", shares.keys());
    let (before, report) = stage.at_rest().await;
    assert_eq!((report.inquiries, report.leads), (250, 250));

    let last = stage.services.len() - 1;
    let again = stage.services[last].upload(&csv).await;
    assert_eq!(again.status, 200);
    let ids = |answer: &Answer| -> Vec<String> {
        let rows = answer.body["results"].as_array().cloned().unwrap_or_default();
        rows.iter().filter_map(|row| Value::as_str(&row["inquiry_id"]).map(str::to_owned)).collect()
    };
    assert_eq!(ids(&first), ids(&again));
    assert_eq!(ids(&first).len(), 250);
    stage.later(Duration::from_mins(5));
    let (after, _) = stage.at_rest().await;
    // That it came again is counted at its source (a tally, under a claim of its own), and nothing else.
    let tally = |what: &str| what.starts_with("value h");
    let gone: Vec<&str> =
        before.iter().filter(|line| !after.contains(line)).map(|(what, _)| what.as_str()).collect();
    let new: Vec<&str> =
        after.iter().filter(|line| !before.contains(line)).map(|(what, _)| what.as_str()).collect();
    assert!(gone.iter().all(|what| tally(what)), "the same upload again changed {gone:?}");
    let counted = |what: &&str| tally(what) || what.starts_with("value c");
    assert!(new.iter().all(counted), "the same upload again added {new:?}");
    assert_eq!(stage.receiver.arrived().len(), 250);
}

macro_rules! journeys {
    ($($name:ident = $journey:ident($($more:expr)?);)*) => {
        mod two_on_redis {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$journey(super::Stage::two_on_redis().await $(, $more)?).await;
                }
            )*
        }
        mod one_embedded {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$journey(super::Stage::one_embedded().await $(, $more)?).await;
                }
            )*
        }
    };
}

journeys! {
    identical_posts_with_a_key_are_one = identical_posts_are_one(Some("the-page-s-own-key"));
    identical_posts_without_a_key_are_one = identical_posts_are_one(None);
    a_hundred_spellings_are_one_person = spellings_are_one_person();
    an_upload_is_shared_evenly = one_upload_is_shared_evenly();
}
