//! A whole message, RFC 1035 section 4.1.

use super::edns::Opt;
use super::error::{Error, Section};
use super::header::{HEADER_LEN, Header, Rcode};
use super::rdata::Data;
use super::record::{Question, Record, Type};

/// A message whose questions and records have been delimited, as far as they could be.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    pub header: Header,
    bytes: &'a [u8],
    /// Question, answer, authority, additional.
    sections: [Span; 4],
    end: usize,
    error: Option<Error>,
}

/// Where a section starts and how many of its entries could be read.
#[derive(Debug, Clone, Copy, Default)]
struct Span {
    start: usize,
    count: u16,
}

const ORDER: [Section; 4] = [
    Section::Question,
    Section::Answer,
    Section::Authority,
    Section::Additional,
];

impl<'a> Message<'a> {
    /// Fails only for want of a header. Later errors are in [`Message::error`], after all that could be read.
    pub fn parse(bytes: &'a [u8]) -> Result<Message<'a>, Error> {
        let header = Header::parse(bytes).map_err(|fault| fault.at(Section::Header, 0))?;
        let mut message = Message {
            header,
            bytes,
            sections: [Span::default(); 4],
            end: HEADER_LEN,
            error: None,
        };
        message.error = message.delimit().err();
        Ok(message)
    }

    fn delimit(&mut self) -> Result<(), Error> {
        let counts = [
            self.header.qdcount,
            self.header.ancount,
            self.header.nscount,
            self.header.arcount,
        ];
        for ((section, count), span) in ORDER.into_iter().zip(counts).zip(&mut self.sections) {
            span.start = self.end;
            for index in 0..count {
                let end = match section {
                    Section::Question => Question::parse(self.bytes, self.end).map(|(_, end)| end),
                    _ => Record::parse(self.bytes, self.end, section, index).map(|(_, end)| end),
                };
                self.end = end.map_err(|fault| fault.at(section, index))?;
                span.count += 1;
            }
        }
        Ok(())
    }

    pub fn questions(&self) -> Questions<'a> {
        let [Span { start, count }, ..] = self.sections;
        Questions {
            message: self.bytes,
            at: start,
            left: count,
        }
    }

    pub fn answers(&self) -> Records<'a> {
        let [_, span, ..] = self.sections;
        self.records_of(Section::Answer, span)
    }

    pub fn authority(&self) -> Records<'a> {
        let [_, _, span, _] = self.sections;
        self.records_of(Section::Authority, span)
    }

    pub fn additional(&self) -> Records<'a> {
        let [.., span] = self.sections;
        self.records_of(Section::Additional, span)
    }

    /// The records of all sections, in order.
    pub fn records(&self) -> impl Iterator<Item = Record<'a>> + use<'a> {
        self.answers().chain(self.authority()).chain(self.additional())
    }

    fn records_of(&self, section: Section, span: Span) -> Records<'a> {
        Records {
            message: self.bytes,
            section,
            at: span.start,
            index: 0,
            count: span.count,
        }
    }

    /// The first OPT record among the additional ones, if it can be read.
    pub fn edns(&self) -> Option<Opt<'a>> {
        let record = self.additional().find(|record| record.kind == Type::OPT)?;
        match record.data() {
            Ok(Data::Opt(opt)) => Some(opt),
            _ => None,
        }
    }

    /// The response code with the upper bits of EDNS (RFC 6891 section 6.1.3).
    pub fn rcode(&self) -> Rcode {
        let upper = self.edns().map_or(0, |opt| u16::from(opt.extended_rcode));
        Rcode(upper << 4 | self.header.rcode().0)
    }

    /// What stopped the reading: of the counted questions and records, those before it are here.
    pub const fn error(&self) -> Option<Error> {
        self.error
    }

    /// The first record whose data does not fit its type.
    pub fn data_error(&self) -> Option<Error> {
        self.records().find_map(|record| record.data().err())
    }

    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// What follows the last record that was read: empty for a complete message.
    pub fn surplus(&self) -> &'a [u8] {
        self.bytes.get(self.end..).unwrap_or_default()
    }
}

/// The questions of a message.
#[derive(Debug, Clone)]
pub struct Questions<'a> {
    message: &'a [u8],
    at: usize,
    left: u16,
}

impl<'a> Iterator for Questions<'a> {
    type Item = Question<'a>;

    fn next(&mut self) -> Option<Question<'a>> {
        self.left = self.left.checked_sub(1)?;
        let (question, end) = Question::parse(self.message, self.at).ok()?;
        self.at = end;
        Some(question)
    }
}

/// The records of a section.
#[derive(Debug, Clone)]
pub struct Records<'a> {
    message: &'a [u8],
    section: Section,
    at: usize,
    index: u16,
    count: u16,
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        if self.index >= self.count {
            return None;
        }
        let (record, end) = Record::parse(self.message, self.at, self.section, self.index).ok()?;
        (self.at, self.index) = (end, self.index + 1);
        Some(record)
    }
}
