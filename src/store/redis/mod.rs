//! The store on Redis 7+ or Valkey: one server, one watched by sentinels, or a cluster.
//!
//! Every structure and step is the one explained at the top of [`crate::store::step`], under the
//! names of [`crate::store::space`]; a value there is a string here, an index is a sorted set, and
//! the journal is a stream with fields `r` (receipt) and `d` (row), once or for several rows that follow
//! each other within a millisecond; an entry's id is its last row's position. Particular to Redis:
//!
//! - **One call, one script, one shard.** Each step is one `FCALL` of a function of our library (`script`), which a
//!   server is told when it does not know it, and keeps with the data. Between calls it remembers only what follows from
//!   the bytes it is remembered by (`pools.lua`). A call's first key is the shard's
//!   tag, `{sNNN}:`; all other names begin with it, so a cluster runs the same scripts. No such key
//!   exists, and that is on purpose: while a cluster moves the shard's slot, the node refuses the
//!   call (`ASK`, `TRYAGAIN`) before it has had any effect.
//! - **Read once, write once.** A script reads the values it needs by one `MGET`, works on them in
//!   memory, and writes them by one `MSET` (those with an end of life by `SET … PX`). What cannot
//!   be read stops a commit before it has written anything.
//! - **Several commits in one call** (`joined`). Commits that wait at the same time on a thread go together;
//!   `together.lua` does them one after another, as if each had come alone, and pays once for the call, for
//!   a pool's state and its caps' counters, for looking at a queue and for adding to it. Only such go
//!   along as may be sent twice (they have a claim), put values for good and begin their leads' chains, and
//!   only with their first branch: one that turns out to need another, or whose lead has a chain, is sent
//!   again whole, by itself, to `commit.lua`, which does one commit of any kind. What cannot be read stops
//!   the call; then each is sent by itself too.
//! - **What a commit costs** is mostly strings: Lua copies and hashes every byte of every argument, name and
//!   value, and every name costs Redis a look into its tables. So names are declared once and numbered,
//!   equal values come once, no two commits of a call share a name (nothing that was read has to be kept by
//!   name), and the first job of a lead comes with its chain ready made.
//! - **Packed.** Leads, inquiries, jobs and journal rows lie here in about half of their bytes (`domain/packing`).
//!   Dumps show them as the other engine holds them.
//! - **Space** of values put *until* a time is reclaimed by `PX` = time left + 7 days, counted from
//!   the caller's `now`. No answer depends on it.
//! - **Full server.** A commit is refused when memory is short; ending jobs, claims and expiry are
//!   not, since they make room.
//! - **Lost replies.** A commit with a claim is sent again (it then answers `Duplicate` with our own
//!   inquiry), as is everything that is harmless twice; claims, settles and redrives are not: the
//!   caller is told that the store was not reachable.
//!
//! An ACL user needs `~{s*` for keys and `+@read +@write +@scripting +@connection +info +time
//! +config|get`, on a cluster also `+cluster|slots`.

mod address;
mod answer;
mod commit;
mod engine;
mod fault;
mod joined;
mod journal;
mod link;
mod names;
mod pieces;
mod script;
mod server;
mod work;
mod writes;

pub use engine::Redis;
pub use server::ServerInfo;

#[cfg(test)]
mod tests;
