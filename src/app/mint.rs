//! Fresh ids.

use crate::domain::ports::Mint;

/// UUIDv7 (RFC 9562) from the system clock and the operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomMint;

impl Mint for RandomMint {
    #[expect(clippy::disallowed_methods, reason = "this is the one place where ids are minted")]
    fn mint(&self) -> [u8; 16] {
        uuid::Uuid::now_v7().into_bytes()
    }
}
