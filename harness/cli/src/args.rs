//! Arguments, and the help that explains them.

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold());

/// Which RFC requirements does this TCP/IP stack keep, which does it break, and where is the proof?
#[derive(Parser)]
#[command(name = "stackproof", version, styles = STYLES, disable_help_subcommand = true)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true)]
    pub color: Color,
}

#[derive(Subcommand)]
pub enum Command {
    /// Judge captures against the RFCs, requirement by requirement
    Check(Check),
    /// Drive live stacks through scenarios, and judge them requirement by requirement
    Test(Test),
    /// Run packetdrill scripts at any stack
    Script(Script),
    /// Play one side of a captured connection at a live stack, and judge how it reacts
    Replay(Replay),
    /// Play millions of conversations, legal and not, at live stacks, and keep what speaks against them
    Fuzz(Fuzz),
    /// Let stacks meet each other across a simulated network
    Interop(Interop),
    /// List the stacks that can be driven, and what each needs on this machine
    Stacks,
    /// List the deliberate faults of the reference, with the requirement that each breaks
    Faults(Faults),
    /// List the requirements that are judged
    Rules(Rules),
    /// Tell all about one requirement: source, statement, method, examples
    Explain(Explain),
    /// Count what is in captures: packets, streams, flags, resends, bad checksums, DNS and HTTP messages
    Facts(Facts),
    /// The part of the `linux` stack that runs inside its namespace
    #[cfg(target_os = "linux")]
    #[command(hide = true)]
    LinuxAgent {
        /// By a veth pair rather than a TUN device
        #[arg(long)]
        raw: bool,
    },
    /// Print a completion script for a shell
    Completions { shell: clap_complete::Shell },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    pub fn write_global(self) {
        match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  stackproof check trace.pcapng                      what does each end keep and break?
  stackproof check --rfc 6298 --all captures/        every verdict about retransmission timers, a folder of captures
  stackproof check --format junit *.pcap > tcp.xml   for CI
  tcpdump -w - | stackproof check -                  from standard input
  stackproof check --expect accepted.txt trace.pcap  known deviations are accepted, new ones are not

Exit status: 0 nothing at or above --fail-on was broken, 1 something was, 2 some capture could not be read whole.")]
pub struct Check {
    /// Captures (pcap, pcapng, gzip, zstd), folders, glob patterns, or `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// How to print the verdicts
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Captures judged at the same time; 0 means one per core
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub threads: usize,
    #[command(flatten)]
    pub selection: Selection,
    /// The weakest broken requirement that makes the exit status 1
    #[arg(long, value_enum, default_value_t = FailOn::Must)]
    pub fail_on: FailOn,
    /// Where the captures were taken
    #[arg(long, value_enum, default_value_t = VantageArg::Auto)]
    pub vantage: VantageArg,
    /// Accepted deviations: lines of `requirement endpoint reason`, `*` for any endpoint
    #[arg(long, value_name = "FILE")]
    pub expect: Option<PathBuf>,
    /// Print every verdict of every endpoint, not only what was broken
    #[arg(long)]
    pub all: bool,
    /// Print nothing but violations and errors
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  stackproof test smoltcp                                 the whole suite, and the scorecard
  stackproof test reference smoltcp                       two stacks side by side
  stackproof test smoltcp --scenario 'closing/*' --trace  the packets of some scenarios
  stackproof test process:./shim.py --record out/         a stack of your own, a capture of each scenario
  stackproof test reference --fault never-backs-off       is this fault caught?

Exit status: 0 nothing at or above --fail-on was broken, 1 something was, 2 some stack could not be tested.")]
pub struct Test {
    /// Stacks, as `stackproof stacks` lists them
    #[arg(required_unless_present = "list", value_name = "STACK")]
    pub stacks: Vec<String>,
    /// Print the cases, and how long each takes in real time, instead of playing them
    #[arg(long)]
    pub list: bool,
    /// On a clock that is not ours, play also what takes minutes and hours
    #[arg(long)]
    pub slow: bool,
    /// Only scenarios whose name matches; `*` matches any characters
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub scenario: Vec<String>,
    #[command(flatten)]
    pub selection: Selection,
    /// How to print the scorecard
    #[arg(long, value_enum, default_value_t = TestFormat::Text)]
    pub format: TestFormat,
    /// Scenarios played at the same time; 0 means one per core
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub jobs: usize,
    /// Of whatever the stacks draw at random
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Only a part of the cases: `hash:1/4` is the first of four
    #[arg(long, value_name = "hash:M/N")]
    pub partition: Option<String>,
    /// Write a pcapng per case into this folder, what the harness did and thought as comments, and a packetdrill script
    #[arg(long, value_name = "DIR")]
    pub record: Option<PathBuf>,
    /// Print the sequence diagram of each case
    #[arg(long)]
    pub trace: bool,
    /// Give the reference this fault (see `stackproof faults`)
    #[arg(long, value_name = "NAME")]
    pub fault: Option<String>,
    /// The weakest broken requirement that makes the exit status 1
    #[arg(long, value_enum, default_value_t = FailOn::Must)]
    pub fail_on: FailOn,
    /// Accepted deviations: lines of `requirement stack reason`, `*` for any stack
    #[arg(long, value_name = "FILE")]
    pub expect: Option<PathBuf>,
    /// Print every verdict, and every scenario that was skipped
    #[arg(long)]
    pub all: bool,
    /// Print nothing but violations and errors
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  stackproof fuzz smoltcp --time 8h --out night        each distinct find once, in night/finds
  stackproof fuzz smoltcp --out night --resume         go on with it
  stackproof fuzz smoltcp --out night --regressions regressions
                                                       the smallest input of each find, as regressions/smoltcp/NAME.bin
  stackproof fuzz smoltcp --replay night/finds/X/input  the packets of one find
  stackproof fuzz smoltcp --replay regressions/smoltcp  does any of them still show something? A line each
  stackproof fuzz smoltcp --against reference          what does its application miss that the other's gets?
  stackproof fuzz reference --fault never-backs-off    is this fault found?
  stackproof fuzz smoltcp --engine libfuzzer --jobs 4  by cargo-fuzz, in processes that may crash
  stackproof fuzz smoltcp --doctor                     which inputs would be read from where?

Exit status: 0 nothing was found, 1 something was, 2 some stack could not be fuzzed, or some input could not be read.")]
pub struct Fuzz {
    /// Stacks on virtual time, as `stackproof stacks` lists them
    #[arg(required = true, value_name = "STACK")]
    pub stacks: Vec<String>,
    /// How long, all stacks together: 60s, 10m, 8h
    #[arg(long, default_value = "60s")]
    pub time: String,
    /// What changes the conversations: our own engine, or cargo-fuzz (needs nightly Rust and stackproof's repository)
    #[arg(long, value_enum, default_value_t = Engine::Own)]
    pub engine: Engine,
    /// How many conversations at most, per stack
    #[arg(long, value_name = "N")]
    pub runs: Option<u64>,
    /// Threads; 0 means one per core
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub jobs: usize,
    /// Of the mutations; with --jobs 1 and --runs two sessions are the same
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The weakest requirement whose breach is a find
    #[arg(long, value_enum, default_value_t = LevelArg::Must)]
    pub level: LevelArg,
    /// More inputs to begin with
    #[arg(long, value_name = "DIR")]
    pub corpus: Option<PathBuf>,
    /// Captures to begin with: what happened in each connection, both ends in turn as the stack
    #[arg(long, value_name = "CAPTURE")]
    pub seed_from: Vec<PathBuf>,
    /// Where the log, new inputs and finds are written
    #[arg(long, value_name = "DIR", default_value = "fuzz-out")]
    pub out: PathBuf,
    /// Go on with the session in --out
    #[arg(long)]
    pub resume: bool,
    /// Look for breaches of this requirement alone, and stop at the first; `any` for any find
    #[arg(long, value_name = "ID")]
    pub until: Option<String>,
    /// Give the reference this fault; what it shows without it is no find
    #[arg(long, value_name = "NAME")]
    pub fault: Option<String>,
    /// Play every conversation at this stack as well; what one application is owed, and only the other's gets, is a find of STACK
    #[arg(long, value_name = "STACK")]
    pub against: Option<String>,
    /// Keep the smallest input of each find here too, as DIR/STACK/NAME.bin: --replay makes a regression test of them
    #[arg(long, value_name = "DIR")]
    pub regressions: Option<PathBuf>,
    /// Play inputs: of one file, print its packets; of several, or of folders (every `input` and *.bin below), a line each
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub replay: Vec<PathBuf>,
    /// Make one input small, as FILE with the ending .min
    #[arg(long, value_name = "FILE", conflicts_with = "replay")]
    pub minimise: Option<PathBuf>,
    /// Tell what would be read from where, and what is missing
    #[arg(long)]
    pub doctor: bool,
    /// How to print what was found
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
}

/// What changes conversations and decides which to keep.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Own,
    Libfuzzer,
}

#[derive(ClapArgs)]
#[command(after_help = "\
Each stack connects to each, itself included: both sides send, both close. Do both finish within ten minutes of virtual time, is
every octet right, and what does either break, seen from beside it?

Examples:
  stackproof interop                              all stacks that are built in
  stackproof interop reference process:./shim.py  a stack of your own
  stackproof interop smoltcp --record out         captures of both sides, where something was wrong

Exit status: 0 nothing was wrong, 1 something was, 2 some stacks cannot meet.")]
pub struct Interop {
    /// Stacks on virtual time; without any, those that are built in
    #[arg(value_name = "STACK")]
    pub stacks: Vec<String>,
    /// Of the network, and of whatever the stacks draw at random
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Conversations per pair and condition, IPv4 and IPv6 in turn
    #[arg(long, default_value_t = 10, value_name = "N")]
    pub rounds: u32,
    /// Write captures of both sides of each conversation that went wrong into this folder
    #[arg(long, value_name = "DIR")]
    pub record: Option<PathBuf>,
    /// How to print the matrix
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
}

#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  stackproof script tests/*.pkt --stack smoltcp        run scripts, on the stack's virtual time
  stackproof script harness/suite/scripts              a folder of scripts, at the reference
  stackproof script --check tests/*.pkt                read them only: `ok`, or what is wrong and where
  stackproof script --explain handshake.pkt            what does it do, line by line?
  stackproof script --fmt --in-place handshake.pkt     one style
  stackproof script --from-capture trace.pcap --connection 3 > again.pkt

Exit status: 0 all passed or were skipped, 1 some failed or some stack broke a requirement, 2 some could not be read or run.")]
pub struct Script {
    /// Scripts, folders of *.pkt, or glob patterns
    #[arg(required_unless_present = "from_capture", value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Where to run them, as `stackproof stacks` lists; may be given several times
    #[arg(long, value_name = "STACK", default_value = "reference")]
    pub stack: Vec<String>,
    /// How packets are compared with the script
    #[arg(long, value_enum, default_value_t = MatchMode::Auto)]
    pub mode: MatchMode,
    /// Read the scripts, run nothing
    #[arg(long, conflicts_with_all = ["explain", "fmt", "from_capture"])]
    pub check: bool,
    /// Say what the scripts do, event by event; run nothing
    #[arg(long, conflicts_with_all = ["fmt", "from_capture"])]
    pub explain: bool,
    /// Print the scripts in one style; run nothing
    #[arg(long, conflicts_with = "from_capture")]
    pub fmt: bool,
    /// With --fmt: change the files
    #[arg(long, requires = "fmt")]
    pub in_place: bool,
    /// Write a script out of a captured connection
    #[arg(long, value_name = "CAPTURE", conflicts_with = "files")]
    pub from_capture: Option<PathBuf>,
    /// With --from-capture: which connection, as Wireshark's tcp.stream counts them from 0 [default: the first with a SYN]
    #[arg(long, value_name = "N", requires = "from_capture")]
    pub connection: Option<u32>,
    /// With --from-capture: whose part the script plays; the other end becomes the stack under test
    #[arg(long, value_enum, default_value_t = SideArg::Client, requires = "from_capture")]
    pub side: SideArg,
    /// What a symbol stands for, as packetdrill's -D
    #[arg(short = 'D', long = "define", value_name = "NAME=VALUE")]
    pub define: Vec<String>,
    /// The IP version of scripts that do not say
    #[arg(long, value_enum, default_value_t = IpVersion::Ipv4)]
    pub ip_version: IpVersion,
    /// Of times, in microseconds, where the scripts' own tolerance is less
    #[arg(long, value_name = "MICROSECONDS", default_value_t = 0)]
    pub tolerance: u32,
    /// How to print the results
    #[arg(long, value_enum, default_value_t = ScriptFormat::Text)]
    pub format: ScriptFormat,
    /// Scripts run at the same time; 0 means one per core
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub jobs: usize,
    /// Of whatever the stack draws at random
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Write a pcapng per script into this folder
    #[arg(long, value_name = "DIR")]
    pub record: Option<PathBuf>,
    /// Print the sequence diagram of each script, not only of those that failed
    #[arg(long)]
    pub trace: bool,
    /// Give the reference this fault (see `stackproof faults`)
    #[arg(long, value_name = "NAME")]
    pub fault: Option<String>,
    /// The weakest broken requirement that makes the exit status 1
    #[arg(long, value_enum, default_value_t = FailOn::Must)]
    pub fail_on: FailOn,
    /// Print nothing but failures and errors
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MatchMode {
    /// Strict on linux, neutral elsewhere
    Auto,
    /// Field by field, as packetdrill does
    Strict,
    /// As far as RFCs make it so
    Neutral,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum IpVersion {
    Ipv4,
    Ipv6,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ScriptFormat {
    /// For people
    Text,
    /// One document, described by docs/script.schema.json
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TestFormat {
    /// For people
    Text,
    /// One document, described by docs/test.schema.json
    Json,
    /// A table of what some stack broke, for documentation
    Markdown,
}

#[derive(ClapArgs)]
#[command(after_help = "\
Sequence numbers, addresses and timestamps are translated to those of the live connection. The gaps of the capture pass on the
stack's clock. What the captured peer's application sent, the stack's application sends, at the same place of the conversation.

Examples:
  stackproof replay trace.pcap --stack smoltcp --side client      the captured client meets smoltcp as the server
  stackproof replay trace.pcap --stack linux --side server        the kernel of this machine connects to the captured server
  stackproof replay many.pcap --connection 7 --stack reference --side client --trace

Exit status: 0 nothing at or above --fail-on was broken, 1 something was, 2 the connection could not be replayed.")]
pub struct Replay {
    /// A capture (pcap, pcapng, gzip, zstd), or `-` for standard input
    #[arg(value_name = "CAPTURE")]
    pub capture: PathBuf,
    /// The stack under test, as `stackproof stacks` lists them
    #[arg(long, value_name = "STACK")]
    pub stack: String,
    /// Whose part we play
    #[arg(long, value_enum)]
    pub side: SideArg,
    /// Which connection, as Wireshark's tcp.stream counts them from 0 [default: the first that begins with a SYN]
    #[arg(long, value_name = "N")]
    pub connection: Option<u32>,
    #[command(flatten)]
    pub selection: Selection,
    /// How to print the outcome
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
    /// Write what happened as a pcapng, each of our packets with the captured frame that it comes from as a comment
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Print the sequence diagram
    #[arg(long)]
    pub trace: bool,
    /// Of whatever the stack draws at random
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The weakest broken requirement that makes the exit status 1
    #[arg(long, value_enum, default_value_t = FailOn::Must)]
    pub fail_on: FailOn,
    /// Accepted deviations: lines of `requirement stack reason`, `*` for any stack
    #[arg(long, value_name = "FILE")]
    pub expect: Option<PathBuf>,
    /// Print every verdict
    #[arg(long)]
    pub all: bool,
    /// Print nothing but violations and errors
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SideArg {
    /// We play the captured client: the stack under test is the server, and listens at the captured server's port
    Client,
    /// We play the captured server: the stack under test is the client, and its application connects
    Server,
}

#[derive(ClapArgs)]
pub struct Faults {
    /// Names alone, one a line
    #[arg(long)]
    pub names: bool,
}

/// Which requirements to report.
#[derive(ClapArgs, Clone, Default)]
pub struct Selection {
    /// Only these requirements; `*` matches any characters: `tcp/rto-*`
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub only: Vec<String>,
    /// All but these requirements
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub skip: Vec<String>,
    /// Only requirements of this RFC
    #[arg(long, value_name = "NUMBER", value_delimiter = ',')]
    pub rfc: Vec<u16>,
    /// Only requirements of this level
    #[arg(long, value_enum, value_delimiter = ',')]
    pub level: Vec<LevelArg>,
    /// Only requirements of this protocol
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub protocol: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// One document, described by docs/check.schema.json
    Json,
    /// The same, a line per capture, requirement and violation
    Jsonl,
    /// JUnit XML: a case per requirement and endpoint
    Junit,
    /// GitHub Actions annotations
    Github,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LevelArg {
    Must,
    Should,
    May,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    Must,
    Should,
    Never,
}

impl FailOn {
    /// The weakest level whose breach counts; none: no breach does.
    pub fn level(self) -> Option<conformance::Level> {
        match self {
            FailOn::Must => Some(conformance::Level::Must),
            FailOn::Should => Some(conformance::Level::Should),
            FailOn::Never => None,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum VantageArg {
    /// Estimated from each side's shortest response
    Auto,
    /// At the end that opened the connections
    Client,
    /// At the end that listened
    Server,
    /// In between
    Middle,
}

#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  stackproof rules --rfc 6298              what is judged of RFC 6298
  stackproof rules --level must --format json
  stackproof rules --coverage --rfc 5681   each of its sentences, and how it is judged")]
pub struct Rules {
    #[command(flatten)]
    pub selection: Selection,
    /// How to print the list
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
    /// Only those that captures cannot show: `stackproof test` judges them
    #[arg(long)]
    pub live: bool,
    /// Every label of RFC 9293, every problem of RFC 2525 and every normative sentence of eleven more, each with how it is judged
    ///
    /// With --rfc, of those documents alone.
    #[arg(long)]
    pub coverage: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    Text,
    Json,
}

#[derive(ClapArgs)]
pub struct Explain {
    /// A requirement's id, or a label of RFC 9293: `tcp/rto-backoff`, `MUST-19`
    #[arg(value_name = "ID")]
    pub id: String,
    /// Write the examples as captures into this folder
    #[arg(long, value_name = "DIR")]
    pub write: Option<PathBuf>,
}

#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  stackproof facts trace.pcapng                     a line of tab-separated counts below their names
  stackproof facts --no-header captures/ | cut -f1,2   file and packets, a folder of captures

Exit status: 0 every capture was read whole, 2 some could not.")]
pub struct Facts {
    /// Captures (pcap, pcapng, gzip, zstd), folders, glob patterns, or `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Leave out the line of names
    #[arg(long)]
    pub no_header: bool,
}
