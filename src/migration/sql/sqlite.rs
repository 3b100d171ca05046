//! SQLite's words, over JSON texts.
//!
//! A document is a text, and every expression answers one: what it does not touch keeps its spelling. The subtype by which
//! SQLite tells JSON from other texts is lost on the way through subqueries, hence `json(…)` wherever JSON goes into JSON.

use super::super::Rule;
use super::expression::{Dialect, Place, case, indented};
use super::quote;
use super::undo::{Query, Rows, Step, changed};
use crate::text::{Problem, Value};

/// SQLite 3.38 and later.
#[derive(Debug)]
pub(super) struct Sqlite;

/// `$."a"."b"`; field names need no escapes.
fn path(place: Place<'_>) -> String {
    place
        .names()
        .fold("$".to_owned(), |path, name| format!("{path}.\"{name}\""))
}

pub(super) fn kind(place: Place<'_>) -> String {
    format!("json_type({}, '{}')", place.document, path(place))
}

/// The scalar as SQL has it.
pub(super) fn scalar(place: Place<'_>) -> String {
    format!("({} ->> '{}')", place.document, path(place))
}

/// The text of a string; NULL for one with U+0000, which older versions cut short there. An escaped backslash is no part of
/// its escape.
fn text(place: Place<'_>) -> String {
    let (document, path) = (place.document, path(place));
    format!(
        "CASE WHEN instr(replace({document} -> '{path}', '\\\\', ''), '\\u0000') = 0 THEN {document} ->> '{path}' END"
    )
}

impl Dialect for Sqlite {
    fn value(place: Place<'_>) -> String {
        if place.fields.is_empty() {
            return place.document.to_owned();
        }
        format!("({} -> '{}')", place.document, path(place))
    }

    fn exists(place: Place<'_>) -> String {
        format!("{} IS NOT NULL", kind(place))
    }

    fn missing(place: Place<'_>) -> String {
        format!("{} IS NULL", kind(place))
    }

    fn is_object(place: Place<'_>) -> String {
        format!("{} = 'object'", kind(place))
    }

    fn is_array(place: Place<'_>) -> String {
        format!("{} = 'array'", kind(place))
    }

    fn is_no_array(place: Place<'_>) -> String {
        format!("{} <> 'array'", kind(place))
    }

    fn is_single(place: Place<'_>) -> String {
        format!(
            "json_array_length({}, '{}') = 1",
            place.document,
            path(place)
        )
    }

    fn begins_with_no_array(place: Place<'_>) -> String {
        format!(
            "json_type({}, '{}[0]') <> 'array'",
            place.document,
            path(place)
        )
    }

    fn first(place: Place<'_>) -> String {
        format!("({} -> '{}[0]')", place.document, path(place))
    }

    fn equals(place: Place<'_>, value: &Value) -> Result<String, Problem> {
        let (kind, scalar) = (kind(place), scalar(place));
        Ok(match value {
            Value::Number(number) => {
                format!("{kind} IN ('integer', 'real') AND {scalar} = {number}")
            }
            Value::String(written) => format!(
                "{kind} = 'text' AND {} = {}",
                text(place),
                quote::sqlite(written)?
            ),
            value => format!("{kind} = '{value}'"),
        })
    }

    fn put(place: Place<'_>, json: &str) -> String {
        if place.fields.is_empty() {
            return json.to_owned();
        }
        // What is JSON already is not read twice.
        let json = if json.starts_with("json(") || json.starts_with("json_array(") {
            json.to_owned()
        } else {
            format!("json({json})")
        };
        format!("json_set({}, '{}', {json})", place.document, path(place))
    }

    fn take(place: Place<'_>) -> String {
        format!("json_remove({}, '{}')", place.document, path(place))
    }

    fn array_of(json: &str) -> String {
        format!("json_array(json({json}))")
    }

    fn json(value: &Value) -> Result<String, Problem> {
        Ok(format!("json({})", quote::sqlite(&quote::json(value)?)?))
    }

