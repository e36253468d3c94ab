//! Pausing and resuming a queue.

use crate::domain::ports::{Pause, StoreError};
use crate::domain::{Key, Name, Timestamp};
use crate::store::space::Space;

use super::Tx;
use super::queue::encode_pause;
use super::work::Work;

/// The step `pause` (see the top of [`super`]): `None` resumes.
pub fn pause(
    tx: &mut dyn Tx,
    workspace: &Name,
    queue: &Name,
    now: Timestamp,
    pause: Option<&Pause>,
) -> Result<(), StoreError> {
    let mut work = Work { tx, space: Space::new(workspace), now };
    let key = Key::Destination(queue.clone());
    match pause {
        Some(pause) => work.put(&key, encode_pause(pause).as_bytes(), None)?,
        None => work.delete(&key)?,
    }
    work.watch(queue, None)?;
    Ok(())
}
