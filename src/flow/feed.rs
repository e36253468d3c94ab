//! The newest inquiries of a workspace and what became of them, for people who look on live.
//!
//! One process reads a workspace's journal once, however many look on: the newest items are kept in
//! memory, brought up to date when somebody asks and the last time is a while ago. Nobody looking on
//! costs nothing.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;

use super::context::{Flow, Unavailable};
use super::inquiry::read_entry;
use super::redrive::delivery_of;
use crate::domain::ports::{JobView, JournalEntry};
use crate::domain::{
    Attempt, Category, Channel, DeliveryId, IdBlock, InquiryEntry, InquiryId, JournalRow, Key,
    LeadId, Millipoints, Name, Pii, Stage, Status, Timestamp,
};

/// So many inquiries are kept in memory for each workspace that is looked on.
pub const FEED_KEPT: usize = 200;
/// Who asks again sooner gets what is there.
const FRESH_FOR: Duration = Duration::from_millis(500);
/// Of so many of the newest the deliveries are followed until they end.
const FOLLOWED: usize = 60;
/// Rows read at once; whoever is further behind begins anew at the end.
const ROWS: u32 = 500;
/// And so many in all to begin with.
const ROWS_MAX: usize = 2_000;
/// Reads of the store at once.
const AT_ONCE: usize = 16;

/// Where somebody's look on ends: what changed behind it is new to them. Of another process it says
/// nothing, and all is given again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedCursor {
    process: u32,
    revision: u64,
}

/// Why a text is no cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected `next` of an answer before")]
pub struct ParseFeedCursorError;

impl fmt::Display for FeedCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}-{}", self.process, self.revision)
    }
}

impl FromStr for FeedCursor {
    type Err = ParseFeedCursorError;

    fn from_str(text: &str) -> Result<Self, ParseFeedCursorError> {
        let (process, revision) = text.split_once('-').ok_or(ParseFeedCursorError)?;
        Ok(Self {
            process: u32::from_str_radix(process, 16).map_err(|_| ParseFeedCursorError)?,
            revision: revision.parse().map_err(|_| ParseFeedCursorError)?,
        })
    }
}

/// One inquiry, or one body that could not be read, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedItem {
    /// Of its newest row in the journal.
    pub position: (u64, u64),
    pub id: InquiryId,
    pub at: Timestamp,
    pub status: Status,
    pub source: Option<Name>,
    pub channel: Option<Channel>,
    pub lead: Option<LeadId>,
    pub stage: Option<Stage>,
    pub category: Option<Category>,
    pub queue: Option<Name>,
    pub owner: Option<Name>,
    /// The rule that won; `None` = the fallback, or not routed.
    pub rule: Option<Name>,
    pub score: Option<Millipoints>,
    /// Why it could not be read.
    pub reason: Option<Name>,
    /// Who it is, as far as is known: personal data.
    pub person: Option<String>,
    pub company: Option<String>,
    /// Oldest first.
    pub deliveries: Vec<FeedDelivery>,
    revision: u64,
}

/// How far an event of the inquiry is on its way to one destination.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedDelivery {
    pub id: DeliveryId,
    pub destination: Name,
    /// `waiting`, `delivered`, `dead`, `handed_over`, `dropped` …
    pub state: String,
    pub tried: u32,
    /// The last attempt.
    pub last: Option<Attempt>,
    pub ended_at: Option<Timestamp>,
}

impl FeedDelivery {
    fn ended(&self) -> bool {
        self.state != WAITING
    }
}

const WAITING: &str = "waiting";

/// What is new to somebody.
#[derive(Debug, Clone)]
pub struct FeedPage {
    /// Newest first.
    pub items: Vec<Arc<FeedItem>>,
    /// To be given back for what comes after.
    pub next: FeedCursor,
}

/// The items of every workspace that somebody looks on.
#[derive(Debug)]
pub(super) struct Feed {
    process: u32,
    tails: Mutex<BTreeMap<Name, Arc<tokio::sync::Mutex<Tail>>>>,
}

#[derive(Debug, Default)]
struct Tail {
    /// As far as the journal was read; `None` = not begun.
    position: Option<(u64, u64)>,
    looked_at: Option<Timestamp>,
    revision: u64,
    /// Oldest first.
    items: VecDeque<Arc<FeedItem>>,
}

impl Feed {
    pub(super) fn new(incarnation: &Name) -> Self {
        let process = incarnation
            .as_str()
            .bytes()
            .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        Self { process, tails: Mutex::default() }
    }

    fn tail(&self, workspace: &Name) -> Arc<tokio::sync::Mutex<Tail>> {
        let mut tails = self.tails.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(tails.entry(workspace.clone()).or_default())
    }
}

