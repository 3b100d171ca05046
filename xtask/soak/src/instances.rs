//! Random instances for a pair of schemas.
//!
//! They are led by what the schemas say, loosely and by code of their own: nothing here decides whether an instance is
//! valid. That is the validator's to say.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::{
    choices::Choices,
    places::target,
    schemas::{NAMES, TEXTS},
};

/// Containers inside one another.
const DEEPEST: usize = 7;
/// Subschemas that are looked at for one value.
const LOOKED_AT: usize = 40;
/// Values inside one instance.
const LARGEST: usize = 150;
/// Members and items that one value gets.
const WIDEST: usize = 12;

/// What occurs in the schemas.
#[derive(Clone, Debug)]
struct Pool {
    values: Vec<Value>,
    names: Vec<String>,
    numbers: Vec<f64>,
    lengths: Vec<usize>,
}

/// Draws instances for a pair of schemas.
#[derive(Debug)]
pub struct Sampler<'s> {
    schemas: [&'s Value; 2],
    pool: Pool,
    choices: Choices<'static>,
    /// Values that the instance may still get where schemas lead.
    left: usize,
}

/// A subschema and the document that its references are read in.
#[derive(Clone, Copy)]
struct Spot<'s> {
    root: &'s Value,
    schema: &'s Value,
}

impl<'s> Sampler<'s> {
    /// A sampler of instances that matter to both schemas.
    #[must_use]
    pub fn new(old: &'s Value, new: &'s Value, seed: u64) -> Self {
        let mut pool = Pool {
            values: [0.0, -1.0, 1.5, 2.0, 3.0, 1e300]
                .iter()
                .map(|number| json!(number))
                .chain([
                    json!(null),
                    json!(true),
                    json!(false),
                    json!(0),
                    json!(1),
                    json!(7),
                    json!([]),
                    json!({}),
                    json!([[]]),
                    json!([0, 0]),
                ])
                .chain(TEXTS.iter().map(|text| json!(text)))
                .collect(),
            names: NAMES.iter().map(|&name| name.to_owned()).collect(),
            numbers: Vec::new(),
            lengths: vec![0, 1, 2, 3],
        };
        gather(old, &mut pool);
        gather(new, &mut pool);
        Self {
            schemas: [old, new],
            pool,
            choices: Choices::seeded(seed),
            left: 0,
        }
    }

    /// Another instance.
    pub fn instance(&mut self) -> Value {
        let [old, new] = self.schemas;
        let spot = |schema| Spot {
            root: schema,
            schema,
        };
        let spots = match self.choices.below(10) {
            0..=4 => vec![spot(old)],
            5 | 6 => vec![spot(old), spot(new)],
            7 | 8 => vec![spot(new)],
            _ => Vec::new(),
        };
        self.left = LARGEST;
        self.value(&spots, 0)
    }

    /// An instance with one thing changed.
    pub fn changed(&mut self, instance: &Value) -> Value {
        let mut changed = instance.clone();
        for _ in 0..1 + self.choices.below(2) {
            let everywhere = crate::places::values(&changed);
            let at = self.choices.pick(&everywhere).cloned().unwrap_or_default();
            let Some(place) = changed.pointer_mut(&at) else {
                continue;
            };
            let old = place.take();
            *place = self.another(old);
        }
        changed
    }

