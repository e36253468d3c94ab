//! Pages that say no: not logged in, not allowed, not there, not now.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use askama::Template;

use super::assets;
use super::words::Html as _;
use crate::flow::Unavailable;
use crate::http::keys::Scope;

/// Why a page is not shown or a form not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Go and log in; then come back to this path, if it is a page.
    #[error("not logged in")]
    Login(Option<String>),
    /// The key lacks a scope.
    #[error("not allowed")]
    Scope(Scope),
    /// The key opens none of the console's pages.
    #[error("nothing to see")]
    Nothing,
    #[error("not found")]
    NotFound,
    /// The form is not from a page of this session, or from another site.
    #[error("stale form")]
    Stale,
    /// The form does not have the fields that its page gives it.
    #[error("bad form")]
    BadForm,
    #[error("too many tries")]
    Limited,
    #[error("not available")]
    Unavailable,
}

impl From<Unavailable> for Refusal {
    fn from(_: Unavailable) -> Self {
        Self::Unavailable
    }
}

#[derive(Template)]
#[template(path = "refusal.html")]
struct RefusalPage {
    assets: &'static str,
    code: u16,
    title: &'static str,
    text: String,
    login: bool,
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Login(_) => StatusCode::SEE_OTHER,
            Self::Scope(_) | Self::Nothing | Self::Stale => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::BadForm => StatusCode::BAD_REQUEST,
            Self::Limited => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let (title, text) = match self {
            Self::Login(to) => {
                let to = to.as_deref().map_or_else(String::new, |to| format!("?to={to}"));
                return HttpResponse::SeeOther()
                    .insert_header(("location", format!("/console/login{to}")))
                    .finish();
            }
            Self::Scope(scope) => (
                "Your key may not do that",
                format!("It needs the scope `{scope}` here. Scopes are given in keys.yaml."),
            ),
            Self::Nothing => (
                "Your key opens no page here",
                "The console needs the scope `leads:read`, `deliveries:read` or `config:read`."
                    .to_owned(),
            ),
            Self::NotFound => (
                "There is no such page or thing",
                "The address is wrong, or what stood here is gone.".to_owned(),
            ),
            Self::Stale => (
                "This form is not valid any more",
                "Nothing was done. Go back, load the page again and repeat the action.".to_owned(),
            ),
            Self::BadForm => (
                "This form lacks something",
                "Nothing was done. Go back, load the page again and repeat the action.".to_owned(),
            ),
            Self::Limited => {
                ("Too many tries", "Wait a minute, then try again.".to_owned())
            }
            Self::Unavailable => (
                "Not available at the moment",
                "The store does not answer, or too many others write at once. Try again in a moment."
                    .to_owned(),
            ),
        };
        let page = RefusalPage {
            assets: assets::version(),
            code: self.status_code().as_u16(),
            title,
            text,
            login: *self == Self::Nothing,
        };
        let mut response = HttpResponse::build(self.status_code());
        if matches!(self, Self::Unavailable | Self::Limited) {
            response.insert_header(("retry-after", "5"));
        }
        response.content_type("text/html; charset=utf-8").body(page.html())
    }
}

/// What paths get that lead nowhere.
pub async fn not_found() -> Result<HttpResponse, Refusal> {
    Err(Refusal::NotFound)
}
