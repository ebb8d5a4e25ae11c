//! Window scale and timestamps (RFC 7323), selective acknowledgement (RFC 2018, RFC 2883).

mod dsack;
mod sack_blocks;
mod sack_generation;
mod sack_negotiation;
mod timestamp_echo;
mod timestamps;
mod window_scale;

crate::tcp::check::tcp_checks! {
    window_scale::WindowScaleOnlyOnSyn,
    window_scale::WindowScaleAtMost14,
    window_scale::WindowScaleOnlyIfOffered,
    timestamps::TimestampsOnlyIfOffered,
    timestamps::TimestampsOnEverySegment,
    timestamps::TsvalMonotonic,
    timestamp_echo::TsecrZeroWithoutAck,
    timestamp_echo::TsecrValid,
    sack_negotiation::SackPermittedOnlyOnSyn,
    sack_negotiation::SackOnlyIfPermitted,
    sack_blocks::SackBlocksWellFormed,
    sack_blocks::SackCoversSentData,
    sack_generation::SackForOutOfOrder,
    sack_generation::SackFirstBlockNewest,
    dsack::DsackReportsDuplicate,
}
