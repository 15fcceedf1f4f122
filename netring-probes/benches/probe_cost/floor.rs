//! The least that can be done: blocking calls, one after the other.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};

/// Connects and closes.
pub(crate) fn tcp(address: SocketAddr) {
    TcpStream::connect(address).expect("the server listens");
}

/// Connects, asks, reads to the end and closes. The request is as long as the prober's, and built beforehand.
pub(crate) fn http(address: SocketAddr) {
    const REQUEST: &[u8] =
        b"GET /health HTTP/1.1\r\nhost: 127.0.0.1:65535\r\nuser-agent: netring/2.0.0\r\naccept: */*\r\naccept-encoding: gzip\r\nconnection: close\r\n\r\n";
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.write_all(REQUEST).expect("the server reads");
    let mut buffer = [0; 4096];
    let mut total = 0;
    loop {
        match stream.read(&mut buffer).expect("the server answers") {
            0 => break,
            length => total += length,
        }
    }
    assert!(total > 0, "the server closed without an answer");
}
