//! Random schemas, small on purpose: few names, few values and near bounds, so that keywords meet each other.

use jsonschema::Draft;
use serde_json::{Map, Value, json};

use crate::choices::Choices;

/// Names of members.
pub const NAMES: [&str; 8] = ["a", "b", "c", "aa", "ab", "x-1", "", "é"];
/// Texts.
pub const TEXTS: [&str; 14] = [
    "", "a", "b", "ab", "aa", "abc", "a\n", "\n", "é", "😀", "1", "A", "x-1", "12",
];
/// Patterns: anchored or not, alternatives, classes, what a dot is no match for, and some that are no regular expressions.
pub const PATTERNS: [&str; 30] = [
    "a",
    "^a",
    "a$",
    "^a*$",
    "^(a|b)$",
    "^[a-c]+$",
    "",
    "^$",
    ".",
    "^.$",
    "^.*$",
    "^.{2}$",
    "^[^a]*$",
    "[^a]",
    "\\d",
    "^\\d+$",
    "^\\w*$",
    "\\s",
    "\\S",
    "^x-",
    "a|b",
    "^a|b$",
    "^(ab)*$",
    "^(?:a|ab)(?:c|bc)?$",
    "é",
    "^\\p{L}+$",
    "^a{1,3}$",
    "^(?!a)",
    "^(?=.*b).*$",
    "^[\\s\\S]{1,2}$",
];
const TYPES: [&str; 7] = [
    "string", "object", "array", "integer", "number", "boolean", "null",
];

/// The drafts that the crate reads.
pub const DRAFTS: [Draft; 5] = [
    Draft::Draft202012,
    Draft::Draft7,
    Draft::Draft4,
    Draft::Draft201909,
    Draft::Draft6,
];

/// Where a draft stands in the row of drafts.
fn age(draft: Draft) -> u8 {
    match draft {
        Draft::Draft4 => 4,
        Draft::Draft6 => 6,
        Draft::Draft7 => 7,
        Draft::Draft201909 => 19,
        _ => 20,
    }
}

/// The keyword that holds definitions in a draft.
#[must_use]
pub fn definitions(draft: Draft) -> &'static str {
    if age(draft) >= 19 {
        "$defs"
    } else {
        "definitions"
    }
}

/// Writes schemas of one draft.
#[derive(Debug)]
pub struct Writer<'c, 'b> {
    /// What to write.
    pub choices: &'c mut Choices<'b>,
    draft: Draft,
    /// Subschemas that may still be written.
    left: usize,
    /// Definitions that references may name.
    defined: Vec<String>,
    /// The kinds of keywords to write, each as often as it stands there.
    theme: &'static [Kind],
}

/// What a group of keywords is about.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Number,
    Text,
    Object,
    Array,
    Listed,
    Combined,
}

/// What a document is about: everything, or few kinds of keywords that meet each other all the more.
const THEMES: [&[Kind]; 6] = {
    use Kind::{Array, Combined, Listed, Number, Object, Text};
    [
        &[
            Number, Number, Text, Text, Object, Object, Array, Array, Listed, Combined, Combined,
        ],
        &[Array, Array, Array, Listed, Listed, Combined, Number],
        &[Object, Object, Object, Listed, Combined, Text],
        &[Number, Number, Number, Listed, Combined, Combined],
        &[Text, Text, Text, Listed, Combined, Combined],
        &[Object, Array, Combined, Combined, Object],
    ]
};

impl<'c, 'b> Writer<'c, 'b> {
    /// A writer of at most so many subschemas, which may refer to these definitions.
    pub fn new(
        choices: &'c mut Choices<'b>,
        draft: Draft,
        left: usize,
        defined: Vec<String>,
    ) -> Self {
        Self {
            choices,
            draft,
            left,
            defined,
            theme: THEMES.first().copied().unwrap_or_default(),
        }
    }

