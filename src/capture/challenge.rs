//! Proof that a visitor is none of the robots that fill in forms: the token that a page's widget (Turnstile, hCaptcha,
//! reCAPTCHA) posts along is shown to its provider. Nothing is sent from here.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use url::{Url, form_urlencoded};

use std::time::Duration;

use crate::domain::SettingProblem;
use crate::domain::ports::{OutboundAnswer, OutboundError, OutboundMethod, OutboundRequest};

use super::secret::Secret;

/// A person waits for the answer.
const DEADLINE: Duration = Duration::from_secs(3);

/// A widget on the form's page that tells people from robots. Inquiries whose token is missing or not good are kept
/// among the filtered; while the provider does not answer all are taken, with the flag `challenge_unverified`.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChallengeSettings {
    /// Who made the widget.
    pub provider: ChallengeProvider,
    /// The provider's secret for this page; best as `${env:NAME}` or `${file:PATH}`.
    #[cfg_attr(test, schemars(with = "String", extend("examples" = ["${env:TURNSTILE_SECRET}"])))]
    pub secret: Secret,
    /// Scores below this are no person's (reCAPTCHA v3: 0 to 1).
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 0, max = 1)))]
    pub score_min: Option<f64>,
    /// Where the provider is asked, if not at its usual address: a proxy.
    #[serde(default)]
    pub at: Option<String>,
}

/// Providers of widgets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "lowercase")]
pub enum ChallengeProvider {
    /// Cloudflare Turnstile.
    Turnstile,
    /// hCaptcha.
    Hcaptcha,
    /// Google reCAPTCHA, v2 or v3.
    Recaptcha,
}

impl ChallengeProvider {
    /// The form field in which the widget posts its token.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::Turnstile => "cf-turnstile-response",
            Self::Hcaptcha => "h-captcha-response",
            Self::Recaptcha => "g-recaptcha-response",
        }
    }

    fn address(self) -> &'static str {
        match self {
            Self::Turnstile => "https://challenges.cloudflare.com/turnstile/v0/siteverify",
            Self::Hcaptcha => "https://api.hcaptcha.com/siteverify",
            Self::Recaptcha => "https://www.google.com/recaptcha/api/siteverify",
        }
    }
}

/// What the provider said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Challenged {
    /// A person.
    Passed,
    /// A robot, or a token that was used before.
    Failed,
    /// The provider did not say, or does not know our secret: nobody is turned away for that.
    Unverified,
}

/// A source's challenge, compiled.
#[derive(Debug, Clone)]
pub struct Challenge {
    settings: ChallengeSettings,
    url: String,
}

impl Challenge {
    pub(super) fn compile(settings: &ChallengeSettings) -> Result<Self, SettingProblem> {
        if settings.secret.text().len() < Secret::BYTES_MIN {
            return Err(SettingProblem::new("secret", "must have at least 8 characters"));
        }
        if settings.score_min.is_some_and(|score| !(0.0..=1.0).contains(&score)) {
            return Err(SettingProblem::new("score_min", "must be from 0 to 1"));
        }
        let at = settings.at.as_deref().unwrap_or_else(|| settings.provider.address());
        let url = Url::parse(at).ok().filter(Url::has_host);
        let url = url.ok_or_else(|| SettingProblem::new("at", "must be a whole http(s) URL"))?;
        Ok(Self { settings: settings.clone(), url: url.into() })
    }

    /// The form field in which the token comes.
    #[must_use]
    pub fn field(&self) -> &'static str {
        self.settings.provider.field()
    }

    /// The question whether a token is good.
    #[must_use]
    pub fn request(&self, token: &str) -> OutboundRequest {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("secret", self.settings.secret.text())
            .append_pair("response", token)
            .finish();
        let content_type = "application/x-www-form-urlencoded".to_owned();
        OutboundRequest {
            method: OutboundMethod::Post,
            url: self.url.clone(),
            headers: vec![("content-type".to_owned(), content_type)],
            body: Bytes::from(body),
            deadline: DEADLINE,
            wants_headers: false,
            answer_max: OutboundRequest::ANSWER_BYTES,
        }
    }

    /// What the answer says.
    #[must_use]
    pub fn judge(&self, answer: &Result<OutboundAnswer, OutboundError>) -> Challenged {
        let Ok(answer) = answer else { return Challenged::Unverified };
        let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else {
            return Challenged::Unverified;
        };
        let codes = body["error-codes"].as_array();
        let ours = |code: &Value| {
            code.as_str().is_some_and(|it| it.contains("secret") || it == "internal-error")
        };
        let low = || {
            let score = body["score"].as_f64().zip(self.settings.score_min);
            score.is_some_and(|(score, least)| score < least)
        };
        match body["success"].as_bool() {
            Some(true) if low() => Challenged::Failed,
            Some(true) => Challenged::Passed,
            Some(false) if codes.is_some_and(|codes| codes.iter().any(ours)) => {
                Challenged::Unverified
            }
            Some(false) => Challenged::Failed,
            None => Challenged::Unverified,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge(yaml: &str) -> Challenge {
        Challenge::compile(&serde_saphyr::from_str(yaml).unwrap()).unwrap()
    }

    fn answer(body: &'static str) -> OutboundAnswer {
        let body = Bytes::from_static(body.as_bytes());
        OutboundAnswer { status: 200, retry_after: None, headers: Vec::new(), body }
    }

    #[test]
    fn only_a_clear_no_is_a_no() {
        let challenge = challenge("{provider: recaptcha, secret: provider-secret, score_min: 0.5}");
        for (body, said) in [
            (r#"{"success":true}"#, Challenged::Passed),
            (r#"{"success":true,"score":0.9}"#, Challenged::Passed),
            (r#"{"success":true,"score":0.1}"#, Challenged::Failed),
            (r#"{"success":false,"error-codes":["timeout-or-duplicate"]}"#, Challenged::Failed),
            (r#"{"success":false,"error-codes":["invalid-input-secret"]}"#, Challenged::Unverified),
            ("<html>", Challenged::Unverified),
        ] {
            assert_eq!(challenge.judge(&Ok(answer(body))), said, "{body}");
        }
        assert_eq!(challenge.judge(&Err(OutboundError::Timeout)), Challenged::Unverified);
    }

    #[test]
    fn the_token_is_escaped_and_goes_to_the_provider() {
        let asked = challenge("{provider: turnstile, secret: provider-secret}").request("a&b");
        assert_eq!(asked.url, "https://challenges.cloudflare.com/turnstile/v0/siteverify");
        assert_eq!(asked.body, "secret=provider-secret&response=a%26b");
        let wrong: ChallengeSettings =
            serde_saphyr::from_str("{provider: turnstile, secret: short}").unwrap();
        assert!(Challenge::compile(&wrong).is_err());
    }
}
