//! What comes from the network to a traceroute, as the raw sockets and the queue of errors give it. Nothing panics, and what
//! is taken for an answer is one to a packet that there can be.
//!
//! `cargo +nightly fuzz run icmp`, in the folder of netring-probes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use netring_probes::traceroute::packet::{
    Answer, Match,
    echo::EchoFlow,
    ipv4_payload,
    syn::SynFlow,
    udp::{Cookie, ExtensionHint, quoted_labels},
};
use std::net::IpAddr;

fn check(answer: Option<Answer>, from: IpAddr) {
    if let Some(answer) = answer {
        assert_eq!(answer.from, from);
        assert!(answer.mpls.len() <= 16);
        assert!(matches!(answer.to, Match::Probe(probe) if probe.flow == 0 && (1..=64).contains(&probe.ttl)));
    }
}

fuzz_target!(|input: (bool, bool, u16, &[u8])| {
    let (v6, from_target, offset, bytes) = input;
    let [source, target, router]: [IpAddr; 3] = if v6 {
        ["2001:db8::1", "2001:db8:9::9", "2001:db8:5::5"]
    } else {
        ["192.0.2.1", "198.51.100.9", "203.0.113.5"]
    }
    .map(|text| text.parse().expect("an address"));
    let from = if from_target { target } else { router };

    // Weak secrets, so that the fuzzer gets past them.
    let echo = EchoFlow { flow: 0, target, source, identifier: 0, checksum: 1, first_sequence: 0, cookie: 1 };
    let syn = SynFlow { flow: 0, target, source, source_port: 1, destination_port: 2, first_sequence: 0 };
    for bytes in [Some(bytes), ipv4_payload(bytes)].into_iter().flatten() {
        check(echo.answer(bytes, from, None), from);
        check(syn.icmp_answer(bytes, from, None), from);
        check(syn.answer(bytes, from, None), from);
    }
    if let Some(Match::Probe(probe)) = Cookie(1).find(0, bytes) {
        assert!(probe.flow == 0 && (1..=64).contains(&probe.ttl));
    }
    for invalid in [false, true] {
        let labels = quoted_labels(bytes, ExtensionHint { offset, invalid }, if v6 { 40 } else { 20 });
        assert!(labels.len() <= 16);
    }
});
