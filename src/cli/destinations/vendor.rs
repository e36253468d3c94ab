//! What a vendor's preset asks for, when a destination is added: given values, secrets in files of their own,
//! and what may be said besides.

use std::collections::BTreeMap;

use super::AddArgs;
use crate::cli::client::ClientError;
use crate::cli::folder::{Change, missing, scalar};
use crate::deliver::DestinationPreset;
use crate::domain::Name;

/// The lines of `with`; the secrets among it are added to `change`.
///
/// # Errors
/// If something that is needed is not given, or something is given that is not asked for.
pub(super) fn asked(
    args: &AddArgs,
    preset: &DestinationPreset,
    workspace: &Name,
    change: &mut Change,
) -> Result<Vec<String>, ClientError> {
    let refused = |text: String| Err(ClientError::Refused(text));
    let Some(request) = &preset.request else {
        return match (args.url.is_some(), args.with.is_empty()) {
            (false, _) => {
                refused("--url is needed: where the receiver takes its events".to_owned())
            }
            (true, false) => {
                refused("this preset asks for nothing: --with is for vendors".to_owned())
            }
            (true, true) => Ok(Vec::new()),
        };
    };
    if args.url.is_none() && request.url.is_none() {
        return refused(
            "--url is needed: this vendor is at another address for everybody".to_owned(),
        );
    }
    let mut given = BTreeMap::new();
    for pair in &args.with {
        let Some((key, value)) = pair.split_once('=') else {
            return refused(format!("`{pair}` is not KEY=VALUE"));
        };
        if request.with.get(key).is_none_or(|wanted| wanted.table) {
            let keys = request.with.iter().filter(|(_, wanted)| !wanted.table);
            return Err(missing("value of this preset", key, keys.map(|(key, _)| key.as_str())));
        }
        given.insert(key, value);
    }
    // A token, or what it is had by.
    let fetched = request.oauth.is_some() && !given.contains_key("token");
    let for_token = |key: &str| fetched && ["client_id", "client_secret"].contains(&key);
    let needed: Vec<String> = request
        .with
        .iter()
        .filter(|(key, wanted)| {
            (wanted.required || for_token(key)) && !given.contains_key(key.as_str())
        })
        .map(|(key, wanted)| format!("  --with {key}=…   {}", wanted.help))
        .collect();
    if !needed.is_empty() {
        return refused(format!(
            "the preset needs more; nothing was written:\n{}",
            needed.join("\n")
        ));
    }
    let mut lines = vec!["with:".to_owned()];
    let mut open = Vec::new();
    for (key, wanted) in &request.with {
        match given.get(key.as_str()) {
            Some(value) if wanted.secret && !value.starts_with("${") => {
                let place = format!("secrets/{workspace}.{}.{key}", args.name);
                lines.push(format!("  {key}: \"${{file:{place}}}\""));
                change.secrets.push((place, (*value).to_owned()));
            }
            Some(value) => lines.push(format!("  {key}: {}", scalar(value))),
            None => {
                let form = if wanted.table { "{ ada: \"…\" }" } else { "\"…\"" };
                open.push(format!("  # {key}: {form}   {}", wanted.help));
            }
        }
    }
    if given.is_empty() {
        "# with:".clone_into(&mut lines[0]);
    }
    lines.append(&mut open);
    Ok(if request.with.is_empty() { Vec::new() } else { lines })
}