    fn another(&mut self, value: Value) -> Value {
        if self.choices.chance(25) {
            return self.any(DEEPEST - 1);
        }
        match value {
            Value::Number(number) => {
                let number = number.as_f64().unwrap_or(0.0);
                match self.choices.below(6) {
                    0 => plain(number + 1.0),
                    1 => plain(number - 1.0),
                    2 => plain(number * 2.0),
                    3 => plain(number + 0.5),
                    4 => plain(-number),
                    // The same number with a fraction that is zero.
                    _ => json!(number),
                }
            }
            Value::String(text) => match self.choices.below(4) {
                0 => json!(format!("{text}{}", self.choices.word(&TEXTS))),
                1 => json!(format!("{}{text}", self.choices.word(&TEXTS))),
                2 => json!(text.chars().skip(1).collect::<String>()),
                _ => json!(format!("{text}\n")),
            },
            Value::Array(mut items) => {
                match self.choices.below(5) {
                    0 => {
                        items.pop();
                    }
                    1 => {
                        let item = self.any(DEEPEST - 1);
                        items.push(item);
                    }
                    2 => {
                        if let Some(item) = self.choices.pick(&items).cloned() {
                            items.push(item);
                        }
                    }
                    3 => items.reverse(),
                    _ => {
                        if !items.is_empty() {
                            let at = self.choices.below(items.len());
                            items.remove(at);
                        }
                    }
                }
                Value::Array(items)
            }
            Value::Object(mut members) => {
                let names: Vec<String> = members.keys().cloned().collect();
                if self.choices.chance(50) {
                    if let Some(name) = self.choices.pick(&names) {
                        members.shift_remove(name);
                    }
                } else {
                    let name = self.name();
                    let member = self.any(DEEPEST - 1);
                    members.insert(name, member);
                }
                Value::Object(members)
            }
            _ => self.any(DEEPEST - 1),
        }
    }

    fn name(&mut self) -> String {
        if self.choices.chance(10) {
            return self.text();
        }
        self.choices
            .pick(&self.pool.names)
            .cloned()
            .unwrap_or_default()
    }

    fn text(&mut self) -> String {
        let parts = self.choices.below(4);
        (0..parts)
            .map(|_| self.choices.word(&TEXTS))
            .collect::<Vec<_>>()
            .concat()
    }

    /// Any small value.
    fn any(&mut self, depth: usize) -> Value {
        match self.choices.below(12) {
            0 if depth < DEEPEST => {
                let count = self.choices.below(3);
                Value::Array((0..count).map(|_| self.any(depth + 2)).collect())
            }
            1 if depth < DEEPEST => {
                let count = self.choices.below(3);
                let mut members = Map::new();
                for _ in 0..count {
                    let name = self.name();
                    members.insert(name, self.any(depth + 2));
                }
                Value::Object(members)
            }
            2 => json!(self.text()),
            3 | 4 => self.number(),
            _ => self
                .choices
                .pick(&self.pool.values)
                .cloned()
                .unwrap_or_default(),
        }
    }

    fn number(&mut self) -> Value {
        let near = self
            .choices
            .pick(&self.pool.numbers)
            .copied()
            .unwrap_or(0.0);
        let number = match self.choices.below(8) {
            0 | 1 => near,
            2 => near + 1.0,
            3 => near - 1.0,
            4 => near + 0.5,
            5 => near * 2.0,
            6 => near * 3.0,
            _ => [0.0, 1.0, 0.1, 6.0, 12.0, -0.5, 0.3, 30.0]
                .get(self.choices.below(8))
                .copied()
                .unwrap_or(0.0),
        };
        plain(number)
    }

    /// A value that these subschemas have a say in.
    fn value(&mut self, spots: &[Spot<'s>], depth: usize) -> Value {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 || depth > DEEPEST || spots.is_empty() || self.choices.chance(6) {
            return self.any(depth);
        }
        let spots = self.all_that_judge(spots);
        let listed: Vec<&Value> = spots
            .iter()
            .flat_map(|spot| {
                let list = spot.schema.get("enum").and_then(Value::as_array);
                list.into_iter().flatten().chain(spot.schema.get("const"))
            })
            .collect();
        if !listed.is_empty() && self.choices.chance(85) {
            return self
                .choices
                .pick(&listed)
                .map(|&value| value.clone())
                .unwrap_or_default();
        }
        match self.type_for(&spots) {
            "object" => self.object(&spots, depth),
            "array" => self.array(&spots, depth),
            "string" => self.text_for(&spots),
            "number" => self.number_for(&spots, false),
            "integer" => self.number_for(&spots, true),
            "boolean" => json!(self.choices.chance(50)),
            "null" => Value::Null,
            _ => self.any(depth),
        }
    }