    fn each(place: Place<'_>, items: &str, change: &str) -> String {
        let (document, path) = (place.document, path(place));
        // The column `value` of json_each holds objects and arrays as they are written, but not numbers.
        let changed = format!(
            "json((
  SELECT json_group_array(json(
    {}
  ))
  FROM (
    SELECT CASE
      WHEN type IN ('object', 'array') THEN value
      ELSE {document} -> ('{path}[' || key || ']')
    END AS item
    FROM json_each({document}, '{path}')
    ORDER BY key
  ) AS {items}
))",
            indented(change, 4)
        );
        case(
            &[(Self::is_array(place), Self::put(place, &changed))],
            document,
        )
    }

    fn convert(place: Place<'_>, rule: Rule, otherwise: &str) -> String {
        let put = |json: &str| Self::put(place, json);
        let of = |kinds: &str, converted: String| {
            case(
                &[(format!("{} {kinds}", kind(place)), converted)],
                place.document,
            )
        };
        let of_text = |columns: &str, branches: &[(String, String)]| {
            let known = format!(
                "(SELECT {}\nFROM {columns} AS x)",
                case(branches, otherwise)
            );
            of("= 'text'", indented(&known, 2))
        };
        let of_number = |branches: &[(String, String)]| {
            let known = format!(
                "(SELECT {}\nFROM (SELECT CAST({} AS REAL) AS number) AS x)",
                case(branches, otherwise),
                scalar(place)
            );
            of("IN ('integer', 'real')", indented(&known, 2))
        };
        // From 2^53 on, every number is whole.
        let whole = |convert: &str| {
            of_number(&[
                (
                    "abs(x.number) >= 9007199254740992 OR x.number = CAST(x.number AS INTEGER)"
                        .to_owned(),
                    place.document.to_owned(),
                ),
                (
                    "abs(x.number) < 1e15".to_owned(),
                    put(&format!("CAST({convert} AS TEXT)")),
                ),
            ])
        };
        let known_text = format!("(SELECT {} AS value)", text(place));
        match rule {
            Rule::StringToInteger => of_text(
                &known_text,
                &[(
                    "CAST(CAST(x.value AS INTEGER) AS TEXT) = x.value
  AND CAST(x.value AS INTEGER) BETWEEN -999999999999999 AND 999999999999999"
                        .to_owned(),
                    put("x.value"),
                )],
            ),
            Rule::StringToNumber => of_text(
                &format!(
                    "(
  SELECT value,
    CASE instr(value, '.') WHEN 0 THEN value ELSE substr(value, 1, instr(value, '.') - 1) END AS whole,
    CASE instr(value, '.') WHEN 0 THEN '0' ELSE substr(value, instr(value, '.') + 1) END AS fraction
  FROM {known_text}
)"
                ),
                &[(
                    "(x.whole = '-0' OR CAST(CAST(x.whole AS INTEGER) AS TEXT) = x.whole)
  AND CAST(x.whole AS INTEGER) BETWEEN -999999999999999 AND 999999999999999
  AND CAST(CAST('1' || x.fraction AS INTEGER) AS TEXT) = '1' || x.fraction
  AND length(x.fraction) BETWEEN 1 AND 15
  AND (substr(x.value, 1, 1) <> '-' OR ltrim(x.value, '-0.') <> '')
  AND length(ltrim(replace(replace(x.value, '-', ''), '.', ''), '0')) <= 15"
                        .to_owned(),
                    put("CASE instr(x.value, '.') WHEN 0 THEN x.value ELSE rtrim(rtrim(x.value, '0'), '.') END"),
                )],
            ),
            Rule::StringToBoolean => of_text(
                &known_text,
                &[("x.value IN ('true', 'false')".to_owned(), put("x.value"))],
            ),
            Rule::NumberToString => of_number(&[
                ("x.number = 0".to_owned(), put("'\"0\"'")),
                (
                    "abs(x.number) >= 1e-4 AND abs(x.number) < 1e15
  AND CAST(printf('%.15g', x.number) AS REAL) = x.number"
                        .to_owned(),
                    put("json_quote(printf('%.15g', x.number))"),
                ),
            ]),
            Rule::BooleanToString => of(
                "IN ('true', 'false')",
                put(&format!("json_quote({})", kind(place))),
            ),
            Rule::BooleanToInteger => of(
                "IN ('true', 'false')",
                put(&format!("CAST({} AS TEXT)", scalar(place))),
            ),
            Rule::IntegerToBoolean => of_number(&[(
                "x.number IN (0, 1)".to_owned(),
                put("CASE WHEN x.number = 1 THEN 'true' ELSE 'false' END"),
            )]),
            Rule::Round => whole(
                "(CAST(x.number AS INTEGER) + CASE
      WHEN x.number - CAST(x.number AS INTEGER) >= 0.5 THEN 1
      WHEN x.number - CAST(x.number AS INTEGER) <= -0.5 THEN -1
      ELSE 0
    END)",
            ),
            Rule::Truncate => whole("CAST(x.number AS INTEGER)"),
        }
    }

    fn knowing(place: Place<'_>, expression: &str) -> String {
        let mut columns = format!("{} AS kind", kind(place));
        for (name, column) in [("scalar", scalar(place)), ("text", text(place))] {
            if expression.contains(&format!("x.{name}")) {
                columns.push_str(&format!(",\n    {column} AS {name}"));
            }
        }
        format!("(SELECT {expression}\nFROM (\n  SELECT {columns}\n) AS x)")
    }

    fn known_is_no_scalar() -> &'static str {
        "x.kind IS NULL OR x.kind IN ('object', 'array')"
    }

    fn known_equals(value: &Value) -> Result<String, Problem> {
        Ok(match value {
            Value::Number(number) => {
                format!("x.kind IN ('integer', 'real') AND x.scalar = {number}")
            }
            Value::String(written) => {
                format!("x.kind = 'text' AND x.text = {}", quote::sqlite(written)?)
            }
            value => format!("x.kind = '{value}'"),
        })
    }
}

