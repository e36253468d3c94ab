//! `dispositions:` of `follow-up.yaml` as written.

use serde::Deserialize;

/// What people and tools may say back about a lead.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct DispositionSettings {}