    /// A whole schema document.
    pub fn document(&mut self) -> Value {
        if age(self.draft) == 20 && self.choices.chance(3) {
            return self.dynamic();
        }
        if self.choices.chance(55) {
            self.theme = self.choices.pick(&THEMES).copied().unwrap_or_default();
        }
        let wanted = if self.choices.chance(35) {
            1 + self.choices.below(3)
        } else {
            0
        };
        self.defined = (0..wanted).map(|n| format!("d{n}")).collect();
        let mut schema = self.keywords(0);
        if wanted > 0 {
            let names = self.defined.clone();
            let defined: Map<String, Value> = names
                .into_iter()
                .map(|name| {
                    let mut inner = self.subschema(1);
                    if let Value::Object(keywords) = &mut inner
                        && age(self.draft) >= 19
                        && self.choices.chance(40)
                    {
                        keywords.insert("$anchor".into(), json!(name));
                    }
                    (name, inner)
                })
                .collect();
            schema.insert(definitions(self.draft).to_owned(), Value::Object(defined));
            if age(self.draft) < 19 && schema.contains_key("$ref") {
                // Beside `$ref` nothing counts; the definitions still have to be found.
                let reference = schema.remove("$ref").unwrap_or_default();
                schema.insert("allOf".into(), json!([{"$ref": reference}]));
            }
        }
        match age(self.draft) {
            20 if self.choices.chance(4) => {
                schema.insert("$dynamicAnchor".into(), json!("n"));
            }
            19 if self.choices.chance(6) => {
                schema.insert("$recursiveAnchor".into(), json!(true));
            }
            _ => {}
        }
        Value::Object(schema)
    }

    /// An array of few possible items, with counts: what has to be counted to be decided.
    fn counted(&mut self) -> Map<String, Value> {
        let mut schema = Map::new();
        schema.insert("type".into(), json!("array"));
        let mut inner = Map::new();
        match self.choices.below(4) {
            0 => {
                inner.insert("type".into(), json!("boolean"));
            }
            1 => {
                inner.insert("type".into(), json!(["null", "boolean"]));
            }
            2 => {
                inner.insert("type".into(), json!("integer"));
                inner.insert("minimum".into(), json!(0));
                inner.insert("maximum".into(), json!(self.choices.below(4)));
            }
            _ => self.listed(&mut inner),
        }
        schema.insert("items".into(), Value::Object(inner));
        if self.choices.chance(60) {
            schema.insert("uniqueItems".into(), json!(true));
        }
        for keyword in ["minItems", "maxItems", "minContains", "maxContains"] {
            if self.choices.chance(45) && (age(self.draft) >= 19 || keyword.ends_with("Items")) {
                schema.insert(keyword.into(), json!(self.choices.below(5)));
            }
        }
        if age(self.draft) >= 6 && self.choices.chance(60) {
            schema.insert("contains".into(), self.leaf());
        }
        schema
    }

    /// A tree in a resource of its own, extended from outside through `$dynamicAnchor`.
    fn dynamic(&mut self) -> Value {
        let leaf = self.subschema(3);
        let mut outer = self.keywords(3);
        outer.insert("$dynamicAnchor".into(), json!("n"));
        outer.insert("$ref".into(), json!("https://example.org/tree"));
        outer.insert(
            "$defs".into(),
            json!({"tree": {
                "$id": "https://example.org/tree",
                "$dynamicAnchor": "n",
                "properties": {"a": {"$dynamicRef": "#n"}, "b": leaf},
            }}),
        );
        Value::Object(outer)
    }

    /// A subschema `depth` levels down.
    pub fn subschema(&mut self, depth: usize) -> Value {
        if self.left == 0 || depth > 4 {
            return self.leaf();
        }
        self.left -= 1;
        if self.choices.chance(14) {
            return self.leaf();
        }
        Value::Object(self.keywords(depth))
    }

    fn leaf(&mut self) -> Value {
        match self.choices.below(8) {
            0 => json!({}),
            1 if age(self.draft) > 4 => json!(true),
            2 if age(self.draft) > 4 => json!(false),
            3 => json!({"enum": [self.scalar()]}),
            4 => json!({"minLength": self.choices.below(3)}),
            5 => json!({"maximum": self.bound()}),
            6 => json!({"not": {}}),
            _ => json!({"type": self.choices.word(&TYPES)}),
        }
    }

