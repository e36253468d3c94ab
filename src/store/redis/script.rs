//! The scripts: functions of one library, which a server is told once and keeps. Each is called with one shard's tag
//! as its first key. What belongs to a call is made anew when it begins; the functions themselves are not, which
//! would cost more than a short one does.

use std::sync::LazyLock;

use ::redis::{Cmd, ToRedisArgs, Value};
use sha2::{Digest as _, Sha256};

use super::link::{Link, Repeat};
use crate::domain::Shard;
use crate::domain::ports::StoreError;
use crate::store::space::shard_prefix;

macro_rules! lua {
    ($($file:literal)+) => { concat!($(include_str!(concat!("scripts/", $file, ".lua")), "\n"),+) };
}

/// Each group sees the names of the files before it in the group, and those of the first.
const CODE: &str = concat!(
    lua!("values" "jobs" "expire" "heartbeat" "admit" "depth" "dump" "time"),
    "do\n",
    lua!("leases" "claim" "settle" "redrive" "pause"),
    "end\ndo\n",
    lua!("pools" "pick" "effects" "commit" "together"),
    "end\n",
);

/// All functions, under a name that holds the hash of the code: processes of different versions use one server side by
/// side.
pub(super) struct Library {
    name: String,
    code: String,
}

pub(super) static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
    let [a, b, c, d, e, f, g, h, ..]: [u8; 32] = Sha256::digest(CODE).into();
    let name = format!("lead_router_{:016x}", u64::from_be_bytes([a, b, c, d, e, f, g, h]));
    let code = format!("#!lua name={name}\n{}", CODE.replace("LIBRARY", &name));
    Library { name, code }
});

impl Library {
    /// The command that tells it to a server, harmless where the server knows it.
    pub(super) fn load(&self) -> Cmd {
        let mut cmd = ::redis::cmd("FUNCTION");
        cmd.arg("LOAD").arg("REPLACE").arg(&self.code);
        cmd
    }
}

/// A function of the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Function(&'static str);

pub(super) const TOGETHER: Function = Function("together");
pub(super) const COMMIT: Function = Function("commit");
pub(super) const CLAIM: Function = Function("claim");
pub(super) const SETTLE: Function = Function("settle");
pub(super) const REDRIVE: Function = Function("redrive");
pub(super) const PAUSE: Function = Function("pause");
pub(super) const EXPIRE: Function = Function("expire");
pub(super) const HEARTBEAT: Function = Function("heartbeat");
pub(super) const ADMIT: Function = Function("admit");
pub(super) const DEPTH: Function = Function("depth");
pub(super) const DUMP: Function = Function("dump");
pub(super) const TIME: Function = Function("time");

/// A call of a function, its arguments added one by one.
pub(super) struct Call(Cmd);

impl Call {
    pub(super) fn new(function: Function, shard: Shard) -> Self {
        Self::with_keys(function, shard, 0, std::iter::empty())
    }

    /// With further declared keys of the same shard.
    pub(super) fn with_keys<'a>(
        function: Function,
        shard: Shard,
        count: usize,
        keys: impl Iterator<Item = &'a [u8]>,
    ) -> Self {
        let mut cmd = ::redis::cmd("FCALL");
        cmd.arg(format!("{}_{}", LIBRARY.name, function.0)).arg(1 + count);
        cmd.arg(shard_prefix(shard));
        for key in keys {
            cmd.arg(key);
        }
        Self(cmd)
    }

    pub(super) fn arg(&mut self, argument: impl ToRedisArgs) -> &mut Self {
        self.0.arg(argument);
        self
    }

    pub(super) async fn send(&self, link: &Link, repeat: Repeat) -> Result<Value, StoreError> {
        link.send_call(&self.0, repeat).await
    }
}
