//! The runs: each on a redis-server (or folder) of its own, warmed up, then measured.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::figures::{Figures, Half, Run, Start, Through, ratio};
use crate::load::{CONNECTIONS, CONNECTIONS_MORE, Load};
use crate::machine::Cores;
use crate::process::{Process, cpu, resident};
use crate::receiver::Receiver;
use crate::redis_server::{RedisServer, Scripts};
use crate::service::{Service, pause_embedded, pause_redis};
use crate::settings_files::Folder;
use crate::{Extent, Outcome, inquiry};

/// The last deliveries must be out within this time.
const DRAIN_MAX: Duration = Duration::from_mins(3);

/// One run of everything.
pub fn repetition(
    extent: Extent,
    settings: &Folder,
    receiver: &Receiver,
    found: &mut Figures,
) -> Outcome<()> {
    let run = bare(extent)?;
    say("b", &run);
    found.b.push(run);
    for (connections, own, service) in [
        (CONNECTIONS, &mut found.b_prime, &mut found.paused),
        (CONNECTIONS_MORE, &mut found.b_prime_more, &mut found.paused_more),
    ] {
        let run = own_script(extent, settings, connections)?;
        say(&format!("b', {connections} connections"), &run);
        own.push(run);
        let run = paused(extent, settings, connections)?;
        say(&format!("service, deliveries paused, {connections} connections"), &run);
        service.push(run);
    }
    let run = through(extent, settings, receiver)?;
    println!(
        "  service, delivering: {:.0} accepted/s, {:.0} delivered/s, to the last one {:.0}/s, {:.0} + {:.0} us, others {:.0} %",
        run.accepted,
        run.meanwhile,
        run.delivered,
        run.cpu_us,
        run.redis_cpu_us,
        100.0 * run.others
    );
    found.through.push(run);
    let run = embedded(extent, settings)?;
    say("service, embedded store", &run);
    found.embedded.push(run);
    let secs = extent.secs.as_secs().to_string();
    let (_ended, line) = Process::role(&["o", &receiver.address.to_string(), &secs])?;
    println!("  outbound client: {line}/s");
    found.outbound.push(line.parse()?);
    if found.redis.is_empty() {
        found.redis = RedisServer::start()?.version()?;
    }
    Ok(())
}

fn say(what: &str, run: &Run) {
    println!(
        "  {what}: {:.0}/s, p50/p99 {:.1}/{:.1} ms, {:.1} us of its own, {:.1} of Redis ({:.1} in {:.2} calls of scripts), {:.2} rounds, others {:.0} %, idle {:.0} %",
        run.per_second,
        run.p50,
        run.p99,
        run.cpu_us,
        run.redis_cpu_us,
        run.script_us,
        run.calls,
        run.rounds,
        100.0 * run.others,
        100.0 * run.idle
    );
}

fn bare(extent: Extent) -> Outcome<Run> {
    let mut redis = RedisServer::start()?;
    let (process, address) = Process::server(&["b", &redis.url()], None)?;
    closed(extent, (address, CONNECTIONS), process.id(), Some(&mut redis))
}

fn own_script(extent: Extent, settings: &Folder, connections: usize) -> Outcome<Run> {
    let mut redis = RedisServer::start()?;
    let path = settings.path().display().to_string();
    let (process, address) = Process::server(&["b-prime", &redis.url(), &path], None)?;
    pause_redis(&redis.url(), true)?;
    closed(extent, (address, connections), process.id(), Some(&mut redis))
}

fn paused(extent: Extent, settings: &Folder, connections: usize) -> Outcome<Run> {
    let mut redis = RedisServer::start()?;
    let service = Service::start(settings, &redis.url())?;
    pause_redis(&redis.url(), true)?;
    let run = closed(extent, (service.address, connections), service.id(), Some(&mut redis))?;
    with_rounds(run, &service)
}

fn embedded(extent: Extent, settings: &Folder) -> Outcome<Run> {
    let folder = tempfile::tempdir()?;
    pause_embedded(folder.path(), true)?;
    let service = Service::start(settings, &format!("embedded:{}", folder.path().display()))?;
    with_rounds(closed(extent, (service.address, CONNECTIONS), service.id(), None)?, &service)
}

fn with_rounds(run: Run, service: &Service) -> Outcome<Run> {
    let (commits, rounds) = service.rounds()?;
    Ok(Run { rounds: ratio(rounds, commits.max(1)), ..run })
}

/// What was used up to a moment.
struct Moment {
    at: Instant,
    accepted: u64,
    service: Duration,
    redis: Duration,
    own: Duration,
    cores: Cores,
}

impl Moment {
    fn now(load: &Load, service: u32, redis: Option<u32>) -> Outcome<Self> {
        Ok(Self {
            at: Instant::now(),
            accepted: load.tally.accepted.load(Ordering::Acquire),
            service: cpu(service)?,
            redis: redis.map_or(Ok(Duration::ZERO), cpu)?,
            own: cpu(std::process::id())?,
            cores: Cores::now()?,
        })
    }

    fn others_since(&self, before: &Self) -> f64 {
        let ours = |moment: &Self| moment.service + moment.redis + moment.own;
        self.cores.others_since(&before.cores, ours(self).saturating_sub(ours(before)))
    }
}

fn micros(time: Duration, count: u64) -> f64 {
    time.as_secs_f64() * 1e6 / ratio(count.max(1), 1)
}

