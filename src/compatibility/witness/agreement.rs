//! Where two schemas agree, so that the search can look where they do not.

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, HashSet},
};

use super::{
    super::{
        documents::Documents,
        keywords::{self, Role},
    },
    maker::{Part, address},
    shape,
};
use crate::text::Value;

/// Pairs of subschemas that are compared over a whole search.
const COMPARISONS: u32 = 40_000;

/// What is known about pairs of subschemas.
#[derive(Default)]
pub(super) struct Agreement {
    compared: Cell<u32>,
    known: RefCell<HashMap<(usize, usize), bool>>,
}

impl Agreement {
    /// Whether the two conjunctions say the same, annotations aside; when in doubt, no.
    pub(super) fn agree<'a>(
        &self,
        documents: &[Documents<'a>],
        one: &[Part<'a>],
        other: &[Part<'a>],
    ) -> bool {
        one.len() == other.len()
            && one
                .iter()
                .zip(other)
                .all(|(one, other)| self.same(documents, one, other))
    }

    /// Whether two subschemas are written the same, references followed on both sides: what is assumed of a pair that
    /// is met again holds when no other pair differs.
    fn same<'a>(&self, documents: &[Documents<'a>], one: &Part<'a>, other: &Part<'a>) -> bool {
        let key = |a: &Part<'a>, b: &Part<'a>| (address(a), address(b));
        let mut assumed = HashSet::new();
        let mut pending = vec![(one.clone(), other.clone())];
        let equal = loop {
            let Some((a, b)) = pending.pop() else {
                break true;
            };
            match self.known.borrow().get(&key(&a, &b)) {
                Some(true) => continue,
                Some(false) => break false,
                None => {}
            }
            if !assumed.insert(key(&a, &b)) {
                continue;
            }
            let compared = self.compared.get();
            if compared >= COMPARISONS {
                break false;
            }
            self.compared.set(compared + 1);
            match same_here(documents, &a, &b) {
                Some(inside) => pending.extend(inside),
                None => break false,
            }
        };
        let mut known = self.known.borrow_mut();
        if equal {
            known.extend(assumed.into_iter().map(|pair| (pair, true)));
        } else {
            known.insert(key(one, other), false);
        }
        equal
    }
}

/// The pairs of subschemas that decide whether two schemas say the same; `None` when they already differ.
fn same_here<'a>(
    documents: &[Documents<'a>],
    a: &Part<'a>,
    b: &Part<'a>,
) -> Option<Vec<(Part<'a>, Part<'a>)>> {
    let (Value::Object(one), Value::Object(other)) = (a.node.value, b.node.value) else {
        return (a.node.value == b.node.value).then(Vec::new);
    };
    let mut pairs = Vec::new();
    let skipped = |keyword: &str| {
        keywords::ANNOTATIONS.contains(&keyword)
            || matches!(
                keyword,
                "$defs" | "definitions" | "$schema" | "$id" | "id" | "format"
            )
    };
    if other
        .keys()
        .any(|name| !skipped(name) && !one.contains_key(name))
    {
        return None;
    }
    for (keyword, value) in one {
        if skipped(keyword) {
            continue;
        }
        let counterpart = other.get(keyword)?;
        if keyword == "$ref" {
            let follow = |part: &Part<'a>, value: &Value| {
                let node = documents
                    .get(part.side)?
                    .resolve(&part.node, value.as_str()?)?;
                Some(Part {
                    node,
                    side: part.side,
                })
            };
            pairs.push((follow(a, value)?, follow(b, counterpart)?));
            continue;
        }
        let role = keywords::role(keyword, value);
        if role != keywords::role(keyword, counterpart) {
            return None;
        }
        let mut both = |steps: &[&str]| {
            let one = shape::child(documents, a, steps)?;
            let other = shape::child(documents, b, steps)?;
            pairs.push((one, other));
            Some(())
        };
        match (role, value, counterpart) {
            (Role::Schema, ..) => both(&[keyword])?,
            (Role::List, Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
                for index in 0..one.len() {
                    both(&[keyword, &index.to_string()])?;
                }
            }
            (Role::Map, Value::Object(one), Value::Object(other)) if one.len() == other.len() => {
                for name in one.keys() {
                    both(&[keyword, name])?;
                }
            }
            _ => {
                if value != counterpart {
                    return None;
                }
            }
        }
    }
    Some(pairs)
}
