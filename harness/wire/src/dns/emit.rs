//! Writing messages: legal ones with little to say, illegal ones at will.

use super::error::Section;
use super::header::{HEADER_LEN, Header};
use super::message::Message;
use super::name_buf::NameBuf;
use super::rdata::Data;
use super::record::{Class, Question, Record, Type};
use std::collections::HashMap;

/// A message being written. Sections are to be filled in order; counts follow what is added unless overridden.
#[derive(Debug, Clone)]
pub struct Builder {
    bytes: Vec<u8>,
    header: Header,
    /// Where each name and parent written so far begins; none: names are written in full.
    written: Option<HashMap<Vec<u8>, u16>>,
}

impl Builder {
    /// `flags` is the header's second word, see [`Header::QR`] and its fellows.
    pub fn new(id: u16, flags: u16) -> Builder {
        Builder {
            bytes: vec![0; HEADER_LEN],
            header: Header {
                id,
                flags,
                ..Header::default()
            },
            written: None,
        }
    }

    /// From here on, names are written with pointers to earlier ones of the same case (RFC 1035 section 4.1.4).
    pub fn compressed(mut self) -> Builder {
        self.written = Some(HashMap::new());
        self
    }

    pub fn question(mut self, name: &NameBuf, kind: Type, class: Class) -> Builder {
        self.name(name, true);
        self.words(&[kind.0, class.0]);
        self.header.qdcount = self.header.qdcount.wrapping_add(1);
        self
    }

    /// Appends a record; `rdata` writes its data, whose length is set after it.
    pub fn record(
        mut self,
        section: Section,
        name: &NameBuf,
        kind: Type,
        class: Class,
        ttl: u32,
        rdata: impl FnOnce(&mut Rdata<'_>),
    ) -> Builder {
        self.name(name, true);
        self.words(&[kind.0, class.0]);
        self.bytes.extend(ttl.to_be_bytes());
        self.words(&[0]);
        let start = self.bytes.len();
        rdata(&mut Rdata(&mut self));
        let length = (self.bytes.len() - start) as u16;
        if let Some(field) = self.bytes.get_mut(start - 2..start) {
            field.copy_from_slice(&length.to_be_bytes());
        }
        let count = match section {
            Section::Header | Section::Question => &mut self.header.qdcount,
            Section::Answer => &mut self.header.ancount,
            Section::Authority => &mut self.header.nscount,
            Section::Additional => &mut self.header.arcount,
        };
        *count = count.wrapping_add(1);
        self
    }

    /// An OPT record (RFC 6891 section 6.1): `ttl` carries extended RCODE, version and flags.
    pub fn opt(self, payload_size: u16, ttl: u32, options: &[(u16, &[u8])]) -> Builder {
        let class = Class(payload_size);
        self.record(Section::Additional, &NameBuf::root(), Type::OPT, class, ttl, |rdata| {
            for (code, data) in options {
                rdata.word(*code).word(data.len() as u16).bytes(data);
            }
        })
    }

    /// All that could be read of `message`, with the same counts of what is copied.
    pub fn copy(mut self, message: &Message<'_>) -> Builder {
        (self.header.id, self.header.flags) = (message.header.id, message.header.flags);
        for Question { name, kind, class, .. } in message.questions() {
            self = self.question(&name.into(), kind, class);
        }
        message
            .records()
            .fold(self, |builder, record| builder.copy_record(&record))
    }

    fn copy_record(self, record: &Record<'_>) -> Builder {
        let Record {
            name, kind, class, ttl, ..
        } = *record;
        self.record(record.section, &name.into(), kind, class, ttl, |rdata| {
            match record.data() {
                Ok(Data::Ns(name) | Data::Cname(name) | Data::Ptr(name)) => rdata.name(&name.into()),
                Ok(Data::Mx(mx)) => rdata.word(mx.preference).name(&mx.exchange.into()),
                // RFC 2782: the target is never compressed.
                Ok(Data::Srv(srv)) => rdata
                    .word(srv.priority)
                    .word(srv.weight)
                    .word(srv.port)
                    .plain_name(&srv.target.into()),
                Ok(Data::Soa(soa)) => {
                    rdata.name(&soa.mname.into()).name(&soa.rname.into());
                    [soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum]
                        .into_iter()
                        .fold(rdata, Rdata::long)
                }
                _ => rdata.bytes(record.rdata),
            };
        })
    }

    /// Appends bytes as they are: malformed names, pointers to anywhere, half a record, surplus.
    pub fn raw(mut self, bytes: &[u8]) -> Builder {
        self.bytes.extend(bytes);
        self
    }

    /// Changes the header, its counts too, to anything.
    pub fn header(mut self, change: impl FnOnce(&mut Header)) -> Builder {
        change(&mut self.header);
        self
    }

    pub fn build(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.bytes.len());
        self.header.emit(&mut out);
        out.extend(self.bytes.get(HEADER_LEN..).unwrap_or_default());
        out
    }

    fn words(&mut self, words: &[u16]) {
        for word in words {
            self.bytes.extend(word.to_be_bytes());
        }
    }

    fn name(&mut self, name: &NameBuf, may_point: bool) {
        for suffix in name.suffixes() {
            let here = self.bytes.len();
            if let Some(written) = &mut self.written {
                if let Some(target) = written.get(suffix).filter(|_| may_point) {
                    self.bytes.extend((0xc000 | target).to_be_bytes());
                    return;
                }
                // A pointer has 14 bits.
                if let Some(here) = u16::try_from(here).ok().filter(|here| *here < 0x4000) {
                    written.entry(suffix.to_vec()).or_insert(here);
                }
            }
            let label = suffix.first().map_or(0, |length| 1 + usize::from(*length));
            self.bytes.extend(suffix.get(..label).unwrap_or_default());
        }
        self.bytes.push(0);
    }
}

/// Writes the data of one record.
pub struct Rdata<'a>(&'a mut Builder);

impl Rdata<'_> {
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.bytes.extend(bytes);
        self
    }

    pub fn word(&mut self, value: u16) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    pub fn long(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// With pointers, if the message is compressed: for the types of RFC 1035 only (RFC 3597 section 4).
    pub fn name(&mut self, name: &NameBuf) -> &mut Self {
        self.0.name(name, true);
        self
    }

    /// In full.
    pub fn plain_name(&mut self, name: &NameBuf) -> &mut Self {
        self.0.name(name, false);
        self
    }

    /// A character-string (RFC 1035 section 3.3), cut at its limit of 255 octets.
    pub fn string(&mut self, text: &[u8]) -> &mut Self {
        let text = text.get(..255).unwrap_or(text);
        self.bytes(&[text.len() as u8]).bytes(text)
    }
}
