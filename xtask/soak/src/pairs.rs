//! Pairs of schemas to ask about.

use std::collections::BTreeMap;

use jsonschema::Draft;
use schema_senate::compatibility::{Mode, Options, Report, Side, check};
use serde_json::{Value, json};

use crate::{
    changes::next_version,
    choices::Choices,
    oracle,
    schemas::{DRAFTS, Writer},
};

/// Two schemas, each with the draft that it is read in.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The schema that instances are valid under.
    pub old: Value,
    /// The schema that they are asked to be valid under.
    pub new: Value,
    /// The draft of the old schema.
    pub old_draft: Draft,
    /// The draft of the new schema.
    pub new_draft: Draft,
}

impl Pair {
    /// A random pair: mostly a schema and its next version, in either order.
    pub fn random(choices: &mut Choices<'_>) -> Self {
        let draft = choices.pick(&DRAFTS).copied().unwrap_or_default();
        let size = [3, 6, 10, 20]
            .get(choices.below(4))
            .copied()
            .unwrap_or_default();
        let first = Writer::new(choices, draft, size, Vec::new()).document();
        let other_draft = if choices.chance(4) {
            choices.pick(&DRAFTS).copied().unwrap_or_default()
        } else {
            draft
        };
        let second = match choices.below(12) {
            0 => Writer::new(choices, other_draft, size, Vec::new()).document(),
            1 if other_draft != draft => first.clone(),
            _ => next_version(choices, draft, &first),
        };
        let pair = Self {
            old: first,
            new: second,
            old_draft: draft,
            new_draft: other_draft,
        };
        if choices.chance(50) {
            Self {
                old: pair.new,
                new: pair.old,
                old_draft: pair.new_draft,
                new_draft: pair.old_draft,
            }
        } else {
            pair
        }
    }

    /// The pair of this seed. Mostly one whose old schema accepts something: of nothing everything is true.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        let mut choices = Choices::seeded(seed);
        for _ in 0..4 {
            let pair = Self::random(&mut choices);
            if oracle::is_easily_met(&pair) || choices.chance(10) {
                return pair;
            }
        }
        Self::random(&mut choices)
    }

    /// As one line that can be read again.
    #[must_use]
    pub fn line(&self) -> String {
        json!({
            "draft": name_of(self.old_draft),
            "new_draft": name_of(self.new_draft),
            "old": self.old,
            "new": self.new,
        })
        .to_string()
    }
}

/// The name of a draft as people write it.
#[must_use]
pub fn name_of(draft: Draft) -> &'static str {
    match draft {
        Draft::Draft4 => "draft-04",
        Draft::Draft6 => "draft-06",
        Draft::Draft7 => "draft-07",
        Draft::Draft201909 => "2019-09",
        _ => "2020-12",
    }
}

/// What the crate says: the one place that calls it.
#[must_use]
pub fn verdict(mode: Mode, pair: &Pair) -> Report {
    let nothing = BTreeMap::new();
    let side = |schema, draft| Side {
        schema,
        references: &nothing,
        draft: Some(draft),
    };
    check(
        &side(&pair.old, pair.old_draft),
        &side(&pair.new, pair.new_draft),
        &Options::in_mode(mode),
    )
}
