//! What is too large to be asked about. Beyond these sizes the answer is "undecided", at once, naming the limit.

use crate::text::Value;

use super::{Side, effort::Effort};

/// Most containers inside one another in one document.
pub const DEPTH: usize = 128;
/// Most values (objects, arrays, scalars) on one side, referenced documents included.
pub const VALUES: usize = 400_000;
/// Most subschemas that one side may apply to one place of an artifact, through references that fan out.
pub const AT_ONE_PLACE: u64 = 100_000;
/// Most references one after another, each leading to a subschema with the next.
pub const CHAIN: usize = 2_000;

/// Why a side is too large, as part of a sentence; `None` when it is not.
pub(super) fn exceeded(name: &str, side: &Side<'_>) -> Option<String> {
    let mut values = 0usize;
    for document in std::iter::once(side.schema).chain(side.references.values()) {
        let mut pending = vec![(document, 0usize)];
        while let Some((value, depth)) = pending.pop() {
            values += 1;
            if depth > DEPTH {
                return Some(format!(
                    "the {name} schema nests more than {DEPTH} levels deep"
                ));
            }
            if values > VALUES {
                return Some(format!("the {name} schema holds more than {VALUES} values"));
            }
            match value {
                Value::Array(list) => pending.extend(list.iter().map(|member| (member, depth + 1))),
                Value::Object(object) => {
                    pending.extend(object.values().map(|member| (member, depth + 1)));
                }
                _ => {}
            }
        }
    }
    None
}

/// Why the subschemas of a side multiply too much, as part of a sentence; `None` when they do not.
pub(super) fn too_branching(name: &str, effort: Effort) -> Option<String> {
    if effort.at_one_place > AT_ONE_PLACE {
        return Some(format!(
            "the {name} schema applies more than {AT_ONE_PLACE} subschemas to one place, by references that fan out"
        ));
    }
    (effort.chain > CHAIN).then(|| {
        format!(
            "the {name} schema holds more than {CHAIN} subschemas and references inside one another"
        )
    })
}
