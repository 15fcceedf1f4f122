//! A client that costs little: on each connection one request after the other, written and read by hand.

use crate::{MEMBERS, server};
use std::net::Ipv4Addr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// Sends `heartbeats` on each of `connections`.
pub(crate) async fn run(port: u16, connections: usize, heartbeats: usize) {
    let mut tasks: JoinSet<()> =
        (0..connections).map(|first| connection(port, first * heartbeats, heartbeats)).collect();
    while let Some(ended) = tasks.join_next().await {
        ended.expect("every heartbeat is answered");
    }
}

async fn connection(port: u16, first: usize, heartbeats: usize) {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.expect("the server listens");
    stream.set_nodelay(true).expect("a socket");
    let mut buffer = [0; 1024];
    for number in first..first + heartbeats {
        stream.write_all(request(number % MEMBERS).as_bytes()).await.expect("the server reads");
        let mut length = 0;
        while !buffer[..length].ends_with(server::ANSWER.as_bytes()) {
            match stream.read(&mut buffer[length..]).await.expect("the server answers") {
                0 => panic!("the server closed, or said something else: {}", String::from_utf8_lossy(&buffer)),
                more => length += more,
            }
        }
        assert!(buffer.starts_with(b"HTTP/1.1 200 OK\r\n"), "{}", String::from_utf8_lossy(&buffer[..length]));
    }
}

fn request(member: usize) -> String {
    let body = format!(r#"{{"instance_id":"{}"}}"#, server::instance_id(member));
    format!(
        "POST /heartbeat HTTP/1.1\r\nhost: 127.0.0.1:8756\r\nuser-agent: netring/2.0.0\r\naccept: */*\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}
