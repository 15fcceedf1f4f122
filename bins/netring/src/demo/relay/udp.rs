use super::line::Line;
use std::{
    collections::HashMap,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::UdpSocket,
    sync::mpsc::{Receiver, Sender, channel},
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout},
};

/// Most senders at once: each burst comes from a port of its own.
const SENDERS: usize = 512;
/// A sender that gets no answer for so long is forgotten.
const IDLE: Duration = Duration::from_secs(2);
/// Most datagrams on their way, each way. What comes then is lost, as it would be on a full line.
const QUEUE: usize = 1_024;
/// Longer ones are not sent here, and would be cut.
const DATAGRAM_BYTES: usize = 2_048;
/// How long it waits after an error of the socket, lest it do nothing but fail.
const PAUSE: Duration = Duration::from_millis(10);

/// A datagram, where it goes and when it gets there.
struct OnTheWay {
    due: Instant,
    bytes: Box<[u8]>,
    socket: Arc<UdpSocket>,
    /// To whom, where the socket is not connected.
    to: Option<SocketAddr>,
}

/// Brings every datagram to `to`, and the answers back to who sent it, until it is dropped.
pub(super) async fn relay(front: UdpSocket, to: SocketAddr, line: Arc<Line>) {
    let (there, going) = channel(QUEUE);
    let (back, coming) = channel(QUEUE);
    let relay =
        Relay { front: Arc::new(front), to, line, there, back, senders: HashMap::new(), readers: JoinSet::new() };
    tokio::join!(relay.run(), deliver(going), deliver(coming),);
}

/// Delivers each when its time has come. One that was sent later waits for those before it, though the line is faster now.
async fn deliver(mut queue: Receiver<OnTheWay>) {
    while let Some(OnTheWay { due, bytes, socket, to }) = queue.recv().await {
        sleep_until(due).await;
        // Where nobody takes it, it is lost.
        let _ = match to {
            Some(to) => socket.send_to(&bytes, to).await,
            None => socket.send(&bytes).await,
        };
    }
}

/// Puts a datagram on its way, unless it is lost there.
fn send(line: &Line, queue: &Sender<OnTheWay>, bytes: &[u8], socket: Arc<UdpSocket>, to: Option<SocketAddr>) {
    if let Some(takes) = line.takes() {
        let _ = queue.try_send(OnTheWay { due: Instant::now() + takes, bytes: bytes.into(), socket, to });
    }
}

struct Relay {
    front: Arc<UdpSocket>,
    to: SocketAddr,
    line: Arc<Line>,
    there: Sender<OnTheWay>,
    back: Sender<OnTheWay>,
    /// Each sender has a socket of its own, so that its answers can be told.
    senders: HashMap<SocketAddr, Arc<UdpSocket>>,
    /// They read the answers; each gives whose they were once there are no more.
    readers: JoinSet<SocketAddr>,
}

impl Relay {
    async fn run(mut self) {
        let mut buffer = [0; DATAGRAM_BYTES];
        let front = Arc::clone(&self.front);
        loop {
            tokio::select! {
                received = front.recv_from(&mut buffer) => match received {
                    Ok((length, client)) => {
                        let socket = self.socket_of(client).await;
                        if let (Ok(socket), Some(bytes)) = (socket, buffer.get(..length)) {
                            send(&self.line, &self.there, bytes, socket, None);
                        }
                    }
                    Err(_) => sleep(PAUSE).await,
                },
                Some(done) = self.readers.join_next() => {
                    if let Ok(client) = done {
                        self.senders.remove(&client);
                    }
                }
            }
        }
    }

    async fn socket_of(&mut self, client: SocketAddr) -> io::Result<Arc<UdpSocket>> {
        if let Some(socket) = self.senders.get(&client) {
            return Ok(Arc::clone(socket));
        }
        if self.senders.len() >= SENDERS {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        socket.connect(self.to).await?;
        let socket = Arc::new(socket);
        self.senders.insert(client, Arc::clone(&socket));
        self.readers.spawn(read(
            Arc::clone(&socket),
            Arc::clone(&self.front),
            client,
            Arc::clone(&self.line),
            self.back.clone(),
        ));
        Ok(socket)
    }
}

/// Puts what the member answers to `client` on its way back.
async fn read(
    socket: Arc<UdpSocket>,
    front: Arc<UdpSocket>,
    client: SocketAddr,
    line: Arc<Line>,
    back: Sender<OnTheWay>,
) -> SocketAddr {
    let mut buffer = [0; DATAGRAM_BYTES];
    // What is lost on the way there is an error too where the member's port is closed.
    while let Ok(Ok(length)) = timeout(IDLE, socket.recv(&mut buffer)).await {
        if let Some(bytes) = buffer.get(..length) {
            send(&line, &back, bytes, Arc::clone(&front), Some(client));
        }
    }
    client
}
