//! Each business step of the store, once, in Rust, over a small transaction trait ([`Tx`]).
//!
//! The embedded engine runs these functions; the Redis engine mirrors them in scripts and is held
//! to them by random operation sequences whose answers and dumps must be equal. So this text binds
//! both. Words: *value* = a string of bytes under a name; *index* = members (bytes) with an integer
//! score, ordered by score, then by the members' bytes. Integers are below 2⁵³. BE = big endian.
//! Names are built by [`super::space`]: `{sNNN}:workspace:` + [`Key::encode`](crate::domain::Key::encode)
//! or [`Index::encode`](crate::domain::Index::encode).
//!
//! # Values
//! | key | bytes |
//! |---|---|
//! | `Identity` `Lead` `Inquiry` `Body` `Overlay` `Given` `Sealed` `Bundle` `Batch` `Tally` `Rollup` `Trail` `Folded` `Spend` | *stored*: version (8 BE), receipt length (2 BE), receipt, body; see [`Stored`](crate::domain::Stored). An identity's body is a [`KeySet`](crate::domain::KeySet): ids of 16 bytes each, or `!` and a count (4 BE). |
//! | `Claim` | fingerprint (8), inquiry id (16), until in ms (8 BE) |
//! | `Pool` | turn (8), seats (2), weights drawn (4), running weights, last turns, counts (8 each), members `\|a\|b`; wide ones have two more columns; see [`crate::assign::pack_state`] |
//! | `Counter` | decimal text |
//! | `Destination` | text: `reason\|until in ms`, or `reason\|-` = until a person resumes it. *Paused at `now`* = the value is there and (until is `-` or until > now). A served pause may stay; it means nothing. |
//! | `Pace` | decimal text: the microsecond until which the queue's bucket is in use |
//! | `Chain` | see below |
//! | `Job` | see below |
//! | journal (`J`) | rows at positions (ms, n): ms = max(now, ms of the last row, 1), n counts from 0 within one ms; each row = receipt text and row bytes. Redis: a stream, an entry for one row or several that follow each other within one ms: fields `r` and `d` of each, the id is the last one's position. |
//!
//! A value put *until T* may be reclaimed from T + 7 days on (Redis: `PX` = max(T − now, 0) + 7
//! days); a later put without T keeps it for good. No answer depends on reclaiming.
//! Reading a value that is not of the *stored* form (claim, pool, counter, chain, job, destination)
//! through [`Store::read`](crate::domain::ports::Store::read) gives version 0, no receipt, and all
//! bytes as the body.
//!
//! **Job** ([`JobValue`]):
//! ```text
//! sequence (8 BE) | absorbed count (4 BE) | flags (1) | priority (1) | due ms (8 BE) | lead (16, zeros = none)
//! | queue length (1) | queue | n (1) | n absorbed inquiry ids (16 each, n ≤ 100)
//! | receipt length (2 BE) | receipt | state length (4 BE) | state | body (the rest)
//! ```
//! The first 38 bytes have fixed places. Flags: 1 = coalesces, 2 = ended (body dropped), 4 = dead
//! (on the dead list). Priority is at most 9; due is at least 0.
//!
//! **Chain** of a lead ([`Chain`]), one record per queue in order of first use, then the lead's
//! newest fifty jobs, oldest first:
//! ```text
//! records r (1) | r × ( queue length (1) | queue | flags (1) | sequence (8 BE) | head (16) | open (16)
//!                       | n (2 BE) | n successors (16 each) )
//! | jobs h (1) | h × ( record number (1, from 0) | job (16) )
//! ```
//! Zeros = none. `sequence` is the last one given out. `head`: the one job of the (lead, queue) that
//! stands in exactly one of ready, delayed, leased; successors stand in none. `open`: the last job
//! of the record, if it coalesces and was never leased: later jobs that coalesce are absorbed by it.
//! Flags: 1 = handed over. Records and sequences are never removed.
//!
//! # Indexes
//! - `Ready(queue)`: jobs; score = priority × 2⁴² + min(due, 2⁴² − 1).
//! - `Delayed(queue)`: jobs; score = due. `Dead`: jobs; score = when they gave up; the same ones in `DeadOf(kind, queue)`, kind as
//!   [`DeadKind::of_state`](crate::domain::DeadKind::of_state) reads their state.
//! - `Leased(queue)`: job (16) + incarnation's name; score = end of the lease. Its size = permits in use.
//! - worklists (`Held` … `Tests`): ids; score as the commit says. `Expiry`: a letter (as in
//!   `Index::encode`: `u b f e`) + inquiry id [+ the test lead's id]; score = when it has served.
//! - due, one per shard: `workspace/queue`; score = when the queue next needs looking at.
//! - live, in shard 0: incarnations; score = when last heard of.
//!
//! # Steps
//! Permits are at least 1; whoever wants none pauses the queue.
//!
//! **place(job)**: into ready if due ≤ now, else into delayed.
//!
//! **lower(queue, t)**: if the queue is paused for good: nothing; if paused until T: t = max(t, T);
//! then the due index's score becomes t if there is none or a higher one.
//!
//! **pace(queue)**: a queue may have one: *every* microseconds, *burst*, *jobs*. In use = max(the value of `Pace`, now in
//! microseconds). So many jobs may begin now: floor((now + every × burst − in use) / every) × jobs, 0 at least. When k ≥ 1 jobs begin, the
//! value becomes in use + every × ceil(k / jobs), until floor(that / 1000) + 1 ms. The next may begin at ceil((in use − every × (burst − 1)) / 1000) ms,
//! now at the earliest.
//!
//! **watch(queue, permits and pace or unknown)** sets the due index exactly; gives the time or none (member removed):
//! paused for good → none; nothing in ready, delayed and leased → none; paused until T → T;
//! else the smallest of: `now` (with a pace: when the next may begin) if ready is not empty and (permits unknown or size of leased < permits);
//! first score of delayed; first score of leased. None of these → none.
//!
//! **take(queue, n)**: if paused: none. m = min(n, permits − size of leased, how many may begin by the pace). For the first m jobs of
//! ready: out of ready; (a job without value is dropped, not replaced); into leased until now + lease_ms;
//! if it coalesces and is its record's `open`: clear `open` and write the chain. Those leased begin, by the pace.
//!
//! **enqueue(new job, receipt, lease?)**
//! 1. Without a lead: sequence 0, no chain; go to 6.
//! 2. Chain of the lead (absent = empty). With `resets_handover`: clear flag 1 of the record of
//!    `route.queue`, if there is one. Then if that record has flag 1 and the job has a fallback:
//!    route = fallback. Record of the route's queue (new: appended with sequence 0).
//! 3. If the record has an `open` job (its value being there): if the new one coalesces: that job's
//!    absorbed count + 1, and `inquiry`, if given, appended to its ids while n < 100; write that job;
//!    write the chain; done: no job, no sequence. Else: the open job's due = min(due, now); write it;
//!    if it stands in delayed: out, into ready, lower(queue, now); clear `open`.
//! 4. sequence + 1 is the job's. The job is appended to the lead's newest fifty.
//! 5. If the record has a head: append the job to its successors; set `open` to it if it coalesces;
//!    write job and chain; done. Else it is the head.
//! 6. It is leased at once if: a lease was given, the route has no pace, due ≤ now, the queue is not paused, size of leased
//!    < permits, ready is empty. Then: into leased, lower(queue, end of lease). Else: place it
//!    (`open` set to it if it coalesces) and: if delayed: lower(queue, due); if ready: nothing if size of
//!    leased ≥ max(permits, 1) (the lease's end stands in due already), else lower(queue, now).
//! 7. Write job and chain.
//!
//! **commit**: nothing is written unless 3 is passed.
//! 1. Claim: its entry is there and its until > now: same fingerprint → `Duplicate`, other → `Conflict`.
//! 2. Every read: first 8 bytes of the value (absent = 0) equal the version, else `Stale` with the
//!    values of all keys read and of every lead behind the key sets among them (not shared ones).
//! 3. [`crate::assign::pick_branch`] over the branches: the first without a pick or whose pick can be
//!    filled (counters read as numbers, absent = 0); the last one without an owner if none can. No branches → receipt `0||0|0|`.
//! 4. Writes: `Put` = stored (receipt text only with `with_receipt`); `Delete`; `CountShared` = the
//!    count of a shared key + 1 (nothing if it is not there or not shared); `Lower` = the counter less so many, 0 at least, for good. Then the commit's
//!    indexes, the branch's. Then, after a pick, the pool's state and each counter of the member + 1 (until the cap's).
//!    Then each `Credit`, in order ([`crate::assign::give_back`]; nothing if the member has no seat).
//! 5. enqueue each of the branch's jobs, in order, with the receipt and the lease.
//! 6. Append the journal row with the receipt, unless its bytes are empty.
//! 7. Write the claim's entry, until its deadline.
//!
//! **claim**: free = members of leased with score ≤ now, or of a lapsed incarnation: out of leased,
//! job with its own due into ready (dropped if it has no value). Then the first 256 of delayed with score ≤
//! now into ready. Then take(n). Then watch with permits.
//!
//! **settle**: not in leased under this incarnation, or no value → `LeaseLost`. Out of leased. Then
//! - `Again`: due, state and the lowest priority (9: what was tried stands behind what was not) written; place.
//! - `Released`: into ready with its own due; the value stays.
//! - `Done`: state, body dropped, flag 2, until; advance.
//! - `Dead`: state, flag 4; into the dead list and that of its kind and queue at now; advance.
//! - `HandedOver` (refused before anything else if to its own queue or another lead): value as with `Done`;
//!   the record's head, open and successors become none, flag 1 is set; enqueue the new job (its fallback
//!   ignored) with the old one's receipt and no lease; then each former successor in order goes to the new
//!   job's route queue: its record there closes its open job (enqueue 3, "else"); a job without a value is
//!   forgotten; sequence + 1 becomes the job's; its queue and sequence are written; its record number
//!   among the newest fifty follows; it becomes a successor there (or, without a head, the head: enqueue 6 without lease).
//!
//! *advance*: head = none; first successor with a value becomes head and is placed.
//! Then, if there is a pause: written, unless the queue is paused at least as long. Then take(n),
//! then watch with permits. Settle's answer holds the jobs taken and watch's time.
//!
//! **redrive**: not on the dead list, or no value → false. Out of the dead list and those of its queue. *Replay*: flag 4
//! cleared, due = now, the lowest priority (what was not tried yet goes first); without a lead or with an empty head: (head,) into ready; else inserted among the
//! successors before the first with a higher sequence. *Drop*: body dropped, flag 4 cleared, flag 2 set, until the time given.
//! The state is what [`redrive::state_after`] makes of it (both engines call it; it does
//! not change while a job is dead). Then watch, permits unknown.
//!
//! **pause**: the value written (whatever was there) or removed; watch, permits unknown.
//!
//! **expire**: members of `Expiry` with score ≤ now, at most `limit`, in order: out; the inquiry's
//! body goes; out of the worklist of its letter; for `e` and `f` also the inquiry entry; if a lead's
//! id follows, also that lead and its chain. Gives how many.
//!
//! **admit(bucket, quota)**: each = the quota's time ÷ its count, in whole microseconds, 1 at least. In use = max(the bucket's number, now in
//! microseconds), free = in use + each − each × count. If free > now: no, and when: free, in ms, rounded up. Else the number becomes in use + each.
//! Buckets stand in no dump. The engines that one process has to itself keep them in its memory; on Redis the number is the value
//! `{sNNN}:rate/workspace/bucket in hex`, reclaimed a minute after it is out of use.
//!
//! **heartbeat**: live's score of the incarnation = now; members with score < now − 24 h − silent_for
//! go; those others with score ≤ now − silent_for are the answer, in order.

pub mod admit;
mod bytes;
mod chain;
mod claim;
mod commit;
mod enqueue;
pub mod expire;
mod heartbeat;
mod job;
pub mod keep;
pub mod look;
pub mod memory;
mod pace;
mod pause;
mod position;
mod queue;
pub mod redrive;
pub mod settle;
mod tx;
mod work;

pub use admit::Buckets;
pub use chain::{Chain, Link};
pub use claim::{MOVES_MAX, claim};
pub use commit::{commit, encode_claim};
pub use expire::expire;
pub use heartbeat::{FORGOTTEN_AFTER, heartbeat};
pub use job::JobValue;
pub use memory::Memory;
pub use pause::pause;
pub use position::next_position;
pub use redrive::redrive;
pub use settle::settle;
pub use tx::{OnMember, OnValue, Row, Tx, View};
