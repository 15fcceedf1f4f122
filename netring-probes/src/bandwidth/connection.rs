use super::{
    payload::Payload,
    stop::Stop,
    stream::SharedStream,
    tcp_info::{TcpInfo, tcp_info},
};
use hyper::{
    Request, Response,
    body::{Body, Bytes, Incoming},
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use netring_core::FailureReason;
use socket2::SockRef;
use std::{
    future::poll_fn,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{net::TcpStream, time::timeout};

/// How long the connection may take, and then an answer's head: a target that is silent is not to hold for long the place
/// that others wait for. A SYN that was lost is sent again after a second (RFC 6298).
pub(super) const PATIENCE: Duration = Duration::from_secs(3);
/// Most that waits in the kernel to be sent for the first time, so that an upload can end without sending megabytes that
/// nobody wants to know of.
const NOT_SENT: u32 = 512 * 1024;
/// Most bytes of an answer's head.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// How much is read of a body at once.
const READ_BYTES: usize = 256 * 1024;

/// A connection of hyper's, polled by the task that waits for what comes over it: a task of its own would outlive a probe
/// that is dropped.
#[derive(Debug)]
pub(super) struct Connection {
    sender: SendRequest<Payload>,
    driver: Driver,
}

/// The half of a [`Connection`] that moves the bytes.
#[derive(Debug)]
pub(super) struct Driver {
    stream: Arc<TcpStream>,
    ask_kernel: bool,
    /// `None` once hyper is done with the stream.
    connection: Option<http1::Connection<TokioIo<SharedStream>, Payload>>,
}

impl Connection {
    /// Connects to `address`. The kernel is asked about the connection only where `ask_kernel` says so.
    pub(super) async fn open(address: SocketAddr, ask_kernel: bool) -> Result<Self, Stop> {
        let stream = timeout(PATIENCE, TcpStream::connect(address))
            .await
            .map_err(|_| Stop::silent("connect", PATIENCE))?
            .map_err(|error| Stop::io("connect", error))?;
        if matches!((stream.local_addr(), stream.peer_addr()), (Ok(local), Ok(peer)) if local == peer) {
            // By simultaneous open (RFC 9293, section 3.5), where the kernel gave the target's own port.
            return Err(Stop::failed(FailureReason::Refused, "connect: nothing listens there"));
        }
        let socket = SockRef::from(&stream);
        // A test that ends in the middle is to be over at once: what is still in the buffers is not to load the path. The
        // receive buffer stays as it is, or the kernel would no longer fit it to the path.
        let set = socket.set_linger(Some(Duration::ZERO));
        #[cfg(target_os = "linux")]
        let set = set.and_then(|()| socket.set_tcp_notsent_lowat(NOT_SENT));
        set.map_err(|error| Stop::io("connect", error))?;
        let stream = Arc::new(stream);
        let mut builder = http1::Builder::new();
        builder.max_header_size(MAX_HEAD_BYTES).read_buf_exact_size(Some(READ_BYTES));
        let io = TokioIo::new(SharedStream::new(Arc::clone(&stream)));
        let (sender, connection) = builder.handshake(io).await.map_err(|error| Stop::http("connect", &error))?;
        Ok(Self { sender, driver: Driver { stream, ask_kernel, connection: Some(connection) } })
    }

    /// What sends `request` and waits for the head of the answer, and what has to be driven meanwhile.
    pub(super) fn send(
        self,
        request: Request<Payload>,
    ) -> (impl Future<Output = hyper::Result<Response<Incoming>>> + Send, Driver) {
        let Self { mut sender, driver } = self;
        (async move { sender.send_request(request).await }, driver)
    }
}

impl Driver {
    /// Waits for `wanted`, and moves what has to be moved for that.
    pub(super) async fn run<T>(&mut self, wanted: impl Future<Output = T>) -> T {
        let mut wanted = pin!(wanted);
        poll_fn(|cx| self.poll(cx, |cx| wanted.as_mut().poll(cx))).await
    }

    /// The next bytes of `body`; none at its end.
    pub(super) async fn next(&mut self, body: &mut Incoming) -> Option<hyper::Result<Bytes>> {
        loop {
            let frame = poll_fn(|cx| self.poll(cx, |cx| Pin::new(&mut *body).poll_frame(cx))).await?;
            match frame.map(hyper::body::Frame::into_data) {
                Ok(Ok(data)) => return Some(Ok(data)),
                // Trailers say nothing.
                Ok(Err(_)) => {}
                Err(error) => return Some(Err(error)),
            }
        }
    }

    fn poll<T>(&mut self, cx: &mut Context<'_>, mut wanted: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
        // First: hyper reads a body only once somebody has asked for it.
        if let Poll::Ready(ready) = wanted(cx) {
            return Poll::Ready(ready);
        }
        // What the connection ends with is told to whoever waits for the answer or the body. Where it ends without a word,
        // taking it apart tells them; or they would wait for ever.
        if self.connection.as_mut().is_some_and(|connection| connection.poll_without_shutdown(cx).is_ready()) {
            self.connection = None;
        }
        wanted(cx)
    }

    /// What the kernel knows of the connection.
    pub(super) fn tcp_info(&self) -> Option<TcpInfo> {
        self.ask_kernel.then(|| tcp_info(&self.stream)).flatten()
    }

    /// Lets the connection be closed in order: everything was said.
    pub(super) fn close_in_order(&self) {
        // Where it fails the connection is reset, and nothing is lost but the peer's calm.
        let _ = SockRef::from(&*self.stream).set_linger(None);
    }
}
