//! The engine: [`Redis`] and what of the port it does by which call.

use std::sync::Arc;
use std::time::Duration;

use ::redis::{Cmd, Value, cmd};
use async_trait::async_trait;
use tokio::runtime::Handle;

use super::address::Address;
use super::answer::{self, Answer};
use super::joined::{self, Lanes};
use super::link::{Link, Repeat};
use super::script::{ADMIT, Call, DEPTH, DUMP, EXPIRE, HEARTBEAT, TIME};
use super::server::{self, ServerInfo};
use super::{commit, work};
use crate::domain::ports::{
    ClaimJobs, Claimed, Durability, JobView, JournalEntry, Pause, QueueDepth, Redrive, Settle,
    Settled, Store, StoreError,
};
use crate::domain::{
    Commit, CommitOutcome, DeliveryId, Index, Key, LeadId, Name, Quota, Shard, Stored, Timestamp,
};
use crate::store::space::{Space, check_key, due_index, line, parse_due_member};
use crate::store::step::{Chain, FORGOTTEN_AFTER, JobValue, admit, look, settle};

/// Rows of the journal read at once by a dump.
const ROWS_PER_PAGE: u32 = 1000;

/// The store on Redis: one server, one watched by sentinels, or a cluster.
#[derive(Debug)]
pub struct Redis {
    link: Arc<Link>,
    lanes: Arc<Lanes>,
    info: ServerInfo,
}

impl Redis {
    /// Connects and looks at the server: Redis 7 or newer, and a format this version knows. Calls of commits are sent
    /// from the runtime this is called on, whichever thread commits.
    ///
    /// The URL: `redis://[user:password@]host[:port][/db]`, `redis-sentinel://h:p,h:p/master`,
    /// `redis-cluster://h:p,h:p`; TLS by `rediss`, `rediss-sentinel`, `rediss-cluster`, with the
    /// system's authorities or those of the PEM file named by `?ca=FILE`. Sentinels' own user and
    /// password: `?sentinel_user=…&sentinel_password=…`.
    ///
    /// # Errors
    /// [`StoreError::Refused`] if the URL is not understood or the server will not do,
    /// [`StoreError::Unreachable`] if it does not answer, [`StoreError::Corrupt`] if what it holds
    /// is of a newer format. No error holds the URL.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let link = Link::new(Address::parse(url)?);
        let info = server::inspect(&link).await?;
        server::check_format(&link).await?;
        let lanes = Arc::new(Lanes::new(link.connections(), Handle::current()));
        Ok(Self { link: Arc::new(link), lanes, info })
    }

    /// What was found at connect; its warnings are for the log.
    pub fn server(&self) -> &ServerInfo {
        &self.info
    }

    pub(super) async fn ask(&self, cmd: &Cmd) -> Result<Value, StoreError> {
        self.link.send(cmd, Repeat::Harmless).await
    }

    async fn get(&self, name: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        answer::maybe_bytes(self.ask(cmd("GET").arg(name)).await?)
    }

    async fn pages(&self, space: &Space) -> Result<Vec<(String, String)>, StoreError> {
        let mut lines = Vec::new();
        let mut cursor = "0".to_owned();
        loop {
            let mut call = work::begin(DUMP, space.workspace(), Timestamp::EPOCH);
            call.arg(&cursor);
            let mut page = Answer::of(call.send(&self.link, Repeat::Harmless).await?)?;
            cursor = page.text()?;
            while !page.is_over() {
                let name = page.bytes()?;
                match page.bytes_or_items()? {
                    Ok(bytes) => {
                        let bytes = look::plain(name.first(), bytes)?;
                        lines.push(line::value(space, &name, &bytes));
                    }
                    Err(members) => lines.extend(
                        members
                            .members()?
                            .into_iter()
                            .map(|(member, score)| line::member(space, &name, &member, score)),
                    ),
                }
            }
            if cursor == "0" {
                return Ok(lines);
            }
        }
    }
}

#[async_trait]
impl Store for Redis {
    async fn commit(&self, commit: &Commit) -> Result<CommitOutcome, StoreError> {
        if commit::may_join(commit) {
            let prepared = commit::prepare(commit, 1)?;
            let answer = self.lanes.send(&self.link, prepared).await?;
            if let Some(outcome) = commit::outcome(commit, answer)? {
                return Ok(outcome);
            }
        }
        // With a claim a commit that did happen answers `Duplicate`, naming our own inquiry.
        let repeat = if commit.claim.is_some() { Repeat::Harmless } else { Repeat::IfUnsent };
        let prepared = commit::prepare(commit, usize::MAX)?;
        let answer = joined::alone(&self.link, &prepared, repeat).await?;
        commit::outcome(commit, answer)?
            .ok_or_else(|| StoreError::Corrupt("a commit alone cannot be more alone".to_owned()))
    }

