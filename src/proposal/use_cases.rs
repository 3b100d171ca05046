//! "The rationale must reference specific use cases": what counts as one.
//!
//! Either the list `use_cases` names who needs it and for what, or the text of the rationale refers to something that can be
//! looked up: a URL, a PMID, a DOI, an arXiv number, `#123`, a ticket such as `SEN-42`, a handle such as `@curator`, or
//! `kind:name` for an artifact, an agent or a task (`experiment:exp-12`, `agent:methods-reviewer`).

use crate::text::{Members, Problem, Value};

/// Words that name nobody in particular.
const NOBODY: [&str; 22] = [
    "all",
    "anybody",
    "anyone",
    "agents",
    "all agents",
    "all users",
    "clients",
    "developers",
    "everybody",
    "everyone",
    "future users",
    "many users",
    "others",
    "people",
    "researchers",
    "someone",
    "stakeholders",
    "team",
    "teams",
    "the team",
    "us",
    "users",
];

/// What was taken for use cases, and what is wrong with them.
pub(super) fn check(members: &mut Members<'_>) -> (Vec<String>, Vec<Problem>) {
    let mut found = Vec::new();
    let mut problems = Vec::new();
    let rationale = members.text("rationale");
    if let Some(text) = rationale {
        found.extend(references_in(text));
        if text.trim().chars().count() < 20 {
            problems.push(
                Problem::error(
                    "rationale_too_short",
                    "/metadata/rationale",
                    "a rationale of fewer than 20 characters explains nothing",
                )
                .remedy("say what cannot be done today, and who needs it"),
            );
        }
    }
    let listed = members.get("use_cases");
    match listed {
        Some(Value::Array(cases)) => {
            for (index, case) in cases.iter().enumerate() {
                let place = format!("/metadata/use_cases/{index}");
                match read_case(case, &place) {
                    Ok(case) => found.push(case),
                    Err(found) => problems.extend(found),
                }
            }
        }
        Some(_) => members.problem("member_type", "use_cases", "`use_cases` must be an array"),
        None => {}
    }
    let nothing_listed = listed.and_then(Value::as_array).is_none_or(Vec::is_empty);
    if found.is_empty() && nothing_listed && rationale.is_some() {
        problems.push(
            Problem::error(
                "rationale_names_no_use_case",
                "/metadata/rationale",
                "the rationale references no specific use case",
            )
            .remedy(
                "add `use_cases: [{\"who\": …, \"need\": …}]`, or refer in the text to something that can be looked up: a URL, PMID:…, doi:…, #123, SEN-42, @handle, or kind:name such as experiment:exp-12",
            ),
        );
    }
    (found, problems)
}

fn read_case(case: &Value, place: &str) -> Result<String, Vec<Problem>> {
    let mut members = Members::of(case, place, &["who", "need"]);
    let who = members.text("who").map(str::trim);
    let need = members.text("need").map(str::trim);
    if let Some(who) = who
        && (who.chars().count() < 3 || NOBODY.contains(&who.to_lowercase().as_str()))
    {
        members.problem(
            "use_case_vague",
            "who",
            format!("`{who}` names nobody in particular; name the agent, team, report or artifact"),
        );
    }
    if let Some(need) = need
        && need.split_whitespace().count() < 3
    {
        members.problem(
            "use_case_vague",
            "need",
            format!("`{need}` does not say what is needed; a few words more do"),
        );
    }
    let problems = members.end();
    match who.zip(need) {
        Some((who, need)) if problems.is_empty() => Ok(format!("{who}: {need}")),
        _ => Err(problems),
    }
}

/// What the text refers to that can be looked up.
fn references_in(text: &str) -> Vec<String> {
    let words: Vec<&str> = text
        .split_whitespace()
        .map(|word| {
            word.trim_matches(|c: char| {
                matches!(
                    c,
                    '.' | ',' | ';' | '(' | ')' | '[' | ']' | '"' | '\'' | '!' | '?'
                )
            })
        })
        .filter(|word| !word.is_empty())
        .collect();
    let mut found: Vec<String> = words
        .iter()
        .filter(|word| can_be_looked_up(word))
        .map(|word| (*word).to_owned())
        .collect();
    // "PMID 12345" in two words.
    for pair in words.windows(2) {
        if let [label, number] = pair {
            let labelled = ["pmid", "pmid:"].contains(&label.to_lowercase().as_str());
            if labelled && is_number(number) {
                found.push(format!("{label} {number}"));
            }
        }
    }
    found
}

