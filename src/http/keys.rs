//! API keys and their scopes, and `keys.yaml`: who may ask the private listener (and post with a
//! key). A key is kept as SHA-256 only.

use std::collections::BTreeSet;
use std::fmt;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};

use crate::domain::{Name, SettingProblem};

/// What a key may do. A closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Scope {
    /// Post inquiries and get the real answer (status, lead, score, owner).
    #[serde(rename = "inquiries:write")]
    InquiriesWrite,
    /// Read inquiries and why they were decided so.
    #[serde(rename = "inquiries:read")]
    InquiriesRead,
    /// Read leads, worklists and kept bodies, and find people.
    #[serde(rename = "leads:read")]
    LeadsRead,
    /// Correct, erase, merge.
    #[serde(rename = "leads:write")]
    LeadsWrite,
    /// Assign, release, re-decide, answer, reprocess, discard what waits.
    #[serde(rename = "operate")]
    Operate,
    /// Say back what became of leads.
    #[serde(rename = "dispositions:write")]
    DispositionsWrite,
    /// Say what people did.
    #[serde(rename = "engagements:write")]
    EngagementsWrite,
    /// Read deliveries and destinations.
    #[serde(rename = "deliveries:read")]
    DeliveriesRead,
    /// Replay and drop deliveries, pause and resume destinations.
    #[serde(rename = "deliveries:write")]
    DeliveriesWrite,
    /// Read reports and the journal's export: figures, nobody's data.
    #[serde(rename = "reports:read")]
    ReportsRead,
    /// Report what was spent, and have reports made anew.
    #[serde(rename = "reports:write")]
    ReportsWrite,
    /// Read the configuration in force (never its secrets), and the pools.
    #[serde(rename = "config:read")]
    ConfigRead,
    /// Have the configuration's files looked at now, and new signing secrets made.
    #[serde(rename = "config:write")]
    ConfigWrite,
    /// Read `/metrics`.
    #[serde(rename = "metrics")]
    Metrics,
    /// Copy the embedded store into a folder of the service's machine.
    #[serde(rename = "backup")]
    Backup,
}

impl Scope {
    /// Every one, in the order of the documentation.
    pub const ALL: &'static [Self] = &[
        Self::InquiriesWrite,
        Self::InquiriesRead,
        Self::LeadsRead,
        Self::LeadsWrite,
        Self::Operate,
        Self::DispositionsWrite,
        Self::EngagementsWrite,
        Self::DeliveriesRead,
        Self::DeliveriesWrite,
        Self::ReportsRead,
        Self::ReportsWrite,
        Self::ConfigRead,
        Self::ConfigWrite,
        Self::Metrics,
        Self::Backup,
    ];

    /// The word in `keys.yaml`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InquiriesWrite => "inquiries:write",
            Self::InquiriesRead => "inquiries:read",
            Self::LeadsRead => "leads:read",
            Self::LeadsWrite => "leads:write",
            Self::Operate => "operate",
            Self::DispositionsWrite => "dispositions:write",
            Self::EngagementsWrite => "engagements:write",
            Self::DeliveriesRead => "deliveries:read",
            Self::DeliveriesWrite => "deliveries:write",
            Self::ReportsRead => "reports:read",
            Self::ReportsWrite => "reports:write",
            Self::ConfigRead => "config:read",
            Self::ConfigWrite => "config:write",
            Self::Metrics => "metrics",
            Self::Backup => "backup",
        }
    }

    /// What it opens, for the person who makes a key.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::InquiriesWrite => "post inquiries and get the real answer; lists to public forms",
            Self::InquiriesRead => "inquiries, and why they were decided so",
            Self::LeadsRead => "leads, worklists, find, kept bodies: personal data",
            Self::LeadsWrite => "merge, unmerge, tell two people apart",
            Self::Operate => "assign, release, re-decide, answer, discard, reprocess",
            Self::DispositionsWrite => {
                "saying back what became of leads (tools of sales and telemarketing)"
            }
            Self::EngagementsWrite => "saying what people did (tools of marketing)",
            Self::DeliveriesRead => "deliveries and destinations",
            Self::DeliveriesWrite => "replay, drop, pause, resume, test a destination",
            Self::ReportsRead => "reports, and the journal's export: figures, nobody's data",
            Self::ReportsWrite => "reporting what was spent, having reports made anew",
            Self::ConfigRead => "the configuration in force (never its secrets), pools",
            Self::ConfigWrite => {
                "having the configuration's files looked at now, a new signing secret made"
            }
            Self::Metrics => "/metrics",
            Self::Backup => "copying the embedded store into a folder of the service's machine",
        }
    }

    /// The one named so.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scope| scope.as_str() == text)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// `keys.yaml`: API keys, for the private listener and for posting inquiries with the real answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KeysFile {
    /// One row per key; `lead-router keys new` prints it.
    pub keys: Vec<KeySettings>,
}

/// One key: whose it is and what it may do.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KeySettings {
    /// Whose it is; shown where it acted.
    pub name: Name,
    /// SHA-256 of the key, 64 hexadecimal digits. The key itself is kept nowhere.
    #[cfg_attr(test, schemars(regex(pattern = "^[0-9A-Fa-f]{64}$")))]
    pub sha256: String,
    /// What it may do.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub scopes: Vec<Scope>,
    /// The workspaces it may act in; absent = all.
    pub workspaces: Option<Vec<Name>>,
}

