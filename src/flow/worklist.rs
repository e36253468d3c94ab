//! What waits for a person: the worklists, a page at a time, each thing with what is known of it.

use std::fmt;
use std::str::FromStr;

use super::context::{Flow, Unavailable};
use super::inquiry::{read_entry, read_lead};
use super::unreadable::Kept;
use super::workspace::Workspace;
use crate::domain::ports::{JobView, LATEST};
use crate::domain::{
    DeliveryId, Index, InquiryEntry, InquiryId, Key, Lead, LeadId, Name, Stored, Timestamp,
};
use crate::follow_up::sla::Shown;

/// So many members are looked through for one page at most: one instant may hold a whole upload.
const LOOK_MAX: u32 = 100_000;

/// A place in a worklist, newest first: behind it the page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    at: Timestamp,
    /// Things of the same instant before this one have been shown; `None` = all of them.
    id: Option<[u8; 16]>,
}

/// Why a text is no place in a worklist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an RFC 3339 time, or `next` of the page before")]
pub struct ParseCursorError;

impl FromStr for Cursor {
    type Err = ParseCursorError;

    fn from_str(text: &str) -> Result<Self, ParseCursorError> {
        if let Some(at) = Timestamp::parse(text) {
            return Ok(Self { at, id: None });
        }
        let (at, id) = text.split_once('.').ok_or(ParseCursorError)?;
        let at = at.parse().map(Timestamp::from_millis).map_err(|_| ParseCursorError)?;
        let id = uuid::Uuid::try_parse(id).map_err(|_| ParseCursorError)?;
        Ok(Self { at, id: Some(id.into_bytes()) })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id {
            Some(id) => {
                write!(f, "{}.{}", self.at.as_millis(), uuid::Uuid::from_bytes(id).simple())
            }
            None => write!(f, "{}", self.at),
        }
    }
}

impl Cursor {
    /// Before that instant.
    pub(super) fn at(at: Timestamp) -> Self {
        Self { at, id: None }
    }

    /// Behind this member of that instant.
    #[must_use]
    pub fn behind(id: [u8; 16], at: Timestamp) -> Self {
        Self { at, id: Some(id) }
    }

    /// The lowest score that may still come, where what is due first comes first.
    fn from(self) -> i64 {
        self.at.as_millis()
    }

    fn is_behind(self, member: &[u8; 16], at: Timestamp) -> bool {
        match self.id {
            Some(id) => at > self.at || *member > id,
            None => at >= self.at,
        }
    }

    /// The highest score that may still come.
    fn to(self) -> i64 {
        if self.id.is_some() { self.at.as_millis() } else { self.at.as_millis() - 1 }
    }

    pub(super) fn is_before(self, member: &[u8; 16], at: Timestamp) -> bool {
        match self.id {
            Some(id) => at < self.at || *member < id,
            None => at < self.at,
        }
    }
}

/// Part of a worklist.
#[derive(Debug, Clone)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Where the next page begins; `None` = that was all.
    pub next: Option<Cursor>,
}

/// One thing that waits.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub id: [u8; 16],
    /// When it got there.
    pub since: Timestamp,
    pub what: Waits,
}

/// What it is.
#[derive(Debug, Clone)]
pub enum Waits {
    /// A lead, with its last inquiry, and how its clocks stand.
    Lead(Box<Lead>, Option<Box<InquiryEntry>>, Option<Box<Shown>>),
    /// Two leads that may be one person's: which one would go, which one would stay, and what they have in
    /// common or against it, in fixed words.
    Pair(Box<(Lead, Lead)>, Vec<&'static str>),
    /// A body that could not be read.
    Body(InquiryId, Box<Kept>),
    /// A filtered or test inquiry.
    Inquiry(Box<InquiryEntry>),
    /// A delivery that was given up.
    Delivery(Box<JobView>),
    /// It went while the page was read.
    Gone,
}

impl Flow {
    /// How many things each worklist holds.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn counts(
        &self,
        workspace: &Name,
    ) -> Result<Vec<(&'static Index, u64)>, Unavailable> {
        let mut counts = Vec::with_capacity(Index::WORKLISTS.len());
        for list in Index::WORKLISTS {
            let count = self.store.count(workspace, list).await;
            counts.push((list, count.map_err(|error| self.troubled("count", error))?));
        }
        Ok(counts)
    }