    async fn due(
        &self,
        shard: Shard,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(Name, Name, Timestamp)>, StoreError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let mut range = cmd("ZRANGE");
        range.arg(due_index(shard)).arg(0).arg(limit - 1).arg("WITHSCORES");
        let members = Answer::of(self.ask(&range).await?)?.members()?;
        Ok(look::due_of(members, now))
    }

    async fn claim(&self, claim: &ClaimJobs) -> Result<Claimed, StoreError> {
        let value = work::claim(claim).send(&self.link, Repeat::IfUnsent).await?;
        work::claimed(claim.now, claim.lease_ms, value)
    }

    async fn settle(&self, settle: &Settle) -> Result<Settled, StoreError> {
        settle::check(settle)?;
        let value = work::settle(settle).send(&self.link, Repeat::IfUnsent).await?;
        work::settled(settle, value)
    }

    async fn heartbeat(
        &self,
        incarnation: &Name,
        now: Timestamp,
        silent_for: Duration,
    ) -> Result<Vec<Name>, StoreError> {
        let silent = now.before(silent_for);
        let mut call = Call::new(HEARTBEAT, Shard::ZERO);
        call.arg(incarnation.as_str()).arg(now.as_millis());
        call.arg(silent.as_millis()).arg(silent.before(FORGOTTEN_AFTER).as_millis());
        let mut answer = Answer::of(call.send(&self.link, Repeat::Harmless).await?)?;
        let mut lapsed = Vec::new();
        while !answer.is_over() {
            lapsed.extend(answer.text()?.parse::<Name>().ok());
        }
        Ok(lapsed)
    }

    async fn redrive(
        &self,
        workspace: &Name,
        job: DeliveryId,
        now: Timestamp,
        how: Redrive,
    ) -> Result<bool, StoreError> {
        // A dead job's state does not change, so it may be read before the step.
        let Some(bytes) = self.get(&Space::new(workspace).key(&Key::Job(job))).await? else {
            return Ok(false);
        };
        let state = JobValue::read(&bytes)?.state;
        let call = work::redrive(workspace, job, now, how, &state);
        Ok(answer::int(&call.send(&self.link, Repeat::IfUnsent).await?)? == 1)
    }

    async fn pause(
        &self,
        workspace: &Name,
        queue: &Name,
        now: Timestamp,
        pause: Option<Pause>,
    ) -> Result<(), StoreError> {
        let call = work::pause(workspace, queue, now, pause.as_ref());
        call.send(&self.link, Repeat::Harmless).await.map(|_| ())
    }

    async fn expire(
        &self,
        workspace: &Name,
        now: Timestamp,
        limit: u32,
    ) -> Result<u32, StoreError> {
        let mut call = work::begin(EXPIRE, workspace, now);
        call.arg(limit);
        let value = call.send(&self.link, Repeat::Harmless).await?;
        Ok(u32::try_from(answer::int(&value)?).unwrap_or(u32::MAX))
    }

