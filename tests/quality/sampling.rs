//! What the samples are put through: presets as public sources, bodies to submissions to inquiries.

use std::path::PathBuf;

use lead_router::capture::{
    Captured, Presets, Request, SchemeSettings, Source, SourceSettings, capture,
};
use lead_router::domain::{Inquiry, InquiryId, Submission, Timestamp};
use lead_router::identify::{self, Hints};

/// The folder of the samples, if one is named.
pub(super) fn samples() -> Option<PathBuf> {
    std::env::var_os("QUALITY_SAMPLES").map(PathBuf::from)
}

/// A source that anybody may post to, with a token where its vendor posts references.
pub(super) fn source(preset: &str) -> Source {
    let mut settings = SourceSettings::trial(preset.parse().unwrap(), SchemeSettings::None);
    if preset == "meta-lead-ads" {
        settings.retrieval = Some(serde_saphyr::from_str("token: quality-token").unwrap());
    }
    Source::compile(&"sample".parse().unwrap(), &settings, &Presets::shipped().unwrap()).unwrap()
}

/// A source as its file says.
pub(super) fn compiled(yaml: &str) -> Source {
    let settings: SourceSettings = serde_saphyr::from_str(yaml).unwrap();
    Source::compile(&"sample".parse().unwrap(), &settings, &Presets::shipped().unwrap()).unwrap()
}

pub(super) fn request<'a>(content_type: &'a str, body: &'a [u8]) -> Request<'a> {
    Request { caller_known: true, ..Request::post(Some(content_type), body) }
}

/// Everything that a body holds.
pub(super) fn submissions(
    source: &Source,
    content_type: &str,
    body: &[u8],
    received: Timestamp,
) -> Result<Vec<Submission>, String> {
    match capture(source, &request(content_type, body), received) {
        Ok(Captured::Inquiry { submission, .. }) => Ok(vec![*submission]),
        Ok(Captured::Batch(rows)) => {
            let rows = rows.into_iter().map(|row| row.map_err(|it| it.reason.to_string()));
            rows.collect()
        }
        Ok(Captured::Unreadable(unreadable)) => Err(unreadable.reason.to_string()),
        Ok(_) => Err("no inquiry".to_owned()),
        Err(refused) => Err(refused.code.to_string()),
    }
}

pub(super) fn normalised(submission: Submission, country: Option<&str>) -> Inquiry {
    let hints = Hints { country: country.map(str::to_owned), language: None };
    identify::normalise(submission, &hints, InquiryId::from_bytes([1; 16]), Timestamp::EPOCH)
}
