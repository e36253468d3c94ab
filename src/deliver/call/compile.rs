//! A preset's `request` and a destination's `with` to a [`Call`]: all mistakes at once.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use url::Url;

use super::answer::Reading;
use super::batch::Batch;
use super::context::{Context, Scope, With};
use super::settings::{CallSettings, MethodWord, StepSettings};
use super::text::Text;
use super::tree::{FIELDS, Tree, Trees};
use crate::deliver::headers;
use crate::deliver::settings::Masked;
use crate::domain::ports::OutboundMethod;
use crate::domain::{Name, SettingProblem};
use crate::egress::TokenRequest;

/// The text of `with` that may be had from a token endpoint.
const TOKEN: &str = "token";
const STEPS_MAX: usize = 5;
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// What a vendor wants, ready to be made.
#[derive(Debug, Clone)]
pub struct Call {
    pub(super) with: BTreeMap<String, With>,
    pub(super) auth: Auth,
    pub(super) headers: Vec<(String, Text)>,
    pub(super) needs: Vec<Text>,
    pub(super) steps: Vec<Step>,
    pub(super) answers: Vec<Reading>,
    /// How several become one request.
    pub(super) batch: Option<Batch>,
    /// How the text `with.token` is had.
    pub(in crate::deliver) token: Option<TokenRequest>,
    /// What must not be shown: the secret ones of `with`.
    pub(super) secrets: Vec<Masked>,
}

#[derive(Debug, Clone)]
pub(super) enum Auth {
    None,
    Bearer(Text),
    Basic(Text, Text),
}

#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) name: Name,
    pub(super) only_if: Option<Text>,
    pub(super) unless: Option<Text>,
    pub(super) method: OutboundMethod,
    pub(super) path: Text,
    pub(super) query: Vec<(String, Text)>,
    pub(super) body: Body,
    pub(super) content_type: Option<String>,
    pub(super) keep: BTreeMap<String, String>,
    pub(super) answers: Vec<Reading>,
}

#[derive(Debug, Clone)]
pub(super) enum Body {
    None,
    Json(Tree),
    Form(Vec<(String, Text)>),
}

/// What a destination says to a preset's request.
pub(in crate::deliver) struct Given<'a> {
    pub(in crate::deliver) with: &'a BTreeMap<String, Value>,
    pub(in crate::deliver) fields: &'a BTreeMap<String, String>,
    /// Where it is.
    pub(in crate::deliver) address: Option<&'a Url>,
}

impl Call {
    /// Checks both.
    ///
    /// # Errors
    /// All problems; the preset's own have the path `preset`. None holds a value of `with`.
    pub(in crate::deliver) fn compile(
        settings: &CallSettings,
        given: &Given<'_>,
    ) -> Result<Self, Vec<SettingProblem>> {
        let mut problems = Vec::new();
        let with = checked_with(settings, given.with, &mut problems);
        let kept = settings.steps.iter().flat_map(|step| {
            step.keep.keys().chain(step.answers.iter().flat_map(|answer| answer.keep.keys()))
        });
        let kept = kept.chain(settings.answers.iter().flat_map(|answer| answer.keep.keys()));
        let scope = Scope {
            with: settings.with.iter().map(|(name, one)| (name.as_str(), one.table)).collect(),
            kept: kept.map(String::as_str).collect(),
        };
        let mut fields = Vec::new();
        for (name, text) in given.fields {
            match (Text::parse(name, &scope), Text::parse(text, &scope)) {
                (Ok(name), Ok(text)) => fields.push((name, text)),
                (Err(problem), _) | (_, Err(problem)) => {
                    problems.push(SettingProblem::new(format!("fields.{name}"), problem));
                }
            }
        }
        let token = checked_token(settings, given.address, &with, &mut problems);
        let mut preset = Preset { scope: &scope, fields: &fields, problems: Vec::new() };
        let call = Self {
            auth: preset.auth(settings),
            headers: preset.headers(settings),
            needs: preset.texts("needs", &settings.needs),
            steps: settings.steps.iter().filter_map(|step| preset.step(step)).collect(),
            answers: preset.readings("answers", &settings.answers),
            batch: settings.batch.as_ref().and_then(|batch| preset.batch(settings, batch)),
            token,
            secrets: secrets(settings, &with),
            with,
        };
        if settings.steps.is_empty() || settings.steps.len() > STEPS_MAX {
            preset.problem("steps", format!("a request has 1 to {STEPS_MAX} steps"));
        }
        problems.extend(preset.problems);
        if problems.is_empty() { Ok(call) } else { Err(problems) }
    }

