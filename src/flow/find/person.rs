//! By e-mail address, phone number, or another system's id of the person or the event.

use std::collections::BTreeSet;

use super::aside::Sought;
use super::findings::{Findings, Found, Looked};
use super::period::Period;
use super::question::{Asked, Question};
use crate::domain::{Field, Index, Inquiry, InquiryId, Key, KeySet, Name, Stored};
use crate::flow::context::{Flow, Unavailable};
use crate::flow::unreadable::name;
use crate::flow::workspace::Workspace;
use crate::identify;

impl Flow {
    pub(super) async fn find_email(
        &self,
        workspace: &Workspace,
        question: &Question,
        text: &str,
        findings: &mut Findings,
    ) -> Result<(), Unavailable> {
        let asked = self.saying_only(name("find"), Field::Email, text.into(), None);
        self.by_keys(workspace, std::slice::from_ref(&asked), findings).await?;
        let sought = Sought::email(text, &asked);
        self.find_aside(workspace, question, &sought, findings).await
    }

    /// A local number is tried with the country of the workspace and of each source.
    pub(super) async fn find_phone(
        &self,
        workspace: &Workspace,
        question: &Question,
        text: &str,
        findings: &mut Findings,
    ) -> Result<(), Unavailable> {
        let sources = workspace.sources.values();
        let mut countries: Vec<Option<&str>> =
            sources.map(crate::capture::Source::country).collect();
        countries.extend([workspace.country.as_deref(), None]);
        countries.sort_unstable();
        countries.dedup();
        let asked: Vec<Inquiry> = countries
            .into_iter()
            .map(|country| self.saying_only(name("find"), Field::Phone, text.into(), country))
            .collect();
        self.by_keys(workspace, &asked, findings).await?;
        let sought = Sought::phone(text, &asked);
        self.find_aside(workspace, question, &sought, findings).await
    }

    /// What was set aside under one of somebody's numbers and with their name in it: a number alone may be a whole
    /// company's. Whole worklists are looked through.
    pub(in crate::flow) async fn find_named(
        &self,
        workspace: &Workspace,
        numbers: &[&str],
        names: &[String],
    ) -> Result<Findings, Unavailable> {
        let now = self.now();
        let within = Period { from: now, to: now };
        let mut findings = Findings::none("phone", within);
        if let Some(sought) = Sought::named(numbers, names) {
            let asked = Asked::Phone(String::new());
            let question = Question { asked, within: None, source: None, thorough: true };
            self.find_aside(workspace, &question, &sought, &mut findings).await?;
        }
        Ok(findings)
    }

    /// Another system's id: of the person, or of the event as its sender called it, or an idempotency key.
    pub(super) async fn find_text(
        &self,
        workspace: &Workspace,
        question: &Question,
        text: &str,
        findings: &mut Findings,
    ) -> Result<(), Unavailable> {
        let wanted = |source: &&Name| question.source.as_ref().is_none_or(|only| only == *source);
        let sources: Vec<&Name> = workspace.sources.keys().filter(wanted).collect();
        let asked: Vec<Inquiry> = sources
            .iter()
            .map(|source| self.saying_only((*source).clone(), Field::ExternalId, text.into(), None))
            .collect();
        self.by_keys(workspace, &asked, findings).await?;
        for id in self.inquiries_called(workspace, &sources, text).await? {
            self.find_inquiry(workspace, id, findings).await?;
        }
        Ok(())
    }

    /// Inquiries that their senders called so: by the event's id, or an idempotency key.
    pub(in crate::flow) async fn inquiries_called(
        &self,
        workspace: &Workspace,
        sources: &[&Name],
        text: &str,
    ) -> Result<BTreeSet<InquiryId>, Unavailable> {
        let claims = sources.iter().flat_map(|source| self.claims_of(source, text));
        let claims: Vec<Key> = claims.map(Key::Claim).collect();
        let of =
            |claim: &Stored| Some(InquiryId::from_bytes(claim.body.get(8..24)?.try_into().ok()?));
        let stored = self.found_under(workspace, &claims).await?;
        Ok(stored.iter().filter_map(of).collect())
    }

    /// Leads behind the index keys of inquiries that consist of the question.
    async fn by_keys(
        &self,
        workspace: &Workspace,
        asked: &[Inquiry],
        findings: &mut Findings,
    ) -> Result<(), Unavailable> {
        let keys = asked.iter().flat_map(|inquiry| identify::keys(inquiry, &self.pepper));
        let mut keys: Vec<Key> = keys.map(|by| Key::Identity(by.key)).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut ids = BTreeSet::new();
        for stored in self.found_under(workspace, &keys).await? {
            if let Some(KeySet::Leads(leads)) = KeySet::decode(&stored.body) {
                ids.extend(leads);
            }
        }
        for id in ids {
            let Some(lead) = self.found_lead(workspace, id, Vec::new()).await? else { continue };
            let same = findings.found.iter_mut().find_map(|found| match found {
                Found::Lead(other) if other.lead.id == lead.lead.id => Some(other),
                _ => None,
            });
            match same {
                // A merged lead and its survivor stand under the same key.
                Some(other) => {
                    other.merged.extend(lead.merged);
                    other.in_words = super::words::lead(other, self.now());
                }
                None => findings.found.push(Found::Lead(Box::new(lead))),
            }
        }
        let found = findings.found.len() as u64;
        findings.looked.push(Looked { place: "index", at: found, of: found });
        Ok(())
    }

    /// What stands under some keys; nothing is asked for none.
    async fn found_under(
        &self,
        workspace: &Workspace,
        keys: &[Key],
    ) -> Result<Vec<Stored>, Unavailable> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let stored = self.store.read(&workspace.name, keys).await;
        let stored = stored.map_err(|error| self.troubled("find", error))?;
        Ok(stored.into_iter().flatten().collect())
    }

    /// How many things a worklist holds.
    pub(super) async fn size(
        &self,
        workspace: &Workspace,
        list: &Index,
    ) -> Result<u64, Unavailable> {
        let count = self.store.count(&workspace.name, list).await;
        count.map_err(|error| self.troubled("find", error))
    }
}
