//! A client that costs little: on each connection one request after the other, written and read by hand.

use crate::ring;
use std::net::Ipv4Addr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// Sends `heartbeats` on each of `connections`, of one of `members` after the other.
pub(crate) async fn run(port: u16, connections: usize, heartbeats: usize, members: usize) {
    let first = |connection| connection * heartbeats;
    let mut tasks: JoinSet<()> =
        (0..connections).map(|number| connection(port, first(number)..first(number + 1), members)).collect();
    while let Some(ended) = tasks.join_next().await {
        ended.expect("every heartbeat is answered");
    }
}

async fn connection(port: u16, heartbeats: std::ops::Range<usize>, members: usize) {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.expect("the server listens");
    stream.set_nodelay(true).expect("a socket");
    let mut buffer = [0; 1024];
    for number in heartbeats {
        stream.write_all(ring::heartbeat(number % members).as_bytes()).await.expect("the server reads");
        let mut length = 0;
        while !buffer[..length].ends_with(ring::HEARTBEAT_ANSWER.as_bytes()) {
            match stream.read(&mut buffer[length..]).await.expect("the server answers") {
                0 => panic!("the server closed, or said something else: {}", String::from_utf8_lossy(&buffer)),
                more => length += more,
            }
        }
        assert!(buffer.starts_with(b"HTTP/1.1 200 OK\r\n"), "{}", String::from_utf8_lossy(&buffer[..length]));
    }
}
