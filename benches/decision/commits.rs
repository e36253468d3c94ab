//! What a commit costs Redis in instructions, by what the pools ask: the script runs in a redis-server under callgrind,
//! once with few and once with many commits, each alone; the difference is theirs.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lead_router::config::Workspace;
use lead_router::decide::{Input, decide};
use lead_router::domain::ports::Store as _;
use lead_router::domain::{CommitOutcome, Facts, IdBlock, Inquiry, Timestamp};
use lead_router::identify::{Pepper, keys};
use lead_router::simulate::{Business, Given, Taken, World};
use lead_router::store::redis::Redis;
use serde_json::json;

use crate::{Outcome, cases};

/// Commits of the short run and of the long one.
const SHORT: u64 = 20;
const LONG: u64 = 220;
/// valgrind is slow.
const START_MAX: Duration = Duration::from_mins(1);
/// A Wednesday, in working hours.
const NOW: &str = "2026-03-04T10:00:00Z";

/// One way to share out.
pub struct Way {
    pub name: &'static str,
    pools: &'static str,
    assign: &'static str,
}

/// The first one is what the others are compared with: all that the first whole way through the service could do.
pub const WAYS: &[Way] = &[
    Way {
        name: "three members in turn",
        pools: "pools: { team: { members: [ada, ben, cleo] } }",
        assign: "{ queue: sales, pool: team }",
    },
    Way {
        name: "five members in turn",
        pools: "pools: { team: { members: [ada, ben, cleo, dora, emil] } }",
        assign: "{ queue: sales, pool: team }",
    },
    Way {
        name: "five, weighted, with caps a day and a week",
        pools: "pools: { team: { method: weighted, members: [ { name: ada, weight: 3, caps: { day: 900, week: 3000 } }, { name: ben, weight: 2, caps: { day: 900, week: 3000 } }, { name: cleo, caps: { day: 900, week: 3000 } }, { name: dora, caps: { day: 900, week: 3000 } }, { name: emil, caps: { day: 900, week: 3000 } } ] } }",
        assign: "{ queue: sales, pool: team }",
    },
    Way {
        name: "five with least assigned, working hours and skills",
        pools: "hours: { office: { week: { mon-fri: \"09:00-17:00\" } } }\npools: { team: { method: least_assigned, hours: office, members: [ { name: ada, skills: { language: [de, en] } }, { name: ben, skills: { language: [de] } }, { name: cleo, skills: { language: [de] } }, { name: dora, skills: { language: [de] } }, { name: emil, skills: { language: [de, fr] } } ] } }",
        assign: "{ queue: sales, pool: team, skills: { language: contact.language } }",
    },
    Way {
        name: "five with least busy and a cap of open leads",
        pools: "pools: { team: { method: least_busy, members: [ { name: ada, caps: { open: 900 } }, { name: ben, caps: { open: 900 } }, { name: cleo, caps: { open: 900 } }, { name: dora, caps: { open: 900 } }, { name: emil, caps: { open: 900 } } ] } }",
        assign: "{ queue: sales, pool: team }",
    },
    Way {
        name: "five, each with a rolling cap an hour",
        pools: "pools: { team: { members: [ { name: ada, caps: { rolling: { hour: 900 } } }, { name: ben, caps: { rolling: { hour: 900 } } }, { name: cleo, caps: { rolling: { hour: 900 } } }, { name: dora, caps: { rolling: { hour: 900 } } }, { name: emil, caps: { rolling: { hour: 900 } } } ] } }",
        assign: "{ queue: sales, pool: team }",
    },
    Way {
        name: "four full pools of one before one that has room",
        pools: "pools: { a: { members: [ { name: ada, caps: { day: 1 } } ] }, b: { members: [ { name: ben, caps: { day: 1 } } ] }, c: { members: [ { name: cleo, caps: { day: 1 } } ] }, d: { members: [ { name: dora, caps: { day: 1 } } ] }, team: { members: [emil, fay, gus] } }",
        assign: "{ queue: sales, pool: a, else: { pool: b, else: { pool: c, else: { pool: d, else: { pool: team } } } } }",
    },
];

