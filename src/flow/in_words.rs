//! How long, how often, how much: in words that people read.

use std::time::Duration;

/// `3 minutes`, `2 hours`, `9 ms`: rounded down to one unit.
#[must_use]
pub fn how_long(time: Duration) -> String {
    let count = |number: u64, unit: &str| {
        let plural = if number == 1 { "" } else { "s" };
        format!("{number} {unit}{plural}")
    };
    match time.as_secs() {
        0 => format!("{} ms", time.as_millis()),
        secs @ 1..60 => count(secs, "second"),
        secs @ 60..7200 => count(secs / 60, "minute"),
        secs @ 7200..172_800 => count(secs / 3600, "hour"),
        secs => count(secs / 86_400, "day"),
    }
}

/// A part of a whole in per cent, and never `0 %` of what there is.
#[must_use]
pub fn per_cent(part: u64, whole: u64) -> String {
    match (part, whole) {
        (0, _) | (_, 0) => "0 %".to_owned(),
        _ if part * 100 < whole => "less than 1 %".to_owned(),
        _ => format!("{} %", part * 100 / whole),
    }
}

/// What a reason for refusing means, for people.
#[must_use]
pub fn refusal(reason: &str) -> &str {
    match reason {
        "unauthenticated" => "key or signature missing or wrong",
        "limited" => "too many requests from one address",
        "too_large" => "larger than the source takes",
        "too_many_rows" => "more rows than an upload may have",
        "unsupported_media_type" => "a content type that the preset does not take",
        "unsupported_encoding" => "a compressed body",
        "method_not_allowed" => "another method than POST",
        "batch_not_supported" => "a batch to a source that takes none",
        "key_reused" => "an idempotency key used again with other content",
        "malformed" => "the body broke off or came too slowly",
        "unknown" => "it names no configured source",
        "disabled" => "the source is disabled",
        "unavailable" => "the service could not take it at that moment (503)",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_in_one_unit() {
        let said =
            [(9, "9 ms"), (1_000, "1 second"), (119_000, "1 minute"), (7_200_000, "2 hours")];
        for (millis, text) in said {
            assert_eq!(how_long(Duration::from_millis(millis)), text);
        }
        assert_eq!(how_long(Duration::from_hours(72)), "3 days");
    }

    #[test]
    fn a_little_is_not_nothing() {
        assert_eq!(per_cent(0, 10), "0 %");
        assert_eq!(per_cent(1, 1000), "less than 1 %");
        assert_eq!(per_cent(2, 100), "2 %");
    }
}
