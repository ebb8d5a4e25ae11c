//! The ledger names what exists, and leaves nothing out.

use super::*;
use crate::Requirement;
use std::collections::BTreeSet;

fn judged_by(row: &Row) -> &[&'static str] {
    match &row.answer {
        Answer::Captures(ids) => ids,
        _ => &[],
    }
}

#[test]
fn every_line_is_read() {
    for ((rfc, text), document) in FILES.iter().zip(documents()) {
        assert_eq!(
            text.lines().count(),
            document.rows.len(),
            "RFC {rfc}: a line is malformed"
        );
    }
}

#[test]
fn every_answer_says_something_and_names_requirements_that_exist() {
    for document in documents() {
        for row in &document.rows {
            let at = format!("RFC {} {} ({})", document.rfc, row.place, row.says);
            assert!(!row.says.is_empty(), "{at}");
            match &row.answer {
                Answer::Captures(ids) => {
                    assert!(!ids.is_empty(), "{at}");
                    for id in ids {
                        assert!(crate::requirement_by_id(id).is_some(), "{at}: no requirement {id}");
                    }
                }
                Answer::Live(reason) | Answer::Outside(reason) => assert!(reason.len() > 8, "{at}"),
            }
        }
    }
}

/// A requirement that cites a label, a problem or a sentence's section stands in its row.
#[test]
fn every_requirement_stands_where_it_cites() {
    let documents = documents();
    let rows = |rfc: u16| {
        documents
            .iter()
            .filter(move |one| one.rfc == rfc)
            .flat_map(|one| &one.rows)
    };
    let named =
        |rfc: u16, place: &str, id: &str| rows(rfc).any(|row| row.place == place && judged_by(row).contains(&id));
    for Requirement {
        id,
        labels,
        source,
        also,
        ..
    } in crate::requirements()
    {
        for label in *labels {
            assert!(named(9293, label, id), "{id} cites {label}, whose row does not name it");
        }
        for cited in also.iter().chain([source]).filter(|cited| cited.rfc == 2525) {
            assert!(
                named(2525, cited.section, id),
                "{id} cites {cited}, whose row does not name it"
            );
        }
    }
}

#[test]
fn labels_and_problems_are_all_there() {
    let documents = documents();
    let places = |rfc: u16| -> BTreeSet<&str> {
        documents
            .iter()
            .filter(|one| one.rfc == rfc)
            .flat_map(|one| one.rows.iter().map(|row| row.place))
            .collect()
    };
    // RFC 9293 appendix B counts each kind from 1.
    let kinds = [("MUST", 69), ("SHLD", 31), ("MAY", 18), ("REC", 1)];
    let labels: Vec<String> = kinds
        .iter()
        .flat_map(|&(kind, count)| (1..=count).map(move |number| format!("{kind}-{number}")))
        .collect();
    assert_eq!(places(9293), labels.iter().map(String::as_str).collect());
    let problems: Vec<String> = (1..=18).map(|number| format!("2.{number}")).collect();
    assert_eq!(places(2525), problems.iter().map(String::as_str).collect());
}

/// Against a list of all normative sentences, where one is at hand.
#[test]
fn sentences_are_all_there_in_their_order() {
    let Some(shared) = std::env::var_os("STACKPROOF_SHARED") else {
        println!("skipped: needs STACKPROOF_SHARED, a folder with rfc/normative.tsv");
        return;
    };
    let path = std::path::Path::new(&shared).join("rfc/normative.tsv");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    for document in documents().into_iter().filter(|one| !matches!(one.rfc, 9293 | 2525)) {
        let number = document.rfc.to_string();
        let listed: Vec<(&str, &str)> = text
            .lines()
            .map(|line| line.split('\t').collect::<Vec<_>>())
            .filter(|columns| columns.first() == Some(&number.as_str()) && columns.len() > 3)
            .map(|columns| (columns[1], columns[3]))
            .collect();
        let ours: Vec<(&str, &str)> = document.rows.iter().map(|row| (row.place, row.level)).collect();
        assert_eq!(ours, listed, "RFC {number}");
    }
}
