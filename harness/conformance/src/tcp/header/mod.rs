//! The fixed header (RFC 9293 section 3.1) and the options that it defines itself.

mod checksum;
mod mss;
mod option_format;
mod option_tolerance;
mod reserved_bits;
mod segment_size;

crate::tcp::check::tcp_checks! {
    reserved_bits::ReservedBits,
    checksum::ChecksumCorrect,
    checksum::ChecksumChecked,
    option_format::OptionLengthCorrect,
    option_format::OptionsPaddedWithZero,
    option_tolerance::IllegalOptionSurvived,
    option_tolerance::UnknownOptionIgnored,
    mss::MssOnlyOnSyn,
    mss::MssAnnounced,
    mss::MssFitsMtu,
    segment_size::MssDefaultRespected,
    segment_size::EffectiveSendMss,
}
