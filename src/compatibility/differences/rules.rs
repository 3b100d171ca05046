//! The table of rules: whom a change can hurt, what it means, and what would repair it.
//!
//! A rule that depends on what stood around the place has one row for each case. The table says whom a change hurts at a
//! place that every artifact must satisfy; [`Turn`](super::walk::Turn) says what negations and choices make of it.

use std::fmt::Write as _;

use serde::{Serialize, Serializer, ser::SerializeSeq};

use super::values::brief;
use crate::text::Value;

/// Whom a difference can hurt. On the wire a list: `["old_data"]`, `["old_readers"]`, both in this order, or `[]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Hurts {
    /// Artifacts written under the old schema, read under the new one: the new schema may refuse them.
    pub old_data: bool,
    /// Readers that know the old schema only, given artifacts written under the new one: the old schema may refuse them.
    pub old_readers: bool,
}

impl Hurts {
    /// Nobody.
    pub const NOBODY: Self = Self {
        old_data: false,
        old_readers: false,
    };
    /// Old data only.
    pub const OLD_DATA: Self = Self {
        old_data: true,
        old_readers: false,
    };
    /// Old readers only.
    pub const OLD_READERS: Self = Self {
        old_data: false,
        old_readers: true,
    };
    /// Both.
    pub const BOTH: Self = Self {
        old_data: true,
        old_readers: true,
    };

    /// The names on the wire.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        [
            self.old_data.then_some("old_data"),
            self.old_readers.then_some("old_readers"),
        ]
        .into_iter()
        .flatten()
    }

    /// Whether nobody is hurt.
    #[must_use]
    pub fn is_nobody(self) -> bool {
        self == Self::NOBODY
    }

    /// The two exchanged: what a negation makes of it.
    pub(super) fn turned(self) -> Self {
        Self {
            old_data: self.old_readers,
            old_readers: self.old_data,
        }
    }

    /// Whoever is hurt by one or the other.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            old_data: self.old_data || other.old_data,
            old_readers: self.old_readers || other.old_readers,
        }
    }
}

impl Serialize for Hurts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.names().count()))?;
        for name in self.names() {
            list.serialize_element(name)?;
        }
        list.end()
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The stable id.
    pub id: &'static str,
    /// Which case of the rule, when it has several; empty otherwise.
    pub case: &'static str,
    /// Whom it hurts.
    pub hurts: Hurts,
    /// What it means, in a sentence.
    pub meaning: &'static str,
    /// What would make the change compatible, with `{name}`, `{was}` and `{is}` where the name and the values of the
    /// difference go; `{restore}` and `{keep}` say "Set `name` back to" or "Keep `name` at" the old value, or "Leave out
    /// `name`" where there was none. Empty where nobody is hurt.
    pub repair: &'static str,
}

impl Rule {
    /// The repair with the names and values of one difference; `None` where there is nothing to repair.
    pub(super) fn repair_for(&self, subject: &Subject<'_>) -> Option<String> {
        if self.repair.is_empty() {
            return None;
        }
        let mut out = String::with_capacity(self.repair.len() + 32);
        let mut rest = self.repair;
        // One pass, so that braces inside a value stay what they are.
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let (slot, after) = after.split_once('}').unwrap_or((after, ""));
            match slot {
                "name" => out.push_str(subject.name),
                "was" => out.push_str(&words(subject.was)),
                "restore" => out.push_str(&before_again("Set", "back to", subject)),
                "keep" => out.push_str(&before_again("Keep", "at", subject)),
                _ => out.push_str(&words(subject.is)),
            }
            rest = after;
        }
        out.push_str(rest);
        Some(out)
    }
}

/// `Set x back to 3`, or `Leave out x` where there was nothing.
fn before_again(verb: &str, to: &str, subject: &Subject<'_>) -> String {
    match subject.was {
        Some(was) => format!("{verb} `{}` {to} {}", subject.name, brief(was)),
        None => format!("Leave out `{}`", subject.name),
    }
}

fn words(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), brief)
}

