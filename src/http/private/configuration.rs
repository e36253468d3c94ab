//! The configuration: what is in force, where every value comes from, and looking at the files anew.

use std::collections::BTreeMap;

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::call::{begin_process, begin_process_as};
use super::given::query;
use crate::domain::Name;
use crate::http::configuration::{Finding, Reloaded, ShownFile};
use crate::http::keys::Scope;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::{Active, HttpState};

/// The configuration in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConfigurationBody {
    /// Content hash over all files.
    pub hash: String,
    /// Since when it is in force in this process.
    #[schema(value_type = String, format = DateTime)]
    pub since: String,
    /// Content hash per workspace: the one that records name.
    pub workspaces: BTreeMap<String, String>,
    /// What is wrong with the files as they are now, if the running configuration is an older one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Vec<String>>,
    /// When that was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub refused_at: Option<String>,
}

impl ConfigurationBody {
    fn of(state: &HttpState, active: &Active) -> Self {
        let refused = state.reload.refused();
        let workspaces = active.workspaces.iter();
        let texts = |findings: &[Finding]| findings.iter().map(|f| f.text.clone()).collect();
        Self {
            hash: active.hash.clone(),
            since: active.since.to_string(),
            workspaces: workspaces.map(|(name, of)| (name.to_string(), of.hash.clone())).collect(),
            refused: refused.as_ref().map(|refused| texts(&refused.findings)),
            refused_at: refused.map(|refused| refused.at.to_string()),
        }
    }
}

/// The hash of the configuration in force, and why a newer one was refused.
#[utoipa::path(
    get, path = "/v1/configuration", tag = "configuration",
    responses((status = 200, body = ConfigurationBody)),
    security(("api_key" = ["config:read"]))
)]
pub async fn read_configuration(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<ConfigurationBody>, Problem> {
    let active = begin_process(&state, &request, Scope::ConfigRead)?;
    Ok(Json(ConfigurationBody::of(&state, &active)))
}

/// Which part of it to show.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Shown {
    /// Only this workspace's files.
    #[param(value_type = Option<String>)]
    pub workspace: Option<Name>,
}

/// The configuration in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct EffectiveBody {
    pub hash: String,
    pub files: Vec<ShownFile>,
}

/// Every value in force and where it comes from; of secrets only whether they are set. A key for
/// certain workspaces sees only theirs.
#[utoipa::path(
    get, path = "/v1/configuration/effective", tag = "configuration", params(Shown),
    responses((status = 200, body = EffectiveBody)),
    security(("api_key" = ["config:read"]))
)]
pub async fn read_effective(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<EffectiveBody>, Problem> {
    let (active, key) = begin_process_as(&state, &request, Scope::ConfigRead)?;
    let Shown { workspace: wanted } = query(&request)?;
    if wanted.as_ref().is_some_and(|name| !active.workspaces.contains_key(name)) {
        return Err(Problem::new(ProblemCode::NotFound));
    }
    let seen = |file: &&ShownFile| match &file.workspace {
        Some(of) => {
            key.allows(of, Scope::ConfigRead) && wanted.as_ref().is_none_or(|name| name == of)
        }
        None => key.is_for_all() && wanted.is_none(),
    };
    let files = active.shown.iter().filter(seen).cloned().collect();
    Ok(Json(EffectiveBody { hash: active.hash.clone(), files }))
}

/// What a reload came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReloadedBody {
    /// Whether anything was taken over.
    pub changed: bool,
    #[serde(flatten)]
    pub configuration: ConfigurationBody,
}

/// Looks at the configuration's files now instead of within two seconds. If they are bad, the running
/// configuration stays and the answer says every mistake with file, line and column.
#[utoipa::path(
    post, path = "/v1/configuration/reload", tag = "configuration",
    responses(
        (status = 200, body = ReloadedBody),
        (status = 422, description = "`configuration_refused`, with `errors`", body = Object),
    ),
    security(("api_key" = ["config:write"]))
)]
pub async fn reload_configuration(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (_, key) = begin_process_as(&state, &request, Scope::ConfigWrite)?;
    let changed = match state.reload.reload(&key.name).await {
        Reloaded::Swapped => true,
        Reloaded::Unchanged => false,
        Reloaded::Refused(refused) => {
            let errors = refused.findings.iter().map(|finding| serde_json::json!(finding));
            return Err(Problem::new(ProblemCode::ConfigurationRefused).with_errors(errors));
        }
        Reloaded::Failed => return Err(Problem::new(ProblemCode::Unavailable)),
    };
    let configuration = ConfigurationBody::of(&state, &state.active.load());
    Ok(HttpResponse::Ok().json(ReloadedBody { changed, configuration }))
}
