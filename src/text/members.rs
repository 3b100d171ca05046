//! Reading the members of an object strictly: what is unknown, missing or of the wrong type is a problem at its place.

use super::reader::MAX_SAFE;
use super::{Map, Problem, Value, pointer, writer};

/// The members of one object, being read. Finish with [`Members::end`].
#[derive(Debug)]
pub struct Members<'a> {
    object: Option<&'a Map<String, Value>>,
    place: String,
    problems: Vec<Problem>,
}

impl<'a> Members<'a> {
    /// Begins to read `value`, found at `place`, which may have the members `allowed` and no others.
    #[must_use]
    pub fn of(value: &'a Value, place: &str, allowed: &[&str]) -> Self {
        let mut members = Self {
            object: value.as_object(),
            place: place.to_owned(),
            problems: Vec::new(),
        };
        match members.object {
            None => members.problems.push(
                Problem::error(
                    "member_type",
                    place,
                    format!("an object is due here, not {}", kind(value)),
                )
                .remedy(format!("give an object with {}", listed(allowed))),
            ),
            Some(object) => {
                for name in object
                    .keys()
                    .filter(|name| !allowed.contains(&name.as_str()))
                {
                    members.problems.push(
                        Problem::error(
                            "member_unknown",
                            pointer::join(place, name),
                            format!("there is no member `{name}` here"),
                        )
                        .remedy(meant(name, allowed)),
                    );
                }
            }
        }
        members
    }

    /// The place of a member.
    #[must_use]
    pub fn place(&self, name: &str) -> String {
        pointer::join(&self.place, name)
    }

    /// A member as it is, if it is there.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.object?.get(name)
    }

    /// A member that must be there.
    pub fn required(&mut self, name: &str) -> Option<&'a Value> {
        let found = self.get(name);
        if found.is_none() && self.object.is_some() {
            self.problems.push(
                Problem::error(
                    "member_missing",
                    self.place.clone(),
                    format!("the member `{name}` is missing"),
                )
                .remedy(format!("add `{name}`")),
            );
        }
        found
    }

    /// A non-empty text that must be there.
    pub fn text(&mut self, name: &str) -> Option<&'a str> {
        let value = self.required(name)?;
        self.as_text(name, value)
    }

    /// A non-empty text, if it is there.
    pub fn optional_text(&mut self, name: &str) -> Option<&'a str> {
        let value = self.get(name)?;
        self.as_text(name, value)
    }

    fn as_text(&mut self, name: &str, value: &'a Value) -> Option<&'a str> {
        match value.as_str() {
            Some(text) if !text.trim().is_empty() => Some(text),
            Some(_) => {
                self.problem("member_empty", name, format!("`{name}` says nothing"));
                None
            }
            None => {
                let found = kind(value);
                self.problem(
                    "member_type",
                    name,
                    format!("`{name}` must be a string, not {found}"),
                );
                None
            }
        }
    }

    /// A boolean that must be there.
    pub fn boolean(&mut self, name: &str) -> Option<bool> {
        let value = self.required(name)?;
        self.as_boolean(name, value)
    }

    /// A boolean, if it is there.
    pub fn optional_boolean(&mut self, name: &str) -> Option<bool> {
        let value = self.get(name)?;
        self.as_boolean(name, value)
    }

    fn as_boolean(&mut self, name: &str, value: &Value) -> Option<bool> {
        let found = value.as_bool();
        if found.is_none() {
            self.problem(
                "member_type",
                name,
                format!("`{name}` must be true or false, not {}", kind(value)),
            );
        }
        found
    }

    /// A whole number from 0 to 2^53−1 that must be there.
    pub fn count(&mut self, name: &str) -> Option<u64> {
        let value = self.required(name)?;
        self.as_whole(name, value, 0, MAX_SAFE)
    }

    /// A whole number from `least` to `most`, if it is there.
    pub fn optional_whole(&mut self, name: &str, least: u64, most: u64) -> Option<u64> {
        let value = self.get(name)?;
        self.as_whole(name, value, least, most)
    }

    fn as_whole(&mut self, name: &str, value: &Value, least: u64, most: u64) -> Option<u64> {
        let Some(number) = whole(value) else {
            let found = kind(value);
            self.problem(
                "member_type",
                name,
                format!("`{name}` must be a whole number, not {found}"),
            );
            return None;
        };
        if (least..=most).contains(&number) {
            return Some(number);
        }
        self.problem(
            "member_range",
            name,
            format!("`{name}` is {number}, and must be from {least} to {most}"),
        );
        None
    }

    /// One of the named choices, which must be there. `from_name` knows all of `names`.
    pub fn choice<T>(
        &mut self,
        name: &str,
        names: &[&str],
        from_name: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.required(name)?;
        let place = self.place(name);
        self.as_choice(place, value, names, from_name)
    }

    /// One of the named choices, if it is there.
    pub fn optional_choice<T>(
        &mut self,
        name: &str,
        names: &[&str],
        from_name: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.get(name)?;
        let place = self.place(name);
        self.as_choice(place, value, names, from_name)
    }

    /// The items of an array of choices, without repetition, if it is there.
    pub fn optional_choices<T: PartialEq>(
        &mut self,
        name: &str,
        names: &[&str],
        from_name: impl Fn(&str) -> Option<T>,
    ) -> Option<Vec<T>> {
        let value = self.get(name)?;
        let place = self.place(name);
        let Some(items) = value.as_array() else {
            let found = kind(value);
            self.problem(
                "member_type",
                name,
                format!("`{name}` must be an array, not {found}"),
            );
            return None;
        };
        let mut choices = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let place = pointer::join(&place, &index.to_string());
            match self.as_choice(place.clone(), item, names, &from_name) {
                Some(choice) if choices.contains(&choice) => self.problems.push(
                    Problem::error("member_repeated", place, format!("{item} is listed twice"))
                        .remedy("list it once"),
                ),
                choice => choices.extend(choice),
            }
        }
        Some(choices)
    }

    fn as_choice<T>(
        &mut self,
        place: String,
        value: &Value,
        names: &[&str],
        from_name: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let problem = match value.as_str() {
            None => Problem::error(
                "member_type",
                place,
                format!("a string is due here, not {}", kind(value)),
            ),
            Some(text) => match from_name(text) {
                Some(choice) => return Some(choice),
                None => Problem::error(
                    "member_choice",
                    place,
                    format!("{value} is none of the possible values"),
                ),
            },
        };
        self.problems
            .push(problem.remedy(format!("one of {}", listed(names))));
        None
    }

    /// An array that must be there.
    pub fn array(&mut self, name: &str) -> Option<&'a Vec<Value>> {
        let value = self.required(name)?;
        let found = value.as_array();
        if found.is_none() {
            let found = kind(value);
            self.problem(
                "member_type",
                name,
                format!("`{name}` must be an array, not {found}"),
            );
        }
        found
    }

    /// Notes a problem of a member.
    pub fn problem(&mut self, code: &'static str, name: &str, message: impl Into<String>) {
        let place = self.place(name);
        self.problems.push(Problem::error(code, place, message));
    }

    /// Notes problems found elsewhere; their pointers must be whole already.
    pub fn note(&mut self, problems: impl IntoIterator<Item = Problem>) {
        self.problems.extend(problems);
    }

    /// Takes `result`'s value, or notes its problem at a member.
    pub fn check<T>(&mut self, name: &str, result: Result<T, Problem>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(problem) => {
                let place = self.place(name);
                self.problems.push(problem.under(&place));
                None
            }
        }
    }

    /// What was found wrong.
    #[must_use]
    pub fn end(self) -> Vec<Problem> {
        self.problems
    }
}

