//! The migration plan that a proposer declares: SQL and a backfill strategy, or why none is needed.

use crate::schema::Evolution;
use crate::text::{Members, Problem, Value};

/// Where it stands in a draft.
const PLACE: &str = "/metadata/migration_plan";

/// Words that begin a statement which moves data or structure.
const STATEMENTS: [&str; 13] = [
    "alter", "begin", "comment", "create", "delete", "do", "drop", "insert", "merge", "select",
    "truncate", "update", "with",
];

/// What is wrong with it.
pub(super) fn check(plan: &Value) -> Vec<Problem> {
    if plan.get("none_needed").is_some() {
        let mut members = Members::of(plan, PLACE, &["none_needed", "strategy"]);
        check_strategy(&mut members);
        if members.text("none_needed").is_some_and(says_too_little) {
            members.problem(
                "none_needed_unexplained",
                "none_needed",
                "say in a sentence why existing artifacts need no migration",
            );
        }
        return members.end();
    }
    let mut members = Members::of(plan, PLACE, &["sql", "backfill", "strategy"]);
    check_strategy(&mut members);
    if let Some(sql) = members.text("sql") {
        let first: String = sql
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty() && !line.starts_with("--"))
            .unwrap_or_default()
            .chars()
            .take_while(char::is_ascii_alphabetic)
            .collect();
        if !STATEMENTS.contains(&first.to_lowercase().as_str()) {
            members.problem(
                "migration_sql_no_statement",
                "sql",
                format!("the SQL begins with `{first}`, which begins no statement"),
            );
        }
    }
    if members.text("backfill").is_some_and(says_too_little) {
        members.problem(
            "backfill_unexplained",
            "backfill",
            "say in a few words what existing artifacts get, and when; or give `none_needed` with a reason instead",
        );
    }
    members.end()
}

/// When stored artifacts follow this bump; without it, as the type says.
fn check_strategy(members: &mut Members<'_>) {
    let names = Evolution::ALL.map(Evolution::name);
    members.optional_choice("strategy", &names, Evolution::from_name);
}

fn says_too_little(text: &str) -> bool {
    text.split_whitespace().count() < 3
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn codes(plan: Value) -> Vec<(&'static str, String)> {
        check(&plan)
            .into_iter()
            .map(|p| (p.code, p.pointer))
            .collect()
    }

    #[test]
    fn sql_with_a_backfill_or_a_reason_will_do() {
        for plan in [
            json!({"sql": "UPDATE artifacts SET metadata = metadata || '{}' WHERE artifact_type = 'experiment'", "backfill": "every experiment gets the value none"}),
            json!({"sql": "-- first\n  with x as (select 1) select 1", "backfill": "in batches by id"}),
            json!({"none_needed": "the field is optional and readers treat its absence as unknown"}),
        ] {
            assert_eq!(codes(plan.clone()), [], "{plan}");
        }
    }

    #[test]
    fn anything_less_is_refused_at_its_place() {
        for (plan, code, place) in [
            (json!({}), "member_missing", "/metadata/migration_plan"),
            (
                json!({"sql": "UPDATE x SET y = 1"}),
                "member_missing",
                "/metadata/migration_plan",
            ),
            (
                json!({"sql": "later", "backfill": "as it comes in"}),
                "migration_sql_no_statement",
                "/metadata/migration_plan/sql",
            ),
            (
                json!({"sql": "UPDATE x", "backfill": "none"}),
                "backfill_unexplained",
                "/metadata/migration_plan/backfill",
            ),
            (
                json!({"none_needed": "trust me"}),
                "none_needed_unexplained",
                "/metadata/migration_plan/none_needed",
            ),
            (
                json!({"none_needed": "it is optional for all", "sql": "UPDATE x"}),
                "member_unknown",
                "/metadata/migration_plan/sql",
            ),
            (json!("UPDATE x"), "member_type", "/metadata/migration_plan"),
        ] {
            assert!(
                codes(plan.clone()).contains(&(code, place.into())),
                "{plan}: {:?}",
                codes(plan.clone())
            );
        }
    }
}
