//! How much a source may send at once.

use crate::domain::SettingProblem;

use super::settings::LimitSettings;

/// Limits of one source. Checked before and while decoding, so that no body costs more than its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a single body.
    pub body_bytes: usize,
    /// Bytes of a batch.
    pub batch_bytes: usize,
    /// Rows of a batch that is answered at once.
    pub rows: usize,
    /// Levels of nesting.
    pub depth: usize,
    /// Keys (and list items) of one inquiry.
    pub keys: usize,
    /// Bytes of a key; longer ones are cut.
    pub key_bytes: usize,
    /// Bytes of a value; longer ones are cut, and the inquiry flagged.
    pub value_bytes: usize,
}

impl Limits {
    /// The default limits: 256 KiB single, 8 MiB and 5,000 rows in a batch, 32 levels, 500 keys of 200
    /// bytes, values of 16 KiB.
    pub const DEFAULT: Self = Self {
        body_bytes: 256 * 1024,
        batch_bytes: 8 * 1024 * 1024,
        rows: 5_000,
        depth: 32,
        keys: 500,
        key_bytes: 200,
        value_bytes: 16 * 1024,
    };

    /// What a source may set at most: what fits the store and the schema.
    pub const MOST: Self = Self {
        body_bytes: 4 * 1024 * 1024,
        batch_bytes: 64 * 1024 * 1024,
        rows: 5_000,
        depth: 64,
        keys: 2_000,
        key_bytes: 200,
        value_bytes: 64 * 1024,
    };

    /// The defaults with what a source sets.
    ///
    /// # Errors
    /// One problem per limit that is 0 or above [`Limits::MOST`].
    pub fn from_settings(settings: &LimitSettings) -> Result<Self, Vec<SettingProblem>> {
        let mut limits = Self::DEFAULT;
        let mut problems = Vec::new();
        let mut set = |name: &str, given: Option<usize>, most: usize, target: &mut usize| {
            let Some(given) = given else { return };
            if given == 0 || given > most {
                problems.push(SettingProblem::new(name, format!("must be 1 to {most}")));
            }
            *target = given;
        };
        let most = Self::MOST;
        set("body_bytes", settings.body_bytes, most.body_bytes, &mut limits.body_bytes);
        set("batch_bytes", settings.batch_bytes, most.batch_bytes, &mut limits.batch_bytes);
        set("rows", settings.rows, most.rows, &mut limits.rows);
        set("depth", settings.depth, most.depth, &mut limits.depth);
        set("keys", settings.keys, most.keys, &mut limits.keys);
        set("key_bytes", settings.key_bytes, most.key_bytes, &mut limits.key_bytes);
        set("value_bytes", settings.value_bytes, most.value_bytes, &mut limits.value_bytes);
        if problems.is_empty() { Ok(limits) } else { Err(problems) }
    }
}
