//! A stack behind a TUN device: the kernel of a fresh network namespace, with an echo and a discard service of this test.
#![cfg(target_os = "linux")]

mod common;

use common::{stackproof, text};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;

/// Set in the process that runs inside the namespace.
const INSIDE: &str = "STACKPROOF_TEST_INSIDE";

#[test]
fn what_services_play_by_themselves_is_judged_and_the_rest_is_skipped() {
    if std::env::var_os(INSIDE).is_some() {
        return inside();
    }
    let own = std::env::current_exe().expect("this test");
    let possible = Command::new("unshare")
        .args(["-n", "ip", "tuntap", "add", "dev", "sp0", "mode", "tun"])
        .output();
    if !possible.is_ok_and(|output| output.status.success()) {
        println!("skipped: needs root, /dev/net/tun, unshare and ip");
        return;
    }
    let name = "what_services_play_by_themselves_is_judged_and_the_rest_is_skipped";
    let output = Command::new("unshare")
        .arg("-n")
        .arg(own)
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .expect("unshare");
    assert!(
        output.status.success(),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
}

fn inside() {
    for line in [
        "tuntap add dev sp0 mode tun",
        "address add 192.0.2.1/24 dev sp0",
        "link set sp0 up",
    ] {
        let done = Command::new("ip").args(line.split(' ')).status();
        assert!(done.is_ok_and(|status| status.success()), "ip {line}");
    }
    serve(7, true);
    serve(9, false);
    let output = stackproof(&[
        "test",
        "tun:sp0,echo=7,discard=9,ipv4",
        "--scenario",
        "services/echo,states/ack_beyond/established@*,icmp/echo,closing/stack_closes_first/1s@*",
        "--all",
        "--fail-on",
        "never",
    ]);
    let told = text(&output.stdout);
    assert!(told.contains("7 played, 9 skipped, 0 stuck, 0 failed"), "{told}");
    assert!(
        told.contains("closing/stack_closes_first/1s@ipv4  needs calls to the stack's application"),
        "{told}"
    );
    assert!(told.contains("its other IP version was named"), "{told}");
}

/// A service of this process, a thread for each connection.
fn serve(port: u16, echo: bool) {
    let listener = TcpListener::bind(("0.0.0.0", port)).expect("a port of a namespace of our own");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut octets = [0; 4096];
                while let Ok(count @ 1..) = stream.read(&mut octets) {
                    if echo && stream.write_all(&octets[..count]).is_err() {
                        return;
                    }
                }
            });
        }
    });
}