    /// Keywords of one or two kinds.
    pub fn keywords(&mut self, depth: usize) -> Map<String, Value> {
        let mut schema = Map::new();
        let kinds = if self.choices.chance(30) { 2 } else { 1 };
        for _ in 0..kinds {
            match self.choices.pick(self.theme).unwrap_or(&Kind::Number) {
                Kind::Number => self.number(&mut schema),
                Kind::Text => self.text(&mut schema),
                Kind::Object => self.object(&mut schema, depth),
                Kind::Array => self.array(&mut schema, depth),
                Kind::Listed => self.listed(&mut schema),
                Kind::Combined => self.combined(&mut schema, depth),
            }
        }
        if self.choices.chance(9) {
            self.reference(&mut schema);
        }
        if self.choices.chance(6) {
            let types = self.types();
            schema.insert("type".into(), types);
        }
        schema
    }

    fn types(&mut self) -> Value {
        if self.choices.chance(40) {
            let mut types = Vec::new();
            for _ in 0..2 + self.choices.below(3) {
                let one = json!(self.choices.word(&TYPES));
                if !types.contains(&one) {
                    types.push(one);
                }
            }
            Value::Array(types)
        } else {
            json!(self.choices.word(&TYPES))
        }
    }

    fn typed(&mut self, schema: &mut Map<String, Value>, name: &str) {
        if self.choices.chance(65) {
            let either = if self.choices.chance(15) {
                json!([name, self.choices.word(&TYPES)])
            } else {
                json!(name)
            };
            if either.get(0).is_none() || either.get(0) != either.get(1) {
                schema.insert("type".into(), either);
            }
        }
    }

    /// A number near the others.
    pub fn bound(&mut self) -> Value {
        match self.choices.below(20) {
            0..=9 => json!(self.choices.below(5)),
            10 => json!(-1),
            11 => json!(1.0),
            12 => json!(0.5),
            13 => json!(1.5),
            14 => json!(2.5),
            15 => json!(0.1),
            16 => json!(10),
            17 => json!(-2),
            18 => json!(0.3),
            _ => self
                .choices
                .pick(&[
                    json!(1e20),
                    json!(9_007_199_254_740_993_u64),
                    json!(-0.0),
                    json!(100),
                    json!(-1e-7),
                    json!(1e300),
                    json!(9_007_199_254_740_992_u64),
                    json!(-9_007_199_254_740_991_i64),
                    json!(18_446_744_073_709_551_615_u64),
                    json!(5e-324),
                    json!(1.000_000_1),
                    json!(0.30000000000000004),
                ])
                .cloned()
                .unwrap_or_default(),
        }
    }

    fn divisor(&mut self) -> Value {
        self.choices
            .pick(&[
                json!(1),
                json!(2),
                json!(3),
                json!(0.5),
                json!(4),
                json!(6),
                json!(0.1),
                json!(0.25),
                json!(1.5),
                json!(0.01),
                json!(10),
                json!(1.0),
                json!(0.3),
                json!(1e-7),
                json!(1e10),
                json!(0.07),
                json!(7),
            ])
            .cloned()
            .unwrap_or_default()
    }

    fn number(&mut self, schema: &mut Map<String, Value>) {
        let name = if self.choices.chance(50) {
            "integer"
        } else {
            "number"
        };
        self.typed(schema, name);
        for _ in 0..1 + self.choices.below(3) {
            let (keyword, bound) = match self.choices.below(5) {
                0 => ("minimum", self.bound()),
                1 => ("maximum", self.bound()),
                2 => ("multipleOf", self.divisor()),
                3 => ("exclusiveMinimum", self.bound()),
                _ => ("exclusiveMaximum", self.bound()),
            };
            if age(self.draft) == 4 && keyword.starts_with("exclusive") {
                // There the bound itself stands in the other keyword.
                let other = if keyword == "exclusiveMinimum" {
                    "minimum"
                } else {
                    "maximum"
                };
                schema.insert(other.into(), bound);
                schema.insert(keyword.into(), json!(self.choices.chance(70)));
            } else {
                schema.insert(keyword.into(), bound);
            }
        }
    }