impl Flow {
    /// The newest inquiries with what became of them, newest first; with `since` only those that are
    /// new or changed behind it. At most `limit` (and [`FEED_KEPT`]). Cheap enough to be asked every
    /// second by many.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn feed(
        &self,
        workspace: &Name,
        since: Option<FeedCursor>,
        limit: usize,
    ) -> Result<FeedPage, Unavailable> {
        let tail = self.feed.tail(workspace);
        let mut tail = tail.lock().await;
        let now = self.now();
        if tail.looked_at.is_none_or(|at| now.since(at) >= FRESH_FOR) {
            self.read_on(workspace, &mut tail).await?;
            tail.looked_at = Some(now);
        }
        let process = self.feed.process;
        let seen = since.filter(|since| since.process == process).map_or(0, |since| since.revision);
        let items = tail.items.iter().rev().filter(|item| item.revision > seen);
        Ok(FeedPage {
            items: items.take(limit).map(Arc::clone).collect(),
            next: FeedCursor { process, revision: tail.revision },
        })
    }

    async fn read_on(&self, workspace: &Name, tail: &mut Tail) -> Result<(), Unavailable> {
        let rows = match tail.position {
            None => self.newest_rows(workspace).await?,
            Some(position) => {
                let rows = self.store.journal(workspace, position, ROWS).await;
                let rows = rows.map_err(|error| self.troubled("feed", error))?;
                if rows.len() < ROWS as usize { rows } else { self.newest_rows(workspace).await? }
            }
        };
        if let Some(last) = rows.last() {
            tail.position = Some(last.position);
        } else {
            tail.position.get_or_insert((0, 0));
        }
        let mut fresh = Vec::new();
        for entry in &rows {
            let row: JournalRow =
                serde_json::from_slice(&entry.row).map_err(|_| Unavailable::Corrupt)?;
            tail.take(entry, &row, &mut fresh);
        }
        // Only what is still kept: the rest has gone by already.
        fresh.retain(|id| tail.items.iter().any(|item| item.id == *id));
        self.fill_in(workspace, tail, &fresh).await?;
        self.follow(workspace, tail).await
    }

    /// The newest rows that matter to somebody who just came, oldest first.
    async fn newest_rows(&self, workspace: &Name) -> Result<Vec<JournalEntry>, Unavailable> {
        let mut rows: Vec<JournalEntry> = Vec::new();
        while rows.len() < ROWS_MAX {
            let before = rows.last().map(|row| row.position);
            let page = self.store.journal_back(workspace, before, ROWS).await;
            let page = page.map_err(|error| self.troubled("feed", error))?;
            let last = page.len() < ROWS as usize;
            rows.extend(page);
            if last {
                break;
            }
        }
        rows.reverse();
        Ok(rows)
    }

    /// Who it is and what it scored: from the inquiries themselves, read once.
    async fn fill_in(
        &self,
        workspace: &Name,
        tail: &mut Tail,
        fresh: &[InquiryId],
    ) -> Result<(), Unavailable> {
        let keys: Vec<Key> = fresh.iter().map(|id| Key::Inquiry(*id)).collect();
        if keys.is_empty() {
            return Ok(());
        }
        let stored = self.store.read(workspace, &keys).await;
        let stored = stored.map_err(|error| self.troubled("feed", error))?;
        for (id, stored) in fresh.iter().zip(stored) {
            let Some(entry) = stored.as_ref().map(read_entry).transpose()? else { continue };
            tail.change(*id, |item| item.fill_in(&entry));
        }
        Ok(())
    }

    /// How the deliveries of the newest are getting on.
    async fn follow(&self, workspace: &Name, tail: &mut Tail) -> Result<(), Unavailable> {
        let open: Vec<(InquiryId, LeadId)> = tail
            .items
            .iter()
            .rev()
            .take(FOLLOWED)
            .filter(|item| {
                item.deliveries.is_empty() || !item.deliveries.iter().all(FeedDelivery::ended)
            })
            .filter_map(|item| Some((item.id, item.lead?)))
            .collect();
        let found: Vec<_> = futures_util::stream::iter(open)
            .map(|(id, lead)| async move { (id, self.deliveries_for(workspace, lead, id).await) })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        for (id, deliveries) in found {
            let deliveries = deliveries?;
            let deliveries: Vec<FeedDelivery> =
                deliveries.iter().map(|(queue, view)| FeedDelivery::of(queue, view)).collect();
            tail.change(id, |item| item.deliveries = deliveries);
        }
        Ok(())
    }

    /// The deliveries of a lead that one inquiry brought about, oldest first, with their queues.
    pub(super) async fn deliveries_for(
        &self,
        workspace: &Name,
        lead: LeadId,
        inquiry: InquiryId,
    ) -> Result<Vec<(Name, JobView)>, Unavailable> {
        let jobs = self.store.jobs_of(workspace, lead).await;
        let mut found = Vec::new();
        for (queue, job) in jobs.map_err(|error| self.troubled("read", error))? {
            // Ids of one commit stand together; a job that took over another's place has its own.
            let Some(view) = self.delivery(workspace, job).await? else { continue };
            let event = delivery_of(&view).map(|delivery| delivery.event.id).or(view.state.event);
            let about = delivery_of(&view).and_then(|delivery| delivery.event.inquiry);
            let beside = event.map(|event| IdBlock::inquiry_beside(event.as_bytes()));
            if about == Some(inquiry) || (about.is_none() && beside == Some(inquiry)) {
                found.push((queue, view));
            }
        }
        Ok(found)
    }
}

