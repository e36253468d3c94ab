//! What to paste where at a vendor: the URL of a source, and its preset's own instructions.

use serde::Deserialize;

use super::handshake::token_of;
use super::secret::Secret;
use super::source::Source;
use super::verify::{Places, Verifier};
use crate::domain::{Name, Tier};

/// A post as the vendor makes it, marked as a test where the vendor can mark it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SampleSettings {
    /// Whether it goes to `…/batch`.
    #[serde(default)]
    pub batch: bool,
    /// The `Content-Type` it is sent with.
    pub content_type: String,
    /// The body, without the secret.
    pub body: String,
}

/// How the public listener is reached from outside: the part of every source's URL before `/v1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicBase {
    url: String,
    /// Whether `public_url` of server.yaml says so; else it is only where the listener listens.
    pub configured: bool,
}

impl PublicBase {
    /// `configured` is `public_url`, `listening` the address that stands in for it.
    #[must_use]
    pub fn new(configured: Option<&url::Url>, listening: std::net::SocketAddr) -> Self {
        if let Some(url) = configured {
            return Self { url: url.as_str().trim_end_matches('/').to_owned(), configured: true };
        }
        let mut reached = listening;
        if reached.ip().is_unspecified() {
            reached.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
        }
        Self { url: format!("http://{reached}"), configured: false }
    }

    /// Scheme, host and whatever path stands before `/v1`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// Whether instructions may show the source's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reveal {
    /// Words stand in its place.
    Nothing,
    /// The first secret stands there: for the person who has to paste it.
    Secret,
}

/// What stands in the place of a secret that is not shown.
pub const HIDDEN: &str = "(the secret of this source)";

/// What stands in the place of a handshake's token that is not shown.
const HIDDEN_TOKEN: &str = "(the token of this source)";

/// Everything the person at the vendor's side needs.
#[derive(Clone, PartialEq, Eq)]
pub struct Setup {
    /// Where single inquiries are posted to.
    pub url: String,
    /// Where files and lists are uploaded to, if the source takes them.
    pub batch_url: Option<String>,
    /// What to do, in lines. Holds the secret if it was asked for.
    pub text: String,
    /// Whether words stand there in the secret's place.
    pub hides: bool,
}