    async fn read(
        &self,
        workspace: &Name,
        keys: &[Key],
    ) -> Result<Vec<Option<Stored>>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let space = Space::new(workspace);
        let mut read = cmd("MGET");
        for key in keys {
            read.arg(space.key(key));
        }
        let mut answer = Answer::of(self.ask(&read).await?)?;
        keys.iter()
            .map(|key| {
                let bytes = answer.maybe_bytes()?;
                bytes.map(|bytes| look::stored(key, bytes)).transpose()
            })
            .collect()
    }

    async fn list(
        &self,
        workspace: &Name,
        index: &Index,
        from: i64,
        to: i64,
        newest_first: bool,
        limit: u32,
    ) -> Result<Vec<(Vec<u8>, i64)>, StoreError> {
        let mut range = cmd("ZRANGE");
        range.arg(Space::new(workspace).index(index));
        if newest_first {
            range.arg(to).arg(from).arg("BYSCORE").arg("REV");
        } else {
            range.arg(from).arg(to).arg("BYSCORE");
        }
        range.arg("LIMIT").arg(0).arg(limit).arg("WITHSCORES");
        Answer::of(self.ask(&range).await?)?.members()
    }

    async fn count(&self, workspace: &Name, index: &Index) -> Result<u64, StoreError> {
        let card = self.ask(cmd("ZCARD").arg(Space::new(workspace).index(index))).await?;
        Ok(u64::try_from(answer::int(&card)?).unwrap_or(0))
    }

    async fn job(&self, workspace: &Name, job: DeliveryId) -> Result<Option<JobView>, StoreError> {
        let bytes = self.get(&Space::new(workspace).key(&Key::Job(job))).await?;
        bytes.map(|bytes| Ok(look::job_view(job, JobValue::read(&bytes)?))).transpose()
    }

    async fn jobs_of(
        &self,
        workspace: &Name,
        lead: LeadId,
    ) -> Result<Vec<(Name, DeliveryId)>, StoreError> {
        let bytes = self.get(&Space::new(workspace).key(&Key::Chain(lead))).await?;
        Ok(Chain::read(bytes.as_deref())?.remembered())
    }

    async fn depth(
        &self,
        workspace: &Name,
        queue: &Name,
        now: Timestamp,
    ) -> Result<QueueDepth, StoreError> {
        let mut call = work::begin(DEPTH, workspace, now);
        call.arg(queue.as_str());
        let mut answer = Answer::of(call.send(&self.link, Repeat::Harmless).await?)?;
        let mut size = || answer.int().map(|size| u64::try_from(size).unwrap_or(0));
        let (ready, delayed, leased) = (size()?, size()?, size()?);
        let oldest = answer.maybe_time()?;
        let paused = answer.last_bytes()?.and_then(|bytes| {
            let text = String::from_utf8(bytes).ok()?;
            let (reason, until) = text.split_once('|')?;
            Some((reason.to_owned(), until.parse().ok().map(Timestamp::from_millis)))
        });
        Ok(QueueDepth { ready, delayed, leased, oldest, paused })
    }

    async fn journal(
        &self,
        workspace: &Name,
        after: (u64, u64),
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        let rows = self.rows(workspace, after, limit).await?;
        Ok(rows.into_iter().map(look::entry).collect::<Result<_, _>>()?)
    }

    async fn journal_back(
        &self,
        workspace: &Name,
        before: Option<(u64, u64)>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        let rows = self.rows_back(workspace, before, limit).await?;
        Ok(rows.into_iter().map(look::entry).collect::<Result<_, _>>()?)
    }

    async fn keep_bundle(
        &self,
        workspace: &Name,
        hash: [u8; 16],
        bundle: &[u8],
    ) -> Result<(), StoreError> {
        let name = Space::new(workspace).key(&Key::Bundle(hash));
        let value = Stored::encode(1, "", bundle);
        self.ask(cmd("SET").arg(name).arg(value).arg("NX")).await.map(|_| ())
    }

    async fn dump(&self, workspace: &Name) -> Result<Vec<(String, String)>, StoreError> {
        let space = Space::new(workspace);
        let mut lines = self.pages(&space).await?;
        let mut after = (0, 0);
        loop {
            let rows = self.rows(workspace, after, ROWS_PER_PAGE).await?;
            let Some((last, ..)) = rows.last() else { break };
            after = *last;
            lines.extend(rows.iter().map(|(at, receipt, row)| line::journal(*at, receipt, row)));
        }
        let mut range = cmd("ZRANGE");
        range.arg(space.due()).arg(0).arg(-1).arg("WITHSCORES");
        for (member, at) in Answer::of(self.ask(&range).await?)?.members()? {
            match parse_due_member(&member) {
                Some((of, queue)) if of == *workspace => lines.push(line::due(&queue, at)),
                _ => {}
            }
        }
        lines.sort_unstable();
        // A scan may meet a name twice.
        lines.dedup();
        Ok(lines)
    }

    async fn admit(
        &self,
        workspace: &Name,
        bucket: [u8; 16],
        quota: Quota,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let mut call = work::begin(ADMIT, workspace, now);
        call.arg(format!("{:032x}", u128::from_be_bytes(bucket)));
        call.arg(quota.each_us()).arg(quota.count.max(1));
        let free = answer::int(&call.send(&self.link, Repeat::IfUnsent).await?)?;
        Ok((free >= 0).then(|| admit::at(free)))
    }

    async fn time(&self) -> Result<Timestamp, StoreError> {
        let value = Call::new(TIME, Shard::ZERO).send(&self.link, Repeat::Harmless).await?;
        let mut answer = Answer::of(value)?;
        let (seconds, micros) = (answer.score()?, answer.score()?);
        Ok(Timestamp::from_millis(seconds * 1000 + micros / 1000))
    }

    async fn check_key(&self, check: [u8; 16]) -> Result<bool, StoreError> {
        self.ask(cmd("SET").arg(check_key()).arg(&check[..]).arg("NX")).await?;
        Ok(self.get(&check_key()).await?.as_deref() == Some(&check[..]))
    }

    async fn durability(&self) -> Result<Durability, StoreError> {
        server::inspect(&self.link).await.map(|info| info.durability)
    }

    async fn purge(&self) -> Result<(), StoreError> {
        server::purge(&self.link).await
    }
}
