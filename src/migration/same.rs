//! Whether two values are the same document.

use crate::text::{Number, Value};

/// Whether two values have one canonical form (RFC 8785): `1` and `1.0` are the same number, and the order of members says
/// nothing. Integers that no double holds are compared as they stand.
///
/// As deep as the shallower value, which its reader has bounded.
#[must_use]
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => same_number(a, b),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

fn same_number(a: &Number, b: &Number) -> bool {
    if a == b {
        return true;
    }
    // Two integers are told apart exactly; with a double on either side, doubles are compared.
    if !a.is_f64() && !b.is_f64() {
        return false;
    }
    a.as_f64() == b.as_f64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_canonical_form_is_one_value() {
        for (a, b) in [
            (json!(1), json!(1.0)),
            (json!(0), json!(-0.0)),
            (json!({"a": [1], "b": 2}), json!({"b": 2.0, "a": [1.0]})),
        ] {
            assert!(same(&a, &b), "{a} {b}");
        }
        for (a, b) in [
            (json!(1), json!("1")),
            (json!(1), json!(true)),
            (json!([1]), json!([1, 1])),
            (json!({"a": null}), json!({})),
            (json!({"a": null}), json!({"b": null})),
            (
                json!(9_007_199_254_740_992_u64),
                json!(9_007_199_254_740_993_u64),
            ),
        ] {
            assert!(!same(&a, &b), "{a} {b}");
        }
    }
}
