//! Shell snippets are not run: they are read as settings, where they are some.

/// What a snippet asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Nothing that matters here: it restates a default, restores one, prints something.
    Nothing,
    /// Time is to pass, in microseconds.
    Sleep(i64),
    /// `sysctl` settings are to have these values.
    Settings(Vec<(String, String)>),
    /// The first of these that can be had.
    FirstOf(Vec<Wish>),
    /// Another file's commands, by its path from the script's folder; only its settings count.
    Include(String),
    /// So many connections are in a state, which has this name in RFC 9293.
    Count { state: String, count: u32 },
    /// The stack is to forget its connections in TIME-WAIT, and the like.
    Lacks(String),
}

/// What each command of a snippet asks for, in order.
pub fn wishes(snippet: &str) -> Vec<Wish> {
    snippet
        .replace("\\\n", " ")
        .split(['\n', ';'])
        .flat_map(|line| line.split("&&"))
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(one)
        .collect()
}

fn one(line: &str) -> Wish {
    if line.contains("||") {
        return Wish::FirstOf(line.split("||").map(|part| one(part.trim())).collect());
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let program = words
        .first()
        .map_or("", |first| first.rsplit('/').next().unwrap_or(first));
    match program {
        "sysctl" | "set_sysctls.py" => settings(line),
        "sleep" => words
            .get(1)
            .and_then(|time| time.parse::<f64>().ok())
            .map_or(Wish::Nothing, |seconds| {
                Wish::Sleep((seconds.clamp(0.0, 1e6) * 1e6) as i64)
            }),
        "sockstat" | "ss" | "netstat" => state_query(line),
        "nstat" | "true" | "echo" | "kldload" | "modprobe" | "cat" | "grep" => Wish::Nothing,
        // Files of its own, which scripts open; what they hold is the application's affair.
        "rm" | "dd" | "touch" => Wish::Nothing,
        // A stack without offloading has none to switch off.
        "ethtool" => Wish::Nothing,
        "ip" if line.contains("tcp_metrics") => setting("tcp_metrics", "flush"),
        "ip" => route(&words),
        "tc" => queue(&words),
        "." | "source" => words
            .get(1)
            .map_or(Wish::Nothing, |path| Wish::Include((*path).to_owned())),
        name if name.starts_with("sysctl_restore") => Wish::Nothing,
        name if name.ends_with(".sh") => words
            .first()
            .map_or(Wish::Nothing, |path| Wish::Include((*path).to_owned())),
        _ => Wish::Lacks(format!("`{line}`")),
    }
}

fn setting(name: &str, value: &str) -> Wish {
    Wish::Settings(vec![(name.to_owned(), value.to_owned())])
}

/// `ip route change 192.0.2.1 via 192.168.0.2 dev tun0 advmss 600`: what is known of the way to the peer.
fn route(words: &[&str]) -> Wish {
    let device = words.iter().position(|word| *word == "dev");
    match (words.contains(&"route"), device.and_then(|at| words.get(at + 2..))) {
        (true, Some(metrics)) => setting("route", &metrics.join(" ")),
        _ => Wish::Lacks(format!("`{}`", words.join(" "))),
    }
}

/// `tc qdisc replace dev tun0 root pfifo limit 0`: what happens to packets before they leave.
fn queue(words: &[&str]) -> Wish {
    let words: Vec<&str> = words.iter().copied().filter(|word| !word.contains('>')).collect();
    match words.as_slice() {
        [_, "qdisc", verb, "dev", _, "root", queue @ ..] => setting("qdisc", &[&[*verb], queue].concat().join(" ")),
        _ => Wish::Nothing,
    }
}

/// `name=value`, quoted or not, with dots or slashes.
fn settings(line: &str) -> Wish {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('=') {
        let name = before.rsplit([' ', '\t', '"']).next().unwrap_or(before);
        let name = name.trim_start_matches("/proc/sys/").replace('/', ".");
        let (value, left) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once([' ', '\t', '>']).unwrap_or((after, "")),
        };
        found.push((name, arithmetic(value)));
        rest = left;
    }
    Wish::Settings(found)
}

/// `$((15*1024*1024))`, which the shell would have worked out.
fn arithmetic(value: &str) -> String {
    let Some((before, rest)) = value.split_once("$((") else {
        return value.to_owned();
    };
    let Some((sum, after)) = rest.split_once("))") else {
        return value.to_owned();
    };
    let product = sum.split('*').try_fold(1i64, |product, factor| {
        factor
            .trim()
            .parse::<i64>()
            .ok()
            .and_then(|factor| product.checked_mul(factor))
    });
    match product {
        Some(product) => arithmetic(&format!("{before}{product}{after}")),
        None => value.to_owned(),
    }
}

