//! A client that costs little: it looks at the head of an answer, and lets the body go as it comes.

use std::net::Ipv4Addr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// One connection, for one request after the other.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer, without its body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    /// Bytes of the body.
    pub(crate) body: usize,
}

impl Answer {
    /// The header of this name in small letters.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// Bytes on the wire.
    pub(crate) fn bytes(&self) -> usize {
        self.head.len() + self.body
    }
}

impl Connection {
    pub(crate) async fn open(port: u16) -> Self {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.expect("the server listens");
        stream.set_nodelay(true).expect("a socket");
        Self { stream, buffer: vec![0; 256 * 1024] }
    }

    pub(crate) async fn ask(&mut self, request: &str) -> Answer {
        self.answer(request, |_| ()).await
    }

    /// Also the body.
    pub(crate) async fn ask_for_all(&mut self, request: &str) -> (Answer, Vec<u8>) {
        let mut body = Vec::new();
        let answer = self.answer(request, |part| body.extend_from_slice(part)).await;
        (answer, body)
    }

    async fn answer(&mut self, request: &str, mut body: impl FnMut(&[u8])) -> Answer {
        self.stream.write_all(request.as_bytes()).await.expect("the server reads");
        let mut length = 0;
        let head = loop {
            length += self.read(length).await;
            let end = self.buffer[..length].windows(END_OF_HEAD.len()).position(|bytes| bytes == END_OF_HEAD);
            if let Some(end) = end {
                break end + END_OF_HEAD.len();
            }
        };
        let text = String::from_utf8(self.buffer[..head].to_vec()).expect("a head is text");
        let status = text.get(9..12).and_then(|status| status.parse().ok()).expect("a status");
        let mut answer = Answer { status, head: text, body: 0 };
        // A server may say how long the body would have been that it does not send (RFC 9110, section 8.6).
        let whole = if status == 304 { Some("0") } else { answer.header("content-length") };
        let whole: usize = whole.and_then(|length| length.parse().ok()).expect("a length");
        answer.body = whole;
        body(&self.buffer[head..length]);
        let mut left = whole.checked_sub(length - head).expect("nothing comes after the body");
        while left > 0 {
            let part = self.read(0).await;
            body(&self.buffer[..part]);
            left = left.checked_sub(part).expect("nothing comes after the body");
        }
        answer
    }

    /// Reads what there is behind the first bytes, which are known.
    async fn read(&mut self, known: usize) -> usize {
        let length = self.stream.read(&mut self.buffer[known..]).await.expect("the server answers");
        assert_ne!(length, 0, "the server closed, or its head is too long");
        length
    }
}
