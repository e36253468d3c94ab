//! `make bench-count`: what an inquiry costs in instructions, counted by valgrind's callgrind, of the service
//! or ceiling and of its redis-server; and in rounds, calls, commands and bytes. What the kernel does for them
//! is not counted. Each run counts one process; the other runs as usual. Counted programs run fifty times
//! slower, so how many commits share a call differs from a real run: it is printed.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::figures::ratio;
use crate::load::Load;
use crate::process::Process;
use crate::redis_server::RedisServer;
use crate::service::{Service, pause_redis};
use crate::settings_files::Folder;
use crate::{Outcome, inquiry, receiver};

/// Inquiries that warm everything up, and those that are counted.
const WARM: u64 = 300;
const COUNTED: u64 = 2000;
/// Fewer than under the bench's load: a slow redis-server would find calls fuller than they are there.
const CONNECTIONS: usize = 28;

/// Who accepts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Bare,
    OwnScript,
    Service,
}

/// Whose instructions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Own,
    Redis,
}

/// Counts them all.
pub fn count() -> Outcome<()> {
    let receiver = receiver::Receiver::start()?;
    let settings = Folder::write(receiver.address)?;
    inquiry::check(settings.path())?;
    for (who, name) in [(Who::Bare, "b"), (Who::OwnScript, "b'"), (Who::Service, "the service")] {
        println!("{name}, of Redis: {}", run(&settings, who, Whose::Redis)?);
        println!("{name}, of its own: {}", run(&settings, who, Whose::Own)?);
    }
    Ok(())
}

/// Who accepts, running.
enum Running {
    Role(Process, SocketAddr),
    Service(Service),
}

impl Running {
    fn start(who: Who, settings: &Folder, url: &str, count: Option<&Path>) -> Outcome<Self> {
        let path = settings.path().display().to_string();
        let (process, address) = match who {
            Who::Service => {
                return Ok(Self::Service(Service::start_counted(settings, url, count)?));
            }
            Who::Bare => Process::server(&["b", url], count)?,
            Who::OwnScript => Process::server(&["b-prime", url, &path], count)?,
        };
        Ok(Self::Role(process, address))
    }

    fn address(&self) -> SocketAddr {
        match self {
            Self::Role(_, address) => *address,
            Self::Service(service) => service.address,
        }
    }

    fn id(&self) -> u32 {
        match self {
            Self::Role(process, _) => process.id(),
            Self::Service(service) => service.id(),
        }
    }

    /// Rounds of the inquiries so far.
    fn rounds(&self) -> Outcome<u64> {
        let Self::Service(service) = self else { return Ok(0) };
        Ok(service.rounds()?.1)
    }
}

fn run(settings: &Folder, who: Who, whose: Whose) -> Outcome<String> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("count");
    let only = |counted| (whose == counted).then_some(file.as_path());
    let mut redis = RedisServer::start_counted(only(Whose::Redis))?;
    let running = Running::start(who, settings, &redis.url(), only(Whose::Own))?;
    pause_redis(&redis.url(), true)?;
    let load = |of| Load::closed(running.address(), inquiry::inquiry, CONNECTIONS, of).finish();
    load(0..WARM)?;
    let id = if whose == Whose::Redis { redis.id() } else { running.id() };
    let rounds = running.rounds()?;
    let written = redis.appended()?;
    redis.reset()?;
    control(id, "--zero")?;
    let tally = load(WARM..WARM + COUNTED)?;
    control(id, "--dump")?;
    let accepted = tally.accepted.load(std::sync::atomic::Ordering::Relaxed);
    if accepted != COUNTED {
        return Err(format!("{accepted} of {COUNTED} were accepted").into());
    }
    keep(&folder, who, whose)?;
    let each = |count| ratio(count, COUNTED);
    let (calls, commands) = (redis.scripts()?.calls, redis.commands()?);
    Ok(format!(
        "{:.0} instructions, {:.2} rounds, {:.3} calls, {:.2} commands, {:.0} bytes appended",
        each(total(&folder)?),
        each(running.rounds()? - rounds),
        each(calls),
        each(commands),
        each(redis.appended()? - written),
    ))
}

fn control(id: u32, what: &str) -> Outcome<()> {
    let done = Command::new("callgrind_control").arg(what).arg(id.to_string()).output()?;
    if done.status.success() { Ok(()) } else { Err(format!("callgrind_control {what}").into()) }
}

/// All instructions of what was written down last.
fn total(folder: &TempDir) -> Outcome<u64> {
    let text = std::fs::read_to_string(folder.path().join("count.1"))?;
    let line = text.lines().rev().find_map(|line| line.strip_prefix("totals:"));
    Ok(line.ok_or("nothing was counted")?.trim().parse()?)
}

/// For `callgrind_annotate`, if `COUNT_KEEP` names a folder.
fn keep(folder: &TempDir, who: Who, whose: Whose) -> Outcome<()> {
    let Ok(kept) = std::env::var("COUNT_KEEP") else { return Ok(()) };
    let who = match who {
        Who::Bare => "b",
        Who::OwnScript => "own-script",
        Who::Service => "service",
    };
    let whose = if whose == Whose::Redis { "redis" } else { "own" };
    std::fs::copy(folder.path().join("count.1"), Path::new(&kept).join(format!("{who}.{whose}")))?;
    Ok(())
}