/// Instructions for one commit, for each way.
pub fn measure() -> Outcome<Vec<u64>> {
    let runtime = tokio::runtime::Runtime::new()?;
    let mut each = Vec::with_capacity(WAYS.len());
    for way in WAYS {
        let workspace = cases::load_with(way.pools, way.assign)?;
        let (short, long) = (
            runtime.block_on(counted(&workspace, SHORT))?,
            runtime.block_on(counted(&workspace, LONG))?,
        );
        each.push(long.saturating_sub(short) / (LONG - SHORT));
        println!("{}: {} instructions", way.name, each[each.len() - 1]);
    }
    Ok(each)
}

/// The instructions of a redis-server that took so many commits.
async fn counted(workspace: &Workspace, times: u64) -> Outcome<u64> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let server = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "redis-server"])
        .args([
            "--port",
            &port.to_string(),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ])
        .args(["--maxmemory-policy", "noeviction"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("valgrind: {error}"))?;
    let url = format!("redis://127.0.0.1:{port}");
    let done = commits(workspace, &url, times).await;
    let ended = ended(server, &url);
    done?;
    let said = ended?;
    let collected = said.lines().find_map(|line| line.split_once("Collected :"));
    let count = collected.and_then(|(_, count)| count.trim().parse().ok());
    count.ok_or_else(|| format!("valgrind counted nothing: {said}").into())
}

/// Ends the server; gives what valgrind said.
fn ended(mut server: Child, url: &str) -> Outcome<String> {
    let asked = redis::Client::open(url).and_then(|client| client.get_connection()).map(
        |mut connection| {
            // It ends without an answer.
            drop(redis::cmd("SHUTDOWN").arg("NOSAVE").query::<()>(&mut connection));
        },
    );
    if asked.is_err() {
        server.kill()?;
    }
    Ok(String::from_utf8_lossy(&server.wait_with_output()?.stderr).into_owned())
}

async fn commits(workspace: &Workspace, url: &str, times: u64) -> Outcome<()> {
    let began = Instant::now();
    let store = loop {
        match Redis::connect(url).await {
            Ok(store) => break store,
            Err(error) if began.elapsed() > START_MAX => return Err(error.into()),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    };
    let pepper = Pepper::new([7; 32]);
    let now = Timestamp::parse(NOW).ok_or("no time")?;
    for number in 0..times {
        let inquiry = somebody(workspace, number, now)?;
        let mut seed = [0; 16];
        seed[..8].copy_from_slice(&(number + 1).to_be_bytes());
        let input = Input {
            inquiry: &inquiry,
            keys: &keys(&inquiry, &pepper),
            account: None,
            referrer: None,
            facts: &Facts::default(),
            claim: None,
            lease: None,
            trace: None,
            now,
        };
        let decision = decide(&workspace.decide, input, &mut IdBlock::new(seed));
        match store.commit(&decision.commit).await? {
            CommitOutcome::Committed(done) if done.receipt.member.is_some() => {}
            other => return Err(format!("nobody was picked: {other:?}").into()),
        }
    }
    Ok(())
}

/// Somebody new, in words of one length.
fn somebody(workspace: &Workspace, number: u64, now: Timestamp) -> Outcome<Inquiry> {
    let business = Business { configuration: &workspace.decide, sources: &workspace.sources };
    let mut world = World::new(business);
    let given: Given = serde_json::from_value(json!({
        "source": "form",
        "fields": {
            "contact.email": format!("p{number:06}@zanzotter.example"),
            "contact.language": "de",
            "contact.country": "DE",
            "need.budget": "20000",
        },
    }))?;
    let mut taken = world.read(&given, now).map_err(|found| format!("{found:?}"))?.into_iter();
    match taken.next() {
        Some(Taken::Inquiry(mut inquiry)) => {
            let mut seed = [1; 16];
            seed[..8].copy_from_slice(&number.to_be_bytes());
            inquiry.id = IdBlock::new(seed).inquiry();
            Ok(*inquiry)
        }
        other => Err(format!("no inquiry: {other:?}").into()),
    }
}
