//! Removing what has served: unreadable, returned, filtered and test inquiries.

use crate::domain::ports::StoreError;
use crate::domain::{Index, InquiryId, Key, LeadId, Name, Timestamp};
use crate::store::space::Space;

use super::Tx;
use super::bytes::Bytes;
use super::work::Work;

/// The worklists whose entries expire; their letter is the first byte of an expiry member.
pub const EXPIRING: [(u8, Index); 4] = [
    (b'u', Index::Unreadable),
    (b'b', Index::Returned),
    (b'f', Index::Filtered),
    (b'e', Index::Tests),
];

/// The expiry member of a worklist's entry; `None` if that worklist's entries do not expire.
///
/// A test inquiry's lead, given here, goes with it.
#[must_use]
pub fn member(worklist: &Index, inquiry: InquiryId, lead: Option<LeadId>) -> Option<Vec<u8>> {
    let (letter, _) = EXPIRING.iter().find(|(_, index)| index == worklist)?;
    let mut member = vec![*letter];
    member.extend_from_slice(inquiry.as_bytes());
    if let Some(lead) = lead {
        member.extend_from_slice(lead.as_bytes());
    }
    Some(member)
}

/// The step `expire` (see the top of [`super`]).
pub fn expire(
    tx: &mut dyn Tx,
    workspace: &Name,
    now: Timestamp,
    limit: u32,
) -> Result<u32, StoreError> {
    let mut work = Work { tx, space: Space::new(workspace), now };
    let index = work.space.index(&Index::Expiry);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let served = work.tx.range(&index, i64::MIN, now.as_millis(), false, limit)?;
    for (member, _) in &served {
        work.remove(&Index::Expiry, member)?;
        work.reclaim(member)?;
    }
    Ok(u32::try_from(served.len()).unwrap_or(u32::MAX))
}

impl Work<'_> {
    fn reclaim(&mut self, member: &[u8]) -> Result<(), StoreError> {
        let mut parts = Bytes(member);
        let (Some(letter), Some(id)) = (parts.u8(), parts.id()) else { return Ok(()) };
        let inquiry = InquiryId::from_bytes(id);
        self.delete(&Key::Body(inquiry))?;
        if let Some((_, worklist)) = EXPIRING.iter().find(|(of, _)| *of == letter) {
            self.remove(worklist, inquiry.as_bytes())?;
        }
        if matches!(letter, b'e' | b'f') {
            self.delete(&Key::Inquiry(inquiry))?;
        }
        if let Some(lead) = parts.id().map(LeadId::from_bytes) {
            self.delete(&Key::Lead(lead))?;
            self.delete(&Key::Chain(lead))?;
        }
        Ok(())
    }
}