    /// A page of a worklist, newest first; of those whom people ask, whoever is due first.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn waiting(
        &self,
        workspace: &Workspace,
        list: &Index,
        before: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<Waiting>, Unavailable> {
        let of = workspace;
        let workspace = &of.name;
        if matches!(list, Index::Review | Index::Refused) {
            return self.pairs_waiting(workspace, list, before, limit).await;
        }
        let Page { items: members, next } = self.members(workspace, list, before, limit).await?;
        let items = match list {
            Index::Held | Index::Triage | Index::Qualify | Index::Unconfirmed => {
                self.leads_waiting(of, &members).await?
            }
            Index::Unreadable | Index::Retrieving | Index::Returned => {
                self.bodies_waiting(workspace, &members).await?
            }
            Index::Dead => self.deliveries_waiting(workspace, &members).await?,
            _ => self.inquiries_waiting(workspace, &members).await?,
        };
        let items = members
            .into_iter()
            .zip(items)
            .map(|((id, since), what)| Waiting { id, since, what })
            .collect();
        Ok(Page { items, next })
    }

    /// Members of a worklist with the time they got there (or are due), ties by id.
    pub(super) async fn members(
        &self,
        workspace: &Name,
        list: &Index,
        before: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<([u8; 16], Timestamp)>, Unavailable> {
        let id = |member: Vec<u8>| -> Option<[u8; 16]> { member.try_into().ok() };
        let page = self.page_of(workspace, list, before, limit, |it| id(it).map(|id| (id, id)));
        let Page { items, next } = page.await?;
        Ok(Page { items: items.into_iter().map(|(_, id, at)| (id, at)).collect(), next })
    }

    /// The same for members of any form: `read` gives each with the id that stands for it in a place.
    pub(super) async fn page_of<T>(
        &self,
        workspace: &Name,
        list: &Index,
        before: Option<Cursor>,
        limit: usize,
        read: impl Fn(Vec<u8>) -> Option<(T, [u8; 16])> + Send + Sync,
    ) -> Result<Page<(T, [u8; 16], Timestamp)>, Unavailable> {
        // Whom people ask is in the order of who is due; all else newest first.
        let due_first = *list == Index::Qualify;
        let (from, to) = match before {
            Some(cursor) if due_first => (cursor.from(), LATEST),
            Some(cursor) => (0, cursor.to()),
            None => (0, LATEST),
        };
        let mut ask = u32::try_from(limit).unwrap_or(LOOK_MAX).saturating_add(1);
        loop {
            let found = self.store.list(workspace, list, from, to, !due_first, ask).await;
            let found = found.map_err(|error| self.troubled("list", error))?;
            let all = found.len() < ask as usize || ask >= LOOK_MAX;
            let mut items: Vec<(T, [u8; 16], Timestamp)> = found
                .into_iter()
                .filter_map(|(member, score)| {
                    let (thing, id) = read(member)?;
                    Some((thing, id, Timestamp::from_millis(score)))
                })
                .filter(|(_, id, at)| {
                    before.is_none_or(|cursor| {
                        if due_first {
                            cursor.is_behind(id, *at)
                        } else {
                            cursor.is_before(id, *at)
                        }
                    })
                })
                .collect();
            if all || items.len() > limit {
                let more = items.len() > limit;
                items.truncate(limit);
                let end = items.last().filter(|_| more);
                let next = end.map(|(_, id, at)| Cursor::behind(*id, *at));
                return Ok(Page { items, next });
            }
            ask = ask.saturating_mul(4);
        }
    }

    async fn values(
        &self,
        workspace: &Name,
        keys: &[Key],
    ) -> Result<Vec<Option<Stored>>, Unavailable> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let values = self.store.read(workspace, keys).await;
        values.map_err(|error| self.troubled("read", error))
    }

