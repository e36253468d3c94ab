//! The small built-in pages a browser sees when the source names none. No scripts, no foreign content;
//! everything that came from outside is escaped.

use std::fmt::Write as _;

use super::decode::form;
use super::request::Request;
use super::source::Source;
use crate::domain::in_html;

/// Readable on a phone and in the dark; whoever wants their own look names pages in the source.
pub const STYLE: &str = ":root{color-scheme:light dark}body{margin:0;font:1.125rem/1.5 system-ui,sans-serif}\
     main{max-width:34rem;margin:12vh auto;padding:0 1.25rem}h1{font-size:1.6rem;line-height:1.2}\
     button{font:inherit;padding:.6em 1.4em;cursor:pointer}";

/// A whole page with a heading; `inner` is HTML already.
#[must_use]
pub fn whole(title: &str, inner: &str) -> String {
    whole_in("en", title, inner)
}

/// The same in another language.
#[must_use]
pub fn whole_in(language: &str, title: &str, inner: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"{language}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"robots\" content=\"noindex\">\
         <link rel=\"icon\" href=\"data:,\">\
         <title>{title}</title><style>{STYLE}</style></head><body><main><h1>{title}</h1>{inner}</main></body></html>\n",
        title = in_html(title),
    )
}

/// After an accepted form.
pub(super) fn thanks() -> String {
    whole("Thank you", "<p>Your message has arrived.</p>")
}

/// After a form that could not be taken.
pub(super) fn failure(message: &str, code: &str) -> String {
    let inner = format!(
        "<p>{}.</p><p>Please go back and try again. <small>({})</small></p>",
        in_html(message.trim_end_matches('.')),
        in_html(code)
    );
    whole("Your message was not accepted", &inner)
}

/// While the service is not available: the values once more, in a form that sends them again to the
/// same address. `None` if the body is no form that can be read.
pub(super) fn send_again(source: &Source, request: &Request) -> Option<String> {
    let pairs = form::pairs_of(source, request)?;
    let mut inner = String::from(
        "<p>We could not take your message just now. Nothing is lost: please wait a moment and press \
         the button.</p><form method=\"post\">",
    );
    for (key, value) in pairs {
        let (key, value) = (in_html(&key), in_html(&value));
        let _ = write!(inner, "<input type=\"hidden\" name=\"{key}\" value=\"{value}\">");
    }
    inner.push_str("<button>Send again</button></form>");
    Some(whole("One moment, please", &inner))
}
