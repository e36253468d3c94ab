//! Two records that an inquiry shows to be one person's, on every engine: one goes up in the other,
//! whoever worked on either is told, and nothing is lost by it.

use std::sync::Arc;

use lead_router::domain::ports::{JobView, Store};
use lead_router::domain::{Attribution, Channel, Field, InquiryId, Job, LeadId, Name, Submission};
use lead_router::flow::{Caller, Flow, RawBody, Received, Workspace};
use lead_router::store::audit::audit;
use lead_router::store::embedded::Embedded;
use lead_router::store::memory::MemoryStore;
use lead_router::store::redis::Redis;
use lead_router::telemetry::Telemetry;

use crate::harness::flow::{SteppingClock, demo_workspace, flow_on};

const BY_MAIL: &[(Field, &str)] =
    &[(Field::Email, "eli@brummelkamp.example"), (Field::FirstName, "Eli")];
const BY_PHONE: &[(Field, &str)] =
    &[(Field::Phone, "+49 30 23125 700"), (Field::FullName, "Eli Brummelkamp")];
const BRIDGE: &[(Field, &str)] = &[
    (Field::Email, "eli@brummelkamp.example"),
    (Field::Phone, "+49 30 23125 700"),
    (Field::FullName, "Eli Brummelkamp"),
];

struct Scene {
    flow: Flow,
    workspace: Arc<Workspace>,
    clock: Arc<SteppingClock>,
}

impl Scene {
    async fn inquire(&self, number: u32, fields: &[(Field, &str)]) -> (InquiryId, LeadId) {
        self.clock.step(3_600_000);
        let source = &self.workspace.sources["form"];
        let submission = Submission {
            source: source.name().clone(),
            channel: Channel::Website,
            event_id: Some(format!("event-{number}")),
            is_test: false,
            filtered: false,
            filtered_by: None,
            challenge: None,
            erases: false,
            reference: lead_router::domain::Reference::new(),
            fields: fields.iter().map(|(field, text)| (*field, (*text).into())).collect(),
            answers: vec![],
            consents: vec![],
            attribution: Attribution::new(),
            occurred_at: None,
            flags: vec![],
            content: vec![],
        };
        let raw = RawBody::default;
        let received = Received { submission, raw: &raw };
        let caller = Caller::default();
        let answer = self.flow.inquire(&self.workspace, source, received, &caller).await.unwrap();
        let id = answer.inquiry.unwrap();
        let (record, _) = self.flow.record(&self.workspace, id).await.unwrap().unwrap();
        (id, record.entry.lead.unwrap())
    }
}

fn job_type(job: &JobView) -> &str {
    match &job.body {
        Some(Job::Deliver(delivery)) => delivery.event.kind.as_str(),
        _ => "",
    }
}

async fn two_become_one(store: Arc<dyn Store>) {
    let clock = Arc::new(SteppingClock::default());
    let flow = flow_on(Arc::clone(&store), Arc::clone(&clock), Telemetry::new());
    let scene = Scene { flow, workspace: demo_workspace(), clock };
    let (_, older) = scene.inquire(1, BY_MAIL).await;
    let (_, younger) = scene.inquire(2, BY_PHONE).await;
    assert_ne!(older, younger, "nothing in common yet");
    let (bridge, lead) = scene.inquire(3, BRIDGE).await;
    assert_eq!(lead, older);

    let name: &Name = &scene.workspace.name;
    let whole = scene.flow.lead(name, younger).await.unwrap().unwrap();
    assert_eq!(whole.lead.id, older, "its id still finds the person");
    assert_eq!(whole.lead.inquiries, 3);
    assert!(whole.lead.contact.phone.is_some() && whole.lead.contact.email.is_some());
    let told = whole.deliveries.iter().filter(|(_, job)| job_type(job) == "lead.merged").count();
    assert!(told > 0, "the destinations of both queues hear of it");
    let (record, _) = scene.flow.record(&scene.workspace, bridge).await.unwrap().unwrap();
    assert_eq!(record.entry.record.merged, [younger]);
    assert!(record.sentences.iter().any(|it| it.contains("went up in this one")), "{record:?}");

    // Whoever finds the one that went by its own keys finds the one that stayed; once, not again.
    let (again, lead) = scene.inquire(4, BY_PHONE).await;
    assert_eq!(lead, older);
    let (record, _) = scene.flow.record(&scene.workspace, again).await.unwrap().unwrap();
    assert!(record.entry.record.merged.is_empty());
    let report = audit(store.as_ref(), name).await.unwrap();
    assert!(report.is_clean(), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_records_of_one_person_become_one_on_every_engine() {
    two_become_one(Arc::new(MemoryStore::default())).await;
    let folder = tempfile::tempdir().unwrap();
    two_become_one(Arc::new(Embedded::open(folder.path()).unwrap())).await;
    let server = crate::harness::redis::Server::start();
    two_become_one(Arc::new(Redis::connect(&server.url()).await.unwrap())).await;
}

/// The seventeenth person behind one number makes it a shared key; the sixteen before are found by
/// number and name from then on, and so is everybody after.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_switchboard_people_are_found_by_their_names() {
    for engine in ["memory", "redis"] {
        let server = crate::harness::redis::Server::start();
        let store: Arc<dyn Store> = match engine {
            "memory" => Arc::new(MemoryStore::default()),
            _ => Arc::new(Redis::connect(&server.url()).await.unwrap()),
        };
        let clock = Arc::new(SteppingClock::default());
        let flow = flow_on(Arc::clone(&store), Arc::clone(&clock), Telemetry::new());
        let scene = Scene { flow, workspace: demo_workspace(), clock };
        let letters = "abcdefghijklmnopqrst".chars();
        let names: Vec<String> =
            letters.map(|c| format!("{0}{c}o{c} Fjordlund", c.to_uppercase())).collect();
        let mut leads = Vec::new();
        for (number, name) in (1..).zip(&names) {
            let fields = [(Field::Phone, "+49 30 23125 100"), (Field::FullName, name.as_str())];
            leads.push(scene.inquire(number, &fields).await.1);
        }
        let distinct: std::collections::BTreeSet<_> = leads.iter().collect();
        assert_eq!(distinct.len(), names.len());
        for (number, (name, lead)) in (100..).zip(names.iter().zip(&leads)) {
            let fields = [(Field::Phone, "030 23125-100"), (Field::FullName, name.as_str())];
            assert_eq!(scene.inquire(number, &fields).await.1, *lead, "{engine}: {number}");
        }
        let report = audit(store.as_ref(), &scene.workspace.name).await.unwrap();
        assert!(report.is_clean(), "{engine}: {report}");
    }
}
