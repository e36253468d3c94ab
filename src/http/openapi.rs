//! The OpenAPI 3.1 document, generated from the operations themselves: both listeners, the scopes,
//! and the catalogue of problems.

use std::sync::LazyLock;

use serde_json::{Value, json};
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

use super::advice::ADVICE;
use super::private;
use super::problem::{CAPTURE_PROBLEMS, PROBLEMS};
use super::public;

static DOCUMENT: LazyLock<Value> = LazyLock::new(build);

/// The document.
pub fn document() -> &'static Value {
    &DOCUMENT
}

fn build() -> Value {
    let mut api: OpenApi = private::Documented::openapi();
    api.merge(public::Documented::openapi());
    // The type serialises to a JSON object; were it not so, the document would be an empty one.
    let mut document = serde_json::to_value(&api).unwrap_or_else(|_| json!({}));
    document["info"] = json!({
        "title": "lead-router",
        "version": env!("CARGO_PKG_VERSION"),
        "license": {"name": env!("CARGO_PKG_LICENSE")},
        "description": "Inquiries come in at the public listener; people and programs with keys look and act at the private one.",
    });
    document["servers"] = json!([
        {"url": "http://127.0.0.1:8081", "description": "private listener (default address)"},
        {"url": "http://127.0.0.1:8080", "description": "public listener (default address)"},
    ]);
    document["tags"] = json!([
        {"name": "capture", "description": "Public listener: where inquiries come in."},
        {"name": "inquiries", "description": "What arrived and what became of it."},
        {"name": "leads", "description": "People at companies: where is my lead, and what to do with it."},
        {"name": "worklists", "description": "What waits for a person."},
        {"name": "sources", "description": "Where inquiries come from: what to paste where, and whether it is well."},
        {"name": "deliveries", "description": "Events on their way to destinations."},
        {"name": "reports", "description": "How far inquiries came, what they cost, how soon people dealt with them; what was spent; export."},
        {"name": "configuration", "description": "What is in force."},
        {"name": "operation", "description": "Health, metrics, this description, backup."},
    ]);
    document["components"]["securitySchemes"] = json!({
        "api_key": {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key (`lrk_…`). Each operation names the scope the key needs. Make one with `lead-router keys new`; only its SHA-256 is kept, in keys.yaml.",
        }
    });
    document["components"]["schemas"]["Problem"] = problem_schema();
    if let Some(paths) = document["paths"].as_object_mut() {
        keep_secrets_in_paths(paths);
        for (path, item) in paths {
            let Some(methods) = item.as_object_mut() else { continue };
            for operation in methods.values_mut() {
                complete(path, operation);
            }
        }
    }
    document
}

/// Capture is served a second time with the source's secret in the path.
fn keep_secrets_in_paths(paths: &mut serde_json::Map<String, Value>) {
    let capture: Vec<(String, Value)> = paths
        .iter()
        .filter(|(path, _)| path.contains("{source}"))
        .map(|(path, item)| (public::with_secret(path), item.clone()))
        .collect();
    for (path, mut item) in capture {
        if let Some(id) = item["post"]["operationId"].as_str() {
            item["post"]["operationId"] = format!("{id}_with_secret").into();
        }
        paths.insert(path, item);
    }
}

/// Adds what follows from the path and the security of an operation: its path parameters, and the
/// problems that every such operation may answer.
fn complete(path: &str, operation: &mut Value) {
    let mut parameters: Vec<Value> = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            json!({
                "name": name,
                "in": "path",
                "required": true,
                "description": meaning(name),
                "schema": {"type": "string"},
            })
        })
        .collect();
    if let Some(own) = operation["parameters"].as_array() {
        parameters.extend(own.iter().cloned());
    }
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if operation["tags"][0] == "capture" {
        for status in ["400", "401", "404", "413", "415", "422", "429", "503"] {
            if operation["responses"].get(status).is_none() {
                operation["responses"][status] = problem_response(status);
            }
        }
    }
    if operation.get("security").is_none() {
        return;
    }
    let in_workspace = path.contains('{');
    let takes_body = operation.get("requestBody").is_some();
    let is_action = operation["responses"].get("422").is_none() && path.contains("{id}");
    for (status, applies) in [
        ("400", takes_body || path.ends_with("find") || path.contains("worklists/")),
        ("401", true),
        ("403", true),
        ("404", in_workspace),
        ("422", is_action && takes_post(path)),
        ("503", true),
    ] {
        if applies && operation["responses"].get(status).is_none() {
            operation["responses"][status] = problem_response(status);
        }
    }
}

fn takes_post(path: &str) -> bool {
    [
        "/assign",
        "/consents",
        "/release",
        "/redecide",
        "/discard",
        "/answers",
        "/no_answer",
        "/replay",
        "/drop",
    ]
    .iter()
    .any(|action| path.ends_with(action))
}

