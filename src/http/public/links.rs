//! `/v1/{workspace}/links/{link}`: somebody answers for a lead by a link in a notice. Opening it shows what it would do; only its
//! button does it, because scanners of mail open links too. Nothing of the person is shown.

use std::fmt::Write as _;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::capture::page;
use crate::domain::{Disposition, Name, in_html};
use crate::flow::{ActionError, NoLink, Opened, Workspace};
use crate::follow_up::dispositions::row;
use crate::http::body;
use crate::http::private::refused;
use crate::http::problem::Problem;
use crate::http::saying::SayingBack;
use crate::http::state::HttpState;

/// A form has a few short fields.
const BYTES_MAX: usize = 8 * 1024;

/// Shows what the link would do.
pub async fn open(state: Data<HttpState>, request: HttpRequest) -> HttpResponse {
    let (workspace, opened) = match opened(&state, &request).await {
        Ok(opened) => opened,
        Err(page) => return page,
    };
    let label = workspace.decide.follow_up.dispositions.label(opened.disposition);
    let mut inner = format!(
        "<p>For the lead with the number that ends in <b>{}</b>. Nothing is noted before you press the button.</p>\
         <form method=\"post\">",
        ending(&opened)
    );
    beside(&workspace, opened.disposition, &mut inner);
    let _ = write!(inner, "<p><button>Note: {}</button></p></form>", in_html(label));
    shown(StatusCode::OK, label, &inner)
}

/// Does it.
pub async fn follow(
    state: Data<HttpState>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let Ok(body) = body::read(payload, BYTES_MAX, state.limits.body_deadline).await else {
        return shown(StatusCode::BAD_REQUEST, "Not noted", "<p>The form did not arrive.</p>");
    };
    let (workspace, opened) = match opened(&state, &request).await {
        Ok(opened) => opened,
        Err(page) => return page,
    };
    let problem = match filled(&workspace, &opened, &body) {
        Ok(said) => match state.flow.follow_link(&workspace, &opened, said).await {
            Ok(done) if done.again => return useless(NoLink::Used),
            Ok(_) => {
                let label = workspace.decide.follow_up.dispositions.label(opened.disposition);
                let inner =
                    format!("<p>Noted: <b>{}</b>. You may close this page.</p>", in_html(label));
                return shown(StatusCode::OK, "Thank you", &inner);
            }
            Err(ActionError::NoLead) => return useless(NoLink::Past),
            Err(error) => refused(error),
        },
        Err(problem) => problem,
    };
    let status = actix_web::ResponseError::status_code(&problem);
    let why = problem.detail.as_deref().unwrap_or("It could not be done at the moment.");
    let inner = format!("<p>{}</p><p>Go back to correct it.</p>", in_html(why));
    shown(status, "Not noted", &inner)
}

async fn opened(
    state: &HttpState,
    request: &HttpRequest,
) -> Result<(Arc<Workspace>, Opened), HttpResponse> {
    let later = || {
        let inner = "<p>Please open the link again in a moment.</p>";
        shown(StatusCode::SERVICE_UNAVAILABLE, "Not at the moment", inner)
    };
    let Some(_place) = state.enter() else { return Err(later()) };
    let (workspace, link) = named(state, request);
    let workspace = workspace.ok_or_else(|| useless(NoLink::Unknown))?;
    match state.flow.open_link(&workspace, &link).await {
        Ok(Ok(opened)) => Ok((workspace, opened)),
        Ok(Err(why)) => Err(useless(why)),
        Err(_) => Err(later()),
    }
}

/// The workspace that a request is about, and the text of its link.
pub(super) fn named(state: &HttpState, request: &HttpRequest) -> (Option<Arc<Workspace>>, String) {
    let part = |name: &str| request.match_info().get(name).unwrap_or_default().to_owned();
    let active = state.active.load_full();
    let workspace = Name::parse(&part("workspace")).ok();
    (workspace.and_then(|name| active.workspaces.get(&name)).cloned(), part("link"))
}

