//! JUnit XML: a suite per capture, a case per requirement and endpoint; what nobody could judge is skipped with the reason.

use super::model::{CaptureEntry, Document, EndpointEntry, Judged, RequirementEntry, Violation};
use crate::Failure;
use conformance::Verdict;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::io::Write;

pub fn write(document: &Document, out: &mut impl Write) -> Result<(), Failure> {
    let mut report = Report::new("stackproof");
    for capture in &document.captures {
        let mut suite = TestSuite::new(&capture.file);
        for endpoint in &capture.endpoints {
            for (judged, entry) in endpoint.judged.iter().zip(&document.requirements) {
                suite.add_test_case(case(document, capture, endpoint, judged, entry));
            }
        }
        if let Some(error) = &capture.error {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(error);
            suite.add_test_case(TestCase::new("the capture is read to its end", status));
        }
        report.add_test_suite(suite);
    }
    report.serialize(&mut *out)?;
    writeln!(out)?;
    Ok(())
}

fn case(
    document: &Document,
    capture: &CaptureEntry,
    endpoint: &EndpointEntry,
    judged: &Judged,
    entry: &RequirementEntry,
) -> TestCase {
    let mut case = TestCase::new(
        format!("{} {}", entry.id, endpoint.endpoint),
        status(document, capture, endpoint, judged, entry),
    );
    case.set_classname(entry.source.clone());
    case
}

fn status(
    document: &Document,
    capture: &CaptureEntry,
    endpoint: &EndpointEntry,
    judged: &Judged,
    entry: &RequirementEntry,
) -> TestCaseStatus {
    let skipped = |message: String| {
        let mut status = TestCaseStatus::skipped();
        status.set_message(message);
        status
    };
    match judged.verdict {
        Verdict::Holds => TestCaseStatus::success(),
        Verdict::NotExercised => skipped("not exercised".into()),
        Verdict::Inconclusive => {
            let reasons: Vec<&str> = judged.tally.reasons().map(conformance::Reason::name).collect();
            skipped(format!("inconclusive: {}", reasons.join(", ")))
        }
        Verdict::Violated | Verdict::Deviating if judged.accepted => skipped("accepted by the expectations".into()),
        Verdict::Deviating => skipped(format!(
            "deviates from a SHOULD: {}",
            proof(document, capture, endpoint, entry)
        )),
        Verdict::Violated => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(format!("{} {} violated", entry.level, entry.source));
            status.set_description(proof(document, capture, endpoint, entry));
            status
        }
    }
}

fn proof(document: &Document, capture: &CaptureEntry, endpoint: &EndpointEntry, entry: &RequirementEntry) -> String {
    let tell = |violation: &Violation| {
        format!(
            "{}: expected {}; seen {}; frames {:?}",
            violation.connection, violation.expected, violation.seen, violation.frames
        )
    };
    let mine = |violation: &&Violation| {
        violation.requirement == entry.id && violation.endpoint == endpoint.endpoint && violation.file == capture.file
    };
    document
        .violations
        .iter()
        .filter(mine)
        .map(tell)
        .collect::<Vec<_>>()
        .join("\n")
}
