//! Bytes of Redis per lead and per queued job, and what the service itself takes meanwhile: a known
//! number of distinct leads with deliveries paused, then the same delivered.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::figures::ratio;
use crate::load::{CONNECTIONS, Load};
use crate::process::resident;
use crate::receiver::Receiver;
use crate::redis_server::RedisServer;
use crate::service::{Service, pause_redis};
use crate::settings_files::{Folder, WORKSPACE};
use crate::{Extent, Outcome, inquiry};

const LEADS: u64 = 50_000;
const LEADS_QUICK: u64 = 3_000;
/// One of so many values is weighed.
const WEIGHED: usize = 20;

/// What was found.
#[derive(Debug, Default)]
pub struct Memory {
    pub leads: u64,
    /// Bytes per lead with its job queued, and after delivery.
    pub queued: f64,
    pub delivered: f64,
    /// Bytes per lead by kind of key, with the job queued.
    pub kinds: BTreeMap<String, f64>,
    /// Resident bytes of the service: before, with all queued, at most while delivering.
    pub idle: u64,
    pub resident_queued: u64,
    pub resident_most: u64,
}

/// Measures it.
pub fn measure(extent: Extent, settings: &Folder, receiver: &Receiver) -> Outcome<Memory> {
    let leads = if extent.counts() { LEADS } else { LEADS_QUICK };
    let mut redis = RedisServer::start()?;
    let service = Service::start(settings, &redis.url())?;
    pause_redis(&redis.url(), true)?;
    receiver.reset();
    let (idle, _) = resident(service.id())?;
    let before = redis.memory()?;
    let tally = Load::closed(service.address, inquiry::distinct, CONNECTIONS, 0..leads).finish()?;
    let accepted = tally.accepted.load(std::sync::atomic::Ordering::Relaxed);
    if accepted != leads {
        return Err(format!("{accepted} of {leads} were accepted").into());
    }
    std::thread::sleep(Duration::from_secs(2));
    let queued = redis.memory()?.saturating_sub(before);
    let kinds = kinds(&mut redis, leads)?;
    let (resident_queued, _) = resident(service.id())?;
    pause_redis(&redis.url(), false)?;
    receiver.wait_for(leads, Duration::from_mins(2))?;
    std::thread::sleep(Duration::from_secs(2));
    let delivered = redis.memory()?.saturating_sub(before);
    let (_, resident_most) = resident(service.id())?;
    Ok(Memory {
        leads,
        queued: ratio(queued, leads),
        delivered: ratio(delivered, leads),
        kinds,
        idle,
        resident_queued,
        resident_most,
    })
}

/// Bytes per lead by the letter that names begin with behind the workspace.
pub fn kinds(redis: &mut RedisServer, leads: u64) -> Outcome<BTreeMap<String, f64>> {
    let mut names: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    let mut cursor = "0".to_owned();
    loop {
        let (next, page): (String, Vec<Vec<u8>>) =
            redis.ask(&[b"SCAN", cursor.as_bytes(), b"COUNT", b"1000"])?;
        for name in page {
            names.entry(kind(&name)).or_default().push(name);
        }
        if next == "0" {
            break;
        }
        cursor = next;
    }
    let mut found = BTreeMap::new();
    for (kind, names) in names {
        let every = if names.len() > 1000 { WEIGHED } else { 1 };
        let mut weighing = redis::pipe();
        let mut weighed = 0_u64;
        for name in names.iter().step_by(every) {
            weighing.cmd("MEMORY").arg("USAGE").arg(name).arg("SAMPLES").arg(1000);
            weighed += 1;
        }
        let bytes: Vec<u64> = redis.ask_all(&weighing)?;
        let all = ratio(bytes.iter().sum::<u64>(), weighed) * ratio(names.len() as u64, leads);
        found.insert(kind, all);
    }
    Ok(found)
}

/// What a name stands for.
pub fn kind(name: &[u8]) -> String {
    let behind = format!(":{WORKSPACE}:").into_bytes();
    let at = name.windows(behind.len()).position(|part| part == behind);
    let rest = at.map_or(&b"?"[..], |at| &name[at + behind.len()..]);
    let word = match rest.first() {
        Some(b'k') => "identity keys",
        Some(b'l') => "lead",
        Some(b'i') => "inquiry with its record",
        Some(b'c') => "idempotency claim",
        Some(b'd') => "chain of the lead's jobs",
        Some(b'j') => "job",
        Some(b'J') => "journal row",
        Some(b'z') => "queue entry",
        _ => "the rest (pools, counters, bundle)",
    };
    word.to_owned()
}