    /// So many events may become one request; `None` = each goes by itself.
    pub(in crate::deliver) fn batch_max(&self) -> Option<u32> {
        self.batch.as_ref().map(|batch| batch.max)
    }

    /// How many requests it makes at most.
    pub(in crate::deliver) fn requests(&self) -> u32 {
        u32::try_from(self.steps.len()).unwrap_or(1).max(1)
    }

    /// Its `with`, and the token that was fetched.
    pub(super) fn with_token(&self, token: Option<&str>) -> Cow<'_, BTreeMap<String, With>> {
        let Some(token) = token else { return Cow::Borrowed(&self.with) };
        let mut with = self.with.clone();
        with.insert(TOKEN.to_owned(), With::Text(Masked::new(token)));
        Cow::Owned(with)
    }

    /// A text with every secret of `with` hidden.
    pub(in crate::deliver) fn hidden(&self, mut text: String) -> String {
        for secret in self.secrets.iter().filter(|secret| secret.expose().len() >= 4) {
            text = text.replace(secret.expose(), "…");
        }
        text
    }
}

/// What is asked for `with.token`, if the preset knows how and the destination does not give one.
fn checked_token(
    settings: &CallSettings,
    address: Option<&Url>,
    with: &BTreeMap<String, With>,
    problems: &mut Vec<SettingProblem>,
) -> Option<TokenRequest> {
    let oauth = settings.oauth.as_ref()?;
    if with.contains_key(TOKEN) {
        return None;
    }
    let names = settings.with.iter().map(|(name, one)| (name.as_str(), one.table)).collect();
    let scope = Scope { with: names, kept: BTreeSet::new() };
    let nothing = Value::Null;
    let kept = BTreeMap::new();
    let context = Context { body: &nothing, id: "", with, kept: &kept, each: &[] };
    let fill = |text: &str| Text::parse(text, &scope).map(|text| text.text(&context));
    let found = problems.len();
    let request = oauth.request(address, &fill, problems);
    if request.is_none() && problems.len() == found {
        let asked = ["client_id", "client_secret", "refresh_token"].into_iter();
        let asked = asked.filter(|name| settings.with.contains_key(*name));
        let asked: Vec<String> = asked.map(|name| format!("`with.{name}`")).collect();
        let help = settings.with.get(TOKEN).map_or("", |one| one.help.as_str());
        let message = format!(
            "the preset needs {}, and has tokens by itself; or `with.{TOKEN}`: {help}",
            asked.join(", ")
        );
        problems.push(SettingProblem::new("with", message));
    }
    request
}

fn secrets(settings: &CallSettings, with: &BTreeMap<String, With>) -> Vec<Masked> {
    let secret = |name: &String| settings.with.get(name).is_some_and(|one| one.secret);
    let texts = with.iter().filter(|(name, _)| secret(name));
    texts
        .filter_map(|(_, value)| match value {
            With::Text(text) => Some(text.clone()),
            With::Table(_) => None,
        })
        .collect()
}

fn checked_with(
    settings: &CallSettings,
    given: &BTreeMap<String, Value>,
    problems: &mut Vec<SettingProblem>,
) -> BTreeMap<String, With> {
    let mut with = BTreeMap::new();
    for name in given.keys().filter(|name| !settings.with.contains_key(*name)) {
        let problem =
            SettingProblem::new(format!("with.{name}"), "the preset does not ask for this");
        problems.push(problem.suggest(name, settings.with.keys().map(String::as_str)));
    }
    for (name, wanted) in &settings.with {
        let path = format!("with.{name}");
        let default = || wanted.default.clone().map(Value::String);
        let text = |value: &Value| match value {
            Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        match given.get(name).cloned().or_else(default) {
            None if wanted.required => {
                let message = format!("the preset needs `with.{name}`: {}", wanted.help);
                problems.push(SettingProblem::new("with", message));
            }
            None => {}
            Some(Value::Object(map)) if wanted.table => {
                let pairs = map.iter().filter_map(|(key, value)| Some((key.clone(), text(value)?)));
                with.insert(name.clone(), With::Table(pairs.collect()));
            }
            Some(value) if !wanted.table => match text(&value) {
                Some(text) => {
                    with.insert(name.clone(), With::Text(Masked::new(text)));
                }
                None => problems.push(SettingProblem::new(path, "a text is needed here")),
            },
            Some(_) => problems.push(SettingProblem::new(path, "a table is needed here")),
        }
    }
    with
}

/// The preset's own parts; its mistakes are collected.
pub(super) struct Preset<'a> {
    pub(super) scope: &'a Scope<'a>,
    pub(super) fields: &'a [(Text, Text)],
    problems: Vec<SettingProblem>,
}

