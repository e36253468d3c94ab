//! The scripts: Lua files put together, each called with one shard's tag as its first key.

use std::sync::LazyLock;

use ::redis::{Cmd, Script, ToRedisArgs, Value};

use super::link::{Link, Repeat};
use crate::domain::Shard;
use crate::domain::ports::StoreError;
use crate::store::space::shard_prefix;

macro_rules! lua {
    ($($file:literal)+) => { concat!($(include_str!(concat!("scripts/", $file, ".lua")), "\n"),+) };
}

macro_rules! scripts {
    ($($name:ident = $flags:literal, $($file:literal)+;)*) => {$(
        pub(super) static $name: LazyLock<Script> =
            LazyLock::new(|| Script::new(concat!("#!lua", $flags, "\n", lua!($($file)+))));
    )*};
}

// What makes room (ending jobs, expiry) works on a full server too.
scripts! {
    TOGETHER = "", "values" "jobs" "pick" "effects" "together";
    COMMIT = "", "values" "jobs" "pick" "effects" "commit";
    CLAIM = " flags=allow-oom", "values" "jobs" "leases" "claim";
    SETTLE = " flags=allow-oom", "values" "jobs" "leases" "settle";
    REDRIVE = " flags=allow-oom", "values" "jobs" "leases" "redrive";
    PAUSE = " flags=allow-oom", "values" "jobs" "leases" "pause";
    EXPIRE = " flags=allow-oom", "values" "expire";
    HEARTBEAT = " flags=allow-oom", "heartbeat";
    ADMIT = " flags=allow-oom", "admit";
    DEPTH = " flags=no-writes", "values" "jobs" "depth";
    DUMP = " flags=no-writes", "values" "dump";
    TIME = " flags=no-writes", "time";
}

/// A call of a script, its arguments added one by one.
pub(super) struct Call {
    script: &'static Script,
    cmd: Cmd,
}

impl Call {
    pub(super) fn new(script: &'static Script, shard: Shard) -> Self {
        Self::with_keys(script, shard, 0, std::iter::empty())
    }

    /// With further declared keys of the same shard.
    pub(super) fn with_keys<'a>(
        script: &'static Script,
        shard: Shard,
        count: usize,
        keys: impl Iterator<Item = &'a [u8]>,
    ) -> Self {
        let mut cmd = ::redis::cmd("EVALSHA");
        cmd.arg(script.get_hash()).arg(1 + count).arg(shard_prefix(shard));
        for key in keys {
            cmd.arg(key);
        }
        Self { script, cmd }
    }

    pub(super) fn arg(&mut self, argument: impl ToRedisArgs) -> &mut Self {
        self.cmd.arg(argument);
        self
    }

    pub(super) async fn send(&self, link: &Link, repeat: Repeat) -> Result<Value, StoreError> {
        link.send_script(&self.cmd, repeat, self.script).await
    }
}
