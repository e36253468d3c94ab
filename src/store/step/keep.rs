//! Things kept once: configuration bundles, the master key's check value, the format's version.

use crate::domain::ports::StoreError;
use crate::domain::{Key, Name, Stored};
use crate::store::space::{FORMAT, Space, check_key, format_key};

use super::Tx;

/// Keeps a configuration bundle under its hash, as stored version 1, if it is not there yet.
pub fn keep_bundle(
    tx: &mut dyn Tx,
    workspace: &Name,
    hash: [u8; 16],
    bundle: &[u8],
) -> Result<(), StoreError> {
    let key = Space::new(workspace).key(&Key::Bundle(hash));
    if tx.get(&key)?.is_none() {
        tx.put(&key, &Stored::encode(1, "", bundle), None)?;
    }
    Ok(())
}

/// Keeps the check value at first use, compares it afterwards.
pub fn check_master_key(tx: &mut dyn Tx, check: [u8; 16]) -> Result<bool, StoreError> {
    let key = check_key();
    if let Some(kept) = tx.get(&key)? {
        return Ok(kept == check);
    }
    tx.put(&key, &check, None)?;
    Ok(true)
}

/// Writes the format's version into a new store; refuses one written by a newer version.
///
/// # Errors
/// [`StoreError::Corrupt`], saying both versions.
pub fn check_format(tx: &mut dyn Tx) -> Result<(), StoreError> {
    match tx.get(&format_key())? {
        None => tx.put(&format_key(), FORMAT.to_string().as_bytes(), None),
        Some(kept) => judge_format(&kept),
    }
}

/// Whether this code may read a store whose format's version is written so.
///
/// # Errors
/// [`StoreError::Corrupt`] if it is newer, or no number.
pub fn judge_format(kept: &[u8]) -> Result<(), StoreError> {
    match std::str::from_utf8(kept).ok().and_then(|text| text.parse::<u32>().ok()) {
        Some(version) if version <= FORMAT => Ok(()),
        Some(version) => Err(StoreError::Corrupt(format!(
            "it has format {version}; this version of lead-router reads up to {FORMAT}: use a newer one"
        ))),
        None => Err(StoreError::Corrupt("its format's version is not a number".into())),
    }
}
