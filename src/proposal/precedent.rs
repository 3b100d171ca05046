//! Precedents: what a proposal asks for, reduced to features that can be compared with those of earlier proposals.
//!
//! A feature says what kind of thing changes and where, not in which words: titles, descriptions, the order of members and the
//! names of definitions have no part in it, and neither have the values of bounds and lists. Two proposals with one fingerprint
//! ask for the same thing, and whoever asks again for what was rejected has to say what changed.
//!
//! ```
//! use schema_senate::proposal::{fingerprint, similarity};
//!
//! let one: Vec<String> = ["a", "b", "c"].map(str::to_owned).into();
//! let other: Vec<String> = ["b", "c", "d"].map(str::to_owned).into();
//! assert_eq!(similarity(&one, &other), 500);
//! assert_ne!(fingerprint(&one), fingerprint(&other));
//! ```

use std::collections::BTreeSet;

use super::governance::GovernanceChange;
use super::{ProposalType, subschemas};
use crate::compatibility::Report;
use crate::schema::{Change, FieldPath};
use crate::text::{Digest, Kind, Value, digest_canonical, pointer};

/// Most features of one proposal; what is beyond them is one feature together.
const MOST: usize = 256;

/// Rules of differences that say nothing about what artifacts may be.
const WORDING: [&str; 6] = [
    "annotation_changed",
    "content_changed",
    "definition_added",
    "definition_removed",
    "identifier_changed",
    "truncated",
];

/// Keywords that say nothing about what artifacts may be: annotations, names, and where definitions are kept.
const SILENT: [&str; 18] = [
    "$anchor",
    "$comment",
    "$defs",
    "$dynamicAnchor",
    "$id",
    "$recursiveAnchor",
    "$schema",
    "$vocabulary",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "default",
    "definitions",
    "deprecated",
    "description",
    "examples",
    "title",
    "id",
];

/// What a schema change asks for, sorted and without repetition: the type, the kind of change, the field, the keywords of the
/// schema that it brings, and the rule and place of each difference that the comparison found.
#[must_use]
pub fn features(target: &str, change: &Change, report: &Report) -> Vec<String> {
    let mut features = BTreeSet::from([
        format!("target {target}"),
        format!("change {}", change.name()),
    ]);
    match change {
        Change::AddField {
            path,
            required,
            default,
            ..
        } => {
            field(&mut features, path);
            if *required {
                features.insert("field required".into());
            }
            if default.is_some() {
                features.insert("field default".into());
            }
        }
        Change::ModifyField { path, .. } | Change::RemoveField { path, .. } => {
            field(&mut features, path);
        }
        Change::RenameField { from, to } => {
            field(&mut features, from);
            features.insert(format!("renamed to {to}"));
        }
        Change::Revert { .. } => {
            features.insert("revert".into());
        }
        Change::AddType { .. } => {}
    }
    if let Some(schema) = change.schema() {
        schema_features(&mut features, schema);
    }
    // A list that was cut off is not the same for every order of members.
    if report
        .differences
        .iter()
        .any(|difference| difference.rule == "truncated")
    {
        features.insert("differences many".into());
    } else {
        for difference in &report.differences {
            if !WORDING.contains(&difference.rule) {
                let place = difference
                    .new_pointer
                    .as_deref()
                    .or(difference.old_pointer.as_deref())
                    .unwrap_or_default();
                features.insert(format!("{} {}", difference.rule, place_of(place)));
            }
        }
    }
    bounded(features)
}

/// What a governance proposal asks for.
#[must_use]
pub(super) fn governance_features(
    proposal_type: ProposalType,
    changes: &[GovernanceChange],
) -> Vec<String> {
    let mut features = BTreeSet::from([
        format!("target {}", proposal_type.target().unwrap_or_default()),
        format!("change {}", proposal_type.name()),
    ]);
    features.extend(changes.iter().map(|change| change.feature.clone()));
    bounded(features)
}

fn field(features: &mut BTreeSet<String>, path: &FieldPath) {
    features.insert(format!("field {path}"));
}

/// The keywords of a schema, each with its place in an artifact.
fn schema_features(features: &mut BTreeSet<String>, schema: &Value) {
    if let Value::Bool(anything) = schema {
        features.insert(format!("schema {anything}"));
    }
    let complete = subschemas::each(schema, &mut |sub| {
        for (keyword, value) in sub.members {
            // The names of fields are in the places of what is said about them.
            if SILENT.contains(&keyword.as_str()) || keyword == "properties" {
                continue;
            }
            match (keyword.as_str(), value) {
                ("type", Value::String(name)) => {
                    features.insert(format!("schema {} type {name}", sub.place));
                }
                ("type", Value::Array(names)) => {
                    for name in names.iter().filter_map(Value::as_str) {
                        features.insert(format!("schema {} type {name}", sub.place));
                    }
                }
                ("required", Value::Array(names)) => {
                    for name in names.iter().filter_map(Value::as_str) {
                        let place = pointer::join(&sub.place, name);
                        features.insert(format!("schema {place} required"));
                    }
                }
                ("format", Value::String(name)) => {
                    features.insert(format!("schema {} format {name}", sub.place));
                }
                _ => {
                    features.insert(format!("schema {} {keyword}", sub.place));
                }
            }
        }
        for (name, _) in subschemas::named(sub.members, "properties") {
            features.insert(format!("schema {} field", pointer::join(&sub.place, name)));
        }
    });
    if !complete {
        features.insert("schema large".into());
    }
}

