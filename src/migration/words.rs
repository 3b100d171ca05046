//! Transforms as sentences, for the page, the command line and the comments of scripts.

use super::{Fill, Otherwise, Rule, Transform};
use crate::text::{Value, canonical};

/// The most characters of a value that a sentence shows.
const LONGEST: usize = 60;

impl Transform {
    /// What it does, as a sentence without a full stop; names and values stand between backticks.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Add { path, value } => match value {
                Fill::Value(value) => {
                    format!(
                        "give `{path}` the value {} where it is missing",
                        shown(value)
                    )
                }
                Fill::From(from) => {
                    format!("copy `{from}` to `{path}` where that is missing")
                }
            },
            Self::Remove { path, equals: None } => format!("remove `{path}`"),
            Self::Remove {
                path,
                equals: Some(value),
            } => format!("remove `{path}` where it is {}", shown(value)),
            Self::Move { from, path } => {
                if from.split_last().map(|(parent, _)| parent)
                    == path.split_last().map(|(parent, _)| parent)
                {
                    format!("rename `{from}` to `{path}`")
                } else {
                    format!("move `{from}` to `{path}`")
                }
            }
            Self::Convert {
                path,
                rule,
                otherwise,
            } => format!(
                "turn {} at `{path}` into {}; {}",
                rule.source_words(),
                rule.result_words(),
                otherwise.words("what does not convert")
            ),
            Self::Wrap { path } => {
                format!("put the value at `{path}` into an array where it is none")
            }
            Self::Unwrap { path, otherwise } => format!(
                "take the only item out of the array at `{path}`; {}",
                otherwise.words("another array")
            ),
            Self::Map {
                path,
                values,
                otherwise,
            } => {
                let list: Vec<String> = values
                    .iter()
                    .map(|entry| {
                        let when = entry.when.as_ref().map_or_else(String::new, |when| {
                            format!(" where `{}` is {}", when.path, shown(&when.equals))
                        });
                        format!("{} by {}{when}", shown(&entry.from), shown(&entry.to))
                    })
                    .collect();
                let rest = otherwise.as_ref().map_or_else(String::new, |otherwise| {
                    format!("; {}", otherwise.words("any other scalar"))
                });
                format!("at `{path}` replace {}{rest}", list.join(", "))
            }
        }
    }
}

impl Otherwise {
    fn words(&self, what: &str) -> String {
        match self {
            Self::Keep => format!("{what} stays"),
            Self::Remove => format!("{what} is removed"),
            Self::Null => format!("{what} becomes null"),
            Self::First => format!("{what} becomes its first item"),
            Self::Value(value) => format!("{what} becomes {}", shown(value)),
        }
    }
}

impl Rule {
    const fn source_words(self) -> &'static str {
        match self {
            Self::StringToInteger | Self::StringToNumber => "a text of digits",
            Self::StringToBoolean => "the text `true` or `false`",
            Self::NumberToString => "a number",
            Self::BooleanToString | Self::BooleanToInteger => "true or false",
            Self::IntegerToBoolean => "1 or 0",
            Self::Round | Self::Truncate => "a number with a fraction",
        }
    }

    const fn result_words(self) -> &'static str {
        match self {
            Self::StringToInteger => "the integer",
            Self::StringToNumber => "the number",
            Self::StringToBoolean | Self::IntegerToBoolean => "true or false",
            Self::NumberToString => "its text",
            Self::BooleanToString => "the text `true` or `false`",
            Self::BooleanToInteger => "1 or 0",
            Self::Round => "the nearest integer",
            Self::Truncate => "the integer before its point",
        }
    }
}

fn shown(value: &Value) -> String {
    let text = canonical(value).unwrap_or_else(|_| value.to_string());
    if text.chars().count() <= LONGEST {
        return format!("`{text}`");
    }
    let cut: String = text.chars().take(LONGEST).collect();
    format!("`{cut}…`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_transform_has_its_sentence() {
        for (transform, words) in [
            (
                json!({"op": "add", "path": "/design/blinding", "value": "none"}),
                "give `/design/blinding` the value `\"none\"` where it is missing",
            ),
            (
                json!({"op": "add", "path": "/label", "from": "/name"}),
                "copy `/name` to `/label` where that is missing",
            ),
            (json!({"op": "remove", "path": "/notes"}), "remove `/notes`"),
            (
                json!({"op": "remove", "path": "/notes", "equals": null}),
                "remove `/notes` where it is `null`",
            ),
            (
                json!({"op": "move", "from": "/a/b", "path": "/a/c"}),
                "rename `/a/b` to `/a/c`",
            ),
            (
                json!({"op": "move", "from": "/a/b", "path": "/c"}),
                "move `/a/b` to `/c`",
            ),
            (
                json!({"op": "convert", "path": "/n", "rule": "string_to_integer", "otherwise": "null"}),
                "turn a text of digits at `/n` into the integer; what does not convert becomes null",
            ),
            (
                json!({"op": "wrap", "path": "/author"}),
                "put the value at `/author` into an array where it is none",
            ),
            (
                json!({"op": "unwrap", "path": "/authors", "otherwise": "first"}),
                "take the only item out of the array at `/authors`; another array becomes its first item",
            ),
            (
                json!({"op": "map", "path": "/arm", "values": [
                    {"from": "drug", "to": "low", "when": {"path": "/dose", "equals": 1}},
                    {"from": "drug", "to": "high"}
                ]}),
                "at `/arm` replace `\"drug\"` by `\"low\"` where `/dose` is `1`, `\"drug\"` by `\"high\"`",
            ),
        ] {
            assert_eq!(Transform::from_value(&transform).unwrap().words(), words);
        }
    }
}