impl Tail {
    /// One row: a new item, or what became of one that is there.
    fn take(&mut self, entry: &JournalEntry, row: &JournalRow, fresh: &mut Vec<InquiryId>) {
        let branch = entry.receipt.as_ref().map_or(0, |receipt| usize::from(receipt.branch));
        let outcome = row.outcomes.get(branch);
        let owner = entry.receipt.as_ref().and_then(|receipt| receipt.member.clone());
        let arrived = ["inquiry_decided", "filtered_released", "body_kept", "reference_kept"];
        if let Some(id) = row.inquiry.filter(|_| arrived.contains(&row.fact.as_str())) {
            self.items.retain(|item| item.id != id);
            self.revision += 1;
            self.items.push_back(Arc::new(FeedItem {
                position: entry.position,
                id,
                at: row.at,
                status: row.status.or(outcome.map(|o| o.status)).unwrap_or(Status::Held),
                source: row.source.clone(),
                channel: None,
                lead: row.lead,
                stage: outcome.map(|outcome| outcome.stage),
                category: outcome.map(|outcome| outcome.category),
                queue: outcome.map(|outcome| outcome.queue.clone()),
                owner,
                rule: row.rule.clone(),
                score: None,
                reason: row.reason.clone(),
                person: None,
                company: None,
                deliveries: Vec::new(),
                revision: self.revision,
            }));
            if self.items.len() > FEED_KEPT {
                self.items.pop_front();
            }
            if !fresh.contains(&id) {
                fresh.push(id);
            }
        } else if let (Some(lead), Some(outcome)) = (row.lead, outcome) {
            // A person moved the lead: its newest inquiry shows where it is now.
            let last = self.items.iter().rev().find(|item| item.lead == Some(lead));
            let Some(id) = last.map(|item| item.id) else { return };
            self.change(id, |item| {
                item.status = outcome.status;
                item.stage = Some(outcome.stage);
                item.category = Some(outcome.category);
                item.queue = Some(outcome.queue.clone());
                item.owner = owner;
                item.deliveries.clear();
            });
        }
    }

    /// Changes an item; who looked on before gets it again if anything is different.
    fn change(&mut self, id: InquiryId, change: impl FnOnce(&mut FeedItem)) {
        let Some(place) = self.items.iter_mut().find(|item| item.id == id) else { return };
        let mut changed = FeedItem::clone(place);
        change(&mut changed);
        if changed != **place {
            self.revision += 1;
            changed.revision = self.revision;
            *place = Arc::new(changed);
        }
    }
}

impl FeedItem {
    fn fill_in(&mut self, entry: &InquiryEntry) {
        let inquiry = &entry.inquiry;
        self.channel = Some(inquiry.channel);
        self.score = Some(entry.record.qualification.score);
        self.owner = self.owner.take().or_else(|| entry.assignment.owner().cloned());
        let contact = &inquiry.contact;
        let address = contact.email.as_ref().or(contact.phone.as_ref());
        let address = address.map(|of| of.value.as_ref().unwrap_or(&of.raw).expose().to_owned());
        self.person = super::person::name_of(contact).or(address);
        self.company = inquiry.company.name.as_ref().map(|name| Pii::expose(name).to_owned());
    }
}

impl FeedDelivery {
    fn of(queue: &Name, view: &JobView) -> Self {
        let state = &view.state;
        let destination = delivery_of(view).map(|delivery| &delivery.destination);
        Self {
            id: view.id,
            destination: destination.or(state.destination.as_ref()).unwrap_or(queue).clone(),
            state: state.ended.clone().unwrap_or_else(|| WAITING.to_owned()),
            tried: state.count,
            last: state.attempts.last().cloned(),
            ended_at: state.ended_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text() {
        let cursor = FeedCursor { process: 0xbeef, revision: 12 };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for bad in ["", "1", "x-1", "1-x"] {
            assert!(bad.parse::<FeedCursor>().is_err(), "{bad}");
        }
    }
}
