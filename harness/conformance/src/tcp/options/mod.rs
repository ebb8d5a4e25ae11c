//! Window scale and timestamps (RFC 7323), selective acknowledgement (RFC 2018, RFC 2883).

mod dsack;
mod dsack_block;
mod order;
mod paws;
mod reset_timestamps;
mod sack_blocks;
mod sack_generation;
mod sack_negotiation;
mod sack_position;
mod sack_repetition;
mod timestamp_choice;
mod timestamp_clock;
mod timestamp_echo;
mod timestamp_order;
mod timestamps;
mod window_scale;

crate::tcp::check::tcp_checks! {
    window_scale::WindowScaleOnlyOnSyn,
    window_scale::WindowScaleAtMost14,
    window_scale::WindowScaleOnlyIfOffered,
    timestamps::TimestampsOnlyIfOffered,
    timestamps::TimestampsOnEverySegment,
    timestamp_order::TsvalMonotonic,
    timestamp_clock::TsvalClockRate,
    reset_timestamps::ResetCarriesTimestamps,
    timestamp_echo::TsecrZeroWithoutAck,
    timestamp_echo::TsecrValid,
    timestamp_choice::TsecrEchoesEarliest,
    paws::PawsOldSegmentAcked,
    paws::UsesPaws,
    sack_negotiation::SackPermittedOnlyOnSyn,
    sack_negotiation::SackOnlyIfPermitted,
    sack_blocks::SackBlocksWellFormed,
    sack_blocks::SackCoversSentData,
    sack_position::SackNotBelowAck,
    sack_generation::SackForOutOfOrder,
    sack_generation::SackFirstBlockNewest,
    sack_repetition::SackRepeatsRecentBlocks,
    sack_repetition::SackAsManyBlocksAsFit,
    dsack::DsackReportsDuplicate,
    dsack_block::DsackFollowedByBlock,
}