    async fn leads_waiting(
        &self,
        workspace: &Workspace,
        members: &[([u8; 16], Timestamp)],
    ) -> Result<Vec<Waits>, Unavailable> {
        let keys: Vec<Key> =
            members.iter().map(|(id, _)| Key::Lead(LeadId::from_bytes(*id))).collect();
        let stored = self.values(&workspace.name, &keys).await?;
        let leads: Vec<Option<Lead>> = stored
            .iter()
            .map(|stored| stored.as_ref().map(read_lead).transpose())
            .collect::<Result<_, _>>()?;
        let last = |lead: &Lead| {
            lead.touches.last().map_or(lead.first_touch.inquiry, |touch| touch.inquiry)
        };
        let keys: Vec<Key> = leads.iter().flatten().map(|lead| Key::Inquiry(last(lead))).collect();
        let mut entries = self.values(&workspace.name, &keys).await?.into_iter();
        let mut waiting = Vec::with_capacity(leads.len());
        for lead in leads {
            let Some(lead) = lead else {
                waiting.push(Waits::Gone);
                continue;
            };
            let entry = entries.next().flatten().as_ref().map(read_entry).transpose()?;
            let clock = self.clock(workspace, &lead).await?;
            waiting.push(Waits::Lead(Box::new(lead), entry.map(Box::new), clock.map(Box::new)));
        }
        Ok(waiting)
    }

    async fn bodies_waiting(
        &self,
        workspace: &Name,
        members: &[([u8; 16], Timestamp)],
    ) -> Result<Vec<Waits>, Unavailable> {
        let ids: Vec<InquiryId> =
            members.iter().map(|(id, _)| InquiryId::from_bytes(*id)).collect();
        let keys: Vec<Key> = ids.iter().map(|id| Key::Body(*id)).collect();
        let stored = self.values(workspace, &keys).await?;
        let mut items = Vec::with_capacity(ids.len());
        for (id, stored) in ids.into_iter().zip(stored) {
            let Some(stored) = stored else {
                items.push(Waits::Gone);
                continue;
            };
            let mut kept: Kept =
                serde_json::from_slice(&stored.body).map_err(|_| Unavailable::Corrupt)?;
            if let Some(why) = self.why_not_fetched(workspace, &kept).await? {
                kept.reason = why;
            }
            items.push(Waits::Body(id, Box::new(kept)));
        }
        Ok(items)
    }

    async fn inquiries_waiting(
        &self,
        workspace: &Name,
        members: &[([u8; 16], Timestamp)],
    ) -> Result<Vec<Waits>, Unavailable> {
        let keys: Vec<Key> =
            members.iter().map(|(id, _)| Key::Inquiry(InquiryId::from_bytes(*id))).collect();
        let stored = self.values(workspace, &keys).await?;
        stored
            .iter()
            .map(|stored| match stored {
                None => Ok(Waits::Gone),
                Some(stored) => read_entry(stored).map(|entry| Waits::Inquiry(Box::new(entry))),
            })
            .collect()
    }

    async fn deliveries_waiting(
        &self,
        workspace: &Name,
        members: &[([u8; 16], Timestamp)],
    ) -> Result<Vec<Waits>, Unavailable> {
        let mut items = Vec::with_capacity(members.len());
        for (id, _) in members {
            let view = self.delivery(workspace, DeliveryId::from_bytes(*id)).await?;
            items.push(view.map_or(Waits::Gone, |view| Waits::Delivery(Box::new(view))));
        }
        Ok(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_its_text_and_skips_what_was_shown() {
        let at = Timestamp::from_millis(1_700_000_000_123);
        let cursor = Cursor { at, id: Some([7; 16]) };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        assert!(cursor.is_before(&[6; 16], at));
        assert!(!cursor.is_before(&[7; 16], at));
        assert!(cursor.is_before(&[9; 16], Timestamp::from_millis(1)));
        let time: Cursor = "2026-03-01T12:00:00Z".parse().unwrap();
        assert_eq!(time.to_string().parse(), Ok(time));
        for bad in ["", "yesterday", "12", "x.0", "12.34"] {
            assert!(bad.parse::<Cursor>().is_err(), "{bad}");
        }
    }
}
