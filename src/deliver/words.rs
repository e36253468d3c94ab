//! What an answer, or its absence, means in words, and what to do about it.

use super::verdict::Judged;
use crate::domain::Verdict;
use crate::domain::ports::{OutboundAnswer, OutboundError};

/// What a vendor's answer came to where the status alone does not say it; `None` = it does.
pub(super) fn of_vendor(judged: &Judged) -> Option<(&'static str, &'static str)> {
    Some(match (judged.verdict, judged.error) {
        (Verdict::Invalid, _) => (
            "The receiver cannot take these data, or they lack what it finds people by.",
            "Compare the fields that the preset fills in with those of your account; its answer says which one it is.",
        ),
        (Verdict::Credentials, _) => (
            "The receiver does not let us in with this token or key.",
            "Make a new one there and put it where `with` says; deliveries go on by themselves within a quarter of an hour, or at once with `destinations resume`.",
        ),
        (Verdict::Retriable, Some("limited")) => (
            "The receiver's limit is reached for now.",
            "Nothing, if it is seldom; else lower `concurrency`, or raise the limit there.",
        ),
        _ => return None,
    })
}

/// The same where the token endpoint answered, and no token was had.
pub(super) fn of_token(judged: &Judged) -> (&'static str, &'static str) {
    match judged.verdict {
        Verdict::Credentials => (
            "The token endpoint does not accept our client id, secret or refresh token.",
            "Its code says which: `invalid_client` is id or secret, `invalid_grant` the refresh token (made anew there). Deliveries go on by themselves within a quarter of an hour, or at once with `deliveries resume`.",
        ),
        _ => (
            "No access token could be had for now.",
            "Nothing, if it is seldom; else look at `token_url`, and at what the endpoint says.",
        ),
    }
}

/// What happened, in one sentence.
pub(super) fn words(answer: &Result<OutboundAnswer, OutboundError>) -> String {
    match answer {
        Ok(answer) => match answer.status {
            200..=299 => "The receiver took it.".to_owned(),
            300..=399 => "The receiver redirects; redirects are never followed.".to_owned(),
            401 | 403 => "The receiver lets nobody in with this signature or key.".to_owned(),
            404 => "There is nothing at this path.".to_owned(),
            405 => "The receiver does not take POST at this path.".to_owned(),
            410 => "The receiver wants no more deliveries; a real one would pause it.".to_owned(),
            408 | 425 | 429 => "The receiver wants to be asked later.".to_owned(),
            400..=499 => "The receiver refuses this body.".to_owned(),
            _ => "The receiver failed by itself.".to_owned(),
        },
        Err(error) => failure(*error).0.to_owned(),
    }
}

/// What to do; `None` if all is well.
pub(super) fn advice(answer: &Result<OutboundAnswer, OutboundError>) -> Option<String> {
    let text = match answer {
        Ok(answer) => match answer.status {
            200..=299 => return None,
            300..=399 => "Configure the final URL.",
            401 | 403 => {
                "Compare the secret there with this destination's, and the clocks of both machines; verify over the raw body."
            }
            404 | 405 => "Check the path of the URL.",
            410 => "Configure another URL, or remove the destination.",
            408 | 425 | 429 => {
                "Lower `concurrency`, or ask the receiver's owner for a higher limit."
            }
            400..=499 => "Its answer may say why; docs/receivers.md shows what is sent.",
            _ => "Look at the receiver's own log.",
        },
        Err(error) => failure(*error).1,
    };
    Some(text.to_owned())
}

/// Why there was no answer, and what to do about it: one row per error, as in docs/troubleshooting.md.
pub fn failure(error: OutboundError) -> (&'static str, &'static str) {
    match error {
        OutboundError::Timeout => (
            "No whole answer within the destination's timeout.",
            "Answer first and work afterwards, or raise `timeout_ms` (at most 30000); a firewall that drops packets looks the same.",
        ),
        OutboundError::Dns => (
            "The name does not resolve on this machine.",
            "Check the host in the URL, and this machine's DNS.",
        ),
        OutboundError::Connect => (
            "Nobody listens there, or a firewall refuses.",
            "Start the receiver; check host, port and firewall.",
        ),
        OutboundError::Tls => (
            "TLS failed: the certificate is expired, for another name, or of an authority that this machine does not know.",
            "Renew or complete the receiver's certificate chain, or install its authority on this machine.",
        ),
        OutboundError::Cut => {
            ("The connection broke before the answer was whole.", "Look at the receiver's own log.")
        }
        OutboundError::Blocked => (
            "The egress guard refuses the address: it is not a public one, or plain http.",
            "If it is meant, open it in server.yaml, such as `egress: {allow: [\"10.1.2.3/32:443\"]}`, and restart; plain http beyond this machine needs `http: true` too.",
        ),
        OutboundError::BodyTooLarge => {
            ("The answer did not end within what is read of it.", "Answer with a short body.")
        }
        OutboundError::BadRequest => {
            ("The URL or a header cannot be sent.", "Check `url` and `headers` of the destination.")
        }
    }
}