/// What a difference is about: a name (of a property, a pattern, a keyword) and the values before and after.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'s> {
    pub name: &'s str,
    pub was: Option<&'s Value>,
    pub is: Option<&'s Value>,
}

impl<'s> Subject<'s> {
    pub(super) fn new(name: &'s str, was: Option<&'s Value>, is: Option<&'s Value>) -> Self {
        Self { name, was, is }
    }
}

/// The repair at a place whose surroundings turn or blur whom a change hurts.
pub(super) fn repair_inside(subject: &Subject<'_>, why: &str) -> String {
    let mut out = format!("Leave `{}` as it was", subject.name);
    if let Some(was) = subject.was {
        // Writing to a string cannot fail.
        let _ = write!(out, ", {},", brief(was));
    }
    out.push_str(" here: it stands ");
    out.push_str(why);
    out.push('.');
    out
}

macro_rules! rules {
    ($($id:literal { $($name:ident $case:literal $hurts:ident $meaning:literal $repair:literal)+ })+) => {
        $($(
            pub(super) const $name: Rule = Rule {
                id: $id,
                case: $case,
                hurts: Hurts::$hurts,
                meaning: $meaning,
                repair: $repair,
            };
        )+)+

        /// Every rule, by id; a rule with several cases has a row for each.
        pub const TABLE: &[Rule] = &[$($($name,)+)+];

        /// Every rule id that a [`Difference`](super::Difference) can carry, in order.
        pub const RULES: &[&str] = &[$($id),+];
    };
}