/// A key that is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub name: Name,
    hash: [u8; 32],
    scopes: BTreeSet<Scope>,
    workspaces: Option<BTreeSet<Name>>,
}

/// By which a key is recognised without the key: the first half of its SHA-256.
pub type KeyId = [u8; 16];

impl ApiKey {
    /// What names this very key: another key under the same name has another id.
    #[must_use]
    pub fn id(&self) -> KeyId {
        let mut id = [0; 16];
        id.copy_from_slice(&self.hash[..16]);
        id
    }

    /// Whether it may act in that workspace at all.
    #[must_use]
    pub fn enters(&self, workspace: &Name) -> bool {
        self.workspaces.as_ref().is_none_or(|all| all.contains(workspace))
    }

    /// Whether it may do this, whatever the workspace (metrics, configuration).
    #[must_use]
    pub fn has(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Whether it is limited to no workspace.
    #[must_use]
    pub fn is_for_all(&self) -> bool {
        self.workspaces.is_none()
    }

    /// Whether it may do this in that workspace.
    #[must_use]
    pub fn allows(&self, workspace: &Name, scope: Scope) -> bool {
        self.has(scope) && self.enters(workspace)
    }
}

/// All keys that are let in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyRing {
    keys: Vec<ApiKey>,
}

impl KeyRing {
    /// Every problem of the file, or the ring. `workspaces` are those that exist.
    pub fn compile(
        file: &KeysFile,
        workspaces: &BTreeSet<Name>,
    ) -> Result<Self, Vec<SettingProblem>> {
        let mut problems = Vec::new();
        let mut keys: Vec<ApiKey> = Vec::new();
        for (n, row) in file.keys.iter().enumerate() {
            let at = |field: &str| format!("keys[{n}].{field}");
            if keys.iter().any(|key| key.name == row.name) {
                problems.push(SettingProblem::new(at("name"), "another key has this name"));
            }
            if row.scopes.is_empty() {
                problems
                    .push(SettingProblem::new(at("scopes"), "a key without scopes opens nothing"));
            }
            for (m, workspace) in row.workspaces.iter().flatten().enumerate() {
                if !workspaces.contains(workspace) {
                    let path = at(&format!("workspaces[{m}]"));
                    problems.push(
                        SettingProblem::new(path, format!("there is no workspace `{workspace}`"))
                            .suggest(workspace.as_str(), workspaces.iter().map(Name::as_str)),
                    );
                }
            }
            let Some(hash) = digest(&row.sha256) else {
                let mut problem =
                    SettingProblem::new(at("sha256"), "expected 64 hexadecimal digits");
                problem.suggestion = Some("`lead-router keys new` prints the row".to_owned());
                problems.push(problem);
                continue;
            };
            if keys.iter().any(|key| key.hash == hash) {
                problems.push(SettingProblem::new(at("sha256"), "the same key is there twice"));
            }
            keys.push(ApiKey {
                name: row.name.clone(),
                hash,
                scopes: row.scopes.iter().copied().collect(),
                workspaces: row.workspaces.as_ref().map(|all| all.iter().cloned().collect()),
            });
        }
        if problems.is_empty() { Ok(Self { keys }) } else { Err(problems) }
    }

    /// The same with one more key, for the process itself (the demo and the CLI find it in the
    /// runtime file).
    #[must_use]
    pub fn with_key(mut self, name: Name, key: &str, scopes: &[Scope]) -> Self {
        let hash = Sha256::digest(key.as_bytes()).into();
        let scopes = scopes.iter().copied().collect();
        self.keys.push(ApiKey { name, hash, scopes, workspaces: None });
        self
    }

    /// The key that was presented, compared by its hash in constant time over all of them.
    #[must_use]
    pub fn find(&self, presented: &str) -> Option<&ApiKey> {
        let hash: [u8; 32] = Sha256::digest(presented.as_bytes()).into();
        let mut found = u32::MAX;
        for (n, key) in (0u32..).zip(&self.keys) {
            let same: Choice = key.hash.ct_eq(&hash);
            found.conditional_assign(&n, same);
        }
        self.keys.get(usize::try_from(found).ok()?)
    }

    /// The key of that id, if it is still let in.
    #[must_use]
    pub fn by_id(&self, id: &KeyId) -> Option<&ApiKey> {
        self.keys.iter().find(|key| key.id() == *id)
    }

    /// All of them, for looking at.
    #[must_use]
    pub fn all(&self) -> &[ApiKey] {
        &self.keys
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether nobody is let in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

/// A key's text from 32 random bytes: `lrk_` and 43 characters.
#[must_use]
pub fn mint(random: [u8; 32]) -> String {
    format!("lrk_{}", URL_SAFE_NO_PAD.encode(random))
}

/// The id of a key, from its text.
#[must_use]
pub fn id_of(key: &str) -> KeyId {
    let hash: [u8; 32] = Sha256::digest(key.as_bytes()).into();
    let mut id = [0; 16];
    id.copy_from_slice(&hash[..16]);
    id
}

/// What `keys.yaml` keeps of a key: SHA-256 in hexadecimal digits.
#[must_use]
pub fn fingerprint(key: &str) -> String {
    let hash: [u8; 32] = Sha256::digest(key.as_bytes()).into();
    hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn digest(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 32];
    for (n, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * n..2 * n + 2)?, 16).ok()?;
    }
    Some(bytes)
}
