//! Names and texts as SQL has them: whatever somebody wrote into them, they stay one name and one text.

use crate::text::{Problem, Value};

/// PostgreSQL cuts names at 63 bytes, and the undo table's is 15 bytes longer than the table's.
const LONGEST_TABLE: usize = 40;

/// The name of a table, checked; not yet quoted.
///
/// # Errors
/// `sql_name_empty`, `sql_name_too_long`, `sql_name_not_allowed`, `sql_null_character`.
pub(super) fn check_table(name: &str) -> Result<(), Problem> {
    if name.is_empty() {
        return Err(
            Problem::error("sql_name_empty", "/table", "a table has a name")
                .remedy("leave `table` out, then it is `artifacts`"),
        );
    }
    if name.len() > LONGEST_TABLE {
        return Err(Problem::error(
            "sql_name_too_long",
            "/table",
            format!("the name of the table has {} bytes", name.len()),
        )
        .remedy("use at most 40 bytes: PostgreSQL cuts names at 63, and the undo table's name is longer"));
    }
    without_null(name).map_err(|problem| problem.under("/table"))?;
    if name.contains(char::is_control) {
        return Err(Problem::error(
            "sql_name_not_allowed",
            "/table",
            "the name of the table holds a control character",
        )
        .remedy("rename the table"));
    }
    Ok(())
}

/// A quoted name, in either dialect.
pub(super) fn name(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A comment of one line, whatever the text holds.
pub(super) fn comment(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|c| {
            if c == ' ' || c.is_ascii_graphic() && c != '?' {
                c
            } else {
                '_'
            }
        })
        .collect();
    format!("-- {line}")
}

/// A PostgreSQL text that means the same whatever `standard_conforming_strings` says. No line breaks stand in it.
pub(super) fn postgresql(text: &str) -> Result<String, Problem> {
    without_null(text)?;
    let quoted = text.replace('\'', "''");
    Ok(if quoted.contains(['\\', '\n', '\r']) {
        let escaped = quoted
            .replace('\\', "\\\\")
            .replace('\n', "\\n")
            .replace('\r', "\\r");
        format!("E'{escaped}'")
    } else {
        format!("'{quoted}'")
    })
}

/// An SQLite text. No line breaks stand in it: the shells and editors of the world would make others of them.
pub(super) fn sqlite(text: &str) -> Result<String, Problem> {
    without_null(text)?;
    let quoted = text.replace('\'', "''");
    Ok(if quoted.contains(['\n', '\r']) {
        let escaped = quoted
            .replace('\n', "' || char(10) || '")
            .replace('\r', "' || char(13) || '");
        format!("('{escaped}')")
    } else {
        format!("'{quoted}'")
    })
}

/// The JSON text of a value, which no SQL text has to cut short.
pub(super) fn json(value: &Value) -> Result<String, Problem> {
    let mut pending = vec![value];
    while let Some(value) = pending.pop() {
        match value {
            Value::String(text) => without_null(text)?,
            Value::Array(items) => pending.extend(items),
            Value::Object(object) => {
                for name in object.keys() {
                    without_null(name)?;
                }
                pending.extend(object.values());
            }
            _ => {}
        }
    }
    Ok(value.to_string())
}

fn without_null(text: &str) -> Result<(), Problem> {
    if !text.contains('\0') {
        return Ok(());
    }
    Err(Problem::error(
        "sql_null_character",
        "",
        "PostgreSQL cannot store the character U+0000, which this value holds",
    )
    .remedy("leave the character out"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json as value;

    #[test]
    fn texts_hold_whatever_a_proposal_writes() {
        for (text, on_postgresql, on_sqlite) in [
            ("it's", "'it''s'", "'it''s'"),
            ("a\\'b", "E'a\\\\''b'", "'a\\''b'"),
            ("a\nb", "E'a\\nb'", "('a' || char(10) || 'b')"),
            ("💡; --", "'💡; --'", "'💡; --'"),
        ] {
            assert_eq!(postgresql(text).unwrap(), on_postgresql);
            assert_eq!(sqlite(text).unwrap(), on_sqlite);
        }
        for refused in [
            postgresql("\0"),
            sqlite("a\0"),
            json(&value!({"a": ["\0"]})),
            json(&value!({"\0": 1})),
        ] {
            assert_eq!(refused.unwrap_err().code, "sql_null_character");
        }
        assert_eq!(json(&value!("a\nb")).unwrap(), "\"a\\nb\"");
    }

    #[test]
    fn names_stay_one_name() {
        assert_eq!(name("a\"; DROP TABLE b"), "\"a\"\"; DROP TABLE b\"");
        assert!(check_table("Übung \"1\"; --").is_ok());
        for (table, code) in [
            ("", "sql_name_empty"),
            ("a\0b", "sql_null_character"),
            ("a\nb", "sql_name_not_allowed"),
            (&"ü".repeat(21), "sql_name_too_long"),
        ] {
            let problem = check_table(table).unwrap_err();
            assert_eq!((problem.code, problem.pointer.as_str()), (code, "/table"));
        }
    }

    #[test]
    fn a_comment_ends_where_its_line_ends() {
        assert_eq!(comment("a@1->2\nDROP ?"), "-- a@1->2_DROP _");
    }
}
