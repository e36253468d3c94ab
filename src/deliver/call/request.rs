//! One step as bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::compile::{Auth, Body, Call, Step};
use super::context::Context;
use super::text::encoded;

/// More than any vendor takes for one lead.
const BODY_BYTES_MAX: usize = 256 * 1024;

/// What a step sends.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Bytes,
}

/// Makes a request. `None` = a place that its address or body needs is not there, or it grew too long.
pub(super) fn made(call: &Call, step: &Step, base: &str, context: &Context<'_>) -> Option<Made> {
    let path = step.path.address(context)?;
    let mut url = if path.is_empty() {
        base.to_owned()
    } else {
        format!("{}{path}", base.trim_end_matches('/'))
    };
    for (name, value) in &step.query {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(&encoded(name));
        url.push('=');
        url.push_str(&value.address(context)?);
    }
    let body = match &step.body {
        Body::None => Vec::new(),
        Body::Json(tree) => tree.render(context)?.to_string().into_bytes(),
        Body::Form(pairs) => {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            for (name, text) in pairs {
                let value = text.text(context);
                if !value.is_empty() {
                    form.append_pair(name, &value);
                }
            }
            form.finish().into_bytes()
        }
    };
    if body.len() > BODY_BYTES_MAX {
        return None;
    }
    let mut headers: Vec<(String, String)> = Vec::new();
    headers.extend(step.content_type.iter().map(|kind| ("content-type".to_owned(), kind.clone())));
    headers.extend(authorization(&call.auth, context));
    for (name, text) in &call.headers {
        let value = text.text(context);
        if !value.is_empty() {
            headers.push((name.clone(), value));
        }
    }
    Some(Made { url, headers, body: Bytes::from(body) })
}

fn authorization(auth: &Auth, context: &Context<'_>) -> Option<(String, String)> {
    let value = match auth {
        Auth::None => return None,
        Auth::Bearer(token) => format!("Bearer {}", token.text(context)),
        Auth::Basic(user, password) => {
            let pair = format!("{}:{}", user.text(context), password.text(context));
            format!("Basic {}", STANDARD.encode(pair))
        }
    };
    Some(("authorization".to_owned(), value))
}
