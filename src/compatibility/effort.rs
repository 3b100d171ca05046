//! How the subschemas of one side multiply: estimates, made before any work is done.

use std::collections::HashMap;

use crate::text::{Map, Value};

use super::{
    documents::{Documents, Node},
    keywords, limits,
};

/// Most visits of subschemas that one validation of a candidate artifact may take, estimated.
const VISITS: u64 = 100_000;
/// Subschemas that are looked at to make the estimate.
const LOOKS: usize = 400_000;

/// How the subschemas of one side multiply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Effort {
    /// The most subschemas applied to one place, counting each way to reach them.
    pub at_one_place: u64,
    /// The most subschemas that judge one and the same child of a place.
    pub for_one_child: u64,
    /// The longest row of subschemas and references, each inside the one before, without coming back.
    pub chain: usize,
}

impl Effort {
    /// How deep an artifact may nest so that judging it stays bounded.
    pub(super) fn deepest_artifact(&self) -> usize {
        let mut visits = self.at_one_place.max(1);
        let mut depth = 0;
        while depth < limits::DEPTH {
            visits = visits.saturating_mul(self.for_one_child.max(1));
            if visits > VISITS {
                break;
            }
            depth += 1;
        }
        depth.max(2)
    }
}

/// A subschema with what stands in it. Subschemas are numbered in the order in which they are met, so that the counts do not
/// depend on where they lie in memory.
#[derive(Default)]
struct Place {
    /// Subschemas that judge the same value.
    same: Vec<usize>,
    /// All subschemas in it and what it refers to.
    inside: Vec<usize>,
    /// How many subschemas judge the child of that name; the empty name stands for the items of an array.
    children: Vec<(String, u64)>,
    /// How many subschemas judge any child, or might.
    any_child: u64,
}

/// Counts over the graph of subschemas and references.
pub(super) fn effort(documents: &Documents<'_>) -> Effort {
    let graph = graph(documents);
    let at_one_place = fold(
        &graph,
        |place| &place.same,
        |place, known| {
            let inner = place.same.iter().filter_map(|next| known(*next));
            inner.fold(1u64, u64::saturating_add)
        },
    );
    let chain = fold(
        &graph,
        |place| &place.inside,
        |place, known| {
            1 + place
                .inside
                .iter()
                .filter_map(|next| known(*next))
                .max()
                .unwrap_or(0usize)
        },
    );
    Effort {
        at_one_place: at_one_place.into_iter().max().unwrap_or(1),
        for_one_child: for_one_child(&graph),
        chain: chain.into_iter().max().unwrap_or(1),
    }
}

fn graph<'a>(documents: &Documents<'a>) -> Vec<Place> {
    let mut numbers: HashMap<usize, usize> = HashMap::new();
    let mut nodes: Vec<Node<'a>> = Vec::new();
    let mut number = |node: Node<'a>, nodes: &mut Vec<Node<'a>>| {
        *numbers
            .entry(std::ptr::from_ref(node.value).addr())
            .or_insert_with(|| {
                nodes.push(node);
                nodes.len() - 1
            })
    };
    number(documents.root(), &mut nodes);
    let mut graph = Vec::new();
    while let Some(node) = nodes.get(graph.len()).cloned() {
        let mut place = Place::default();
        let empty = Map::new();
        let object = node.value.as_object().unwrap_or(&empty);
        for keyword in ["$ref", "$dynamicRef", "$recursiveRef"] {
            let reference = object.get(keyword).and_then(Value::as_str);
            if let Some(target) = reference.and_then(|text| documents.resolve(&node, text)) {
                let target = number(target, &mut nodes);
                place.same.push(target);
                place.inside.push(target);
            }
        }
        let mut unevaluated = false;
        let found = keywords::subschemas(object);
        for (steps, _) in &found {
            let Some(child) = documents.child(&node, steps) else {
                continue;
            };
            let target = number(child, &mut nodes);
            place.inside.push(target);
            let mut segments = steps.split('/').skip(1);
            let (keyword, name) = (segments.next().unwrap_or(""), segments.next());
            match keyword {
                "properties" => place.children.push((name.unwrap_or("").to_owned(), 1)),
                "patternProperties" | "additionalProperties" => place.any_child += 1,
                "items" | "prefixItems" | "additionalItems" | "contains" => {
                    place.children.push((String::new(), 1));
                }
                "unevaluatedProperties" | "unevaluatedItems" => {
                    unevaluated = true;
                    place.any_child += 1;
                }
                _ => {}
            }
            if matches!(
                keyword,
                "allOf"
                    | "anyOf"
                    | "oneOf"
                    | "not"
                    | "if"
                    | "then"
                    | "else"
                    | "dependentSchemas"
                    | "dependencies"
            ) {
                place.same.push(target);
            }
        }
        // To know what is evaluated, everything beside it is judged once more.
        if unevaluated {
            place.same.extend_from_within(..);
        }
        graph.push(place);
    }
    graph
}

/// A value for every place from the values of its neighbours; a neighbour that is still being computed (a cycle) counts as
/// absent. Without recursion: chains of references may be as long as the document.
fn fold<T: Copy>(
    graph: &[Place],
    neighbours: impl Fn(&Place) -> &[usize],
    combine: impl Fn(&Place, &dyn Fn(usize) -> Option<T>) -> T,
) -> Vec<T> {
    let mut values: Vec<Option<T>> = vec![None; graph.len()];
    let mut open = vec![false; graph.len()];
    for start in 0..graph.len() {
        let mut stack = vec![start];
        while let Some(&number) = stack.last() {
            let (Some(place), Some(opened)) = (graph.get(number), open.get_mut(number)) else {
                stack.pop();
                continue;
            };
            if !*opened {
                *opened = true;
                stack.extend(
                    neighbours(place)
                        .iter()
                        .filter(|next| open.get(**next) == Some(&false)),
                );
                continue;
            }
            stack.pop();
            if values.get(number).is_some_and(Option::is_none) {
                let value = combine(place, &|number| values.get(number).copied().flatten());
                if let Some(slot) = values.get_mut(number) {
                    *slot = Some(value);
                }
            }
        }
    }
    values.into_iter().flatten().collect()
}

fn for_one_child(graph: &[Place]) -> u64 {
    let mut looks = 0;
    let mut most = 0;
    for start in 0..graph.len() {
        let mut times: HashMap<usize, u32> = HashMap::new();
        let mut by_name: HashMap<&str, u64> = HashMap::new();
        let mut any = 0u64;
        let mut pending = vec![start];
        while let Some(number) = pending.pop() {
            looks += 1;
            if looks > LOOKS {
                // Too large to tell: only flat artifacts are tried.
                return u64::MAX;
            }
            // Each way to reach a subschema counts, up to a number that is past every budget already.
            let times = times.entry(number).or_insert(0);
            *times += 1;
            let Some(place) = graph.get(number).filter(|_| *times <= 12) else {
                continue;
            };
            for (name, count) in &place.children {
                *by_name.entry(name).or_insert(0) += count;
            }
            any += place.any_child;
            pending.extend(&place.same);
        }
        most = most.max(by_name.values().copied().max().unwrap_or(0) + any);
    }
    most
}