    /// These and the subschemas that judge the same value, where the combinators leave a choice one of them.
    fn all_that_judge(&mut self, spots: &[Spot<'s>]) -> Vec<Spot<'s>> {
        let mut found: Vec<Spot<'s>> = Vec::new();
        let mut pending = spots.to_vec();
        while let Some(spot) = pending.pop() {
            if found.len() >= LOOKED_AT {
                break;
            }
            found.push(spot);
            let here = |schema: &'s Value| Spot {
                root: spot.root,
                schema,
            };
            let list = |name: &str| {
                spot.schema
                    .get(name)
                    .and_then(Value::as_array)
                    .map(Vec::as_slice)
                    .unwrap_or_default()
            };
            pending.extend(list("allOf").iter().map(here));
            for name in ["anyOf", "oneOf"] {
                pending.extend(self.choices.pick(list(name)).map(here));
            }
            for name in ["$ref", "$dynamicRef", "$recursiveRef"] {
                let target = spot
                    .schema
                    .get(name)
                    .and_then(Value::as_str)
                    .and_then(|reference| target(spot.root, reference));
                pending.extend(target.map(here));
            }
            if let Some(condition) = spot.schema.get("if") {
                if self.choices.chance(50) {
                    pending.push(here(condition));
                    pending.extend(spot.schema.get("then").map(here));
                } else {
                    pending.extend(spot.schema.get("else").map(here));
                }
            }
            for name in ["dependentSchemas", "dependencies"] {
                if let Some(Value::Object(map)) = spot.schema.get(name) {
                    for inner in map.values() {
                        if self.choices.chance(40) {
                            pending.push(here(inner));
                        }
                    }
                }
            }
            // Now and then the refused thing itself, or one keyword of it.
            if let Some(refused) = spot.schema.get("not")
                && self.choices.chance(25)
            {
                pending.push(here(refused));
            }
        }
        found
    }

    fn type_for(&mut self, spots: &[Spot<'s>]) -> &'static str {
        const ALL: [&str; 7] = [
            "object", "array", "string", "integer", "number", "boolean", "null",
        ];
        let mut left: BTreeSet<&'static str> = ALL.into_iter().collect();
        let mut said = false;
        for spot in spots {
            let Some(named) = spot.schema.get("type") else {
                continue;
            };
            said = true;
            left.retain(|&one| {
                let is = |name: &Value| {
                    name.as_str() == Some(one)
                        || (one == "integer" && name.as_str() == Some("number"))
                };
                is(named) || named.as_array().is_some_and(|list| list.iter().any(is))
            });
        }
        let hinted: Vec<&'static str> = ALL
            .into_iter()
            .filter(|one| left.contains(one))
            .filter(|one| spots.iter().any(|spot| speaks_of(spot.schema, one)))
            .collect();
        let left: Vec<&'static str> = left.into_iter().collect();
        if !hinted.is_empty() && self.choices.chance(if said { 75 } else { 85 }) {
            return self.choices.word(&hinted);
        }
        self.choices.word(&left)
    }

    fn number_for(&mut self, spots: &[Spot<'s>], whole: bool) -> Value {
        let bounds = |name: &str| -> Vec<f64> {
            spots
                .iter()
                .filter_map(|spot| spot.schema.get(name).and_then(Value::as_f64))
                .collect()
        };
        let low = bounds("minimum")
            .into_iter()
            .chain(bounds("exclusiveMinimum"))
            .fold(f64::NEG_INFINITY, f64::max);
        let high = bounds("maximum")
            .into_iter()
            .chain(bounds("exclusiveMaximum"))
            .fold(f64::INFINITY, f64::min);
        let steps = bounds("multipleOf");
        let mut number = 0.0;
        for _ in 0..6 {
            let step = self.choices.pick(&steps).copied().unwrap_or(1.0);
            number = match self.choices.below(7) {
                0 if low.is_finite() => low,
                1 if high.is_finite() => high,
                2 if low.is_finite() => (low / step).floor() * step + step,
                3 if high.is_finite() => (high / step).ceil() * step - step,
                4 if low.is_finite() && high.is_finite() => low + (high - low) / 2.0,
                5 => {
                    step * [0.0, 1.0, 2.0, 3.0, -1.0, 6.0, 10.0]
                        .get(self.choices.below(7))
                        .copied()
                        .unwrap_or(0.0)
                }
                _ => self.number().as_f64().unwrap_or(0.0),
            };
            if whole {
                number = number.round();
            }
            if (low..=high).contains(&number) {
                break;
            }
        }
        if self.choices.chance(8) {
            // With a fraction that is zero, where it is whole.
            return json!(number);
        }
        plain(number)
    }

    fn text_for(&mut self, spots: &[Spot<'s>]) -> Value {
        let lengths = |name: &str| -> Vec<usize> {
            spots
                .iter()
                .filter_map(|spot| spot.schema.get(name).and_then(Value::as_f64))
                .map(small)
                .collect()
        };
        let least = lengths("minLength").into_iter().max().unwrap_or(0);
        let most = lengths("maxLength").into_iter().min();
        let mut text = self.text();
        if self.choices.chance(75) {
            while text.chars().count() < least.min(40) {
                text.push_str(match self.choices.word(&TEXTS) {
                    "" => "a",
                    other => other,
                });
            }
            if let Some(most) = most {
                text = text.chars().take(most).collect();
            }
        }
        json!(text)
    }

    fn array(&mut self, spots: &[Spot<'s>], depth: usize) -> Value {
        let counts = |name: &str| -> Vec<usize> {
            spots
                .iter()
                .filter_map(|spot| spot.schema.get(name).and_then(Value::as_f64))
                .map(small)
                .collect()
        };
        let mut length = self.choices.pick(&self.pool.lengths).copied().unwrap_or(0);
        if self.choices.chance(85) {
            length = length.max(counts("minItems").into_iter().max().unwrap_or(0));
            if let Some(most) = counts("maxItems").into_iter().min() {
                length = length.min(most);
            }
        }
        let contained: Vec<Spot<'s>> = spots
            .iter()
            .filter_map(|spot| {
                spot.schema.get("contains").map(|schema| Spot {
                    root: spot.root,
                    schema,
                })
            })
            .collect();
        let unique = spots
            .iter()
            .any(|spot| spot.schema.get("uniqueItems") == Some(&Value::Bool(true)));
        let mut items: Vec<Value> = Vec::new();
        for index in 0..length.min(WIDEST) {
            let mut judges = Vec::new();
            for spot in spots {
                let here = |schema| Spot {
                    root: spot.root,
                    schema,
                };
                let prefix = spot
                    .schema
                    .get("prefixItems")
                    .or_else(|| spot.schema.get("items"))
                    .and_then(Value::as_array);
                let own = match prefix {
                    Some(list) => list.get(index).or_else(|| {
                        spot.schema
                            .get("additionalItems")
                            .or_else(|| spot.schema.get("items").filter(|items| !items.is_array()))
                    }),
                    None => spot.schema.get("items"),
                };
                judges.extend(
                    own.or_else(|| spot.schema.get("unevaluatedItems"))
                        .map(here),
                );
            }
            if self.choices.chance(35) {
                judges.extend(self.choices.pick(&contained).copied());
            }
            let mut item = self.value(&judges, depth + 1);
            for _ in 0..3 {
                if !unique || !items.contains(&item) {
                    break;
                }
                item = self.value(&judges, depth + 1);
            }
            items.push(item);
        }
        if !unique
            && self.choices.chance(15)
            && let Some(first) = items.first().cloned()
        {
            items.push(first);
        }
        Value::Array(items)
    }

    fn object(&mut self, spots: &[Spot<'s>], depth: usize) -> Value {
        let mut names: BTreeSet<String> = BTreeSet::new();
        let mut fewest = 0;
        let mut most = WIDEST;
        for spot in spots {
            for name in spot
                .schema
                .get("required")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
            {
                if self.choices.chance(96) {
                    names.insert(name.to_owned());
                }
            }
            for keyword in [
                "properties",
                "dependentRequired",
                "dependentSchemas",
                "dependencies",
            ] {
                if let Some(Value::Object(map)) = spot.schema.get(keyword) {
                    let often = if keyword == "properties" { 50 } else { 35 };
                    for (name, inner) in map {
                        if self.choices.chance(often) {
                            names.insert(name.clone());
                            if let Value::Array(others) = inner {
                                names.extend(
                                    others.iter().filter_map(Value::as_str).map(str::to_owned),
                                );
                            }
                        }
                    }
                }
            }
            let count = |name: &str| spot.schema.get(name).and_then(Value::as_f64).map(small);
            fewest = fewest.max(count("minProperties").unwrap_or(0));
            most = most.min(count("maxProperties").unwrap_or(WIDEST));
        }
        if self.choices.chance(35) {
            names.insert(self.name());
        }
        for _ in 0..WIDEST {
            if names.len() >= fewest {
                break;
            }
            names.insert(self.name());
        }
        let mut names: Vec<String> = names.into_iter().collect();
        if self.choices.chance(85) {
            let by = self.choices.below(names.len());
            if !names.is_empty() && names.len() > most {
                names.rotate_left(by);
            }
            names.truncate(most);
        }
        let mut members = Map::new();
        for name in names {
            let mut judges = Vec::new();
            for spot in spots {
                let here = |schema| Spot {
                    root: spot.root,
                    schema,
                };
                let own = spot
                    .schema
                    .get("properties")
                    .and_then(|properties| properties.get(&name));
                judges.extend(own.map(here));
                if let Some(Value::Object(map)) = spot.schema.get("patternProperties") {
                    for inner in map.values() {
                        if self.choices.chance(50) {
                            judges.push(here(inner));
                        }
                    }
                }
                if own.is_none() && self.choices.chance(70) {
                    let rest = spot
                        .schema
                        .get("additionalProperties")
                        .or_else(|| spot.schema.get("unevaluatedProperties"));
                    judges.extend(rest.map(here));
                }
            }
            let member = self.value(&judges, depth + 1);
            members.insert(name, member);
        }
        Value::Object(members)
    }
}

/// Whether a keyword of the schema is about this type.
fn speaks_of(schema: &Value, name: &str) -> bool {
    let keywords: &[&str] = match name {
        "object" => &[
            "properties",
            "required",
            "additionalProperties",
            "patternProperties",
            "minProperties",
            "maxProperties",
            "propertyNames",
            "dependencies",
            "dependentRequired",
            "dependentSchemas",
            "unevaluatedProperties",
        ],
        "array" => &[
            "items",
            "prefixItems",
            "contains",
            "minItems",
            "maxItems",
            "uniqueItems",
            "unevaluatedItems",
        ],
        "string" => &["pattern", "minLength", "maxLength"],
        "number" | "integer" => &[
            "minimum",
            "maximum",
            "multipleOf",
            "exclusiveMinimum",
            "exclusiveMaximum",
        ],
        _ => &[],
    };
    keywords.iter().any(|keyword| schema.get(keyword).is_some())
}

fn small(number: f64) -> usize {
    // At most 40, and never negative.
    (0..40).find(|&n| n as f64 >= number).unwrap_or(40)
}

/// A number as a whole one where it is whole.
fn plain(number: f64) -> Value {
    let text = format!("{number}");
    match text.parse::<i64>() {
        Ok(whole) if text.len() < 18 => json!(whole),
        _ => {
            // What sums of decimals leave behind is mostly noise.
            let rounded = (number * 1e9).round() / 1e9;
            if (rounded - number).abs() < 1e-12 {
                json!(rounded)
            } else {
                json!(number)
            }
        }
    }
}

fn gather(schema: &Value, pool: &mut Pool) {
    let mut pending = vec![schema];
    while let Some(value) = pending.pop() {
        match value {
            Value::Object(map) => {
                for (name, inner) in map {
                    match (name.as_str(), inner) {
                        ("const", one) => pool.values.push(one.clone()),
                        ("enum", Value::Array(list)) => pool.values.extend(list.iter().cloned()),
                        ("required", Value::Array(list)) => pool
                            .names
                            .extend(list.iter().filter_map(Value::as_str).map(str::to_owned)),
                        ("properties", Value::Object(map)) => {
                            pool.names.extend(map.keys().cloned())
                        }
                        (_, Value::Number(number)) => {
                            let number = number.as_f64().unwrap_or(0.0);
                            pool.numbers.push(number);
                            if name.ends_with("Items") || name.ends_with("Contains") {
                                pool.lengths.push(small(number));
                                pool.lengths.push(small(number + 1.0));
                            }
                        }
                        _ => {}
                    }
                    pending.push(inner);
                }
            }
            Value::Array(list) => pending.extend(list),
            Value::Number(number) => pool.numbers.extend(number.as_f64()),
            Value::String(text) if text.len() < 12 => pool.values.push(json!(text)),
            _ => {}
        }
    }
}
