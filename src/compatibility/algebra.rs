//! The proof: whether one schema accepts everything another does, by set algebra over canonical forms.
//!
//! Everything that knows `jsonschema::canonical` is in this file, so that another prover can stand here.

use jsonschema::{
    Draft,
    canonical::{
        CanonicalSchema, CanonicalView, CanonicalizationError, Containment, OperandMismatch,
        RawReason, Satisfiability, options,
    },
};

use crate::text::Value;

use super::{Side, bundle, side::Nowhere};

/// What the algebra says about "does one schema accept everything that another accepts".
#[derive(Debug)]
pub(super) enum Proof {
    /// Proved.
    Covers,
    /// Disproved. The schema, where it can be written down, accepts exactly what the one accepts and the other does not.
    DoesNot(Option<Value>),
    /// Neither, and why.
    Unknown(String),
}

/// A side, its name in sentences, and its dialect.
pub(super) type Named<'s, 'a> = (&'s str, &'s Side<'a>, Draft);

/// Asks whether `to` accepts everything that `from` accepts.
pub(super) fn covers(from: Named<'_, '_>, to: Named<'_, '_>) -> Proof {
    let forms = canonical(from).and_then(|old| Ok((old, canonical(to)?)));
    let (old, new) = match forms {
        Ok(forms) => forms,
        Err(reason) => return Proof::Unknown(reason),
    };
    match compare(&old, &new, (from.0, to.0)) {
        Err(CanonicalizationError::IncompatibleOperands(
            mismatch @ (OperandMismatch::DocumentRoots | OperandMismatch::Definitions),
        )) => match (bundled(from), bundled(to)) {
            (Some(old), Some(new)) => compare(&old, &new, (from.0, to.0))
                .unwrap_or_else(|error| Proof::Unknown(refusal(&error))),
            _ => Proof::Unknown(refusal(&CanonicalizationError::IncompatibleOperands(
                mismatch,
            ))),
        },
        other => other.unwrap_or_else(|error| Proof::Unknown(refusal(&error))),
    }
}

fn compare(
    old: &CanonicalSchema,
    new: &CanonicalSchema,
    (from, to): (&str, &str),
) -> Result<Proof, CanonicalizationError> {
    Ok(match new.covers(old)? {
        Containment::Yes => Proof::Covers,
        Containment::No => Proof::DoesNot(
            old.subtract(new)
                .ok()
                .map(|difference| difference.to_json_schema()),
        ),
        Containment::Unknown if old.satisfiability() == Satisfiability::No => Proof::Covers,
        Containment::Unknown => Proof::Unknown(format!(
            "the algebra of canonical forms could neither prove nor disprove that the {to} schema accepts everything \
             the {from} schema accepts"
        )),
    })
}

/// The canonical form, or why there is none.
fn canonical((name, side, draft): Named<'_, '_>) -> Result<CanonicalSchema, String> {
    let registry = side
        .registry(draft)
        .map_err(|error| format!("a reference of the {name} schema cannot be resolved: {error}"))?;
    let form = options()
        .with_draft(draft)
        .with_registry(&registry)
        .with_retriever(Nowhere)
        .should_validate_formats(false)
        .canonicalize(side.schema)
        .map_err(|error| {
            format!(
                "the {name} schema has no canonical form: {}",
                refusal(&error)
            )
        })?;
    match form.view() {
        CanonicalView::Raw(raw) => {
            let place = match raw.pointer.as_deref() {
                Some("") => " at its root".to_owned(),
                Some(pointer) => format!(" at {pointer}"),
                None => String::new(),
            };
            let why = match raw.reason {
                RawReason::UnknownDialect => "it is written in an unknown dialect",
                RawReason::Unmodeled => {
                    "it uses a combination of keywords that the algebra does not model"
                }
                RawReason::OutgrewIntersections => {
                    "its combinations outgrow the work limit of the algebra"
                }
                RawReason::OutgrewCases => {
                    "its conditions split into more cases than the work limit allows"
                }
                RawReason::InexactIntersection => {
                    "two of its parts combine to a set that the algebra cannot express"
                }
            };
            Err(format!(
                "the {name} schema has no canonical form: {why}{place}"
            ))
        }
        _ => Ok(form),
    }
}

/// The canonical form of the side as one document that refers to itself only.
fn bundled((name, side, draft): Named<'_, '_>) -> Option<CanonicalSchema> {
    let schema = bundle::bundle(side, draft)?;
    let references = std::collections::BTreeMap::new();
    let side = Side {
        schema: &schema,
        references: &references,
        draft: side.draft,
    };
    canonical((name, &side, draft)).ok()
}

fn refusal(error: &CanonicalizationError) -> String {
    match error {
        CanonicalizationError::IncompatibleOperands(OperandMismatch::Drafts { left, right }) => {
            format!("the schemas are written in different dialects ({right:?} and {left:?}), which the algebra cannot compare")
        }
        CanonicalizationError::IncompatibleOperands(OperandMismatch::DocumentRoots) => {
            "both schemas refer to their own root with `#`, which the algebra cannot keep apart"
                .into()
        }
        CanonicalizationError::IncompatibleOperands(OperandMismatch::Definitions) => {
            "the schemas refer to one URI that holds different documents, which the algebra cannot keep apart".into()
        }
        other => other.to_string(),
    }
}
