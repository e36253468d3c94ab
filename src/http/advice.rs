//! What to do about each problem of the catalogue, for people: docs/troubleshooting.md is written from here.

/// Who can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mender {
    /// Whoever builds or sets up what sends inquiries: web developer, ads or events manager.
    Sending,
    /// Whoever calls the private API, or works with the commands and pages over it.
    Calling,
    /// Whoever keeps sources, presets and rules.
    RevOps,
    /// Whoever runs the service.
    Platform,
}

impl Mender {
    /// As people read it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sending => "whoever sets up the form, ad or scanner",
            Self::Calling => "whoever calls the API",
            Self::RevOps => "RevOps",
            Self::Platform => "the platform engineer",
        }
    }
}

use Mender::{Calling, Platform, RevOps, Sending};

/// Code, who can mend it, how: more than the `mend` that is in the answer itself.
pub const ADVICE: &[(&str, Mender, &str)] = &[
    (
        "not_found",
        Calling,
        "No such path, or no lead, inquiry or delivery of that id in that workspace. An id belongs to one workspace: try `lead-router find` with the other ones. Tests, filtered and unreadable bodies are gone after their retention (workspace.yaml).",
    ),
    (
        "erased",
        Calling,
        "A person asked to be forgotten, and was: by `lead-router people erase`, by the API or in the console. Only the id is known still. Take it out of what you keep, too.",
    ),
    (
        "method_not_allowed",
        Calling,
        "The path exists, with another method. Inquiries are sent by POST; a browser that opens the URL of a source sends a GET.",
    ),
    (
        "unauthenticated",
        Sending,
        "On a source: its key or signature is missing or wrong; compare the secret in the source's file with the one pasted into the form, ad or app, and look for a blank or line break copied with it. A batch for a public form wants a key too. On the private API: the key is unknown, mistyped or no longer in keys.yaml.",
    ),
    (
        "forbidden",
        Calling,
        "The key is known but lacks the scope, or is for other workspaces. The operation's scope stands in /openapi.json; `lead-router keys new` makes a key with it.",
    ),
    (
        "bad_request",
        Calling,
        "A parameter is missing or is not of its kind; the detail names it. /openapi.json says what the operation takes.",
    ),
    (
        "too_large",
        Sending,
        "More bytes than the source takes (`limits.body_bytes`, 256 KiB unless it says otherwise), or than the service takes at all (`limits.body_bytes` in server.yaml). Files do not belong into an inquiry; split an upload.",
    ),
    (
        "slow",
        Calling,
        "The body did not arrive within `limits.body_ms` (30 s). Usually a connection that stalls: send it again.",
    ),
    (
        "conflict",
        Calling,
        "Somebody, or another inquiry, changed the same lead between your look and your action. Read it again and decide anew.",
    ),
    (
        "ambiguous",
        Calling,
        "An e-mail address, a phone number or a CRM's id stands for more than one lead: a mailbox or switchboard that several people share, or records that a source keeps apart. `errors` lists them, unless it is a shared key; name the one you mean by `lead_id`, or merge them first.",
    ),
    (
        "impossible",
        Calling,
        "It does not fit the present state: a lead that is not held cannot be released, a member that is in no pool cannot be assigned. The detail says which.",
    ),
    (
        "configuration_refused",
        RevOps,
        "The files as they are now do not load; the configuration that was in force before still is. `errors` names every mistake with file, line and column, as `lead-router check DIR` does. Mend them and reload, or wait: the files are looked at every two seconds anyway.",
    ),
    (
        "unavailable",
        Platform,
        "The store cannot be reached, the service is stopping, or more is under way than `limits.in_flight`. Nothing was stored: senders send the same again after `Retry-After`. Look at `/readyz` (degraded), at `leadrouter_` metrics, and at Redis.",
    ),
    (
        "unknown",
        Sending,
        "The workspace or the source in the URL does not exist, or the source says `enabled: false`. Strangers are not told which. Names are lower-case and are those of the files: `workspaces/NAME/sources/NAME.yaml`.",
    ),
    (
        "malformed",
        Sending,
        "The request broke off, its body came too slowly, or it is not HTTP as it should be. If it happens often, look at the proxy between: its timeouts and its buffering.",
    ),
    (
        "limited",
        Platform,
        "More than `limits.per_client_minute` (300) from one address to public sources. If all senders seem to be one address, the proxy in front is not named in `trusted_proxies`.",
    ),
    (
        "unsupported_media_type",
        Sending,
        "The source's preset does not take that content type. Forms send `application/x-www-form-urlencoded`, `multipart/form-data` or `application/json`; batches also CSV and NDJSON.",
    ),
    (
        "unsupported_encoding",
        Sending,
        "The body is compressed. Switch that off at the sender: no `Content-Encoding`.",
    ),
    (
        "too_many_rows",
        Sending,
        "More rows than `limits.rows` (5,000). Split the file; sending a part twice does no harm.",
    ),
    (
        "batch_not_supported",
        Sending,
        "The source's preset takes inquiries one by one only. Use a source made with `scanner-batch`, or another preset that takes batches.",
    ),
    (
        "key_reused",
        Sending,
        "The same `Idempotency-Key` was used for something else within 30 days. Make a key per submission, not per page or user.",
    ),
    (
        "unreadable",
        RevOps,
        "It was proved to come from the source and kept, but it is no inquiry. `lead-router worklists` lists it under `unreadable` or `returned` with the reason, one of those below; mend the preset or the sender, then reprocess it.",
    ),
    (
        "no_contact",
        Sending,
        "There is no e-mail, no phone, no id, and no name with a company. Either the form does not ask, or its names are not known: give them to the source under `fields`, then reprocess.",
    ),
    (
        "schema",
        RevOps,
        "A value does not fit the form of an inquiry; `errors` names the places, never the values. Usually a preset maps the wrong field. The form is in schemas/inquiry.json.",
    ),
    (
        "empty",
        Sending,
        "There was no body at all. A form without fields that have names sends none; so does a redirect that turned the POST into a GET.",
    ),
    (
        "bad_json",
        Sending,
        "The body is not JSON, or JSON of another shape than the preset knows. Send it through a JSON parser; look for a text that was pasted in without quoting.",
    ),
    (
        "bad_csv",
        Sending,
        "The table does not come apart into rows and columns: quotes that do not close, or rows of different length. Save it again out of the spreadsheet as CSV in UTF-8.",
    ),
    (
        "bad_xml",
        Sending,
        "The XML has no element that the preset looks in, or ends in the middle. It need not be well formed in every place, but elements must close and entities of its own are not read.",
    ),
    (
        "bad_card",
        Sending,
        "What was scanned begins like a vCard, MECARD or BIZCARD and does not go on like one. Scan it again, or see which text the app hands over for the code.",
    ),
    (
        "bad_multipart",
        Sending,
        "The parts of the form cannot be told apart. Do not set `Content-Type` yourself when you send FormData: the browser adds the boundary.",
    ),
    ("not_an_object", Sending, "A single inquiry is one JSON object. Send a list to `…/batch`."),
    (
        "too_deep",
        Sending,
        "Nested beyond `limits.depth` (32). Send the fields of one inquiry, not a whole document.",
    ),
    (
        "too_many_keys",
        Sending,
        "More fields than `limits.keys` (500). Send the fields of one inquiry, not the whole page.",
    ),
    (
        "no_known_columns",
        RevOps,
        "The first line of the table names no column that is known: it is missing, or in words the preset lacks. Give the names to the source under `fields`, then send it again.",
    ),
    (
        "batch_only",
        Sending,
        "CSV and NDJSON are tables: post them to the source's URL with `/batch` behind it.",
    ),
    (
        "single_only",
        Sending,
        "A form's body is one inquiry: post it to the source's URL without `/batch`.",
    ),
    (
        "many_rows",
        RevOps,
        "What was kept turns out to be several inquiries now that the preset is mended, and one item cannot become several. Send its rows again as a batch, then discard the item.",
    ),
    (
        "source_gone",
        RevOps,
        "The source of the kept body is no longer in the configuration. Put its file back and reprocess, or discard the body.",
    ),
];
