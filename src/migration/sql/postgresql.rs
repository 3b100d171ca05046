//! PostgreSQL's words, over `jsonb`.
//!
//! The operators `?`, `?|` and `?&` are not used: some drivers take `?` for a parameter, wherever it stands.

use super::super::Rule;
use super::expression::{Dialect, Place, case, indented};
use super::quote;
use super::undo::{Query, Rows, Step, changed};
use crate::text::{Problem, Value};

/// PostgreSQL 15 and later.
#[derive(Debug)]
pub(super) struct PostgreSql;

/// `ARRAY['a', 'b']`; field names need no escapes.
fn path(place: Place<'_>) -> String {
    let names: Vec<String> = place.names().map(|name| format!("'{name}'")).collect();
    format!("ARRAY[{}]", names.join(", "))
}

fn kind(place: Place<'_>) -> String {
    format!("jsonb_typeof({})", bare(&PostgreSql::value(place)))
}

/// An expression as an argument, where it needs no parentheses of its own.
fn bare(expression: &str) -> &str {
    let inner = expression.strip_prefix('(');
    inner
        .and_then(|inner| inner.strip_suffix(')'))
        .unwrap_or(expression)
}

/// The text of a string.
fn text(place: Place<'_>) -> String {
    format!("({} #>> '{{}}')", PostgreSql::value(place))
}

/// A JSON number as the double that it stands for. What no double holds becomes 0 or the largest one instead of failing.
pub(super) fn number(json: &str) -> String {
    const LARGEST: &str = "1.7976931348623157e308";
    format!(
        "CASE WHEN abs({json}::numeric) < 2.5e-324 THEN 0 ELSE LEAST(GREATEST({json}::numeric, -{LARGEST}), {LARGEST})::float8 END"
    )
}

fn literal(number: &Value) -> String {
    format!("'{number}'::float8")
}

impl Dialect for PostgreSql {
    fn value(place: Place<'_>) -> String {
        let mut names = place.names();
        match (names.next(), names.next()) {
            (None, _) => place.document.to_owned(),
            (Some(name), None) => format!("({} -> '{name}')", place.document),
            _ => format!("({} #> {})", place.document, path(place)),
        }
    }

    fn exists(place: Place<'_>) -> String {
        format!("{} IS NOT NULL", Self::value(place))
    }

    fn missing(place: Place<'_>) -> String {
        format!("{} IS NULL", Self::value(place))
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
        format!("jsonb_array_length({}) = 1", bare(&Self::value(place)))
    }

    fn begins_with_no_array(place: Place<'_>) -> String {
        format!("jsonb_typeof({}) <> 'array'", bare(&Self::first(place)))
    }

    fn first(place: Place<'_>) -> String {
        format!("({} -> 0)", Self::value(place))
    }

    fn equals(place: Place<'_>, scalar: &Value) -> Result<String, Problem> {
        let value = Self::value(place);
        Ok(match scalar {
            Value::Number(_) => format!(
                "CASE WHEN {} = 'number' THEN {} = {} ELSE false END",
                kind(place),
                number(&value),
                literal(scalar)
            ),
            scalar => format!("{value} = {}", Self::json(scalar)?),
        })
    }

    fn put(place: Place<'_>, json: &str) -> String {
        if place.fields.is_empty() {
            return json.to_owned();
        }
        format!("jsonb_set({}, {}, {json})", place.document, path(place))
    }

    fn take(place: Place<'_>) -> String {
        format!("({} #- {})", place.document, path(place))
    }

    fn array_of(json: &str) -> String {
        format!("jsonb_build_array({json})")
    }

    fn json(value: &Value) -> Result<String, Problem> {
        Ok(format!(
            "{}::jsonb",
            quote::postgresql(&quote::json(value)?)?
        ))
    }

