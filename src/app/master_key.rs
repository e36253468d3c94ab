//! The one master key: from the environment, or, for an embedded store, made beside its data.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use crate::keyring::{BadKey, Keyring};

/// Where the master key comes from.
#[derive(Debug)]
pub struct MasterKey;

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    #[error(
        "LEAD_ROUTER_KEY is not set; replicas on one Redis need the same key: set it to the output of `openssl rand -hex 32` on each"
    )]
    Missing,
    #[error(transparent)]
    Bad(#[from] BadKey),
    #[error("cannot read or write the key file {path}: {source}")]
    File { path: String, source: std::io::Error },
}

impl MasterKey {
    /// The file's name beside an embedded store.
    pub const FILE: &'static str = "master.key";

    /// From `LEAD_ROUTER_KEY`'s value, else from the file in `beside` (made if missing, readable by
    /// its owner only).
    ///
    /// # Errors
    /// If there is none and none may be made, or it is malformed.
    pub fn load(given: Option<&str>, beside: Option<&Path>) -> Result<Keyring, MasterKeyError> {
        if let Some(text) = given {
            return Ok(Keyring::parse(text)?);
        }
        let path = beside.ok_or(MasterKeyError::Missing)?.join(Self::FILE);
        let failed = |source| MasterKeyError::File { path: path.display().to_string(), source };
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Keyring::parse(&text)?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let mut bytes = [0_u8; 32];
                rand::fill(&mut bytes);
                let text = hex(&bytes);
                write_private(&path, &text).map_err(failed)?;
                Ok(Keyring::parse(&text)?)
            }
            Err(error) => Err(failed(error)),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Writes a new file that only its owner may read, durably.
pub(super) fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_found_again() {
        let dir = tempfile::tempdir().unwrap();
        let first = MasterKey::load(None, Some(dir.path())).unwrap().check();
        assert_eq!(MasterKey::load(None, Some(dir.path())).unwrap().check(), first);
        assert!(matches!(MasterKey::load(None, None), Err(MasterKeyError::Missing)));
        let given = "0a".repeat(32);
        assert_ne!(MasterKey::load(Some(&given), Some(dir.path())).unwrap().check(), first);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let file = std::fs::metadata(dir.path().join(MasterKey::FILE)).unwrap();
            assert_eq!(file.permissions().mode() & 0o777, 0o600);
        }
    }
}
