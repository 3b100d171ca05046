//! What whoever votes on a migration should know about it.

use crate::text::{Map, Problem, Severity, Value};

use super::reading::{malformed, only};

/// What can be said of a plan; the pointer leads into the plan.
const CODES: [&str; 5] = [
    "destructive",
    "data_dependent",
    "not_reversible",
    "long_lock",
    "table_rewrite",
];

/// A finding as it stands on the wire.
pub(super) fn to_value(finding: &Problem) -> Value {
    let mut object = Map::new();
    let mut put = |name: &str, value: &str| object.insert(name.to_owned(), value.into());
    put("code", finding.code);
    put(
        "severity",
        match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
    );
    put("pointer", &finding.pointer);
    put("message", &finding.message);
    if let Some(remedy) = &finding.remedy {
        put("remedy", remedy);
    }
    Value::Object(object)
}

/// Reads a finding of a plan.
pub(super) fn from_value(value: &Value) -> Result<Problem, Problem> {
    let object = value
        .as_object()
        .ok_or_else(|| malformed("", "a finding is an object"))?;
    only(
        object,
        &["code", "severity", "pointer", "message", "remedy"],
    )?;
    let text = |name: &str| {
        object
            .get(name)
            .and_then(Value::as_str)
            .ok_or_else(|| malformed(&format!("/{name}"), format!("`{name}` is a text")))
    };
    let code = text("code")?;
    let code = CODES
        .into_iter()
        .find(|known| *known == code)
        .ok_or_else(|| malformed("/code", format!("`code` is one of {}", CODES.join(", "))))?;
    let severity = match text("severity")? {
        "error" => Severity::Error,
        "warning" => Severity::Warning,
        _ => {
            return Err(malformed(
                "/severity",
                "`severity` is \"error\" or \"warning\"",
            ));
        }
    };
    let remedy = object.get("remedy").map(|_| text("remedy")).transpose()?;
    let finding = Problem {
        severity,
        ..Problem::warning(code, text("pointer")?, text("message")?)
    };
    Ok(match remedy {
        Some(remedy) => finding.remedy(remedy),
        None => finding,
    })
}