/// What may be filled in beside a disposition.
fn beside(workspace: &Workspace, disposition: Disposition, inner: &mut String) {
    let terms = &workspace.decide.follow_up.dispositions;
    let (meant, reasons) = (row(disposition), terms.reasons(disposition));
    if !reasons.is_empty() {
        inner.push_str(
            "<p><label>Why <select name=\"reason\" required><option value=\"\"></option>",
        );
        for reason in reasons {
            let _ = write!(inner, "<option>{reason}</option>");
        }
        inner.push_str("</select></label></p>");
    } else if meant.takes_reason() {
        inner.push_str(
            "<p><label>Why, in a word <input name=\"reason\" maxlength=\"48\"></label></p>",
        );
    }
    if meant.takes_amount() {
        let currency = terms.currency().map_or_else(String::new, |currency| currency.to_string());
        let _ = write!(
            inner,
            "<p><label>Amount <input name=\"amount\" inputmode=\"decimal\"></label> \
             <label>Currency <input name=\"currency\" size=\"4\" maxlength=\"3\" value=\"{currency}\"></label></p>"
        );
    }
    if meant.takes_revisit() {
        inner.push_str(
            "<p><label>Try again on <input name=\"revisit_at\" type=\"date\"></label></p>",
        );
    }
}

/// What was filled in. Empty fields say nothing.
fn filled(
    workspace: &Workspace,
    opened: &Opened,
    body: &[u8],
) -> Result<crate::flow::Saying, Problem> {
    let mut said = Map::new();
    for (key, value) in url::form_urlencoded::parse(body) {
        let known = ["reason", "amount", "currency", "revisit_at"].contains(&&*key);
        if known && !value.trim().is_empty() {
            said.insert(key.into_owned(), value.into_owned().into());
        }
    }
    if !said.contains_key("amount") {
        said.remove("currency");
    }
    said.insert("lead_id".to_owned(), opened.lead.to_string().into());
    said.insert("disposition".to_owned(), opened.disposition.as_str().into());
    let said: SayingBack = serde_json::from_value(Value::Object(said)).map_err(|_| {
        let detail = "The day is no day of the calendar.";
        Problem::saying(crate::http::problem::ProblemCode::BadRequest, detail)
    })?;
    Ok(said.understood(workspace, None, Vec::new())?.saying)
}

/// Enough to tell leads apart in a notice, and nothing of the person.
fn ending(opened: &Opened) -> String {
    let id = opened.lead.to_string();
    id.chars().skip(id.len().saturating_sub(6)).collect()
}

fn useless(why: NoLink) -> HttpResponse {
    let (status, title, inner) = match why {
        NoLink::Unknown => (
            StatusCode::NOT_FOUND,
            "No such link",
            "<p>It may have been cut. Copy it whole, or answer in your CRM.</p>",
        ),
        NoLink::Expired => (
            StatusCode::GONE,
            "This link has expired",
            "<p>Answer in your CRM, or ask whoever looks after leads.</p>",
        ),
        NoLink::Used => (
            StatusCode::OK,
            "Noted already",
            "<p>This link was used before. Nothing was noted a second time.</p>",
        ),
        NoLink::Past => (
            StatusCode::GONE,
            "This is past",
            "<p>The person has come anew since, or the lead is not there any more. The newest notice has \
             links of its own.</p>",
        ),
    };
    shown(status, title, inner)
}

fn shown(status: StatusCode, title: &str, inner: &str) -> HttpResponse {
    shown_in("en", status, title, inner)
}

/// A page that nothing can be added to, and nobody in between keeps.
pub(super) fn shown_in(
    language: &str,
    status: StatusCode,
    title: &str,
    inner: &str,
) -> HttpResponse {
    let style = STANDARD.encode(Sha256::digest(page::STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; img-src data:; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header(("content-security-policy", policy))
        .insert_header(("cache-control", "no-store"))
        .insert_header(("referrer-policy", "no-referrer"))
        .insert_header(("x-content-type-options", "nosniff"))
        .insert_header(("x-robots-tag", "noindex"))
        .body(page::whole_in(language, title, inner))
}
