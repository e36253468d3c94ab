//! What the servers are and promise: version, eviction, persistence, format of what they hold.

use ::redis::{Value, cmd};

use super::link::{Link, Repeat};
use crate::domain::ports::{Durability, StoreError};
use crate::store::space::{FORMAT, format_key};
use crate::store::step::keep::judge_format;

/// The oldest Redis whose scripts know flags and shared replication of effects.
const MAJOR_MIN: u32 = 7;

/// What was found at connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerInfo {
    /// The oldest version among the masters.
    pub version: String,
    /// The weakest promise among the masters.
    pub durability: Durability,
    /// What an operator should mend, in sentences.
    pub warnings: Vec<String>,
}

/// Looks at every master, and refuses what cannot work.
pub(super) async fn inspect(link: &Link) -> Result<ServerInfo, StoreError> {
    let mut found: Option<ServerInfo> = None;
    for answer in link.send_everywhere(&cmd("INFO")).await? {
        let one = judge(&text(&answer))?;
        found = Some(match found {
            None => one,
            Some(before) => ServerInfo {
                version: before.version.min(one.version),
                durability: weaker(before.durability, one.durability),
                warnings: [before.warnings, one.warnings].concat(),
            },
        });
    }
    let mut found = found.ok_or_else(|| StoreError::Corrupt("no answer to INFO".to_owned()))?;
    if found.durability == Durability::Always {
        found.durability = synced(link, &mut found.warnings).await?;
    }
    found.warnings.dedup();
    Ok(found)
}

/// One server, by what it says of itself (`INFO`).
pub(super) fn judge(info: &str) -> Result<ServerInfo, StoreError> {
    let version = line(info, "redis_version").unwrap_or("0").to_owned();
    let major = version.split('.').next().and_then(|word| word.parse().ok()).unwrap_or(0);
    if major < MAJOR_MIN {
        return Err(StoreError::Refused(format!(
            "Redis {MAJOR_MIN} or newer (or Valkey) is needed, this is {version}"
        )));
    }
    let mut warnings = Vec::new();
    match line(info, "maxmemory_policy") {
        Some("noeviction") => {}
        policy => warnings.push(format!(
            "maxmemory-policy is {}: set noeviction, or Redis throws leads away when it is full",
            policy.unwrap_or("unknown")
        )),
    }
    let bytes = |name| line(info, name).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    let (used, most) = (bytes("used_memory"), bytes("maxmemory"));
    if most > 0 && used.saturating_mul(10) > most.saturating_mul(9) {
        warnings.push(format!(
            "{} of {} MiB are used (maxmemory): inquiries are refused (503) when it is full",
            used >> 20,
            most >> 20
        ));
    }
    if line(info, "aof_last_write_status") == Some("err") {
        warnings.push("the append-only file could not be written: is its disk full?".to_owned());
    }
    let durability = match line(info, "aof_enabled") {
        Some("1") => Durability::Always,
        _ => Durability::None,
    };
    if durability == Durability::None {
        warnings.push(
            "appendonly is off: leads acknowledged since the last snapshot are lost if Redis dies"
                .to_owned(),
        );
    }
    Ok(ServerInfo { version, durability, warnings })
}

/// How often the append-only file is synced. A user who may not ask gets the default's promise.
async fn synced(link: &Link, warnings: &mut Vec<String>) -> Result<Durability, StoreError> {
    let asked = link.send_everywhere(cmd("CONFIG").arg("GET").arg("appendfsync")).await;
    let answers = match asked {
        Ok(answers) => answers,
        Err(StoreError::Refused(_)) => {
            warnings.push(
                "this user may not read appendfsync (allow `+config|get`): taken as everysec"
                    .to_owned(),
            );
            return Ok(Durability::EverySecond);
        }
        Err(other) => return Err(other),
    };
    let found = answers.iter().map(|answer| {
        let words = words(answer);
        match words.last().map(String::as_str) {
            Some("always") => Durability::Always,
            Some("no") => Durability::None,
            _ => Durability::EverySecond,
        }
    });
    Ok(found.fold(Durability::Always, weaker))
}

/// Has the files of every master written anew, as far as there are any: the append-only file, and the snapshot. Both go on
/// after the answer. Replicas write their own.
pub(super) async fn purge(link: &Link) -> Result<(), StoreError> {
    let info = link.send_everywhere(cmd("INFO").arg("persistence")).await?;
    if info.iter().any(|one| line(&text(one), "aof_enabled") == Some("1")) {
        link.send_everywhere(&cmd("BGREWRITEAOF")).await?;
    }
    let saves = link.send_everywhere(cmd("CONFIG").arg("GET").arg("save")).await?;
    if saves.iter().any(|one| words(one).get(1).is_some_and(|when| !when.is_empty())) {
        link.send_everywhere(cmd("BGSAVE").arg("SCHEDULE")).await?;
    }
    Ok(())
}

fn weaker(one: Durability, other: Durability) -> Durability {
    match (one, other) {
        (Durability::None, _) | (_, Durability::None) => Durability::None,
        (Durability::EverySecond, _) | (_, Durability::EverySecond) => Durability::EverySecond,
        (Durability::Always, Durability::Always) => Durability::Always,
    }
}

/// Marks an empty store with our format, and refuses a newer one's.
pub(super) async fn check_format(link: &Link) -> Result<(), StoreError> {
    let key = format_key();
    link.send(cmd("SET").arg(&key).arg(FORMAT).arg("NX"), Repeat::Harmless).await?;
    let held = link.send(cmd("GET").arg(&key), Repeat::Harmless).await?;
    judge_format(text(&held).as_bytes())
}

fn line<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

fn text(value: &Value) -> String {
    match value {
        Value::BulkString(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Value::SimpleString(text) | Value::VerbatimString { text, .. } => text.clone(),
        Value::Int(number) => number.to_string(),
        _ => String::new(),
    }
}

fn words(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(text).collect(),
        Value::Map(pairs) => pairs.iter().flat_map(|(k, v)| [text(k), text(v)]).collect(),
        other => vec![text(other)],
    }
}
