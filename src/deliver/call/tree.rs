//! A JSON body as a tree of templates: what comes of it is JSON by construction.

use serde_json::{Map, Number, Value};

use super::context::{Context, Scope};
use super::text::Text;

const DEPTH_MAX: usize = 12;
const NODES_MAX: usize = 400;

/// Said in a map: it is there only if this is.
const ONLY_IF: &str = "$if";
/// Said in a map: the destination's own `fields` are added here.
pub(super) const FIELDS: &str = "$fields";

/// Said alone in a map: what is below it goes out as a text that is JSON.
const AS_JSON: &str = "$json";

/// Said alone in a map: a list, with an entry per event; of one event, one entry.
const EACH: &str = "$each";

#[derive(Debug, Clone)]
pub(super) enum Tree {
    Null,
    Bool(bool),
    Number(Number),
    Text(Text),
    AsJson(Box<Self>),
    Each(Box<Self>),
    List(Vec<Self>),
    Map {
        only_if: Option<Text>,
        entries: Vec<(Text, Self)>,
        /// Written as `{}`: then it is there although nothing is in it.
        empty: bool,
    },
}

/// Compiles trees, counting their nodes.
pub(super) struct Trees<'a> {
    pub(super) scope: &'a Scope<'a>,
    /// What a destination adds where the preset says `$fields`.
    pub(super) fields: &'a [(Text, Text)],
    pub(super) nodes: usize,
    /// How often `$each` was said.
    pub(super) each: usize,
}

impl Trees<'_> {
    /// Reads a tree.
    ///
    /// # Errors
    /// What is wrong with it, with the keys that lead there.
    pub(super) fn read(&mut self, value: &Value, depth: usize) -> Result<Tree, String> {
        self.nodes += 1;
        if depth > DEPTH_MAX || self.nodes > NODES_MAX {
            return Err(format!(
                "a body is at most {DEPTH_MAX} deep and has at most {NODES_MAX} values"
            ));
        }
        Ok(match value {
            Value::Null => Tree::Null,
            Value::Bool(value) => Tree::Bool(*value),
            Value::Number(number) => Tree::Number(number.clone()),
            Value::String(text) => Tree::Text(Text::parse(text, self.scope)?),
            Value::Array(items) => {
                let read = items.iter().enumerate().map(|(at, item)| {
                    self.read(item, depth + 1).map_err(|problem| format!("[{at}]: {problem}"))
                });
                Tree::List(read.collect::<Result<_, _>>()?)
            }
            Value::Object(map) if map.len() == 1 && map.contains_key(EACH) => {
                self.each += 1;
                Tree::Each(Box::new(self.read(&map[EACH], depth + 1)?))
            }
            Value::Object(map) => match map.get(AS_JSON) {
                Some(inside) if map.len() == 1 => {
                    Tree::AsJson(Box::new(self.read(inside, depth + 1)?))
                }
                Some(_) => return Err("`$json` stands alone in its map".to_owned()),
                None => self.map(map, depth)?,
            },
        })
    }

    fn map(&mut self, map: &Map<String, Value>, depth: usize) -> Result<Tree, String> {
        let mut only_if = None;
        let mut entries = Vec::new();
        for (key, value) in map {
            let named = |problem: String| format!("{key}: {problem}");
            match (key.as_str(), value) {
                (ONLY_IF, Value::String(text)) => {
                    only_if = Some(Text::parse(text, self.scope).map_err(named)?);
                }
                (FIELDS, Value::Bool(true)) => {
                    let fields = self.fields.iter().cloned();
                    entries.extend(fields.map(|(key, value)| (key, Tree::Text(value))));
                }
                (ONLY_IF | FIELDS, _) => {
                    return Err(named("`$if` is a text, `$fields` is `true`".to_owned()));
                }
                _ => {
                    let name = Text::parse(key, self.scope).map_err(named)?;
                    entries.push((name, self.read(value, depth + 1).map_err(named)?));
                }
            }
        }
        Ok(Tree::Map { only_if, entries, empty: map.is_empty() })
    }
}

impl Tree {
    /// What comes of it; `None` = nothing, so that its key is left out. A map or list of which nothing
    /// is left is nothing, unless it was empty from the start.
    pub(super) fn render(&self, context: &Context<'_>) -> Option<Value> {
        match self {
            Self::Null => Some(Value::Null),
            Self::Bool(value) => Some((*value).into()),
            Self::Number(number) => Some(number.clone().into()),
            Self::Text(text) => text.value(context),
            Self::AsJson(inside) => Some(inside.render(context)?.to_string().into()),
            Self::Each(inside) if context.each.is_empty() => {
                Some(vec![inside.render(context)?].into())
            }
            // Every event has its place.
            Self::Each(inside) => {
                let entry = |context| inside.render(context).unwrap_or_else(|| Map::new().into());
                Some(context.each.iter().map(entry).collect())
            }
            Self::List(items) => {
                let rendered: Vec<Value> =
                    items.iter().filter_map(|item| item.render(context)).collect();
                (items.is_empty() || !rendered.is_empty()).then(|| rendered.into())
            }
            Self::Map { only_if, entries, empty } => {
                if only_if.as_ref().is_some_and(|text| text.value(context).is_none()) {
                    return None;
                }
                let mut map = Map::new();
                for (key, value) in entries {
                    let key = key.text(context);
                    if let Some(value) = value.render(context).filter(|_| !key.is_empty()) {
                        map.insert(key, value);
                    }
                }
                (*empty || !map.is_empty()).then(|| map.into())
            }
        }
    }
}