fn meaning(parameter: &str) -> &'static str {
    match parameter {
        "workspace" => "A configured workspace.",
        "source" => "A source of the workspace.",
        "list" => {
            "`held`, `triage`, `qualify`, `unreadable`, `returned`, `filtered`, `tests` or `dead`."
        }
        "name" => "A destination of the workspace.",
        "secret" => "The source's secret, for vendors that can only keep it in the path.",
        _ => "An id with its prefix: `inq_`, `lead_` or `dlv_` and 32 hexadecimal digits.",
    }
}

fn problem_response(status: &str) -> Value {
    let titles: Vec<&str> = every_problem()
        .filter(|(_, of, ..)| of.to_string() == status)
        .map(|(_, _, title, _)| *title)
        .collect();
    json!({
        "description": titles.join("; "),
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        },
    })
}

/// RFC 9457, with the codes of the catalogue.
fn problem_schema() -> Value {
    let codes: Vec<&str> = every_problem().map(|(code, ..)| *code).collect();
    json!({
        "type": "object",
        "description": "RFC 9457. `schemas/problems.json` is the catalogue of codes. No value that was sent is repeated.",
        "required": ["type", "title", "status", "code"],
        "properties": {
            "type": {"type": "string", "description": "`/problems/` and the code."},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string", "enum": codes},
            "detail": {"type": "string", "description": "About this case."},
            "mend": {"type": "string", "description": "What to do."},
            "outcome": {"type": "string", "description": "Of a capture request: `failure` or `error`."},
            "reason": {"type": "string", "description": "Of a capture request: its status."},
            "inquiry_id": {"type": "string", "description": "Of a capture request: under which the body is kept."},
            "errors": {
                "type": "array",
                "description": "Where a body is wrong.",
                "items": {
                    "type": "object",
                    "properties": {
                        "pointer": {"type": "string", "description": "JSON Pointer."},
                        "message": {"type": "string"},
                    },
                },
            },
        },
    })
}

fn every_problem() -> impl Iterator<Item = &'static (&'static str, u16, &'static str, &'static str)>
{
    // A code that both listeners know is said once, as the private one says it.
    let of_capture = CAPTURE_PROBLEMS
        .iter()
        .filter(|(code, ..)| PROBLEMS.iter().all(|(known, ..)| known != code));
    PROBLEMS.iter().chain(of_capture)
}

/// Who can mend a problem, in words; a test asks for every one.
fn who_mends(code: &str) -> Option<&'static str> {
    let (_, who, _) = ADVICE.iter().find(|(known, ..)| *known == code)?;
    Some(who.as_str())
}

/// The catalogue of problems as published in `schemas/problems.json`.
pub fn catalogue() -> Value {
    let problems: Vec<Value> = every_problem()
        .map(|(code, status, title, mend)| {
            json!({
                "code": code,
                "type": format!("/problems/{code}"),
                "status": status,
                "title": title,
                "mend": mend,
                "who": who_mends(code),
            })
        })
        .collect();
    json!({
        "$comment": "Generated from src/http/problem.rs; a test holds the two equal.",
        "problems": problems,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_catalogue_is_the_one_in_the_code() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/problems.json");
        let text = serde_json::to_string_pretty(&catalogue()).unwrap() + "\n";
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), text, "run with UPDATE_SCHEMAS=1");
    }

    #[test]
    fn every_problem_has_its_advice_and_every_advice_its_problem() {
        for (code, ..) in every_problem() {
            let rows = ADVICE.iter().filter(|(known, ..)| known == code).count();
            assert_eq!(rows, 1, "http/advice.rs has {rows} rows for `{code}`");
        }
        for (code, ..) in ADVICE {
            assert!(
                every_problem().any(|(known, ..)| known == code),
                "no problem is called {code}"
            );
        }
    }

    /// Codes stand as literals where capture finds the fault; none may be missing here.
    #[test]
    fn every_code_of_capture_is_in_the_catalogue() {
        let mut found = 0;
        let mut folders =
            vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/capture"))];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() && !path.ends_with("tests") {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                for mark in ["DecodeError::new(\"", "unreadable(\"", "problem(\""] {
                    for rest in text.split(mark).skip(1) {
                        let code = rest.split('"').next().unwrap();
                        found += 1;
                        assert!(every_problem().any(|(known, ..)| *known == code), "{code}");
                    }
                }
                for rest in text.split("refused(Status::").skip(1) {
                    let Some(code) = rest.split('"').nth(1) else { continue };
                    found += 1;
                    assert!(every_problem().any(|(known, ..)| *known == code), "{code}");
                }
            }
        }
        assert!(found > 20, "only {found} codes were found");
    }

    #[test]
    fn every_operation_is_described_and_every_reference_resolves() {
        let document = document();
        assert_eq!(document["openapi"], "3.1.0");
        let mut ids = std::collections::BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let said = |key: &str| operation[key].as_str().is_some_and(|text| !text.is_empty());
                assert!(said("summary"), "{method} {path} has no summary");
                assert!(operation["tags"].is_array(), "{method} {path} has no tag");
                let id = operation["operationId"].as_str().unwrap();
                assert!(ids.insert(id), "{id} names two operations");
            }
        }
        let text = document.to_string();
        for reference in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(document["components"]["schemas"].get(name).is_some(), "{name} is not there");
        }
    }
}