    fn text(&mut self, schema: &mut Map<String, Value>) {
        self.typed(schema, "string");
        for _ in 0..1 + self.choices.below(2) {
            let (keyword, value) = match self.choices.below(4) {
                0 => ("minLength", json!(self.choices.below(4))),
                1 => ("maxLength", json!(self.choices.below(4))),
                _ => ("pattern", json!(self.choices.word(&PATTERNS))),
            };
            schema.insert(keyword.into(), value);
        }
    }

    fn name(&mut self) -> String {
        self.choices.word(&NAMES).to_owned()
    }

    fn names(&mut self) -> Value {
        let mut names = Vec::new();
        for _ in 0..1 + self.choices.below(2) {
            let name = json!(self.name());
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Value::Array(names)
    }

    fn map(&mut self, depth: usize, most: usize) -> Value {
        let mut map = Map::new();
        for _ in 0..1 + self.choices.below(most) {
            let name = self.name();
            map.insert(name, self.subschema(depth + 1));
        }
        Value::Object(map)
    }

    fn object(&mut self, schema: &mut Map<String, Value>, depth: usize) {
        self.typed(schema, "object");
        for _ in 0..1 + self.choices.below(3) {
            let (keyword, value) = match self.choices.below(15) {
                0..=3 => ("properties", self.map(depth, 3)),
                4 | 5 => ("required", self.names()),
                6 | 7 => (
                    "additionalProperties",
                    if self.choices.chance(50) {
                        json!(false)
                    } else {
                        self.subschema(depth + 1)
                    },
                ),
                8 => {
                    let mut map = Map::new();
                    for _ in 0..1 + self.choices.below(2) {
                        let pattern = self.choices.word(&PATTERNS);
                        map.insert(pattern.to_owned(), self.subschema(depth + 1));
                    }
                    ("patternProperties", Value::Object(map))
                }
                9 => ("minProperties", json!(self.choices.below(4))),
                10 => ("maxProperties", json!(self.choices.below(4))),
                11 if age(self.draft) >= 6 => ("propertyNames", self.about_names(depth)),
                12 if age(self.draft) >= 19 => ("dependentSchemas", self.map(depth, 2)),
                13 if age(self.draft) >= 19 => {
                    ("dependentRequired", json!({self.name(): self.names()}))
                }
                11..=13 => {
                    let inner = if self.choices.chance(50) {
                        self.names()
                    } else {
                        self.subschema(depth + 1)
                    };
                    ("dependencies", json!({self.name(): inner}))
                }
                14 if age(self.draft) >= 19 => (
                    "unevaluatedProperties",
                    if self.choices.chance(60) {
                        json!(false)
                    } else {
                        self.subschema(depth + 1)
                    },
                ),
                _ => ("properties", self.map(depth, 2)),
            };
            schema.insert(keyword.into(), value);
        }
    }

    fn about_names(&mut self, depth: usize) -> Value {
        match self.choices.below(4) {
            0 => json!({"pattern": self.choices.word(&PATTERNS)}),
            1 => json!({"enum": self.names()}),
            2 => json!({"maxLength": self.choices.below(3)}),
            _ => self.subschema(depth + 1),
        }
    }

    fn array(&mut self, schema: &mut Map<String, Value>, depth: usize) {
        if self.choices.chance(12) {
            schema.extend(self.counted());
            return;
        }
        self.typed(schema, "array");
        for _ in 0..1 + self.choices.below(3) {
            let (keyword, value) = match self.choices.below(12) {
                0..=2 => ("items", self.subschema(depth + 1)),
                3 | 4 => {
                    let keyword = if age(self.draft) == 20 {
                        "prefixItems"
                    } else {
                        "items"
                    };
                    let list: Vec<Value> = (0..1 + self.choices.below(2))
                        .map(|_| self.subschema(depth + 1))
                        .collect();
                    (keyword, Value::Array(list))
                }
                5 => ("minItems", json!(self.choices.below(4))),
                6 => ("maxItems", json!(self.choices.below(4))),
                7 => ("uniqueItems", json!(!self.choices.chance(10))),
                8 if age(self.draft) >= 19 => {
                    schema.insert("contains".into(), self.subschema(depth + 1));
                    let keyword = if self.choices.chance(50) {
                        "minContains"
                    } else {
                        "maxContains"
                    };
                    (keyword, json!(self.choices.below(4)))
                }
                8 | 9 if age(self.draft) >= 6 => ("contains", self.subschema(depth + 1)),
                10 if age(self.draft) >= 19 => (
                    "unevaluatedItems",
                    if self.choices.chance(60) {
                        json!(false)
                    } else {
                        self.subschema(depth + 1)
                    },
                ),
                8..=11 if age(self.draft) < 20 => ("additionalItems", self.subschema(depth + 1)),
                _ => ("items", self.subschema(depth + 1)),
            };
            schema.insert(keyword.into(), value);
        }
    }

    /// A small value.
    pub fn scalar(&mut self) -> Value {
        match self.choices.below(8) {
            0 => json!(self.choices.word(&TEXTS)),
            1 => json!(null),
            2 => json!(false),
            3 => json!(true),
            4 => json!(1.0),
            _ => self.bound(),
        }
    }

    /// A value that may be an array or an object.
    pub fn value(&mut self) -> Value {
        match self.choices.below(8) {
            0 => json!([]),
            1 => json!({}),
            2 => json!([self.scalar()]),
            3 => json!({self.name(): self.scalar()}),
            4 => json!([self.scalar(), {self.name(): [self.scalar()]}]),
            _ => self.scalar(),
        }
    }

    fn listed(&mut self, schema: &mut Map<String, Value>) {
        if age(self.draft) >= 6 && self.choices.chance(35) {
            schema.insert("const".into(), self.value());
            return;
        }
        let mut values: Vec<Value> = Vec::new();
        for _ in 0..1 + self.choices.below(4) {
            let value = self.value();
            // 1 and 1.0 are the same value, and draft 4 wants the values of an `enum` to differ.
            let known = values.iter().any(|other| {
                other == &value || (other.is_number() && other.as_f64() == value.as_f64())
            });
            if !known {
                values.push(value);
            }
        }
        schema.insert("enum".into(), Value::Array(values));
    }

    fn list(&mut self, depth: usize) -> Value {
        let list: Vec<Value> = (0..1 + self.choices.below(3))
            .map(|_| self.subschema(depth + 1))
            .collect();
        Value::Array(list)
    }

    fn combined(&mut self, schema: &mut Map<String, Value>, depth: usize) {
        match self.choices.below(6) {
            0 => schema.insert("allOf".into(), self.list(depth)),
            1 => schema.insert("anyOf".into(), self.list(depth)),
            2 => schema.insert("oneOf".into(), self.list(depth)),
            3 => schema.insert("not".into(), self.subschema(depth + 1)),
            4 if age(self.draft) >= 7 => {
                schema.insert("if".into(), self.subschema(depth + 1));
                if self.choices.chance(70) {
                    schema.insert("then".into(), self.subschema(depth + 1));
                }
                if self.choices.chance(50) {
                    schema.insert("else".into(), self.subschema(depth + 1));
                }
                None
            }
            _ => schema.insert("anyOf".into(), self.list(depth)),
        };
    }

    fn reference(&mut self, schema: &mut Map<String, Value>) {
        if self.choices.chance(25) || self.defined.is_empty() {
            // To the root: only where a child stands between, or it would mean nothing.
            let keyword = match age(self.draft) {
                20 if self.choices.chance(30) => {
                    schema.insert("items".into(), json!({"$dynamicRef": "#"}));
                    return;
                }
                19 if self.choices.chance(30) => "$recursiveRef",
                _ => "$ref",
            };
            let place = if self.choices.chance(50) {
                json!({"properties": {self.name(): {keyword: "#"}}})
            } else {
                json!({"items": {keyword: "#"}})
            };
            if let Value::Object(place) = place {
                schema.extend(place);
            }
        } else if let Some(name) = self.choices.pick(&self.defined).cloned() {
            let reference = if age(self.draft) >= 19 && self.choices.chance(15) {
                // The anchor that `document` gives it.
                format!("#{name}")
            } else {
                format!("#/{}/{name}", definitions(self.draft))
            };
            schema.insert("$ref".into(), json!(reference));
        }
    }
}