/// The whole number that a JSON number is, however it is written: `3` and `3.0`, as JSON Schema's `integer` has it.
fn whole(value: &Value) -> Option<u64> {
    let double = value.as_f64()?;
    match value.as_u64() {
        None if (0.0..=9_007_199_254_740_991.0).contains(&double) => {
            // The canonical text of such a double is digits alone exactly when it is whole.
            writer::number(double)?.parse().ok()
        }
        number => number,
    }
}

/// What a value is, for a message.
pub(crate) fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(_) => "a string".into(),
        Value::Array(_) => "an array".into(),
        Value::Object(_) => "an object".into(),
    }
}

/// The name that was meant, when it differs in case and punctuation only; else all there are.
fn meant(name: &str, allowed: &[&str]) -> String {
    let plain = |name: &str| name.replace(['_', '-'], "").to_lowercase();
    match allowed.iter().find(|known| plain(known) == plain(name)) {
        Some(known) => format!("did you mean `{known}`?"),
        None => format!("the members are {}", listed(allowed)),
    }
}

fn listed(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.join(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn everything_wrong_with_an_object_is_found_at_once() {
        let value = json!({"name": 7, "extra": 1, "flag": "x"});
        let mut members = Members::of(&value, "/spec", &["name", "path", "flag"]);
        assert_eq!(members.text("name"), None);
        assert_eq!(members.text("path"), None);
        assert_eq!(members.boolean("flag"), None);
        let found: Vec<_> = members
            .end()
            .into_iter()
            .map(|p| (p.code, p.pointer))
            .collect();
        assert_eq!(
            found,
            [
                ("member_unknown", "/spec/extra".into()),
                ("member_type", "/spec/name".into()),
                ("member_missing", "/spec".into()),
                ("member_type", "/spec/flag".into()),
            ]
        );
    }

    #[test]
    fn what_is_no_object_is_said_once() {
        let value = json!([]);
        let mut members = Members::of(&value, "", &["a", "b"]);
        assert_eq!(members.text("a"), None);
        let problems = members.end();
        assert_eq!(problems.len(), 1);
        assert_eq!(
            problems[0].remedy.as_deref(),
            Some("give an object with `a` and `b`")
        );
    }

    #[test]
    fn whole_numbers_are_whole_however_they_are_written() {
        let whole = |text: &str| super::whole(&serde_json::from_str(text).unwrap());
        for (text, number) in [
            ("3", 3),
            ("3.0", 3),
            ("3e0", 3),
            ("-0.0", 0),
            ("0", 0),
            ("9007199254740991.0", MAX_SAFE),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(whole(text), Some(number), "{text}");
        }
        for text in [
            "3.5",
            "-1",
            "-1.0",
            "1e-7",
            "1e300",
            "9007199254740992.0",
            "\"3\"",
            "null",
        ] {
            assert_eq!(whole(text), None, "{text}");
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_recognised() {
        assert_eq!(
            meant("votingMs", &["track", "voting_ms"]),
            "did you mean `voting_ms`?"
        );
        assert_eq!(meant("Track", &["track"]), "did you mean `track`?");
        assert_eq!(
            meant("votes", &["track", "voting_ms"]),
            "the members are `track` and `voting_ms`"
        );
    }
}