impl std::fmt::Debug for Setup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Setup").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Source {
    /// What to paste where so that this source's inquiries arrive. The preset's own text if the source
    /// proves itself in the preset's usual way, else what follows from how it does.
    #[must_use]
    pub fn setup(&self, base: &PublicBase, workspace: &Name, reveal: Reveal) -> Setup {
        let url = format!("{}/v1/{workspace}/inquiries/{}", base.url(), self.name);
        let batch_url = self.takes_batches().then(|| format!("{url}/batch"));
        let secret = match (reveal, self.secrets.first()) {
            (Reveal::Secret, Some(secret)) => secret.text(),
            _ => HIDDEN,
        };
        let token = match (reveal, self.secrets.first()) {
            (Reveal::Secret, Some(secret)) => token_of(secret),
            _ => HIDDEN_TOKEN.to_owned(),
        };
        let usual = self.scheme == self.preset.verification.default;
        let text = if usual && !self.preset.setup.trim().is_empty() {
            self.preset.setup.clone()
        } else {
            self.general_setup()
        };
        let text = text
            .replace("{script}", &format!("{}/form.js", base.url()))
            .replace("{batch_url}", batch_url.as_deref().unwrap_or(&url))
            .replace("{url}", &url)
            .replace("{token}", &token)
            .replace("{secret}", secret);
        Setup { url, batch_url, hides: text.contains(HIDDEN), text: text.trim_end().to_owned() }
    }

    /// The form in the setup of a source that anybody may post to, as HTML for a page.
    #[must_use]
    pub fn snippet(&self, base: &PublicBase, workspace: &Name) -> Option<String> {
        let text = self.setup(base, workspace, Reveal::Nothing).text;
        let lines = text.lines().skip_while(|line| !line.trim_start().starts_with("<form"));
        let lines: Vec<&str> = lines.take_while(|line| !line.trim().is_empty()).collect();
        let indent = lines.first().map(|line| line.len() - line.trim_start().len())?;
        let plain = |line: &&str| line.get(indent..).unwrap_or_default().to_owned();
        let lines: Vec<String> = lines.iter().map(plain).collect();
        self.is_public().then(|| lines.join("\n"))
    }

    /// What else to know: that the preset was not seen working yet, that the vendor makes the secret.
    #[must_use]
    pub fn setup_note(&self) -> Option<String> {
        let mut lines = Vec::new();
        if self.tier() == Tier::Experimental {
            lines.push(
                "This preset is experimental: written without captured posts or the vendor's own text.\n\
                 Try a captured body with `lead-router sources test FILE --source NAME`.",
            );
        }
        if self.verifier.is_given() {
            lines.push(
                "The vendor makes this secret: put it into the file that `secrets` of the source names; what\n\
                 stands there first is only a placeholder.",
            );
        }
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    /// For schemes that the preset has no words for.
    fn general_setup(&self) -> String {
        let mut lines = vec!["Post to".to_owned(), String::new(), "  {url}".to_owned()];
        if self.takes_batches() {
            lines.push("  {batch_url}   (files and lists)".to_owned());
        }
        lines.push(String::new());
        match &self.verifier {
            Verifier::Nobody | Verifier::Everybody => {
                lines.push("Anybody may post there: nothing proves who it is.".to_owned());
            }
            Verifier::Key { places, .. } => {
                let Places { headers, word, query, path } = places;
                lines.push("with the secret in one of these places:".to_owned());
                lines.push(String::new());
                lines.extend(headers.iter().map(|header| match header.as_str() {
                    "authorization" => format!("  header  authorization: {word} {{secret}}"),
                    other => format!("  header  {other}: {{secret}}"),
                }));
                lines.extend(query.iter().map(|key| format!("  query   {{url}}?{key}={{secret}}")));
                if *path {
                    lines.push("  path    {url}/{secret}".to_owned());
                }
            }
            Verifier::KeyInBody { at, .. } => {
                lines.push(format!("with this as `{at}` in the body:"));
                lines.push(String::new());
                lines.push("  {secret}".to_owned());
            }
            Verifier::Basic { .. } => {
                lines.push("with HTTP Basic: any name, and this password:".to_owned());
                lines.push(String::new());
                lines.push("  {secret}".to_owned());
            }
            Verifier::Signed(signature) => {
                let key = if signature.is_public() { "private key to" } else { "secret" };
                lines.push(format!("signed in the header `{}` with the {key}", signature.header()));
                lines.push(String::new());
                lines.push("  {secret}".to_owned());
            }
            Verifier::Jws { header, .. } => {
                lines.push(format!(
                    "with a JSON Web Signature in the header `{header}` by this secret:"
                ));
                lines.push(String::new());
                lines.push("  {secret}".to_owned());
            }
            Verifier::StandardWebhooks { .. } => {
                lines.push("signed after Standard Webhooks with this secret:".to_owned());
                lines.push(String::new());
                lines.push("  {secret}".to_owned());
            }
        }
        lines.join("\n")
    }

    /// The verification scheme it uses, by its name in the preset.
    #[must_use]
    pub fn scheme(&self) -> &Name {
        &self.scheme
    }

    /// The preset's sample post, if it has one.
    #[must_use]
    pub fn sample(&self) -> Option<&SampleSettings> {
        self.preset.sample.as_ref()
    }

    /// The secret that goes first where one is enough, for the person who sets the vendor up.
    #[must_use]
    pub fn expose_secret(&self) -> Option<&str> {
        self.secrets.first().map(Secret::text)
    }
}
