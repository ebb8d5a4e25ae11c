//! From the books of single captures to the document that every report form prints.

use super::expect::Expectation;
use super::judge::Judged;
use crate::report::model::{
    CaptureEntry, Counts, Document, EndpointEntry, Judged as JudgedOne, RequirementEntry, SCHEMA, Times, Tool,
    Violation,
};
use conformance::{Finding, Level, Requirement, Verdict, requirements};

/// `flags` says, per requirement, whether it is reported.
pub fn document(judged: Vec<Judged>, flags: &[bool], mut expectations: Vec<Expectation>) -> Document {
    let chosen: Vec<(usize, &'static Requirement)> = requirements()
        .iter()
        .copied()
        .enumerate()
        .filter(|(at, _)| flags.get(*at) == Some(&true))
        .collect();
    let mut document = Document {
        schema: SCHEMA,
        tool: Tool::THIS,
        captures: Vec::new(),
        requirements: chosen.iter().map(|(_, requirement)| entry(requirement)).collect(),
        violations: Vec::new(),
        unmet_expectations: Vec::new(),
    };
    for one in judged {
        add_capture(&mut document, one, &chosen, flags, &mut expectations);
    }
    document.unmet_expectations = expectations
        .into_iter()
        .filter(|expectation| !expectation.met)
        .map(|expectation| expectation.line)
        .collect();
    document
}

pub fn entry(requirement: &'static Requirement) -> RequirementEntry {
    RequirementEntry {
        id: requirement.id,
        source: requirement.source.to_string(),
        level: requirement.level.name(),
        counts: Counts::default(),
        times: Times::default(),
        requirement,
    }
}

fn add_capture(
    document: &mut Document,
    judged: Judged,
    chosen: &[(usize, &'static Requirement)],
    flags: &[bool],
    expectations: &mut [Expectation],
) {
    let Judged {
        file,
        mut warnings,
        error,
        report,
    } = judged;
    let Some(report) = report else {
        let nothing = CaptureEntry {
            file,
            packets: 0,
            connections: 0,
            warnings,
            error,
            endpoints: Vec::new(),
        };
        return document.captures.push(nothing);
    };
    notes(&report, &mut warnings);
    let mut endpoints = Vec::new();
    for (address, row) in report.book.rows() {
        let endpoint = address.to_string();
        let mut counts = Counts::default();
        let mut all = Vec::with_capacity(chosen.len());
        for ((at, requirement), entry) in chosen.iter().zip(&mut document.requirements) {
            let tally = row.get(*at).copied().unwrap_or_default();
            let verdict = tally.verdict(requirement.level);
            counts.add(verdict);
            entry.counts.add(verdict);
            entry.times.add(&tally);
            let broken = matches!(verdict, Verdict::Violated | Verdict::Deviating);
            let accepted = broken && accept(expectations, requirement.id, &endpoint);
            all.push(JudgedOne {
                verdict,
                tally,
                accepted,
            });
        }
        endpoints.push(EndpointEntry {
            endpoint,
            counts,
            judged: all,
        });
    }
    let findings = report
        .book
        .findings()
        .filter(|finding| flags.get(usize::from(finding.requirement.0)) == Some(&true));
    document
        .violations
        .extend(findings.map(|finding| violation(finding, &file, expectations)));
    let (packets, connections) = (report.counts.frames, report.counts.connections);
    document.captures.push(CaptureEntry {
        file,
        packets,
        connections,
        warnings,
        error,
        endpoints,
    });
}

/// What a reader should know about the verdicts of this capture.
fn notes(report: &conformance::Report, warnings: &mut Vec<String>) {
    if report.book.findings_dropped > 0 {
        warnings.push(format!(
            "{} more violations were counted but are not told one by one",
            report.book.findings_dropped
        ));
    }
    if report.evicted > 0 {
        warnings.push(format!(
            "{} connections were let go early to bound memory",
            report.evicted
        ));
    }
    if report.book.is_crowded() {
        warnings.push(format!(
            "endpoints beyond the first {} share one row",
            conformance::verdict::MAX_ENDPOINTS
        ));
    }
    if report.counts.malformed > 0 {
        warnings.push(format!("{} headers could not be read", report.counts.malformed));
    }
}

pub fn accept(expectations: &mut [Expectation], requirement: &str, endpoint: &str) -> bool {
    let mut any = false;
    for expectation in expectations
        .iter_mut()
        .filter(|expectation| expectation.covers(requirement, endpoint))
    {
        (expectation.met, any) = (true, true);
    }
    any
}

fn violation(finding: &Finding, file: &str, expectations: &mut [Expectation]) -> Violation {
    let requirement = requirements()[usize::from(finding.requirement.0)];
    let endpoint = finding.endpoint.to_string();
    Violation {
        requirement: requirement.id,
        level: requirement.level.name(),
        source: requirement.source.to_string(),
        verdict: if requirement.level == Level::Must {
            Verdict::Violated
        } else {
            Verdict::Deviating
        }
        .name(),
        file: file.to_string(),
        connection: finding.flow.to_string(),
        time: finding.time.0 as f64 / 1e9,
        frames: finding.frames.iter().map(|frame| frame.0).collect(),
        expected: finding.expected.clone(),
        seen: finding.seen.clone(),
        accepted: accept(expectations, requirement.id, &endpoint),
        endpoint,
        severity: requirement.level,
    }
}
