//! Servers on threads of their own, which end with the process.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    thread,
};

/// Accepts and closes; gives its port.
pub(crate) fn closing() -> u16 {
    start(drop)
}

/// Answers each request with a small 200 and closes; gives its port.
pub(crate) fn answering() -> u16 {
    start(|mut stream| {
        let mut request = [0; 1024];
        let mut length = 0;
        while !request[..length].ends_with(b"\r\n\r\n") {
            match stream.read(&mut request[length..]) {
                Ok(0) | Err(_) => return,
                Ok(more) => length += more,
            }
        }
        let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 15\r\nconnection: close\r\n\r\n{\"status\":\"ok\"}";
        // Whoever asked may have gone.
        let _ = stream.write_all(answer);
    })
}

fn start(serve: impl Fn(TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("a free port");
    let port = listener.local_addr().expect("a bound address").port();
    thread::spawn(move || listener.incoming().flatten().for_each(serve));
    port
}
