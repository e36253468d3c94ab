//! `lead-router destinations rotate NAME`: a new signing secret; the old one signs beside it until a time.

use std::io::Write;
use std::time::Duration;

use clap::Args;

use super::show::explain;
use crate::app::SystemClock;
use crate::cli::client::ClientError;
use crate::cli::folder::{Change, ConfigArgs, Env, Folder, report};
use crate::cli::secrets::{Kind, fresh, place};
use crate::deliver::sign::key_pair;
use crate::domain::ports::Clock as _;
use crate::domain::{Name, Timestamp};

/// Longer than any receiver needs to change over.
const KEEP_MAX: Duration = Duration::from_hours(30 * 24);

/// Arguments of `destinations rotate`.
#[derive(Debug, Clone, Args)]
pub struct RotateArgs {
    #[command(flatten)]
    pub config: ConfigArgs,
    /// The destination
    #[arg(value_name = "NAME")]
    pub name: Name,
    /// How long the old secret signs too, so that the receiver can change over; at most 30 days
    #[arg(long, value_name = "DURATION", default_value = "24h")]
    pub keep: String,
    /// Make a key pair (Ed25519, `v1a`): the receiver gets only its public half
    #[arg(long)]
    pub key_pair: bool,
}

/// Writes the new secret and the destination's file; a running service takes both up by itself.
///
/// # Errors
/// If it is not done; then nothing was written.
pub(super) fn run(
    args: &RotateArgs,
    env: &Env<'_>,
    out: &mut dyn Write,
) -> Result<(), ClientError> {
    let folder = args.config.open(env)?;
    let workspace = args.config.workspace(&folder)?;
    super::show::find(&workspace, &args.name)?;
    let now = SystemClock::default().now();
    let until = now.after(kept(&args.keep)?);
    let stamp: String = now.to_string().chars().filter(char::is_ascii_digit).take(14).collect();
    let secret = format!("{}-{stamp}", place(&workspace.name, &args.name, Kind::Signing));
    let made = if args.key_pair { key_pair(rand::random()) } else { Some(fresh(Kind::Signing)) };
    let path = format!("workspaces/{}/destinations/{}.yaml", workspace.name, args.name);
    let text = folder.text(&path).unwrap_or_default();
    let changed = rotated(&text, &format!("\"${{file:{secret}}}\""), until, now);
    let (Some(made), Some(changed)) = (made, changed) else {
        return Err(by_hand(&folder, &path));
    };
    let change = Change {
        secrets: vec![(secret, made)],
        edited: vec![(path, changed)],
        ..Change::default()
    };
    let warnings = folder.apply(&change, env)?;
    report(out, &folder, &change, &warnings)?;
    let folder = args.config.open(env)?;
    let workspace = args.config.workspace(&folder)?;
    writeln!(
        out,
        "\nThe old secret signs too until {until}. The receiver needs the new one by then:\n"
    )?;
    explain(out, &folder, &workspace, &args.name, true)
}

fn kept(text: &str) -> Result<Duration, ClientError> {
    let parsed: Option<jiff::SignedDuration> = text.trim().parse().ok();
    let kept = parsed.and_then(|parsed| Duration::try_from(parsed).ok());
    kept.filter(|kept| *kept <= KEEP_MAX).ok_or_else(|| {
        ClientError::Refused("--keep is a duration such as `24h`, at most 30 days".to_owned())
    })
}

fn by_hand(folder: &Folder, path: &str) -> ClientError {
    ClientError::Refused(format!(
        "{}: its `secrets` are not one line such as `secrets: [\"${{file:…}}\"]`, or others still retire; nothing was written. Do it there:\n\n  secrets: [\"${{file:NEW}}\"]\n  retiring: [{{ secret: \"${{file:OLD}}\", until: \"2026-12-01T00:00:00Z\" }}]",
        folder.shown(path)
    ))
}

/// The file with `new` as its one secret and the old ones retiring. Everything else stays as it is. `None` = it is
/// not written in a way that allows that.
fn rotated(text: &str, new: &str, until: Timestamp, now: Timestamp) -> Option<String> {
    let mut lines = Vec::new();
    let mut retiring = None;
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("secrets:") {
            let items = rest.trim().strip_prefix('[')?.strip_suffix(']')?;
            let old = items.split(',').map(str::trim).filter(|item| !item.is_empty());
            let old: Vec<String> =
                old.map(|item| format!("{{ secret: {item}, until: \"{until}\" }}")).collect();
            if old.is_empty()
                || retiring.replace(format!("retiring: [{}]", old.join(", "))).is_some()
            {
                return None;
            }
            lines.push(format!("secrets: [{new}]"));
            lines.extend(retiring.clone());
        } else if line.starts_with("retiring:") {
            // Those that retired before may go; one that still signs may not.
            let mut times = line.split("until: \"").skip(1);
            let over = |time: &str| {
                let time = time.split('"').next().and_then(Timestamp::parse);
                time.is_some_and(|time| time <= now)
            };
            if !times.all(over) {
                return None;
            }
        } else {
            lines.push(line.to_owned());
        }
    }
    retiring?;
    lines.push(String::new());
    Some(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_secret_retires_and_the_rest_stays() {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let (now, until) = (at("2026-11-22T12:00:00Z"), at("2026-11-23T12:00:00Z"));
        let text = "# ours\nurl: \"https://x\"\nsecrets: [\"${file:a}\"]\ntests: true\n";
        let once = rotated(text, "\"${file:b}\"", until, now).unwrap();
        assert_eq!(
            once,
            "# ours\nurl: \"https://x\"\nsecrets: [\"${file:b}\"]\nretiring: [{ secret: \"${file:a}\", until: \"2026-11-23T12:00:00.000Z\" }]\ntests: true\n"
        );
        assert_eq!(rotated(&once, "\"${file:c}\"", until, now), None, "a still signs");
        let later = at("2026-11-23T12:00:00Z");
        let twice = rotated(&once, "\"${file:c}\"", at("2026-11-24T12:00:00Z"), later).unwrap();
        assert!(
            twice.contains("secrets: [\"${file:c}\"]") && !twice.contains("${file:a}"),
            "{twice}"
        );
        for other in ["secrets:\n  - \"${file:a}\"\n", "url: x\n", "secrets: []\n"] {
            assert_eq!(rotated(other, "\"${file:b}\"", until, now), None, "{other}");
        }
    }
}