/// The place in an artifact that a pointer into a schema is about; the way through definitions and combinators has no part in
/// it.
fn place_of(schema_pointer: &str) -> String {
    let mut place = String::new();
    let segments = pointer::split(schema_pointer).unwrap_or_default();
    let mut segments = segments.iter().map(String::as_str);
    while let Some(keyword) = segments.next() {
        match keyword {
            "properties" => {
                // `properties` itself, when nothing follows.
                if let Some(name) = segments.next() {
                    pointer::push(&mut place, name);
                }
            }
            "$defs" | "definitions" => {
                segments.next();
                "#".clone_into(&mut place);
            }
            "items" | "prefixItems" | "contains" | "additionalItems" | "unevaluatedItems" => {
                pointer::push(&mut place, "*");
            }
            "additionalProperties"
            | "unevaluatedProperties"
            | "patternProperties"
            | "propertyNames" => pointer::push(&mut place, "{}"),
            _ => {}
        }
    }
    place
}

fn bounded(features: BTreeSet<String>) -> Vec<String> {
    if features.len() <= MOST {
        return features.into_iter().collect();
    }
    let all: Vec<String> = features.into_iter().collect();
    let mut kept: Vec<String> = all.iter().take(MOST - 1).cloned().collect();
    kept.push(format!("~ more {}", fingerprint(&all)));
    // `~` sorts behind every other first character.
    kept
}

/// What names a set of features: proposals that ask for the same thing have the same.
#[must_use]
pub fn fingerprint(features: &[String]) -> Digest {
    let features: BTreeSet<&str> = features.iter().map(String::as_str).collect();
    let mut text = String::from("[");
    for (index, feature) in features.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        // A string is written as canonical JSON writes it.
        text.push_str(&Value::from(feature).to_string());
    }
    text.push(']');
    digest_canonical(Kind::Document, &text)
}

/// How much two sets of features have in common, in thousandths of all that they have (Jaccard's measure, rounded down): 1000
/// for the same features and for no others.
#[must_use]
pub fn similarity(one: &[String], other: &[String]) -> u64 {
    let one: BTreeSet<&str> = one.iter().map(String::as_str).collect();
    let other: BTreeSet<&str> = other.iter().map(String::as_str).collect();
    if one == other {
        return 1000;
    }
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let common = count(one.intersection(&other).count());
    let all = count(one.union(&other).count()).max(1);
    common.saturating_mul(1000) / all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::canonical;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_pointer_into_a_schema_is_a_place_in_an_artifact() {
        for (pointer, place) in [
            ("", ""),
            ("/properties/design/properties/arms/type", "/design/arms"),
            ("/anyOf/1/properties/a", "/a"),
            (
                "/properties/columns/items/properties/dtype",
                "/columns/*/dtype",
            ),
            ("/$defs/anything/properties/x/enum", "#/x"),
            ("/definitions/other/properties/x/enum", "#/x"),
            ("/properties/properties", "/properties"),
            ("/properties", ""),
            ("/additionalProperties/minimum", "/{}"),
        ] {
            assert_eq!(place_of(pointer), place, "{pointer}");
        }
    }

    #[test]
    fn the_keywords_of_a_schema_are_told_with_their_places() {
        let mut found = BTreeSet::new();
        schema_features(
            &mut found,
            &json!({
                "title": "T", "type": "object", "required": ["a"],
                "properties": {"a": {"type": ["string", "null"], "description": "d", "maxLength": 3}},
                "$defs": {"x": {"enum": [1]}}
            }),
        );
        let found: Vec<_> = found.into_iter().collect();
        assert_eq!(
            found,
            [
                "schema  type object",
                "schema # enum",
                "schema /a field",
                "schema /a maxLength",
                "schema /a required",
                "schema /a type null",
                "schema /a type string",
            ]
        );
    }

    #[test]
    fn more_features_than_are_kept_are_one_together() {
        let many = |count: usize| -> BTreeSet<String> {
            (0..count).map(|n| format!("f {n:04}")).collect()
        };
        assert_eq!(bounded(many(MOST)).len(), MOST);
        let (one, other) = (bounded(many(MOST + 1)), bounded(many(MOST + 2)));
        assert_eq!((one.len(), other.len()), (MOST, MOST));
        assert!(one.is_sorted());
        assert_ne!(fingerprint(&one), fingerprint(&other));
    }

    fn set() -> impl Strategy<Value = Vec<String>> {
        proptest::collection::btree_set("[a-f\"\\\\é]{1,2}", 0..8)
            .prop_map(|set| set.into_iter().collect())
    }

    proptest! {
        #[test]
        fn similarity_is_symmetric_and_full_for_equals_only(one in set(), other in set()) {
            let permille = similarity(&one, &other);
            prop_assert_eq!(permille, similarity(&other, &one));
            prop_assert!(permille <= 1000);
            prop_assert_eq!(permille == 1000, one == other);
            prop_assert_eq!(fingerprint(&one) == fingerprint(&other), one == other);
            if one.iter().all(|feature| !other.contains(feature)) && one != other {
                prop_assert_eq!(permille, 0);
            }
        }

        /// Any tool can recompute it: the plain SHA-256 of the canonical text of the sorted list.
        #[test]
        fn a_fingerprint_is_the_digest_of_the_list(features in set()) {
            let text = canonical(&json!(features)).unwrap();
            prop_assert_eq!(fingerprint(&features), Digest::of_bytes(text.as_bytes()));
        }
    }
}
