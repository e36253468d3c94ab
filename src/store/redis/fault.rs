//! What an error of the driver means: for the caller, for the connection, and whether the command
//! may be sent again. By kinds and codes only, never by text.

use ::redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::domain::ports::StoreError;

/// Whether the command may have had its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Surely not: it may be sent again.
    None,
    /// The reply was lost: nobody knows. Only what is harmless twice may be sent again.
    Unknown,
    /// It was answered; sending it again would be answered the same.
    Answered,
}

/// An error, judged.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) error: StoreError,
    pub(super) effect: Effect,
    /// The connection is of no use any more: find the server anew.
    pub(super) reconnect: bool,
}

impl Fault {
    /// Not reached, so nothing was done.
    pub(super) fn unreached(why: impl Into<String>) -> Self {
        Self { error: StoreError::Unreachable(why.into()), effect: Effect::None, reconnect: true }
    }

    /// Judges an error of the driver.
    pub(super) fn of(error: &RedisError) -> Self {
        match error.kind() {
            ErrorKind::Io => Self {
                error: StoreError::Unreachable(error.to_string()),
                effect: if error.is_connection_refusal() { Effect::None } else { Effect::Unknown },
                reconnect: true,
            },
            ErrorKind::MasterNameNotFoundBySentinel
            | ErrorKind::NoValidReplicasFoundBySentinel
            | ErrorKind::ClusterConnectionNotFound => Self::unreached(error.category()),
            ErrorKind::AuthenticationFailed => Self {
                error: StoreError::Refused("user or password".to_owned()),
                effect: Effect::None,
                reconnect: true,
            },
            ErrorKind::Parse | ErrorKind::UnexpectedReturnType => Self {
                error: StoreError::Corrupt(error.category().to_owned()),
                effect: Effect::Unknown,
                reconnect: true,
            },
            ErrorKind::Server(kind) => Self::of_server(kind, error),
            ErrorKind::Extension => Self::of_code(error),
            _ => Self::answered(StoreError::Refused(error.to_string())),
        }
    }

    fn of_server(kind: ServerErrorKind, error: &RedisError) -> Self {
        match kind {
            // A replica that was the master a moment ago: ask the sentinels again.
            ServerErrorKind::ReadOnly => Self {
                error: StoreError::Refused("it is a read-only replica".to_owned()),
                effect: Effect::None,
                reconnect: true,
            },
            // Every script's first key is its shard's tag alone, so these come before any effect.
            ServerErrorKind::BusyLoading
            | ServerErrorKind::MasterDown
            | ServerErrorKind::ClusterDown
            | ServerErrorKind::TryAgain
            | ServerErrorKind::Moved
            | ServerErrorKind::Ask => Self {
                error: StoreError::Unreachable(error.category().to_owned()),
                effect: Effect::None,
                reconnect: false,
            },
            _ => Self::answered(StoreError::Refused(told(error))),
        }
    }

    fn of_code(error: &RedisError) -> Self {
        match error.code() {
            Some("CORRUPT" | "WRONGTYPE") => Self::answered(StoreError::Corrupt(told(error))),
            // Another script is running for too long.
            Some("BUSY") => Self {
                error: StoreError::Unreachable("busy".to_owned()),
                effect: Effect::None,
                reconnect: false,
            },
            Some("NOAUTH" | "WRONGPASS") => Self {
                error: StoreError::Refused("user or password".to_owned()),
                effect: Effect::None,
                reconnect: true,
            },
            _ => Self::answered(StoreError::Refused(told(error))),
        }
    }

    fn answered(error: StoreError) -> Self {
        Self { error, effect: Effect::Answered, reconnect: false }
    }
}

/// The server's own words, cut: they name commands and settings, never values.
fn told(error: &RedisError) -> String {
    let code = error.code().unwrap_or("ERR");
    let detail: String = error.detail().unwrap_or_default().chars().take(200).collect();
    format!("{code} {detail}")
}
