//! Random artifacts, as texts with all the spellings that JSON allows, and random transforms.

use schema_senate::migration::{Rule, Transform};
use serde_json::{Value, json};

/// A small deterministic generator: the same draws on every run.
pub struct Dice(pub u64);

const NAMES: [&str; 7] = ["a", "b", "c", "items", "x.y", "$ref", "@id"];

/// Scalars at the edges of what converts, and texts that want to be quoted.
pub fn scalars() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(1),
        json!(-1),
        json!(7),
        json!(-0.0),
        json!(0.5),
        json!(-2.5),
        json!(0.1),
        json!(0.49999999999999994),
        json!(0.1 + 0.2),
        json!(123456.789),
        json!(0.0001),
        json!(0.00009999999999999999),
        json!(999_999_999_999_999_i64),
        json!(999_999_999_999_999.9),
        json!(1_000_000_000_000_000.5),
        json!(9_007_199_254_740_991_i64),
        json!(1e15),
        json!(1e21),
        json!(1e-7),
        json!(5e-324),
        json!(1.5e308),
        json!(""),
        json!("true"),
        json!("false"),
        json!("True"),
        json!("0"),
        json!("1"),
        json!("7"),
        json!("-42"),
        json!("-0"),
        json!("007"),
        json!("+1"),
        json!(" 1"),
        json!("1.50"),
        json!("-0.25"),
        json!("-0.0"),
        json!("0.000"),
        json!("0.000000000000001"),
        json!("1.000000000000000"),
        json!("1.00000000000000"),
        json!("123456789012345"),
        json!("1234567890123456"),
        json!("9223372036854775808"),
        json!("-9223372036854775808"),
        json!("1e3"),
        json!("5."),
        json!(".5"),
        json!("1.2.3"),
        json!("1.-5"),
        json!("\u{664}"),
        json!("1\n"),
        json!("it's"),
        json!("back\\slash \"quoted\" \n\t\u{1}"),
        json!("\\u0000"),
        json!("%s ? $1 :name"),
        json!("ü💡\u{2028}"),
        json!("a"),
        json!("a"),
        json!("b"),
        json!("b"),
    ]
}

impl Dice {
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % sides
    }

    pub fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len())].clone()
    }

    pub fn scalar(&mut self) -> Value {
        self.pick(&scalars())
    }

    pub fn value(&mut self, depth: usize) -> Value {
        match self.roll(if depth > 3 { 2 } else { 6 }) {
            0 | 1 => self.scalar(),
            2 => (0..self.roll(4)).map(|_| self.value(depth + 1)).collect(),
            _ => self.object(depth),
        }
    }

    pub fn object(&mut self, depth: usize) -> Value {
        let members = 1 + self.roll(6);
        let object = (0..members)
            .map(|_| (self.pick(&NAMES).to_owned(), self.value(depth + 1)))
            .collect();
        Value::Object(object)
    }

    /// An artifact; mostly an object.
    pub fn artifact(&mut self) -> Value {
        match self.roll(12) {
            0 => self.scalar(),
            1 => self.value(0),
            _ => self.object(0),
        }
    }

    /// A text of the value, spelled as somebody might.
    pub fn spelled(&mut self, value: &Value) -> String {
        let space = if self.roll(4) == 0 { " " } else { "" };
        match value {
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(|item| self.spelled(item)).collect();
                format!("[{space}{}]", items.join(&format!(",{space}")))
            }
            Value::Object(object) => {
                let members: Vec<String> = object
                    .iter()
                    .map(|(name, value)| format!("\"{name}\":{space}{}", self.spelled(value)))
                    .collect();
                format!("{{{}{space}}}", members.join(","))
            }
            Value::Number(number) => {
                let text = number.to_string();
                match self.roll(6) {
                    0 if !text.contains(['.', 'e']) && text.len() < 16 => format!("{text}.00"),
                    1 if text.contains('.') && !text.contains('e') => format!("{text}0"),
                    2 if !text.contains('e') => format!("{text}e0"),
                    3 if text == "0.1" => "0.1000000000000000055511151231257827".to_owned(),
                    3 if text == "0.5" => "0.499999999999999999999999".to_owned(),
                    3 if text == "0" => "1e-400".to_owned(),
                    4 if text == "1" => "1.00000000000000000000001".to_owned(),
                    _ => text,
                }
            }
            Value::String(text) if self.roll(3) == 0 => {
                let escaped: String = text
                    .encode_utf16()
                    .map(|unit| format!("\\u{unit:04x}"))
                    .collect();
                format!("\"{escaped}\"")
            }
            other => other.to_string(),
        }
    }

    fn path(&mut self, in_item: bool) -> String {
        let mut text = String::new();
        for _ in 0..self.roll(4) {
            let name = self.pick(&["a", "b", "items", "*", "x.y", "c"]);
            text.push('/');
            text.push_str(name);
        }
        if in_item && self.roll(4) == 0 {
            return format!("{text}/*");
        }
        format!("{text}/{}", self.pick(&NAMES))
    }

    /// Another field of the same item.
    fn beside(&mut self, path: &str) -> String {
        let mut text = match path.rsplit_once('*') {
            Some((before, _)) => format!("{before}*"),
            None => String::new(),
        };
        for _ in 0..=self.roll(2) {
            text.push('/');
            text.push_str(self.pick(&NAMES));
        }
        text
    }

    fn otherwise(&mut self, first: bool) -> Value {
        match self.roll(if first { 6 } else { 5 }) {
            0 | 1 => json!("keep"),
            2 => json!("remove"),
            3 => json!("null"),
            4 => {
                json!({"value": self.pick(&[json!(null), json!("n/a"), json!({"it's": ["\\", 1.5]}), json!([])])})
            }
            _ => json!("first"),
        }
    }

    /// A transform of this operation.
    pub fn transform(&mut self, op: &str) -> Transform {
        loop {
            let path = self.path(matches!(op, "convert" | "wrap" | "unwrap" | "map"));
            let beside = self.beside(&path);
            let written = match op {
                "add" if self.roll(3) == 0 => json!({"op": op, "path": path, "from": beside}),
                "add" => json!({"op": op, "path": path, "value": self.value(2)}),
                "remove" if self.roll(2) == 0 => {
                    json!({"op": op, "path": path, "equals": self.scalar()})
                }
                "remove" | "wrap" => json!({"op": op, "path": path}),
                "move" => json!({"op": op, "from": beside, "path": path}),
                "convert" => {
                    let rule = self.pick(&Rule::ALL).name();
                    json!({"op": op, "path": path, "rule": rule, "otherwise": self.otherwise(false)})
                }
                "unwrap" => json!({"op": op, "path": path, "otherwise": self.otherwise(true)}),
                _ => {
                    let values: Vec<Value> = (0..=self.roll(4))
                        .map(|_| {
                            let mut entry = json!({"from": self.scalar(), "to": self.scalar()});
                            if self.roll(3) == 0 {
                                entry["when"] =
                                    json!({"path": self.beside(&path), "equals": self.scalar()});
                            }
                            entry
                        })
                        .collect();
                    let mut map = json!({"op": op, "path": path, "values": values});
                    if self.roll(2) == 0 {
                        map["otherwise"] = self.otherwise(false);
                    }
                    map
                }
            };
            if let Ok(transform) = Transform::from_value(&written) {
                return transform;
            }
        }
    }
}

pub const OPS: [&str; 7] = ["add", "remove", "move", "convert", "wrap", "unwrap", "map"];