fn closed(
    extent: Extent,
    (address, connections): (SocketAddr, usize),
    id: u32,
    mut redis: Option<&mut RedisServer>,
) -> Outcome<Run> {
    let load = Load::closed(address, inquiry::inquiry, connections, 0..u64::MAX);
    std::thread::sleep(extent.warm);
    if let Some(redis) = redis.as_deref_mut() {
        redis.reset()?;
    }
    let redis_id = redis.as_deref().map(RedisServer::id);
    load.tally.measuring.store(true, Ordering::Release);
    let before = Moment::now(&load, id, redis_id)?;
    std::thread::sleep(extent.secs);
    let after = Moment::now(&load, id, redis_id)?;
    load.tally.measuring.store(false, Ordering::Release);
    let scripts = redis.map_or(Ok(Scripts::default()), RedisServer::scripts)?;
    let tally = load.stop()?;
    refuse_refusals(tally.refused.load(Ordering::Relaxed))?;
    let count = after.accepted - before.accepted;
    let times = tally.times()?;
    Ok(Run {
        per_second: ratio(count, 1) / (after.at - before.at).as_secs_f64(),
        p50: millis(&times, 0.50),
        p99: millis(&times, 0.99),
        cpu_us: micros(after.service.saturating_sub(before.service), count),
        redis_cpu_us: micros(after.redis.saturating_sub(before.redis), count),
        script_us: ratio(scripts.micros, count),
        calls: ratio(scripts.calls, count),
        // A ceiling that does not succeed at once refuses.
        rounds: 1.0,
        others: after.others_since(&before),
        idle: after.cores.idle_since(&before.cores),
    })
}

fn refuse_refusals(refused: u64) -> Outcome<()> {
    if refused == 0 { Ok(()) } else { Err(format!("{refused} inquiries were refused").into()) }
}

fn millis(times: &Histogram<u64>, quantile: f64) -> f64 {
    ratio(times.value_at_quantile(quantile), 1000)
}

fn through(extent: Extent, settings: &Folder, receiver: &Receiver) -> Outcome<Through> {
    let redis = RedisServer::start()?;
    let service = Service::start(settings, &redis.url())?;
    receiver.reset();
    let load = Load::closed(service.address, inquiry::inquiry, CONNECTIONS, 0..u64::MAX);
    let before = Moment::now(&load, service.id(), Some(redis.id()))?;
    std::thread::sleep(extent.warm + extent.secs);
    let meanwhile = receiver.posts();
    let accepted = load.tally.accepted.load(Ordering::Acquire);
    let loaded = before.at.elapsed().as_secs_f64();
    load.tally.measuring.store(false, Ordering::Release);
    let tally = load.stop()?;
    refuse_refusals(tally.refused.load(Ordering::Relaxed))?;
    let posts = receiver.wait_for(tally.fresh.load(Ordering::Acquire), DRAIN_MAX)?;
    let drained = before.at.elapsed().as_secs_f64();
    let service_cpu = cpu(service.id())?.saturating_sub(before.service);
    let redis_cpu = cpu(redis.id())?.saturating_sub(before.redis);
    let own = cpu(std::process::id())?.saturating_sub(before.own);
    Ok(Through {
        accepted: ratio(accepted, 1) / loaded,
        meanwhile: ratio(meanwhile, 1) / loaded,
        delivered: ratio(posts, 1) / drained,
        again: receiver.again(),
        cpu_us: micros(service_cpu, posts),
        redis_cpu_us: micros(redis_cpu, posts),
        resident: resident(service.id())?.1,
        others: Cores::now()?.others_since(&before.cores, service_cpu + redis_cpu + own),
    })
}

/// Half of what is sustained: how long an answer and a delivery take from when the inquiry was due.
pub fn half_load(
    extent: Extent,
    settings: &Folder,
    receiver: &Receiver,
    rate: f64,
) -> Outcome<Half> {
    let redis = RedisServer::start()?;
    let service = Service::start(settings, &redis.url())?;
    receiver.reset();
    let load = Load::open(service.address, inquiry::inquiry, rate);
    std::thread::sleep(extent.warm);
    let before = Moment::now(&load, service.id(), Some(redis.id()))?;
    load.tally.measuring.store(true, Ordering::Release);
    std::thread::sleep(extent.secs);
    load.tally.measuring.store(false, Ordering::Release);
    let after = Moment::now(&load, service.id(), Some(redis.id()))?;
    let tally = load.stop()?;
    refuse_refusals(tally.refused.load(Ordering::Relaxed))?;
    receiver.wait_for(tally.fresh.load(Ordering::Acquire), DRAIN_MAX)?;
    let answers = tally.times()?;
    let arrivals = receiver.arrivals();
    let mut times = Histogram::<u64>::new(3)?;
    for (id, due) in tally.due() {
        let at = arrivals.get(&id).ok_or("an accepted inquiry was not delivered")?;
        let late = at.saturating_duration_since(due);
        times.record(u64::try_from(late.as_micros())?.max(1))?;
    }
    let half = Half {
        rate: ratio(after.accepted - before.accepted, 1) / (after.at - before.at).as_secs_f64(),
        accept: (millis(&answers, 0.5), millis(&answers, 0.99)),
        arrival: (millis(&times, 0.5), millis(&times, 0.99)),
        others: after.others_since(&before),
    };
    println!(
        "half load: {:.0}/s, accept p50/p99 {:.1}/{:.1} ms, arrival {:.1}/{:.1} ms, others {:.0} %",
        half.rate,
        half.accept.0,
        half.accept.1,
        half.arrival.0,
        half.arrival.1,
        100.0 * half.others
    );
    Ok(half)
}

/// From exec to the first answers, on a redis-server that is up.
pub fn start_up(settings: &Folder) -> Outcome<Start> {
    let redis = RedisServer::start()?;
    let began = Instant::now();
    let service = Service::start(settings, &redis.url())?;
    let (idle, _) = resident(service.id())?;
    while !service.accepts()? {
        std::thread::sleep(Duration::from_millis(1));
    }
    let accepted = began.elapsed();
    Ok(Start { healthy: service.healthy_after, accepted, resident: idle })
}
