//! Options of sockets by the names of tcp(7) and socket(7), and settings by those of sysctl(8).

use socket2::{Socket, TcpKeepalive};
use std::time::Duration;

type Answer = Result<String, String>;

pub fn set(socket: &Socket, name: &str, value: i64) -> Answer {
    let number = u32::try_from(value).map_err(|_| "malformed".to_owned())?;
    let on = value != 0;
    let seconds = Duration::from_secs(number.into());
    let set = match name {
        "SO_REUSEADDR" => socket.set_reuse_address(on),
        "SO_KEEPALIVE" => socket.set_keepalive(on),
        "SO_SNDBUF" => socket.set_send_buffer_size(number as usize),
        "SO_RCVBUF" => socket.set_recv_buffer_size(number as usize),
        "TCP_NODELAY" => socket.set_tcp_nodelay(on),
        "TCP_MAXSEG" => socket.set_tcp_mss(number),
        "TCP_CORK" => socket.set_tcp_cork(on),
        "TCP_QUICKACK" => socket.set_tcp_quickack(on),
        "TCP_NOTSENT_LOWAT" => socket.set_tcp_notsent_lowat(number),
        "TCP_USER_TIMEOUT" => socket.set_tcp_user_timeout(Some(Duration::from_millis(number.into()))),
        "TCP_KEEPIDLE" => socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(seconds)),
        "TCP_KEEPINTVL" => socket.set_tcp_keepalive(&TcpKeepalive::new().with_interval(seconds)),
        "TCP_KEEPCNT" => socket.set_tcp_keepalive(&TcpKeepalive::new().with_retries(number)),
        "IP_TOS" => socket.set_tos_v4(number),
        "IP_TTL" => socket.set_ttl_v4(number),
        "IPV6_TCLASS" => socket.set_tclass_v6(number),
        "IPV6_UNICAST_HOPS" => socket.set_unicast_hops_v6(number),
        _ => return Err("unsupported".to_owned()),
    };
    set.map(|()| "ok".to_owned())
        .map_err(|error| format!("aborted {error}"))
}

/// `net.ipv4.tcp_sack`, of this namespace.
pub fn knob(name: &str, value: &str) -> Answer {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let parts: Vec<&str> = name.split('.').collect();
    // Of the network alone: everything else is not the namespace's own.
    if parts.first() != Some(&"net") || !parts.iter().all(|part| !part.is_empty() && part.chars().all(plain)) {
        return Err("unsupported".to_owned());
    }
    std::fs::write(format!("/proc/sys/{}", parts.join("/")), value)
        .map(|()| "ok".to_owned())
        .map_err(|_| "unsupported".to_owned())
}
