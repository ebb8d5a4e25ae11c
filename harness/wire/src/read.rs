//! Small helpers that every parser here uses to turn nom's results into errors which name the header.

use crate::{ParseError, Parsed};
use nom::Parser;

/// What nom hands back when bytes are missing.
pub(crate) type NomError<'a> = nom::error::Error<&'a [u8]>;

/// Runs `parser` over the fixed part of a header. It can only fail by lack of bytes: the error stands where the input ends.
#[inline]
pub(crate) fn fixed<'a, O>(
    layer: &'static str,
    expected: &'static str,
    input: &'a [u8],
    mut parser: impl Parser<&'a [u8], Output = O, Error = NomError<'a>>,
) -> Parsed<'a, O> {
    parser
        .parse(input)
        .map_err(|_| ParseError::new(layer, "header", input.len(), expected))
}

/// Takes `count` bytes of `rest`, the unread part of `input`; lack of bytes is an error where the input ends.
#[inline]
pub(crate) fn part<'a>(
    layer: &'static str,
    field: &'static str,
    expected: &'static str,
    input: &[u8],
    rest: &'a [u8],
    count: usize,
) -> Parsed<'a, &'a [u8]> {
    nom::bytes::complete::take::<_, _, NomError<'a>>(count)(rest)
        .map_err(|_| ParseError::new(layer, field, input.len(), expected))
}

/// `N` bytes as an array, for addresses.
#[inline]
pub(crate) fn array<const N: usize>(input: &[u8]) -> nom::IResult<&[u8], [u8; N]> {
    match input.split_first_chunk::<N>() {
        Some((head, rest)) => Ok((rest, *head)),
        None => Err(nom::Err::Error(NomError {
            input,
            code: nom::error::ErrorKind::Eof,
        })),
    }
}