impl Preset<'_> {
    pub(super) fn problem(&mut self, at: &str, problem: impl std::fmt::Display) {
        self.problems.push(SettingProblem::new("preset", format!("its request.{at}: {problem}")));
    }

    pub(super) fn text(&mut self, at: &str, text: &str) -> Option<Text> {
        Text::parse(text, self.scope).map_err(|problem| self.problem(at, problem)).ok()
    }

    fn texts(&mut self, at: &str, texts: &[String]) -> Vec<Text> {
        texts.iter().filter_map(|text| self.text(at, text)).collect()
    }

    fn pairs(&mut self, at: &str, pairs: &BTreeMap<String, String>) -> Vec<(String, Text)> {
        let read = |(key, text): (&String, &String)| Some((key.clone(), self.text(at, text)?));
        pairs.iter().filter_map(read).collect()
    }

    fn auth(&mut self, settings: &CallSettings) -> Auth {
        let (bearer, basic) = (&settings.auth.bearer, &settings.auth.basic);
        if let Some(basic) = basic {
            let user = self.text("auth.basic.user", &basic.user);
            let password = self.text("auth.basic.password", &basic.password);
            return user.zip(password).map_or(Auth::None, |(user, word)| Auth::Basic(user, word));
        }
        let bearer = bearer.as_ref().and_then(|text| self.text("auth.bearer", text));
        bearer.map_or(Auth::None, Auth::Bearer)
    }

    fn headers(&mut self, settings: &CallSettings) -> Vec<(String, Text)> {
        let names = settings.headers.keys().map(|name| (name.as_str(), ""));
        if let Err(found) = headers::check(names.collect::<Vec<_>>().into_iter()) {
            for problem in &found {
                self.problem(&problem.path, &problem.message);
            }
        }
        let pairs = self.pairs("headers", &settings.headers);
        pairs.into_iter().map(|(name, text)| (name.to_ascii_lowercase(), text)).collect()
    }

    pub(super) fn readings(
        &mut self,
        at: &str,
        settings: &[super::settings::AnswerSettings],
    ) -> Vec<Reading> {
        let mut rows = Vec::new();
        for (n, row) in settings.iter().enumerate() {
            match Reading::compile(row) {
                Ok(row) => rows.push(row),
                Err(problem) => self.problem(&format!("{at}[{n}]"), problem),
            }
        }
        rows
    }

    pub(super) fn step(&mut self, step: &StepSettings) -> Option<Step> {
        let at = format!("steps.{}", step.name);
        let mut optional =
            |text: &Option<String>| text.as_ref().and_then(|text| self.text(&at, text));
        let (only_if, unless) = (optional(&step.only_if), optional(&step.unless));
        let path = self.text(&at, &step.path);
        let body = self.body(&at, step)?;
        let keep = step.keep.values().filter(|at| !at.starts_with('/')).cloned();
        for wrong in keep.collect::<BTreeSet<_>>() {
            self.problem(&at, format!("`{wrong}` is not a place in an answer: it begins with `/`"));
        }
        Some(Step {
            name: step.name.clone(),
            only_if,
            unless,
            method: match step.method {
                MethodWord::Post => OutboundMethod::Post,
                MethodWord::Get => OutboundMethod::Get,
                MethodWord::Put => OutboundMethod::Put,
                MethodWord::Patch => OutboundMethod::Patch,
            },
            path: path?,
            query: self.pairs(&at, &step.query),
            content_type: step.content_type.clone().or_else(|| match body {
                Body::None => None,
                Body::Json(_) => Some(JSON.to_owned()),
                Body::Form(_) => Some(FORM.to_owned()),
            }),
            body,
            keep: step.keep.clone(),
            answers: self.readings(&at, &step.answers),
        })
    }

    fn body(&mut self, at: &str, step: &StepSettings) -> Option<Body> {
        match (&step.json, &step.form) {
            (None, None) => Some(Body::None),
            (Some(_), Some(_)) => {
                self.problem(at, "a step has `json` or `form`, not both");
                None
            }
            (Some(json), None) => {
                let (scope, fields) = (self.scope, self.fields);
                let mut trees = Trees { scope, fields, nodes: 0, each: 0 };
                let read = trees.read(json, 0);
                read.map_err(|problem| self.problem(at, problem)).ok().map(Body::Json)
            }
            (None, Some(form)) => {
                let mut form = form.clone();
                let own = form.remove(FIELDS).is_some();
                let mut pairs = self.pairs(at, &form);
                let fields = self.fields.iter().filter(|_| own);
                pairs.extend(fields.map(|(name, text)| (name.plain(), text.clone())));
                Some(Body::Form(pairs))
            }
        }
    }
}