    fn each(place: Place<'_>, items: &str, change: &str) -> String {
        let value = Self::value(place);
        let array = bare(&value);
        let changed = format!(
            "COALESCE((
  SELECT jsonb_agg(
    {}
    ORDER BY {items}.place
  )
  FROM jsonb_array_elements({array}) WITH ORDINALITY AS {items}(item, place)
), '[]'::jsonb)",
            indented(change, 4)
        );
        case(
            &[(Self::is_array(place), Self::put(place, &changed))],
            place.document,
        )
    }

    fn convert(place: Place<'_>, rule: Rule, otherwise: &str) -> String {
        let (value, text) = (Self::value(place), text(place));
        let put = |json: &str| Self::put(place, json);
        let of = |kind_of: &str, converted: String| {
            case(
                &[(format!("{} = '{kind_of}'", kind(place)), converted)],
                place.document,
            )
        };
        let of_number = |branches: &[(String, String)]| {
            let known = format!(
                "(SELECT {}\nFROM (SELECT {} AS number OFFSET 0) AS x)",
                case(branches, otherwise),
                number(&value)
            );
            of("number", indented(&known, 2))
        };
        // A number without a fraction is of another type.
        let whole = |convert: &str| {
            of_number(&[
                (
                    "x.number = trunc(x.number)".to_owned(),
                    place.document.to_owned(),
                ),
                (
                    "abs(x.number) < 1e15".to_owned(),
                    put(&format!("to_jsonb(({convert})::bigint)")),
                ),
            ])
        };
        match rule {
            Rule::StringToInteger => of(
                "string",
                case(
                    &[(
                        format!("{text} ~ '^-{{0,1}}(0|[1-9][0-9]{{0,14}})$' AND {text} <> '-0'"),
                        put(&format!("to_jsonb({text}::bigint)")),
                    )],
                    otherwise,
                ),
            ),
            Rule::StringToNumber => of(
                "string",
                case(
                    &[(
                        format!(
                            "{text} ~ '^-{{0,1}}(0|[1-9][0-9]{{0,14}})([.][0-9]{{1,15}}){{0,1}}$'
  AND {text} !~ '^-[0.]*$'
  AND length(ltrim(translate({text}, '-.', ''), '0')) <= 15"
                        ),
                        put(&format!("to_jsonb(trim_scale({text}::numeric))")),
                    )],
                    otherwise,
                ),
            ),
            Rule::StringToBoolean => of(
                "string",
                case(
                    &[(
                        format!("{text} IN ('true', 'false')"),
                        put(&format!("to_jsonb({text}::boolean)")),
                    )],
                    otherwise,
                ),
            ),
            Rule::NumberToString => of_number(&[
                (
                    "abs(x.number) >= 1e15 OR x.number <> 0 AND abs(x.number) < 1e-4".to_owned(),
                    otherwise.to_owned(),
                ),
                // A double becomes a numeric of 15 digits.
                (
                    "x.number::numeric::float8 = x.number".to_owned(),
                    put("to_jsonb(trim_scale(x.number::numeric)::text)"),
                ),
            ]),
            Rule::BooleanToString => of("boolean", put(&format!("to_jsonb({value}::text)"))),
            Rule::BooleanToInteger => {
                of("boolean", put(&format!("to_jsonb({value}::boolean::int)")))
            }
            Rule::IntegerToBoolean => of_number(&[(
                "x.number IN (0, 1)".to_owned(),
                put("to_jsonb(x.number = 1)"),
            )]),
            Rule::Round => whole(
                "trunc(x.number) + CASE WHEN abs(x.number - trunc(x.number)) >= 0.5 THEN sign(x.number) ELSE 0 END",
            ),
            Rule::Truncate => whole("trunc(x.number)"),
        }
    }

    fn knowing(place: Place<'_>, expression: &str) -> String {
        let value = Self::value(place);
        let mut columns = format!("{} AS value", bare(&value));
        if expression.contains("x.number") {
            columns.push_str(&format!(
                ",\n    CASE WHEN {} = 'number' THEN {} END AS number",
                kind(place),
                number(&value)
            ));
        }
        format!("(SELECT {expression}\nFROM (\n  SELECT {columns}\n  OFFSET 0\n) AS x)")
    }

    fn known_is_no_scalar() -> &'static str {
        "x.value IS NULL OR jsonb_typeof(x.value) IN ('object', 'array')"
    }

    fn known_equals(scalar: &Value) -> Result<String, Problem> {
        Ok(match scalar {
            Value::Number(_) => format!("x.number = {}", literal(scalar)),
            scalar => format!("x.value = {}", Self::json(scalar)?),
        })
    }
}

impl Rows for PostgreSql {
    const DOCUMENT: &'static str = "jsonb";
    const LOCK: &'static str = "\nFOR UPDATE OF a";
    const BEFORE_CONFLICT: &'static str = "";

    fn text(text: &str) -> Result<String, Problem> {
        quote::postgresql(text)
    }

    fn document(column: &str) -> String {
        column.to_owned()
    }

    fn document_where(condition: &str, column: &str) -> String {
        format!("CASE WHEN {condition} THEN {column} END")
    }

    fn result(source: &str, steps: &[Step], restores: bool) -> Query {
        let mut from = format!("(\n  {}\n) AS t0", indented(source, 2));
        for (index, step) in steps.iter().enumerate() {
            from.push_str(&format!(
                "\n{}\nCROSS JOIN LATERAL (\n  SELECT {} AS document\n  OFFSET 0\n) AS t{}",
                step.comment,
                indented(&step.expression, 2),
                index + 1
            ));
        }
        let last = steps.len();
        let restored = restores.then_some("t0.restored");
        let changed = changed(
            restored,
            &format!("CASE WHEN t{last}.document <> t0.metadata THEN t{last}.document END"),
        );
        from.push_str(&format!(
            "\nCROSS JOIN LATERAL (\n  SELECT t0.id, t0.metadata,\n    {} AS changed\n  OFFSET 0\n) AS result",
            indented(&changed, 4)
        ));
        Query {
            with: String::new(),
            from,
        }
    }
}
