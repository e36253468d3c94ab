//! Tokens for what is fetched: the port that flows ask.

use std::time::Duration;

use async_trait::async_trait;

use super::{TokenError, TokenRequest, Tokens};
use crate::domain::Name;
use crate::domain::ports::{AccessTokens, NoToken, TokenGrant};

/// How long a token is thought to live whose answer does not say it.
const LIVES: Duration = Duration::from_hours(1);

#[async_trait]
impl AccessTokens for Tokens {
    async fn access_token(
        &self,
        workspace: &Name,
        of: &Name,
        grant: &TokenGrant,
        refused: Option<&str>,
    ) -> Result<String, NoToken> {
        let mut pairs = vec![
            ("grant_type".to_owned(), "client_credentials".to_owned()),
            ("client_id".to_owned(), grant.client_id.clone()),
        ];
        pairs.extend(grant.scope.iter().map(|scope| ("scope".to_owned(), scope.clone())));
        let request = TokenRequest {
            url: grant.url.clone(),
            pairs,
            basic: Some((grant.client_id.clone(), grant.client_secret.clone())),
            by_query: false,
            refresh_token: None,
            lives: LIVES,
        };
        let got = self.token(workspace, of, &request, refused, TokenGrant::WITHIN).await;
        got.map_err(|error| match error {
            TokenError::Refused { status, .. } => NoToken::Refused(status),
            _ => NoToken::Later,
        })
    }
}
