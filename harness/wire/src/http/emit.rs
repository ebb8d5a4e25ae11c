//! Writing heads and chunked bodies. Nothing is checked or added: what is given is written.

/// A request line and fields, with the empty line.
pub fn request(method: &[u8], target: &[u8], fields: &[(&[u8], &[u8])], out: &mut Vec<u8>) {
    for part in [method, b" ", target, b" HTTP/1.1\r\n"] {
        out.extend(part);
    }
    section(fields, out);
}

/// A status line and fields, with the empty line.
pub fn response(status: u16, reason: &[u8], fields: &[(&[u8], &[u8])], out: &mut Vec<u8>) {
    out.extend(format!("HTTP/1.1 {status:03} ").bytes());
    out.extend(reason);
    out.extend(b"\r\n");
    section(fields, out);
}

/// A chunk; `extensions` start with a semicolon if there are any. Without data it would be the last: see [`last_chunk`].
pub fn chunk(data: &[u8], extensions: &[u8], out: &mut Vec<u8>) {
    out.extend(format!("{:x}", data.len()).bytes());
    for part in [extensions, b"\r\n", data, b"\r\n"] {
        out.extend(part);
    }
}

/// The last chunk, trailers and the empty line.
pub fn last_chunk(trailers: &[(&[u8], &[u8])], out: &mut Vec<u8>) {
    out.extend(b"0\r\n");
    section(trailers, out);
}

fn section(fields: &[(&[u8], &[u8])], out: &mut Vec<u8>) {
    for (name, value) in fields {
        for part in [name, b": ".as_slice(), value, b"\r\n"] {
            out.extend(part);
        }
    }
    out.extend(b"\r\n");
}
