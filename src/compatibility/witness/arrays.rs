//! Arrays: of the lengths that bounds name, with each item at its edges.

use super::{
    maker::{Maker, Part, different, distinct, interleave, objects, weight},
    scalars, shape,
};
use crate::text::Value;

/// Longest array that is built to reach a bound.
const ITEMS: u64 = 2_048;

impl<'a> Maker<'_, 'a> {
    /// Arrays that probably satisfy `way`.
    pub(super) fn arrays(
        &self,
        way: &[Part<'a>],
        edges: &[Part<'a>],
        depth: usize,
        cap: usize,
    ) -> Vec<Value> {
        let must = objects(way);
        let hints = objects(edges);
        let tuple = way
            .iter()
            .chain(edges)
            .map(tuple_length)
            .max()
            .unwrap_or(0)
            .min(24);
        let unique = must
            .iter()
            .any(|schema| schema.get("uniqueItems") == Some(&Value::Bool(true)));
        let mut contained: Vec<Part<'a>> = Vec::new();
        for part in way {
            contained.extend(shape::child(self.documents, part, &["contains"]));
        }
        let mut hinted: Vec<Part<'a>> = Vec::new();
        for part in edges {
            hinted.extend(shape::child(self.documents, part, &["contains"]));
        }
        let pools: Vec<Vec<Value>> = (0..=tuple)
            .map(|index| {
                let must = self.item(way, index);
                let hints = self.item(edges, index);
                let mut lists = Vec::new();
                for target in contained.iter().chain(&hinted).take(6) {
                    let mut both = must.clone();
                    both.push(target.clone());
                    lists.push(self.make(&both, &hints, depth + 1));
                }
                let mut made = if lists.is_empty() {
                    Vec::new()
                } else {
                    interleave(lists)
                };
                // What `contains` asks for comes first, or no array would satisfy it.
                made.extend(self.make(&must, &hints, depth + 1));
                distinct(made, cap)
            })
            .collect();
        let pool = |index: usize| pools.get(index.min(tuple)).map_or(&[][..], Vec::as_slice);
        let typical = pool(tuple).first().map_or(1, weight);
        let build = |length: u64| -> Option<Vec<Value>> {
            if !self.pay(length.saturating_mul(typical)) {
                return None;
            }
            let mut list: Vec<Value> = Vec::new();
            for index in 0..usize::try_from(length).ok()? {
                let pool = pool(index);
                let value = if unique {
                    pool.iter().find(|value| !list.contains(value))
                } else {
                    pool.first()
                };
                list.push(value?.clone());
            }
            Some(list)
        };
        let (fewest, most) = scalars::bounds(&must, "minItems", "maxItems");
        let mut lengths = scalars::counts(&must, &hints, ("minItems", "maxItems"), ITEMS);
        let mut more = scalars::counts(&[], &hints, ("minContains", "maxContains"), 64);
        more.extend(scalars::counts(
            &[],
            &must,
            ("minContains", "maxContains"),
            64,
        ));
        more.extend([0, 1, 2, 3, tuple as u64, tuple as u64 + 1]);
        more.retain(|&length| fewest <= length && most.is_none_or(|most| length <= most));
        lengths.extend(more);
        lengths.sort_unstable();
        lengths.dedup();
        if cap <= 3 {
            lengths.truncate(2);
        }
        let mut out: Vec<Vec<Value>> = lengths.iter().filter_map(|&length| build(length)).collect();
        let mut placed = Vec::new();
        for index in 0..=tuple {
            let base = build(fewest.max(index as u64 + 1))
                .filter(|list| most.is_none_or(|most| list.len() as u64 <= most));
            let Some(base) = base else { continue };
            let base_weight = base.iter().map(weight).sum::<u64>();
            let mut around = Vec::new();
            for value in pool(index).iter().take(cap) {
                if !self.pay(base_weight + weight(value)) {
                    break;
                }
                let mut changed = base.clone();
                if let Some(place) = changed.get_mut(index) {
                    *place = value.clone();
                }
                around.push(changed);
            }
            placed.push(around);
        }
        out.extend(interleave(placed).into_iter().take(cap));
        if cap > 3 && most.is_none_or(|most| most >= 2) {
            let few: Vec<&Value> = pool(tuple).iter().take(8).collect();
            for one in &few {
                for other in &few {
                    if tuple == 0 && fewest <= 2 && self.pay(weight(one) + weight(other)) {
                        out.push(vec![(*one).clone(), (*other).clone()]);
                    }
                }
            }
            for value in &few {
                for &length in lengths.iter().filter(|&&length| length > 1).take(6) {
                    if unique || !self.pay(length.saturating_mul(weight(value))) {
                        break;
                    }
                    if let Some(mut list) = build(length) {
                        for place in list.iter_mut().skip(tuple) {
                            *place = (*value).clone();
                        }
                        out.push(list);
                    }
                }
            }
        }
        out.truncate(cap.saturating_mul(2));
        out.into_iter().map(Value::Array).collect()
    }

    /// What `parts` say about the item at `index`.
    fn item(&self, parts: &[Part<'a>], index: usize) -> Vec<Part<'a>> {
        let mut found = Vec::new();
        for part in parts {
            let Some(object) = part.node.value.as_object() else {
                continue;
            };
            let at = index.to_string();
            let child = |steps: &[&str]| shape::child(self.documents, part, steps);
            let placed = child(&["prefixItems", &at]).or_else(|| {
                object
                    .get("items")
                    .is_some_and(Value::is_array)
                    .then(|| child(&["items", &at]))
                    .flatten()
            });
            found.extend(placed.or_else(|| match object.get("items") {
                Some(Value::Array(_)) => child(&["additionalItems"]),
                Some(_) => child(&["items"]),
                None => child(&["unevaluatedItems"]),
            }));
        }
        different(found)
    }
}

fn tuple_length(part: &Part<'_>) -> usize {
    ["prefixItems", "items"]
        .iter()
        .filter_map(|keyword| part.node.value.get(keyword)?.as_array())
        .map(Vec::len)
        .max()
        .unwrap_or(0)
}
