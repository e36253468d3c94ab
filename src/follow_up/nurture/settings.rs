//! `nurture:` of `follow-up.yaml` as written.

use serde::Deserialize;

/// How leads are watched that are not for sales yet, or no more.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct NurtureSettings {}
