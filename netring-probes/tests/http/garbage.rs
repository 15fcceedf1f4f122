//! Random answers: none makes the prober panic, and none passes for good that is not.

use crate::server::{Server, answer, builder, measured, probe};
use netring_core::ProbeReport;
use proptest::{collection::vec, prelude::*};
use std::sync::{Arc, Mutex, OnceLock};
use tokio::runtime::Runtime;

/// One runtime and one server for all the cases of all the properties, which run one after the other.
struct Bench {
    runtime: Runtime,
    server: Server,
    bytes: Arc<Mutex<Vec<u8>>>,
}

fn probe_of(bytes: Vec<u8>) -> ProbeReport {
    static BENCH: OnceLock<Mutex<Bench>> = OnceLock::new();
    let bench = BENCH.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let next = Arc::clone(&bytes);
        let server = runtime.block_on(Server::start(move |stream| answer(stream, next.lock().unwrap().clone())));
        Mutex::new(Bench { runtime, server, bytes })
    });
    let bench = bench.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    *bench.bytes.lock().unwrap() = bytes;
    bench.runtime.block_on(probe(&builder().build(), &bench.server.target()))
}

/// The status of the first answer in `bytes` that is final, as far as a few lines of code can tell, which know nothing
/// of the prober.
fn final_status(mut bytes: &[u8]) -> Option<u16> {
    loop {
        while let [b'\r' | b'\n', rest @ ..] = bytes {
            bytes = rest;
        }
        let line = bytes.strip_prefix(b"HTTP/1.0 ").or_else(|| bytes.strip_prefix(b"HTTP/1.1 "))?;
        let status: u16 = std::str::from_utf8(line.get(..3)?).ok()?.parse().ok()?;
        let end = bytes.windows(2).position(|two| two == b"\n\n").map(|at| at + 2);
        let end_crlf = bytes.windows(3).position(|three| three == b"\n\r\n").map(|at| at + 3);
        let end = [end, end_crlf].into_iter().flatten().min()?;
        if !(100..200).contains(&status) {
            return Some(status);
        }
        bytes = &bytes[end..];
    }
}

/// Bytes that come close to being an answer.
fn nearly_an_answer() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        Just(b"HTTP/1.1 ".to_vec()),
        Just(b"HTTP/1.0 200 OK".to_vec()),
        Just(b"200 OK".to_vec()),
        Just(b"503".to_vec()),
        Just(b"100 Continue\r\n\r\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\r\n\r\n".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"Content-Length: 3\r\n".to_vec()),
        Just(b"Content-Length: 99999999999999999999\r\n".to_vec()),
        Just(b"Transfer-Encoding: chunked\r\n".to_vec()),
        Just(b"3\r\nabc\r\n".to_vec()),
        Just(b"0\r\n\r\n".to_vec()),
        vec(any::<u8>(), 0..8),
    ];
    vec(part, 0..12).prop_map(|parts| parts.concat())
}

/// An answer that is good to the letter, with the length of its body.
fn good_answer() -> impl Strategy<Value = (Vec<u8>, u16, usize)> {
    let fields = vec(("[A-Za-z][A-Za-z0-9]{0,10}", "[ -~]{0,20}"), 0..5);
    (200_u16..400, "[ -~]{0,12}", fields, vec(any::<u8>(), 0..200)).prop_map(|(status, reason, fields, body)| {
        // Fields of the names that frame the body would change where it ends.
        let fields: String = fields.iter().map(|(name, value)| format!("X-{name}: {value}\r\n")).collect();
        let head = format!("HTTP/1.1 {status} {reason}\r\n{fields}Content-Length: {}\r\n\r\n", body.len());
        let length = if matches!(status, 204 | 304) { 0 } else { body.len() };
        ([head.into_bytes(), body].concat(), status, length)
    })
}

proptest! {
    #[test]
    fn random_bytes_pass_for_nothing(bytes in vec(any::<u8>(), 0..2000)) {
        let good = final_status(&bytes).is_some_and(|status| (200..400).contains(&status));
        prop_assert!(!probe_of(bytes).outcome.is_success() || good);
    }

    #[test]
    fn what_is_nearly_an_answer_passes_only_if_it_is_one(bytes in nearly_an_answer()) {
        let good = final_status(&bytes).is_some_and(|status| (200..400).contains(&status));
        let report = probe_of(bytes);
        prop_assert!(!report.outcome.is_success() || good, "{report:?}");
    }

    #[test]
    fn a_good_answer_passes((bytes, status, length) in good_answer()) {
        let report = probe_of(bytes);
        let http = measured(&report);
        prop_assert!(report.outcome.is_success(), "{report:?}");
        prop_assert_eq!((http.status, http.body_bytes), (Some(status), length as u64));
    }
}