fn can_be_looked_up(word: &str) -> bool {
    if word.starts_with("https://") || word.starts_with("http://") {
        return word.len() > "https://".len();
    }
    if let Some(number) = word.strip_prefix('#') {
        return is_number(number);
    }
    if let Some(handle) = word.strip_prefix('@') {
        return handle.len() >= 2 && handle.chars().all(is_name_character);
    }
    if word.starts_with("10.") && word.contains('/') {
        return true;
    }
    if let Some((kind, name)) = word.split_once(':') {
        let kind_is_a_word = kind.len() >= 2
            && kind
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
            && kind.starts_with(|c: char| c.is_ascii_alphabetic());
        return kind_is_a_word
            && !name.is_empty()
            && name
                .chars()
                .all(|c| is_name_character(c) || matches!(c, '/' | ':' | '#'));
    }
    is_ticket(word)
}

/// `SEN-42`: capitals, a hyphen, digits.
fn is_ticket(word: &str) -> bool {
    word.split_once('-').is_some_and(|(project, number)| {
        project.len() >= 2
            && project
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
            && project.starts_with(|c: char| c.is_ascii_uppercase())
            && is_number(number)
    })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

fn is_name_character(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn judged(metadata: Value) -> (Vec<String>, Vec<(&'static str, String)>) {
        let mut members = Members::of(&metadata, "/metadata", &["rationale", "use_cases"]);
        let (found, mut problems) = check(&mut members);
        problems.extend(members.end());
        (
            found,
            problems.into_iter().map(|p| (p.code, p.pointer)).collect(),
        )
    }

    const LONG: &str = "Trials cannot be compared without it";

    #[test]
    fn a_structured_use_case_names_who_and_what_for() {
        let (found, problems) = judged(json!({
            "rationale": LONG,
            "use_cases": [{"who": "methods-reviewer", "need": "filter trials by blinding"}]
        }));
        assert_eq!(found, ["methods-reviewer: filter trials by blinding"]);
        assert_eq!(problems, []);
    }

    #[test]
    fn a_reference_in_the_text_counts() {
        for reference in [
            "https://example.com/x",
            "PMID:123456",
            "PMID 123456",
            "doi:10.1000/182",
            "10.1000/182",
            "arXiv:2603.25306",
            "#123",
            "SEN-42",
            "@curator",
            "experiment:exp-12",
            "agent:methods-reviewer",
        ] {
            let (found, problems) =
                judged(json!({"rationale": format!("{LONG}, see {reference}.")}));
            assert_eq!(found, [reference], "{reference}");
            assert_eq!(problems, [], "{reference}");
        }
    }

    #[test]
    fn a_rationale_without_any_is_refused() {
        for text in [
            LONG,
            "It would be nice to have: more data, and better.",
            "Version 1.2 is well-known, e.g. here - really",
        ] {
            let (_, problems) = judged(json!({"rationale": text}));
            assert_eq!(
                problems,
                [("rationale_names_no_use_case", "/metadata/rationale".into())],
                "{text}"
            );
        }
    }

    #[test]
    fn vague_use_cases_are_refused_at_their_place() {
        let (_, problems) = judged(json!({
            "rationale": LONG,
            "use_cases": [
                {"who": "Everyone", "need": "filter trials by blinding"},
                {"who": "methods-reviewer", "need": "better data"},
                {"who": "methods-reviewer"}
            ]
        }));
        assert_eq!(
            problems,
            [
                ("use_case_vague", "/metadata/use_cases/0/who".into()),
                ("use_case_vague", "/metadata/use_cases/1/need".into()),
                ("member_missing", "/metadata/use_cases/2".into()),
            ]
        );
    }
}