/// Settings whose given values are what RFCs ask for anyway, or that change nothing that neutral matching looks at.
pub fn is_harmless(name: &str, value: &str) -> bool {
    let short = name.rsplit('.').next().unwrap_or(name);
    let number = value
        .strip_prefix("0x")
        .map_or_else(|| value.parse().ok(), |hex| i64::from_str_radix(hex, 16).ok())
        .unwrap_or(-1);
    if name.starts_with("net.ipv4") || name.starts_with("net.ipv6") {
        return match short {
            // Options that one side leaves out are projected out.
            "tcp_timestamps" | "tcp_sack" | "tcp_window_scaling" | "tcp_dsack" | "tcp_fack" => true,
            // Whoever uses Fast Open says so elsewhere.
            "tcp_fastopen" | "tcp_fastopen_key" => true,
            // 1 asks for ECN in SYNs, 3 for AccECN.
            "tcp_ecn" => number == 0 || number == 2,
            "tcp_mtu_probing" => number == 0,
            "tcp_syn_retries" | "tcp_synack_retries" => number >= 5,
            "tcp_syncookies" => number == 1,
            "tcp_wmem" | "tcp_rmem" | "tcp_frto" | "tcp_reordering" | "tcp_congestion_control" => true,
            "tcp_slow_start_after_idle" | "tcp_early_retrans" | "tcp_recovery" | "tcp_tso_win_divisor" => true,
            "tcp_ecn_option" | "tcp_ecn_option_beacon" | "tcp_notsent_lowat" | "tcp_min_tso_segs" => true,
            "tcp_pacing_ss_ratio" | "tcp_pacing_ca_ratio" | "tcp_no_metrics_save" | "tcp_autocorking" => true,
            "tcp_rto_min_us" | "tcp_shrink_window" | "tcp_thin_linear_timeouts" => {
                number <= 0 || short == "tcp_rto_min_us"
            }
            _ => false,
        };
    }
    match (name, short) {
        // A stack that remembers nothing of its peers, and sends at once.
        ("tcp_metrics" | "qdisc", _) => true,
        // FreeBSD: its switches for options, and the defences that RFC 5961 asks for.
        (_, "rfc1323" | "rfc3390" | "rfc3042" | "rfc3465" | "rfc6675_pipe") => true,
        ("net.inet.tcp.sack.enable", _) => true,
        ("net.inet.tcp.ecn.enable", _) => number == 0 || number == 2,
        (_, "hostcache" | "purgenow" | "recvspace" | "sendspace" | "maxsockbuf") => true,
        (_, "recvbuf_auto" | "sendbuf_auto" | "recvbuf_max" | "sendbuf_max" | "path_mtu_discovery") => true,
        (_, "blackhole" | "insecure_rst" | "insecure_syn" | "insecure_ack" | "drop_synfin") => number == 0,
        (_, "rexmit_initial") => number == 1000,
        (_, "rexmit_slop" | "rexmit_drop_options" | "log_in_vain" | "log_debug" | "delayed_ack") => true,
        (_, "client_enable" | "server_enable" | "acceptany" | "functions_default" | "abc_l_var") => true,
        (_, "syncookies" | "syncookies_only") => number == i64::from(short == "syncookies"),
        (_, "initcwnd_segments" | "nolocaltimewait" | "icmplim" | "tso" | "do_tcpdrain" | "cc.algorithm") => true,
        (_, "algorithm" | "icmplim_jitter" | "icmplim_output" | "icmp_rfc") => true,
        (_, "fast_finwait2_recycle") => number == 0,
        (_, "icmp_may_rst" | "tolerate_missing_ts") => number == 1,
        // Milliseconds: 30 s are half of the MSL of RFC 9293 and its most common choice.
        (_, "msl" | "finwait2_timeout") => true,
        _ => false,
    }
}

/// `sockstat ... | grep -c STATE | grep COUNT`
fn state_query(line: &str) -> Wish {
    let filters: Vec<&str> = line.split('|').skip(1).map(str::trim).collect();
    let state = filters.iter().find_map(|filter| {
        let name = filter.strip_prefix("grep")?.split_whitespace().last()?;
        let name = name.trim_matches('"').replace('_', "-").to_ascii_uppercase();
        const STATES: [&str; 11] = [
            "LISTEN",
            "SYN-SENT",
            "SYN-RCVD",
            "ESTABLISHED",
            "FIN-WAIT-1",
            "FIN-WAIT-2",
            "CLOSE-WAIT",
            "CLOSING",
            "LAST-ACK",
            "TIME-WAIT",
            "CLOSED",
        ];
        STATES
            .iter()
            .find(|known| **known == name)
            .map(|known| (*known).to_owned())
    });
    let count = filters
        .last()
        .and_then(|filter| filter.strip_prefix("grep")?.trim().parse().ok());
    match (state, count) {
        (Some(state), Some(count)) => Wish::Count { state, count },
        _ => Wish::Lacks(format!("`{line}`")),
    }
}
