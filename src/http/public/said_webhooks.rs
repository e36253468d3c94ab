//! `POST /v1/{workspace}/dispositions/{source}`: a CRM's own webhook says what became of leads. What is not meant, or about a lead
//! that is not known here, is counted and answered well: a CRM tells of everything it has.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value, json};

use super::dispositions::Taking;
use super::from_tools::{failed, headers, no_body};
use crate::capture::{Method, Request, Says, WebhookSays};
use crate::domain::{Name, Status};
use crate::flow::Workspace;
use crate::http::body;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::saying::reason_in_a_word;
use crate::http::state::HttpState;

/// What a CRM's webhook says became of leads; `source` is one of `dispositions.webhooks` in `workspace.yaml`, which says how it
/// proves itself and what its words mean. A result for each change that is meant; `passed_over` counts those of leads that
/// came from elsewhere, and words that mean nothing here.
#[utoipa::path(
    post, path = "/v1/{workspace}/dispositions/{source}", tag = "leads", operation_id = "post_crm_dispositions",
    request_body(content = String, description = "As the CRM makes it", content_type = "application/json"),
    responses((status = 200, description = "A result for each", body = Object)),
    security(())
)]
pub async fn post(
    state: Data<HttpState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let Some(_place) = state.enter() else { return Err(Problem::new(ProblemCode::Unavailable)) };
    let active = state.active.load_full();
    let part = |name: &str| request.match_info().get(name).map(str::to_owned);
    let named = |name: &str| part(name).and_then(|text| Name::parse(&text).ok());
    let found = named("workspace").zip(named("source")).and_then(|(workspace, source)| {
        let workspace = active.workspaces.get(&workspace)?;
        Some((Arc::clone(workspace), source))
    });
    // Strangers do not learn what there is.
    let unknown = || Problem::new(ProblemCode::Unauthenticated);
    let (workspace, name) = found.ok_or_else(unknown)?;
    let says = workspace.says.get(&name).ok_or_else(unknown)?;
    let body = body::read(payload, says.bytes_max(), state.limits.body_deadline).await;
    let body = body.map_err(no_body)?;
    let (headers, secret) = (headers(&request), part("secret"));
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let said = says.read(
        &Request {
            method: if request.method() == "POST" { Method::Post } else { Method::Put },
            batch: false,
            content_type: content_type.and_then(|value| value.to_str().ok()),
            headers: &headers,
            query: Some(request.query_string()).filter(|query| !query.is_empty()),
            path_secret: secret.as_deref(),
            caller_known: false,
            body: &body,
        },
        state.flow.now(),
    );
    let said = said.map_err(|refused| match refused.status {
        Status::Unauthenticated => unknown(),
        Status::TooLarge => Problem::new(ProblemCode::TooLarge),
        _ => Problem::saying(ProblemCode::BadRequest, format!("{}.", refused.message)),
    })?;
    let taking = Taking { state: &state, workspace: &workspace, actor: &name };
    take(&taking, says, said).await
}

async fn take(
    taking: &Taking<'_>,
    says: &Says,
    said: Vec<WebhookSays>,
) -> Result<HttpResponse, Problem> {
    let mut passed_over = 0_u32;
    let mut results = Vec::with_capacity(said.len());
    for said in said {
        let Some(body) = meant(taking.workspace, says, said) else {
            passed_over += 1;
            continue;
        };
        match taking.said(body, None).await {
            Ok(done) => results.push(done),
            Err(problem) if problem.code == ProblemCode::NotFound => passed_over += 1,
            Err(problem) if problem.code == ProblemCode::Unavailable => return Err(problem),
            Err(problem) => results.push(failed(&problem)),
        }
    }
    Ok(HttpResponse::Ok().json(json!({"results": results, "passed_over": passed_over})))
}

/// In the form of the API, by the first of its words that means something; `None` = none does.
fn meant(workspace: &Workspace, says: &Says, said: WebhookSays) -> Option<Value> {
    let terms = &workspace.decide.follow_up.dispositions;
    let word = said.words.iter().find(|word| terms.meant(word, None).is_some())?;
    let disposition = terms.meant(word, None)?;
    let mut body: Map<String, Value> = Map::new();
    body.insert("disposition".to_owned(), disposition.as_str().into());
    if let Some(destination) = says.destination() {
        body.insert("destination".to_owned(), destination.as_str().into());
    }
    for (part, text) in said.parts {
        // A CRM sends amount and reason with every change, and in its own form: what does not fit must not cost the outcome.
        let fits = part != "reason" || reason_in_a_word(&text).is_ok();
        if fits && terms.takes(disposition, part, &text) {
            body.insert(part.to_owned(), text.into());
        }
    }
    let (amount, currency) = (text(&body, "amount"), text(&body, "currency"));
    if amount.is_none_or(|amount| terms.deal(amount, currency).is_none()) {
        body.remove("amount");
        body.remove("currency");
    }
    Some(Value::Object(body))
}

fn text<'a>(body: &'a Map<String, Value>, part: &str) -> Option<&'a str> {
    body.get(part).and_then(Value::as_str)
}
