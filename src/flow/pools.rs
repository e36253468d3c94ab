//! Who got how much: the pools' shares as the store counts them.

use super::context::{Flow, Unavailable};
use super::workspace::Workspace;
use crate::assign::unpack_state;
use crate::domain::{Key, Name, PoolState};

/// A pool as people see it.
#[derive(Debug, Clone)]
pub struct PoolView {
    pub name: Name,
    /// How many picks it has made.
    pub turn: u64,
    /// Those configured now and those that were, by name.
    pub members: Vec<MemberView>,
}

/// One member's part in it.
#[derive(Debug, Clone)]
pub struct MemberView {
    pub name: Name,
    /// In the configuration of now; others keep their count.
    pub configured: bool,
    pub assigned: u64,
    /// The pool's turn when the member was last picked; 0 = never.
    pub last_turn: u64,
}

impl Flow {
    /// Every configured pool.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn pools(&self, workspace: &Workspace) -> Result<Vec<PoolView>, Unavailable> {
        let router = &workspace.decide.router;
        let keys: Vec<Key> = router.pools().map(|(name, _)| Key::Pool(name.clone())).collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let stored = self.store.read(&workspace.name, &keys).await;
        let stored = stored.map_err(|error| self.troubled("read", error))?;
        router
            .pools()
            .zip(stored)
            .map(|((name, members), stored)| {
                let state = match stored {
                    None => PoolState::default(),
                    Some(stored) => unpack_state(&stored.body).ok_or(Unavailable::Corrupt)?,
                };
                Ok(view(name, &members, &state))
            })
            .collect()
    }
}

fn view(name: &Name, configured: &[&Name], state: &PoolState) -> PoolView {
    let seat = |member: &Name| state.seats.iter().find(|seat| seat.member == *member);
    let now = configured.iter().map(|member| MemberView {
        name: (*member).clone(),
        configured: true,
        assigned: seat(member).map_or(0, |seat| seat.assigned),
        last_turn: seat(member).map_or(0, |seat| seat.turn),
    });
    let before = state.seats.iter().filter(|seat| !configured.contains(&&seat.member));
    let before = before.map(|seat| MemberView {
        name: seat.member.clone(),
        configured: false,
        assigned: seat.assigned,
        last_turn: seat.turn,
    });
    let mut members: Vec<MemberView> = now.chain(before).collect();
    members.sort_by(|a, b| a.name.cmp(&b.name));
    PoolView { name: name.clone(), turn: state.turn, members }
}
