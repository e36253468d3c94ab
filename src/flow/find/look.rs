//! The way through the store for each kind of question.

use std::time::Duration;

use super::aside::Sought;
use super::findings::{Findings, Found, FoundDelivery, FoundInquiry, FoundLead, RefusedBy};
use super::period::Period;
use super::question::{Asked, Question};
use super::words;
use crate::domain::ports::{JobView, JournalEntry};
use crate::domain::{
    DeliveryId, IdBlock, InquiryEntry, InquiryId, JournalRow, Key, LeadId, Name, Timestamp,
};
use crate::flow::context::{Flow, Unavailable};
use crate::flow::in_words::{how_long, refusal};
use crate::flow::inquiry::read_entry;
use crate::flow::redrive::delivery_of;
use crate::flow::workspace::Workspace;

/// Without a time said: refusals of the last day.
const USUALLY: Duration = Duration::from_hours(24);
/// Rows of the journal looked through for those of one source.
const ROWS_LOOKED: usize = 5_000;
const ROWS: u32 = 500;

impl Flow {
    /// Answers a question, at most `limit` rows of what happened.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn find(
        &self,
        workspace: &Workspace,
        question: &Question,
        limit: usize,
    ) -> Result<Findings, Unavailable> {
        let now = self.now();
        let within = question.within.unwrap_or_else(|| Period::last(now, USUALLY));
        let mut findings = Findings::none(question.asked.kind(), within);
        let found = &mut findings;
        match &question.asked {
            Asked::Email(text) => self.find_email(workspace, question, text, found).await?,
            Asked::Phone(text) => self.find_phone(workspace, question, text, found).await?,
            Asked::Text(text) => self.find_text(workspace, question, text, found).await?,
            Asked::Inquiry(id) => self.find_inquiry(workspace, *id, found).await?,
            Asked::Lead(id) => self.find_lead(workspace, *id, found).await?,
            Asked::Delivery(id) => self.find_delivery(workspace, *id, found).await?,
            Asked::Event(id) => self.find_event(workspace, id.as_bytes(), found).await?,
            Asked::Digits(id) => self.find_digits(workspace, id, found).await?,
            Asked::Attempt(id) => self.find_attempt(workspace, *id, found).await?,
            Asked::Request(id) => self.find_around(workspace, id.as_bytes(), limit, found).await?,
            Asked::Batch(_) => {}
            Asked::Time(period) => {
                found.within = *period;
                self.rows_within(workspace, question.source.as_ref(), limit, found).await?;
            }
            Asked::Source(source) => self.rows_of(workspace, source, limit, found).await?,
        }
        findings.refused =
            self.refused_within(workspace, findings.within, question.source.as_ref(), now).await?;
        words::conclude(&mut findings, &question.asked, now);
        Ok(findings)
    }

    /// By an inquiry's id: decided, kept unread, or at least in the journal.
    pub(super) async fn find_inquiry(
        &self,
        workspace: &Workspace,
        id: InquiryId,
        findings: &mut Findings,
    ) -> Result<(), Unavailable> {
        let name = &workspace.name;
        if let Some(entry) = self.entry(name, id).await? {
            let inquiry = self.found_inquiry(workspace, entry).await?;
            findings.found.push(Found::Inquiry(Box::new(inquiry)));
        }
        if let Some((_, kept)) = self.kept(name, id).await? {
            let said = words::kept(id, &kept);
            findings.found.push(Found::Kept(id, Box::new(kept), said));
        }
        if findings.found.is_empty() {
            // What has gone by since (given up, expired, erased) left its rows.
            let minted = IdBlock::minted_at(id.as_bytes());
            findings.within = Period::around(minted, Duration::from_mins(2));
            let rows = self.rows(name, findings.within, ROWS_LOOKED).await?.0;
            findings.happened =
                rows.into_iter().filter(|(_, row)| row.inquiry == Some(id)).collect();
        }
        Ok(())
    }

    pub(super) async fn find_lead(
        &self,
        workspace: &Workspace,
        id: LeadId,
        findings: &mut Findings,
    ) -> Result<(), Unavailable> {
        if let Some(lead) = self.found_lead(workspace, id, Vec::new()).await? {
            findings.found.push(Found::Lead(Box::new(lead)));
        }
        Ok(())
    }

    pub(super) async fn find_delivery(
        &self,
        workspace: &Workspace,
        id: DeliveryId,
        findings: &mut Findings,
    ) -> Result<(), Unavailable> {
        if let Some(view) = self.delivery(&workspace.name, id).await? {
            let delivery = self.found_delivery(workspace, None, view).await?;
            findings.found.push(Found::Delivery(Box::new(delivery)));
        }
        Ok(())
    }

    /// A lead (of a merged one its survivor) with its inquiries and deliveries.
    pub(super) async fn found_lead(
        &self,
        workspace: &Workspace,
        id: LeadId,
        mut merged: Vec<LeadId>,
    ) -> Result<Option<FoundLead>, Unavailable> {
        let Some(view) = self.lead(&workspace.name, id).await? else { return Ok(None) };
        let lead = view.lead;
        merged.push(id);
        merged.retain(|other| *other != lead.id);
        let mut deliveries = Vec::with_capacity(view.deliveries.len());
        for (queue, job) in view.deliveries {
            deliveries.push(self.found_delivery(workspace, Some(queue), job).await?);
        }
        let keys: Vec<Key> = lead.touches.iter().map(|touch| Key::Inquiry(touch.inquiry)).collect();
        let mut inquiries = Vec::with_capacity(keys.len());
        for entry in self.entries(&workspace.name, &keys).await?.into_iter().flatten() {
            let mut inquiry = FoundInquiry { entry, deliveries: Vec::new(), in_words: Vec::new() };
            inquiry.in_words = words::inquiry(&inquiry);
            inquiries.push(inquiry);
        }
        let mut found = FoundLead { lead, merged, inquiries, deliveries, in_words: Vec::new() };
        found.in_words = words::lead(&found, self.now());
        Ok(Some(found))
    }

    pub(super) async fn found_inquiry(
        &self,
        workspace: &Workspace,
        entry: InquiryEntry,
    ) -> Result<FoundInquiry, Unavailable> {
        let mut deliveries = Vec::new();
        if let Some(lead) = entry.lead {
            for (queue, job) in self.deliveries_for(&workspace.name, lead, entry.inquiry.id).await?
            {
                deliveries.push(self.found_delivery(workspace, Some(queue), job).await?);
            }
        }
        let mut found = FoundInquiry { entry, deliveries, in_words: Vec::new() };
        found.in_words = words::inquiry(&found);
        Ok(found)
    }

    /// A delivery with what is to be said of it: since when, and whether its destination is paused.
    async fn found_delivery(
        &self,
        workspace: &Workspace,
        queue: Option<Name>,
        view: JobView,
    ) -> Result<FoundDelivery, Unavailable> {
        let now = self.now();
        let delivery = delivery_of(&view);
        let event = delivery.map(|delivery| delivery.event.id).or(view.state.event);
        let about = delivery.and_then(|delivery| delivery.event.inquiry);
        let about = about.or(event.map(|event| IdBlock::inquiry_beside(event.as_bytes())));
        let received = match about {
            Some(id) => self.entry(&workspace.name, id).await?.map(|e| e.inquiry.received_at),
            None => None,
        };
        let stands = queue.as_ref().or(delivery.map(|delivery| &delivery.destination));
        let paused = match stands {
            Some(name) if view.state.ended.is_none() => {
                let depth = self.store.depth(&workspace.name, name, now).await;
                depth.map_err(|error| self.troubled("find", error))?.paused
            }
            _ => None,
        };
        let paused = paused.map(|(reason, _)| reason);
        Ok(words::delivery(view, queue, received, paused.as_deref(), now))
    }

    async fn entries(
        &self,
        workspace: &Name,
        keys: &[Key],
    ) -> Result<Vec<Option<InquiryEntry>>, Unavailable> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let stored = self.store.read(workspace, keys).await;
        let stored = stored.map_err(|error| self.troubled("find", error))?;
        stored.iter().map(|stored| stored.as_ref().map(read_entry).transpose()).collect()
    }

    /// What happened within some time, oldest first, and whether there is more.
    pub(super) async fn rows(
        &self,
        workspace: &Name,
        within: Period,
        limit: usize,
    ) -> Result<(Vec<(JournalEntry, JournalRow)>, bool), Unavailable> {
        // Behind the last place before that time.
        let mut after = (millis(within.from).saturating_sub(1), u64::from(u32::MAX));
        let mut rows = Vec::new();
        loop {
            let ask = limit.saturating_sub(rows.len()).saturating_add(1).min(ROWS as usize);
            let page = self.happened(workspace, after, ask).await?;
            let last = page.len() < ask;
            for row in page {
                if row.0.position.0 > millis(within.to) {
                    return Ok((rows, false));
                }
                if rows.len() == limit {
                    return Ok((rows, true));
                }
                after = row.0.position;
                rows.push(row);
            }
            if last {
                return Ok((rows, false));
            }
        }
    }

    async fn rows_within(
        &self,
        workspace: &Workspace,
        source: Option<&Name>,
        limit: usize,
        findings: &mut Findings,
    ) -> Result<(), Unavailable> {
        let look = if source.is_some() { ROWS_LOOKED } else { limit };
        let (mut rows, more) = self.rows(&workspace.name, findings.within, look).await?;
        rows.retain(|(_, row)| source.is_none_or(|source| row.source.as_ref() == Some(source)));
        findings.more = more || rows.len() > limit;
        rows.truncate(limit);
        findings.happened = rows;
        Ok(())
    }

    /// How a source is, and the newest that came from it.
    async fn rows_of(
        &self,
        workspace: &Workspace,
        source: &Name,
        limit: usize,
        findings: &mut Findings,
    ) -> Result<(), Unavailable> {
        let health = self.sources(workspace).await?.sources;
        for health in health.iter().filter(|health| health.name == *source) {
            let url = health.url.as_ref().unwrap_or(&health.path);
            findings.in_words.push(format!("{source}: {}", health.in_words));
            findings.in_words.push(format!("{source} is posted to at {url}"));
        }
        self.rows_within(workspace, Some(source), limit, findings).await
    }

    /// What each source refused within some time.
    async fn refused_within(
        &self,
        workspace: &Workspace,
        within: Period,
        source: Option<&Name>,
        now: Timestamp,
    ) -> Result<Vec<RefusedBy>, Unavailable> {
        self.keep_refusals(&workspace.name).await?;
        let tallies = self.tallies_within(&workspace.name, within.from, within.to.min(now)).await?;
        let mut refused = Vec::new();
        for (name, counts) in tallies.hours.sums(within.from, within.to) {
            let Some(reason) = counts.why_refused() else { continue };
            if source.is_some_and(|source| source.as_str() != name) {
                continue;
            }
            let last = tallies.latest.sources.get(&name).and_then(|latest| latest.refused.as_ref());
            let (count, why) = (counts.refused(), refusal(reason));
            let ago = last.map_or(String::new(), |seen| {
                format!(", last {} ago", how_long(now.since(seen.at)))
            });
            refused.push(RefusedBy {
                in_words: format!("{name} refused {count} in that time: {why}{ago}"),
                source: name,
                count,
                reason: reason.to_owned(),
                last_at: last.map(|seen| seen.at),
                last_reason: last.map(|seen| seen.word.clone()),
            });
        }
        Ok(refused)
    }

    /// What an e-mail address or phone number has in no index: filtered, tests, bodies that could not be
    /// read.
    pub(super) async fn find_aside(
        &self,
        workspace: &Workspace,
        question: &Question,
        sought: &Sought,
        findings: &mut Findings,
    ) -> Result<(), Unavailable> {
        for (place, list) in super::aside::LISTS {
            self.look_through(workspace, question, sought, (place, list), findings).await?;
        }
        Ok(())
    }
}

pub(super) fn millis(at: Timestamp) -> u64 {
    u64::try_from(at.as_millis()).unwrap_or_default()
}
