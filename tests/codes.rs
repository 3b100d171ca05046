//! The page of codes and the source hold each other to the truth.

#![cfg(test)]

use std::collections::BTreeSet;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path, into: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            into.push(text.split("#[cfg(test)]").next().unwrap().to_owned());
        }
    }
}

/// The codes that the source gives to the makers of problems.
fn given() -> BTreeSet<String> {
    let mut texts = Vec::new();
    sources(&root().join("src"), &mut texts);
    let mut codes = BTreeSet::new();
    for text in texts {
        for maker in [
            "Problem::error(",
            "Problem::warning(",
            "refuse(",
            ".problem(",
        ] {
            for rest in text.split(maker).skip(1) {
                if let Some(quoted) = rest.trim_start().strip_prefix('"') {
                    codes.insert(quoted.split('"').next().unwrap().to_owned());
                }
            }
        }
    }
    codes
}

/// The codes in the first column of the page's tables.
fn listed() -> BTreeSet<String> {
    let page = std::fs::read_to_string(root().join("docs/codes.md")).unwrap();
    page.lines()
        .filter(|line| line.starts_with("| `"))
        .filter_map(|line| line.split('|').nth(1))
        .flat_map(|cell| {
            cell.split('`')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn every_code_that_is_given_is_listed() {
    let missing: Vec<_> = given().difference(&listed()).cloned().collect();
    assert!(missing.is_empty(), "docs/codes.md lacks {missing:?}");
}

#[test]
fn every_code_that_is_listed_is_in_the_source() {
    let mut texts = Vec::new();
    sources(&root().join("src"), &mut texts);
    let source = texts.join("\n");
    let gone: Vec<_> = listed()
        .into_iter()
        .filter(|code| !source.contains(&format!("\"{code}\"")))
        .collect();
    assert!(
        gone.is_empty(),
        "docs/codes.md has {gone:?}, which the source does not know"
    );
}
