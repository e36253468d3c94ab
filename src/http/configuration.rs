//! What the private listener says of the configuration: what is in force, where every value comes from,
//! and what was wrong with newer files. `config` fills it in; who can look at the files anew is told
//! by the composition root.

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::{Name, Timestamp};

/// One mistake in the configuration's files, as `check` says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Finding {
    /// Relative to the configuration folder.
    pub file: String,
    /// From 1; 0 = the file as a whole.
    pub line: u32,
    pub column: u32,
    pub message: String,
    /// What was probably meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    /// All of it in one line: `file:line:column: message (suggestion)`.
    pub text: String,
}

/// Why the files as they are now are not in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub at: Timestamp,
    pub findings: Vec<Finding>,
}

/// What a look at the files came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reloaded {
    /// They are what is in force already.
    Unchanged,
    /// They are in force now.
    Swapped,
    /// They are bad; what was in force stays.
    Refused(Arc<Refused>),
    /// Nobody could look.
    Failed,
}

/// Looks at the configuration's files when somebody asks, besides looking by itself.
#[async_trait]
pub trait Reload: Send + Sync {
    /// Looks now. Never puts a bad configuration in the place of a good one; looks that are asked for at
    /// the same time come one after the other.
    async fn reload(&self, by: &Name) -> Reloaded;

    /// What is wrong with the files as they are now, if an older state of them is in force.
    fn refused(&self) -> Option<Arc<Refused>>;
}

/// One file of the configuration in force, value by value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ShownFile {
    /// Relative to the configuration folder.
    pub file: String,
    /// Whose it is; absent = it concerns all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub workspace: Option<Name>,
    pub values: Vec<ShownValue>,
}

/// One value in force. Secrets are never in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ShownValue {
    /// The keys, and positions in lists, that lead to it.
    #[schema(value_type = Vec<Object>)]
    pub path: Vec<Step>,
    /// The value; absent for a secret.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    #[schema(value_type = Object)]
    pub value: Value,
    /// Of a secret: whether there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<bool>,
    /// Of a secret: six digits of a hash, equal where the secret is equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    pub origin: Origin,
    /// `file:line` where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// What was filled in: `env:NAME`, `file:PATH`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filled: Vec<String>,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Step {
    Key(String),
    Index(usize),
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// It stands in the file.
    File,
    /// Nothing says otherwise.
    Default,
    /// The source's preset says so: a shipped one, or the deployment's own.
    Preset,
    /// `workspace.yaml` says so.
    Workspace,
    /// An environment variable of the process wins over the file.
    Environment,
    /// A flag of the command line wins over both.
    Flag,
}
