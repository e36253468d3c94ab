//! A redis-server of the bench's own: a free port, its own folder, append-only file flushed every
//! second, no rewriting of it in mid-run.

use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::Outcome;
use crate::process::{Process, program_of};

const START_MAX: Duration = Duration::from_secs(10);

/// The server.
pub struct RedisServer {
    process: Process,
    port: u16,
    connection: redis::Connection,
    _folder: TempDir,
}

/// What the server counted of scripts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scripts {
    pub calls: u64,
    pub micros: u64,
}

impl RedisServer {
    /// Starts it.
    pub fn start() -> Outcome<Self> {
        Self::start_counted(None)
    }

    /// Starts it, its instructions counted into a file.
    pub fn start_counted(count: Option<&Path>) -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = program_of("redis-server", count);
        command
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""])
            .args(["--appendonly", "yes", "--appendfsync", "everysec"])
            .args(["--auto-aof-rewrite-percentage", "0", "--maxmemory-policy", "noeviction"])
            .arg("--dir")
            .arg(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let process = Process::start(&mut command)?;
        let client = redis::Client::open(format!("redis://127.0.0.1:{port}/"))?;
        let began = Instant::now();
        let connection = loop {
            match client.get_connection() {
                Ok(connection) => break connection,
                Err(error) if began.elapsed() > START_MAX => return Err(error.into()),
                Err(_) => std::thread::sleep(Duration::from_millis(10)),
            }
        };
        Ok(Self { process, port, connection, _folder: folder })
    }

    /// Its address for the service.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// A command of the bench's own.
    pub fn ask<T: redis::FromRedisValue>(&mut self, words: &[&[u8]]) -> Outcome<T> {
        let mut cmd = redis::Cmd::new();
        for word in words {
            cmd.arg(*word);
        }
        Ok(cmd.query(&mut self.connection)?)
    }

    /// Many commands at once.
    pub fn ask_all<T: redis::FromRedisValue>(&mut self, all: &redis::Pipeline) -> Outcome<T> {
        Ok(all.query(&mut self.connection)?)
    }

    /// Begins counting anew.
    pub fn reset(&mut self) -> Outcome<()> {
        self.ask(&[b"CONFIG", b"RESETSTAT"])
    }

    /// Scripts since the counting began.
    pub fn scripts(&mut self) -> Outcome<Scripts> {
        let text: String = self.ask(&[b"INFO", b"commandstats"])?;
        let mut scripts = Scripts::default();
        for line in text.lines() {
            let Some((_, counts)) = line
                .split_once(':')
                .filter(|(command, _)| ["cmdstat_evalsha", "cmdstat_fcall"].contains(command))
            else {
                continue;
            };
            for count in counts.split(',') {
                match count.split_once('=') {
                    Some(("calls", number)) => scripts.calls += number.parse::<u64>()?,
                    Some(("usec", number)) => scripts.micros += number.parse::<u64>()?,
                    _ => {}
                }
            }
        }
        Ok(scripts)
    }

    /// Commands since the counting began, those of scripts among them.
    pub fn commands(&mut self) -> Outcome<u64> {
        let text: String = self.ask(&[b"INFO", b"commandstats"])?;
        let calls = |line: &str| -> Option<u64> {
            line.split_once("calls=")?.1.split(',').next()?.parse().ok()
        };
        Ok(text.lines().filter_map(calls).sum())
    }

    /// Bytes of the append-only file.
    pub fn appended(&mut self) -> Outcome<u64> {
        let text: String = self.ask(&[b"INFO", b"persistence"])?;
        let line = text.lines().find_map(|line| line.strip_prefix("aof_current_size:"));
        Ok(line.ok_or("no aof_current_size")?.trim().parse()?)
    }

    /// Bytes that the data and its bookkeeping take.
    pub fn memory(&mut self) -> Outcome<u64> {
        let text: String = self.ask(&[b"INFO", b"memory"])?;
        let line = text.lines().find_map(|line| line.strip_prefix("used_memory:"));
        Ok(line.ok_or("no used_memory")?.trim().parse()?)
    }

    /// Its version.
    pub fn version(&mut self) -> Outcome<String> {
        let text: String = self.ask(&[b"INFO", b"server"])?;
        let line = text.lines().find_map(|line| line.strip_prefix("redis_version:"));
        Ok(line.unwrap_or("unknown").trim().to_owned())
    }
}
