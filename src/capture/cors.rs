//! Which pages of which origins may read the answer. CORS is not access control: an inquiry from an
//! unlisted origin is taken as well, it only gets a flag.

/// What to say to a browser about an origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cors {
    /// No `Origin` header: no page asked.
    NotAsked,
    /// The origin is listed (or all are): it is to be named in the answer.
    Allowed(String),
    /// The origin is not listed: no header; the inquiry gets `Flag::UnlistedOrigin`.
    Unlisted,
}

impl Cors {
    /// The decision for an `Origin` header among the origins of a source; `*` lists all.
    #[must_use]
    pub(super) fn decide(listed: &[String], origin: Option<&str>) -> Self {
        let Some(origin) = origin else { return Self::NotAsked };
        let known = |entry: &String| entry == "*" || entry.eq_ignore_ascii_case(origin);
        if listed.iter().any(known) { Self::Allowed(origin.to_owned()) } else { Self::Unlisted }
    }

    /// The headers of the answer. `Vary: Origin` is there in any case, so that caches keep answers
    /// apart. Never `Access-Control-Allow-Credentials`: nothing here depends on cookies.
    #[must_use]
    pub fn headers(&self, preflight: bool) -> Vec<(&'static str, String)> {
        let mut headers = vec![("vary", "Origin".to_owned())];
        if let Self::Allowed(origin) = self {
            headers.push(("access-control-allow-origin", origin.clone()));
            if preflight {
                headers.push(("access-control-allow-methods", "POST".to_owned()));
                let allowed = "content-type, idempotency-key";
                headers.push(("access-control-allow-headers", allowed.to_owned()));
                headers.push(("access-control-max-age", "600".to_owned()));
            }
        }
        headers
    }
}
