//! Decisions made once, by the service's own rooms and configuration, to be committed again and
//! again under fresh ids and keys: what ceiling b' runs.

use std::path::Path;
use std::sync::Arc;

use lead_router::capture::{Captured, Method, Request, capture};
use lead_router::config::{self, Workspace};
use lead_router::decide::{Input, decide};
use lead_router::domain::{
    Claim, Commit, Decision, DeliveryId, Facts, IdBlock, IndexKey, InquiryId, Key, LeadId, Name,
    Timestamp, Write,
};
use lead_router::identify::{self, Hints, Pepper};

use crate::Outcome;
use crate::inquiry;
use crate::settings_files::{SECRET, SECRET_NAME, SOURCE, WORKSPACE};

/// The workspace of the bench, loaded as the service loads it.
pub fn workspace(settings: &Path) -> Outcome<Arc<Workspace>> {
    let env = |name: &str| (name == SECRET_NAME).then(|| SECRET.to_owned());
    let loaded = config::load(settings, &env)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    let name = Name::parse(WORKSPACE)?;
    Ok(Arc::clone(loaded.workspaces.get(&name).ok_or("no workspace")?))
}

/// What the service would decide about this body from somebody unknown.
pub fn decision(workspace: &Workspace, body: &str, ids: &mut IdBlock) -> Outcome<Decision> {
    let source = workspace.sources.get(&Name::parse(SOURCE)?).ok_or("no source")?;
    let now = now();
    let headers = [("content-type".to_owned(), "application/json".to_owned())];
    let request = Request {
        method: Method::Post,
        batch: false,
        content_type: Some("application/json"),
        headers: &headers,
        query: None,
        path_secret: None,
        caller_known: false,
        body: body.as_bytes(),
    };
    let Ok(Captured::Inquiry { submission, .. }) = capture(source, &request, now) else {
        return Err("an inquiry of the load is not understood".into());
    };
    let id = ids.inquiry();
    let hints = Hints {
        country: source.country().map(str::to_owned),
        language: source.language().map(str::to_owned),
    };
    let inquiry = identify::normalise(*submission, &hints, id, now);
    let keys = identify::keys(&inquiry, &Pepper::new([7; 32]));
    let claim = Claim {
        key: [1; 16],
        fingerprint: [0; 8],
        inquiry: id,
        until: now.after(std::time::Duration::from_mins(10)),
    };
    let input = Input {
        inquiry: &inquiry,
        keys: &keys,
        account: identify::account(&inquiry, &Pepper::new([7; 32])),
        referrer: identify::referrer(&inquiry, &Pepper::new([7; 32])),
        facts: &Facts::default(),
        claim: Some(claim),
        lease: None,
        trace: None,
        now,
    };
    Ok(decide(&workspace.decide, input, ids))
}

/// The time now.
#[expect(clippy::disallowed_methods, reason = "the bench is its own clock")]
pub fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH);
    let millis = since.map_or(0, |since| since.as_millis());
    Timestamp::from_millis(i64::try_from(millis).unwrap_or(0))
}

/// One commit for selling, one for nurturing.
pub struct Templates {
    commits: Vec<Commit>,
}

impl Templates {
    /// Two of three sell, as in the load.
    pub fn make(workspace: &Workspace) -> Outcome<Self> {
        let commits = (0..3)
            .map(|number| {
                let body = inquiry::inquiry(number).body;
                Ok(decision(workspace, &body, &mut IdBlock::new([7; 16]))?.commit)
            })
            .collect::<Outcome<_>>()?;
        Ok(Self { commits })
    }

    /// The commit of that number: a template under ids and keys of its own.
    pub fn commit(&self, number: u64) -> (InquiryId, Commit) {
        let at = usize::try_from(number % 3).unwrap_or(0);
        let mut commit = self.commits[at].clone();
        commit.now = now();
        let lead = LeadId::from_bytes(id(number, 1));
        let inquiry = InquiryId::from_bytes(id(number, 2));
        if let Some(claim) = &mut commit.claim {
            claim.key = id(number, 3);
            claim.inquiry = inquiry;
        }
        let mut keys = 10;
        for read in &mut commit.reads {
            if let Key::Identity(key) = &mut read.key {
                *key = IndexKey(id(number, keys));
                keys += 1;
            }
        }
        keys = 10;
        for write in &mut commit.writes {
            let Write::Put { key, body, .. } = write else { continue };
            match key {
                Key::Lead(it) => *it = lead,
                Key::Inquiry(it) => *it = inquiry,
                Key::Identity(it) => {
                    *it = IndexKey(id(number, keys));
                    keys += 1;
                    body.copy_from_slice(lead.as_bytes());
                }
                _ => {}
            }
        }
        let jobs = commit.branches.iter_mut().flat_map(|branch| &mut branch.jobs);
        for (kind, job) in (100..).zip(jobs) {
            job.id = DeliveryId::from_bytes(id(number, kind));
            job.lead = Some(lead);
            job.inquiry = Some(inquiry);
            job.due = commit.now;
        }
        (inquiry, commit)
    }
}

/// Sixteen bytes that look as scattered as a hash (SplitMix64).
fn id(number: u64, kind: u64) -> [u8; 16] {
    let mix = |seed: u64| {
        let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let high = mix(number ^ (kind << 48));
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&high.to_be_bytes());
    bytes[8..].copy_from_slice(&mix(high ^ number).to_be_bytes());
    bytes
}