rules! {
    "additional_properties_changed" {
        ADDITIONAL_CHANGED "" BOTH
            "Another keyword rules the undeclared properties now, and what other keywords evaluate decides what it means."
            "Keep the keyword that ruled the undeclared properties before, or close the object under both with the same declared names."
    }
    "additional_properties_narrowed" {
        ADDITIONAL_NARROWED "" OLD_DATA
            "Properties beyond the declared ones have a schema where they could hold anything, or are refused where they had one."
            "{restore}, and declare the properties that need a schema by name."
    }
    "additional_properties_widened" {
        ADDITIONAL_WIDENED "" OLD_READERS
            "Properties beyond the declared ones may hold more than before."
            "{keep}, or update the readers before the first such artifact is written."
    }
    "annotation_changed" {
        ANNOTATION_CHANGED "" NOBODY
            "An annotation or an unknown keyword changed; it accepts and refuses nothing."
            ""
    }
    "combinator_added" {
        COMBINATOR_ADDED "" OLD_DATA
            "A combinator is new, which artifacts must satisfy in addition."
            "Leave out `{name}`, or add to it a branch that accepts what was accepted before."
    }
    "combinator_branch_added" {
        ALL_OF_BRANCH_ADDED "`allOf`" OLD_DATA
            "Artifacts must satisfy one more schema."
            "Leave out the branch {is}, or make what it asks optional."
        ANY_OF_BRANCH_ADDED "`anyOf`, or a `oneOf` whose branches exclude each other" OLD_READERS
            "There is one more alternative, which old readers do not know."
            "Update the readers before the branch {is} is written, or add it as an artifact type of its own."
        ONE_OF_BRANCH_ADDED "a `oneOf` whose branches may overlap" BOTH
            "There is one more alternative; what matches it and another branch is refused now."
            "Give every branch a required property with a `const` of its own, so that {is} and the others exclude each other, or use `anyOf`."
    }
    "combinator_branch_removed" {
        ALL_OF_BRANCH_REMOVED "`allOf`" OLD_READERS
            "Artifacts need to satisfy one schema less."
            "Keep the branch {was} until no reader needs it."
        ANY_OF_BRANCH_REMOVED "`anyOf`, or a `oneOf` whose branches exclude each other" OLD_DATA
            "An alternative is gone."
            "Keep the branch {was}, mark it `deprecated`, and remove it when no artifact uses it."
        ONE_OF_BRANCH_REMOVED "a `oneOf` whose branches may overlap" BOTH
            "An alternative is gone; what matched it and another branch is accepted now."
            "Keep the branch {was}, mark it `deprecated`, and remove it when no artifact uses it."
    }
    "combinator_loosened" {
        COMBINATOR_LOOSENED "" OLD_READERS
            "`oneOf` became `anyOf`: what matches more than one branch is accepted now."
            "Keep `oneOf`, or make sure that the branches exclude each other."
    }
    "combinator_removed" {
        COMBINATOR_REMOVED "" OLD_READERS
            "A combinator that artifacts had to satisfy is gone."
            "Keep `{name}` as it was until no reader needs it."
    }
    "combinator_tightened" {
        COMBINATOR_TIGHTENED "" OLD_DATA
            "`anyOf` became `oneOf`: what matches more than one branch is refused now."
            "Keep `anyOf`, or make sure that the branches exclude each other."
    }
    "condition_added" {
        CONDITION_ADDED "" OLD_DATA
            "A condition is new, or what follows from it."
            "Leave out `{name}`, or let it ask only for what every artifact has."
    }
    "condition_changed" {
        CONDITION_CHANGED "" BOTH
            "The condition changed, so that other artifacts fall under `then` and others under `else`."
            "Leave `{name}` as it was, {was}, and add a second condition in an `allOf`."
    }
    "condition_removed" {
        CONDITION_REMOVED "" OLD_READERS
            "A condition is gone, or what followed from it."
            "Keep `{name}` as it was, {was}, until no reader needs it."
    }
    "const_changed" {
        CONST_CHANGED "" BOTH
            "The only value became another."
            "Accept both: an `enum` of {was} and {is}; and remove {was} when no artifact holds it."
    }
    "contains_added" {
        CONTAINS_ADDED "" OLD_DATA
            "An array is asked about the items that it contains."
            "Leave out `contains`, {is}, or set `minContains` to 0 and no `maxContains`."
    }
    "contains_count_narrowed" {
        CONTAINS_COUNT_NARROWED "" OLD_DATA
            "The number of matching items has a tighter bound."
            "{restore}, or loosen it further."
    }
    "contains_count_widened" {
        CONTAINS_COUNT_WIDENED "" OLD_READERS
            "The number of matching items has a looser bound."
            "{keep} until the readers know the looser bound."
    }
    "contains_removed" {
        CONTAINS_REMOVED "" OLD_READERS
            "An array is no longer asked about the items that it contains."
            "Keep `contains`, {was}, until no reader needs it."
    }
    "content_changed" {
        CONTENT_CHANGED "" NOBODY
            "What is said about the content of a string changed; it accepts and refuses nothing."
            ""
    }
    "content_model_closed" {
        CONTENT_MODEL_CLOSED "" OLD_DATA
            "Properties beyond the declared ones were accepted, now they are refused."
            "Leave the object open (no `{name}: false`), or declare every property that artifacts use."
    }
    "content_model_opened" {
        CONTENT_MODEL_OPENED "" OLD_READERS
            "Properties beyond the declared ones were refused, now they are accepted."
            "Keep `{name}: false` and declare the new properties by name, or update the readers first."
    }
    "definition_added" {
        DEFINITION_ADDED "" NOBODY
            "A definition is new; what refers to it is a difference of its own."
            ""
    }
    "definition_removed" {
        DEFINITION_REMOVED "" NOBODY
            "A definition is gone; what referred to it is a difference of its own."
            ""
    }
    "dependency_added" {
        DEPENDENCY_ADDED "" OLD_DATA
            "The presence of a property asks for something."
            "Leave out what the presence of `{name}` asks for, {is}, or make it part of a later version."
    }
    "dependency_changed" {
        DEPENDENCY_CHANGED "" BOTH
            "The presence of a property asks for other properties."
            "Let the presence of `{name}` ask only for what {was} and {is} have in common."
    }
    "dependency_narrowed" {
        DEPENDENCY_NARROWED "" OLD_DATA
            "The presence of a property asks for more properties."
            "Let the presence of `{name}` ask for {was} only."
    }
    "dependency_removed" {
        DEPENDENCY_REMOVED "" OLD_READERS
            "The presence of a property no longer asks for anything."
            "Keep what the presence of `{name}` asks for, {was}, until no reader needs it."
    }
    "dependency_widened" {
        DEPENDENCY_WIDENED "" OLD_READERS
            "The presence of a property asks for fewer properties."
            "Let the presence of `{name}` ask for {was} until no reader needs the rest."
    }
    "dialect_changed" {
        DIALECT_CHANGED "every keyword means the same in both" NOBODY
            "The schema is written in another dialect, and uses nothing that the two read differently."
            ""
        DIALECT_CHANGED_MEANING "a keyword means another thing" BOTH
            "The schema is written in another dialect, and one of the two reads some of its keywords differently."
            "Write `{name}` in the form that the new dialect reads, or stay in the old one."
    }
    "enum_added" {
        ENUM_ADDED "" OLD_DATA
            "Any value was accepted, now only listed ones."
            "Leave out the list {is}, or list every value that artifacts hold."
    }
    "enum_removed" {
        ENUM_REMOVED "" OLD_READERS
            "Only listed values were accepted, now any."
            "Keep the list {was} and add the new values to it when the readers know them."
    }
    "enum_value_added" {
        ENUM_VALUE_ADDED "" OLD_READERS
            "A value was refused, now it is accepted."
            "Update the readers before the first artifact holds {is}, or let them accept unknown values."
    }
    "enum_value_removed" {
        ENUM_VALUE_REMOVED "" OLD_DATA
            "A value was accepted, now it is refused."
            "Add {was} to the new `{name}`, mark it deprecated in the description, and remove it when no artifact holds it."
    }
    "format_changed" {
        FORMAT_CHANGED "" NOBODY
            "`format` changed; it is an annotation here, and hurts only those who let it assert."
            ""
    }
    "identifier_changed" {
        IDENTIFIER_CHANGED "" NOBODY
            "The schema is named otherwise; where its references lead is compared by itself."
            ""
    }
    "item_count_narrowed" {
        ITEM_COUNT_NARROWED "" OLD_DATA
            "Arrays must be longer or shorter than before."
            "{restore}."
    }
    "item_count_widened" {
        ITEM_COUNT_WIDENED "" OLD_READERS
            "Arrays may be shorter or longer than before."
            "{keep} until the readers know the looser bound."
    }
    "items_changed" {
        ITEMS_CHANGED "" BOTH
            "Another keyword rules the items now, and what other keywords evaluate decides what it means."
            "Keep the keyword that ruled the items before."
    }
    "items_closed" {
        ITEMS_CLOSED "" OLD_DATA
            "Items were accepted, now they are refused."
            "Leave out `{name}: false`, or give the items that artifacts hold a schema."
    }
    "items_narrowed" {
        ITEMS_NARROWED "" OLD_DATA
            "Items have a schema where they could be anything, or are refused where they had one."
            "{restore}."
    }
    "items_opened" {
        ITEMS_OPENED "" OLD_READERS
            "Items were refused, now they are accepted."
            "Keep `{name}: false` until the readers know the new items."
    }
    "items_widened" {
        ITEMS_WIDENED "" OLD_READERS
            "Items may be more than before."
            "{keep} until the readers know the new items."
    }
    "length_narrowed" {
        LENGTH_NARROWED "" OLD_DATA
            "Strings must be longer or shorter than before."
            "{restore}."
    }
    "length_widened" {
        LENGTH_WIDENED "" OLD_READERS
            "Strings may be shorter or longer than before."
            "{keep} until the readers know the looser bound."
    }
    "multiple_of_changed" {
        MULTIPLE_OF_CHANGED "" BOTH
            "The step became one that neither divides the old one nor is divided by it."
            "Use a step that divides both {was} and {is}."
    }
    "multiple_of_narrowed" {
        MULTIPLE_OF_NARROWED "" OLD_DATA
            "A step is new, or a multiple of the old one."
            "{restore}, or use a divisor of the old step."
    }
    "multiple_of_widened" {
        MULTIPLE_OF_WIDENED "" OLD_READERS
            "The step is gone, or a divisor of the old one."
            "{keep} until the readers know the new step."
    }
    "negation_added" {
        NEGATION_ADDED "" OLD_DATA
            "What `not` names is refused now."
            "Leave out `not`, {is}, or let it name only what no artifact holds."
    }
    "negation_removed" {
        NEGATION_REMOVED "" OLD_READERS
            "What `not` named is accepted now."
            "Keep `not`, {was}, until the readers know what it refused."
    }
    "pattern_added" {
        PATTERN_ADDED "" OLD_DATA
            "Any string was accepted, now it must match a pattern."
            "Leave out the pattern {is}, or widen it to all that artifacts hold."
    }
    "pattern_changed" {
        PATTERN_CHANGED "" BOTH
            "Another pattern must match."
            "Accept both: a pattern with the alternatives {was} and {is}."
    }
    "pattern_property_added" {
        PATTERN_ADDED_TO_OPEN "to an open content model, or over other declared properties" OLD_DATA
            "Properties whose names match must satisfy a schema in addition."
            "Leave out the pattern `{name}`, or give it a schema that accepts what such properties hold."
        PATTERN_ADDED_TO_CLOSED "to a closed content model" OLD_READERS
            "Properties whose names match were refused, now they are accepted with a schema."
            "Update the readers before a property that matches `{name}` is written."
        PATTERN_ADDED_COVERED "where a schema held already" NOBODY
            "Properties whose names match had a schema before; how it differs is told inside."
            ""
        PATTERN_ADDED_UNCLEAR "where several schemas meet" BOTH
            "Properties whose names match are ruled by other schemas than before."
            "Choose a pattern that matches no name that `{name}` shares with declared properties or other patterns."
    }
    "pattern_property_removed" {
        PATTERN_REMOVED_FROM_OPEN "from an open content model" OLD_READERS
            "Properties whose names match may hold anything now."
            "Keep the pattern `{name}` with {was} until no reader needs it."
        PATTERN_REMOVED_FROM_CLOSED "from a closed content model" OLD_DATA
            "Properties whose names match are refused now."
            "Keep the pattern `{name}` with {was}, mark it `deprecated`, and remove it when no artifact uses it."
        PATTERN_REMOVED_COVERED "where a schema still holds" NOBODY
            "Properties whose names match have another schema now; how it differs is told inside."
            ""
        PATTERN_REMOVED_UNCLEAR "where several schemas meet" BOTH
            "Properties whose names match are ruled by other schemas than before."
            "Keep the pattern `{name}` with {was}."
    }
    "pattern_removed" {
        PATTERN_REMOVED "" OLD_READERS
            "A string had to match a pattern, now any string is accepted."
            "Keep the pattern {was} until no reader needs it."
    }
    "property_added_optional" {
        OPTIONAL_TO_OPEN "to an open content model" OLD_DATA
            "Old data may already use the name with a value that the new schema refuses."
            "Give `{name}` a schema that accepts anything, or choose a name that no artifact uses and close the object first."
        OPTIONAL_TO_CLOSED "to a closed content model" OLD_READERS
            "Old readers refuse a property that they do not know."
            "Update the readers before the first artifact has `{name}`, or open the object (no `additionalProperties: false`) a version earlier."
        OPTIONAL_COVERED "where a schema held already, or with a schema that accepts anything" NOBODY
            "The name was accepted before; how its schema differs is told inside."
            ""
        OPTIONAL_UNCLEAR "where several schemas meet" BOTH
            "Several schemas ruled the name before or rule it now."
            "Choose for `{name}` a name that no pattern matches and no other keyword evaluates."
    }
    "property_added_required" {
        REQUIRED_TO_OPEN "to an open or partly open content model" OLD_DATA
            "Old data need not have the property."
            "Make `{name}` optional (leave it out of `required`), and require it when every artifact has it."
        REQUIRED_TO_CLOSED "to a closed content model" BOTH
            "Old data cannot have the property, and old readers refuse it."
            "Make `{name}` optional (leave it out of `required`), and update the readers before the first artifact has it."
        REQUIRED_UNCLEAR "where several schemas meet" BOTH
            "Old data need not have the property, and several schemas rule the name."
            "Make `{name}` optional (leave it out of `required`), and choose a name that no pattern matches."
    }
    "property_added_required_with_default" {
        DEFAULTED_TO_OPEN "to an open or partly open content model" OLD_DATA
            "Old data need not have the property; only readers that fill in the default are spared."
            "Fill `{name}` with its default in a migration before the version counts, or make it optional until then."
        DEFAULTED_TO_CLOSED "to a closed content model" BOTH
            "Old data cannot have the property, unless the reader fills in the default, and old readers refuse it."
            "Make `{name}` optional and let readers fill in the default, and update them before the first artifact has it."
        DEFAULTED_UNCLEAR "where several schemas meet" BOTH
            "Old data need not have the property, unless the reader fills in the default, and several schemas rule the name."
            "Make `{name}` optional and let readers fill in the default, and choose a name that no pattern matches."
    }
    "property_count_narrowed" {
        PROPERTY_COUNT_NARROWED "" OLD_DATA
            "Objects must have more or fewer properties than before."
            "{restore}."
    }
    "property_count_widened" {
        PROPERTY_COUNT_WIDENED "" OLD_READERS
            "Objects may have fewer or more properties than before."
            "{keep} until the readers know the looser bound."
    }
    "property_names_added" {
        PROPERTY_NAMES_ADDED "" OLD_DATA
            "Names of properties must satisfy a schema."
            "Leave out `propertyNames`, {is}, or let it accept every name that artifacts use."
    }
    "property_names_removed" {
        PROPERTY_NAMES_REMOVED "" OLD_READERS
            "Names of properties are free now."
            "Keep `propertyNames`, {was}, until no reader needs it."
    }
    "property_removed" {
        REMOVED_FROM_OPEN "from an open content model" OLD_READERS
            "The name may hold anything now, or be absent where it was required."
            "Keep `{name}` declared and mark it `deprecated`; remove it when no reader needs it."
        REMOVED_FROM_CLOSED "an optional one, from a closed content model" OLD_DATA
            "Old data that has the property is refused now."
            "Keep `{name}` declared and mark it `deprecated`; remove it when no artifact has it."
        REMOVED_REQUIRED_FROM_CLOSED "a required one, from a closed content model" BOTH
            "Old data has the property and is refused now, and old readers miss it."
            "Keep `{name}` declared; first make it optional and `deprecated`, and remove it when no artifact has it."
        REMOVED_COVERED "where a schema still holds, or with a schema that accepted anything" NOBODY
            "The name is still accepted; how its schema differs is told inside."
            ""
        REMOVED_UNCLEAR "where several schemas meet" BOTH
            "Several schemas ruled the name before or rule it now."
            "Keep `{name}` declared and mark it `deprecated`."
    }
    "range_narrowed" {
        RANGE_NARROWED "a tighter bound" OLD_DATA
            "Numbers outside the tighter bound are refused now."
            "{restore}, or loosen it further."
        RANGE_NARROWED_NEW "a new bound" OLD_DATA
            "Numbers outside the new bound are refused now."
            "Leave out `{name}`, {is}, or choose a bound that every artifact keeps."
    }
    "range_widened" {
        RANGE_WIDENED "" OLD_READERS
            "Numbers that were outside a bound are accepted now."
            "{keep} until the readers know the looser bound."
    }
    "reference_added" {
        REFERENCE_ADDED "" OLD_DATA
            "Artifacts must satisfy one more schema, by reference."
            "Leave out the reference {is}."
    }
    "reference_changed" {
        REFERENCE_CHANGED "" BOTH
            "A reference leads elsewhere and cannot be followed on both sides, or is found dynamically."
            "Leave the reference as it was, {was}, or give the documents that both versions refer to."
    }
    "reference_removed" {
        REFERENCE_REMOVED "" OLD_READERS
            "Artifacts need to satisfy one schema less, which was referred to."
            "Keep the reference {was} until no reader needs it."
    }
    "required_added" {
        REQUIRED_ADDED "" OLD_DATA
            "A property was optional, now it is required."
            "Leave `{name}` optional, or fill it in every artifact by a migration first."
    }
    "required_added_with_default" {
        REQUIRED_ADDED_WITH_DEFAULT "" OLD_DATA
            "A property with a default was optional, now it is required; only readers that fill in the default are spared."
            "Leave `{name}` optional and let readers fill in the default, or fill it in every artifact by a migration first."
    }
    "required_removed" {
        REQUIRED_REMOVED "" OLD_READERS
            "A property was required, now it is optional."
            "Keep `{name}` required, or let writers go on writing it until no reader needs it."
    }
    "schema_replaced" {
        SCHEMA_CLOSED "accepts nothing now" OLD_DATA
            "A place that had a schema accepts nothing now."
            "Keep the schema {was}, mark it `deprecated`, and replace it when no artifact uses the place."
        SCHEMA_OPENED "accepted nothing before" OLD_READERS
            "A place that accepted nothing has a schema now."
            "Update the readers before the first artifact uses the place."
    }
    "truncated" {
        TRUNCATED "" BOTH
            "There are more differences than are listed; whom they hurt is not known."
            "Repair what is listed first, and compare again."
    }
    "tuple_item_added" {
        TUPLE_ADDED_TO_OPEN "where items were free" OLD_DATA
            "The item at a position could be anything, now it has a schema."
            "Give position {name} a schema that accepts anything."
        TUPLE_ADDED_TO_CLOSED "where items were refused" OLD_READERS
            "There could be no item at the position, now there can."
            "Update the readers before the first artifact has an item at position {name}."
        TUPLE_ADDED_COVERED "where a schema held already, or with a schema that accepts anything" NOBODY
            "The item at the position was accepted before; how its schema differs is told inside."
            ""
        TUPLE_ADDED_UNCLEAR "where other keywords evaluate items" BOTH
            "What rules the item at the position depends on other keywords."
            "Leave position {name} to the keyword that ruled it before."
    }
    "tuple_item_removed" {
        TUPLE_REMOVED_FROM_OPEN "where items are free" OLD_READERS
            "The item at a position may be anything now."
            "Keep the schema of position {name}, {was}, until no reader needs it."
        TUPLE_REMOVED_FROM_CLOSED "where items are refused" OLD_DATA
            "There may be no item at the position now."
            "Keep the schema of position {name}, {was}."
        TUPLE_REMOVED_COVERED "where a schema still holds, or with a schema that accepted anything" NOBODY
            "The item at the position is still accepted; how its schema differs is told inside."
            ""
        TUPLE_REMOVED_UNCLEAR "where other keywords evaluate items" BOTH
            "What rules the item at the position depends on other keywords."
            "Keep the schema of position {name}, {was}."
    }
    "type_changed" {
        TYPE_CHANGED "" BOTH
            "Some types are refused now, and others accepted."
            "Accept both: `type` with all of {was} and {is}."
    }
    "type_narrowed" {
        TYPE_NARROWED "" OLD_DATA
            "Some types are refused now."
            "{restore}."
    }
    "type_widened" {
        TYPE_WIDENED "" OLD_READERS
            "More types are accepted now."
            "{keep} until the readers know the new types."
    }
    "unique_items_added" {
        UNIQUE_ITEMS_ADDED "" OLD_DATA
            "Items could repeat, now they must all differ."
            "Leave out `uniqueItems`, or remove what repeats by a migration first."
    }
    "unique_items_removed" {
        UNIQUE_ITEMS_REMOVED "" OLD_READERS
            "Items had to differ, now they may repeat."
            "Keep `uniqueItems` until the readers accept repeated items."
    }
}
