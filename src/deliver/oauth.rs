//! What a destination or a preset says about OAuth 2, checked to what a token endpoint is asked.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use url::Url;

use super::settings::{Masked, parse_duration};
use crate::domain::SettingProblem;
use crate::egress::TokenRequest;

/// How long a token is thought to live where nothing says it.
const LIVES: Duration = Duration::from_hours(1);

/// How an access token is had: OAuth 2, by client credentials or a refresh token. It is asked for once per expiry,
/// whatever the number of replicas, and kept sealed. In a preset, texts may hold `{with.…}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OauthSettings {
    /// Where tokens are had; with a `/` first: at the destination's own address.
    pub token_url: String,
    /// Who we are there.
    pub client_id: String,
    /// What proves it; best as `${env:NAME}`.
    #[cfg_attr(test, schemars(with = "String"))]
    pub client_secret: Masked,
    /// The first refresh token; the endpoint may give newer ones, which are kept.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub refresh_token: Option<Masked>,
    /// Without it: `refresh_token` if there is one, else `client_credentials`.
    #[serde(default)]
    pub grant: Option<GrantWord>,
    /// What is asked for; with a `/` first: at the destination's own address.
    #[serde(default)]
    pub scope: Option<String>,
    /// What the endpoint wants besides, such as `audience`.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// Where id and secret stand.
    #[serde(default)]
    pub client: ClientWord,
    /// How long a token lives whose answer does not say it (an hour).
    #[serde(default)]
    pub lives: Option<String>,
}

/// Which grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "snake_case")]
pub enum GrantWord {
    ClientCredentials,
    RefreshToken,
}

/// Where id and secret stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "snake_case")]
pub enum ClientWord {
    /// In the form, beside the grant.
    #[default]
    Form,
    /// `authorization: Basic …`.
    Basic,
    /// In the query of a GET.
    Query,
}

/// Fills in a text; in a destination's own file there is nothing to fill in.
pub(super) type Fill<'a> = &'a dyn Fn(&str) -> Result<String, String>;

impl OauthSettings {
    /// What the endpoint is asked. `None` = id, secret or (where it is the grant) refresh token is empty.
    pub(super) fn request(
        &self,
        address: Option<&Url>,
        fill: Fill<'_>,
        problems: &mut Vec<SettingProblem>,
    ) -> Option<TokenRequest> {
        let mut text = |key: &str, text: &str| {
            let filled = fill(text);
            filled.unwrap_or_else(|message| {
                problems.push(SettingProblem::new(format!("oauth.{key}"), message));
                String::new()
            })
        };
        let token_url = text("token_url", &self.token_url);
        let (id, secret) = (
            text("client_id", &self.client_id),
            text("client_secret", self.client_secret.expose()),
        );
        let refresh = self.refresh_token.as_ref();
        let refresh = refresh.map(|token| text("refresh_token", token.expose()));
        let refresh = refresh.filter(|token| !token.is_empty());
        let scope = self.scope.as_ref().map(|scope| text("scope", scope));
        let more = self.parameters.iter();
        let mut more: Vec<_> =
            more.map(|(name, value)| (name.clone(), text("parameters", value))).collect();
        let lives = self.lives.as_deref().map_or(Ok(LIVES), parse_duration);
        let lives = lives.unwrap_or_else(|message| {
            problems.push(SettingProblem::new("oauth.lives", message));
            LIVES
        });
        let by_refresh = match self.grant {
            Some(GrantWord::RefreshToken) => true,
            Some(GrantWord::ClientCredentials) => false,
            None => refresh.is_some(),
        };
        if id.is_empty() || secret.is_empty() || (by_refresh && refresh.is_none()) {
            return None;
        }
        let url = at(address, &token_url).filter(|url| Url::parse(url).is_ok_and(is_web));
        let Some(url) = url else {
            let message = "this is not a whole URL, such as https://login.example.com/token";
            problems.push(SettingProblem::new("oauth.token_url", message));
            return None;
        };
        let grant = if by_refresh { "refresh_token" } else { "client_credentials" };
        let mut pairs = vec![("grant_type".to_owned(), grant.to_owned())];
        let basic = match self.client {
            ClientWord::Basic => Some((id, secret)),
            ClientWord::Form | ClientWord::Query => {
                pairs.push(("client_id".to_owned(), id));
                pairs.push(("client_secret".to_owned(), secret));
                None
            }
        };
        let scope = scope.and_then(|scope| at(address, &scope));
        pairs.extend(scope.filter(|scope| !scope.is_empty()).map(|s| ("scope".to_owned(), s)));
        pairs.append(&mut more);
        Some(TokenRequest {
            url,
            pairs,
            basic,
            by_query: self.client == ClientWord::Query,
            refresh_token: refresh.filter(|_| by_refresh),
            lives,
        })
    }
}

/// At the destination's own address, if it begins with `/`.
fn at(address: Option<&Url>, text: &str) -> Option<String> {
    if text.starts_with('/') {
        return Some(format!("{}{text}", address?.origin().ascii_serialization()));
    }
    Some(text.to_owned())
}

#[expect(clippy::needless_pass_by_value, reason = "it is given away by who parsed it")]
fn is_web(url: Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none()
}