impl Rows for Sqlite {
    const DOCUMENT: &'static str = "text";
    const LOCK: &'static str = "";
    const BEFORE_CONFLICT: &'static str = "\nWHERE true";

    fn text(text: &str) -> Result<String, Problem> {
        quote::sqlite(text)
    }

    // Without spaces, as every expression writes it: so what is not changed is the same text. What is no JSON is left alone.
    fn document(column: &str) -> String {
        format!("CASE WHEN json_valid({column}) THEN json({column}) END")
    }

    fn document_where(condition: &str, column: &str) -> String {
        format!("CASE WHEN ({condition}) AND json_valid({column}) THEN json({column}) END")
    }

    fn result(source: &str, steps: &[Step], restores: bool) -> Query {
        let kept = if restores {
            "id, metadata, restored, original"
        } else {
            "id, metadata, original"
        };
        let mut with = format!(
            "WITH source AS (\n  {}\n  LIMIT -1 OFFSET 0\n),\nt0 AS (\n  SELECT *, document AS original FROM source LIMIT -1 OFFSET 0\n)",
            indented(source, 2)
        );
        for (index, step) in steps.iter().enumerate() {
            with.push_str(&format!(
                ",\n{}\nt{} AS (\n  SELECT {kept},\n    {} AS document\n  FROM t{index} LIMIT -1 OFFSET 0\n)",
                step.comment,
                index + 1,
                indented(&step.expression, 4)
            ));
        }
        let changed = changed(
            restores.then_some("restored"),
            "CASE WHEN document <> original THEN document END",
        );
        with.push_str(&format!(
            ",\nresult AS (\n  SELECT id, metadata,\n    {} AS changed\n  FROM t{} LIMIT -1 OFFSET 0\n)\n",
            indented(&changed, 4),
            steps.len()
        ));
        Query {
            with,
            from: "result".to_owned(),
        }
    }
}
