//! Child processes: started with the bench, gone with it; what they use of processor and memory.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::Outcome;

/// Ticks a second in `/proc/PID/stat` (`USER_HZ`, 100 on every Linux).
const TICKS: f64 = 100.0;

/// The command for a program: by itself, or with its instructions counted into a file by callgrind.
pub fn program_of(program: &str, count: Option<&Path>) -> Command {
    let Some(file) = count else { return Command::new(program) };
    let mut command = Command::new("valgrind");
    command.args(["-q", "--tool=callgrind"]);
    command.arg(format!("--callgrind-out-file={}", file.display())).arg(program);
    command
}

/// A child that is killed when dropped.
pub struct Process(Child);

impl Process {
    /// Starts a command.
    pub fn start(command: &mut Command) -> Outcome<Self> {
        let what = command.get_program().to_string_lossy().into_owned();
        let child = command.stdin(Stdio::null()).spawn();
        Ok(Self(child.map_err(|error| format!("cannot start {what}: {error}"))?))
    }

    /// This binary in another role; gives the first line it prints.
    pub fn role(words: &[&str]) -> Outcome<(Self, String)> {
        Self::role_counted(words, None)
    }

    /// The same, its instructions counted into a file.
    pub fn role_counted(words: &[&str], count: Option<&Path>) -> Outcome<(Self, String)> {
        let program = std::env::current_exe()?;
        let mut command = program_of(&program.display().to_string(), count);
        command.arg("role").args(words).stdout(Stdio::piped());
        let mut process = Self::start(&mut command)?;
        let output = process.0.stdout.take().ok_or("no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        if line.is_empty() {
            return Err(format!("the role {words:?} ended at once").into());
        }
        Ok((process, line.trim().to_owned()))
    }

    /// A role that serves: the line it prints is its address.
    pub fn server(words: &[&str], count: Option<&Path>) -> Outcome<(Self, SocketAddr)> {
        let (process, line) = Self::role_counted(words, count)?;
        Ok((process, line.parse()?))
    }

    /// Its id.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Either fails only if it has ended.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Processor time of a process so far, user and system.
pub fn cpu(id: u32) -> Outcome<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    let rest = stat.rsplit_once(')').ok_or("an unreadable stat")?.1;
    let mut fields = rest.split_ascii_whitespace().skip(11);
    let mut ticks = || -> Outcome<f64> { Ok(fields.next().ok_or("a short stat")?.parse()?) };
    let both = ticks()? + ticks()?;
    Ok(Duration::from_secs_f64(both / TICKS))
}

/// Resident memory now and at most so far, in bytes.
pub fn resident(id: u32) -> Outcome<(u64, u64)> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let field = |name: &str| -> Outcome<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such line")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
    };
    Ok((field("VmRSS:")?, field("VmHWM:")?))
}
