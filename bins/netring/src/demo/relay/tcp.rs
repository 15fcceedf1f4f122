use super::line::{Line, Pace};
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

/// Most connections at once. Who comes then waits in the queue of the kernel.
const CONNECTIONS: usize = 256;
/// Most bytes that are read at once, and most of these that are on their way: what 50 Mbit/s need for 300 ms, and more.
const CHUNK_BYTES: usize = 32 << 10;
const CHUNKS: usize = 64;
/// Accepting may fail for want of file descriptors: others may be done soon.
const PAUSE: Duration = Duration::from_millis(10);

/// Brings every connection to `to`, until it is dropped, and all of them with it.
pub(super) async fn relay(listener: TcpListener, to: SocketAddr, line: Arc<Line>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < CONNECTIONS => match accepted {
                Ok((client, _)) => {
                    connections.spawn(connection(client, to, Arc::clone(&line)));
                }
                Err(_) => sleep(PAUSE).await,
            },
            // How one ended concerns its two ends, and they know.
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(client: TcpStream, to: SocketAddr, line: Arc<Line>) -> io::Result<()> {
    let member = TcpStream::connect(to).await?;
    for stream in [&client, &member] {
        stream.set_nodelay(true)?;
    }
    let ((from_client, to_client), (from_member, to_member)) = (client.into_split(), member.into_split());
    tokio::try_join!(carry(from_client, to_member, &line), carry(from_member, to_client, &line))?;
    Ok(())
}

/// Carries everything one way, and at last that there is no more.
async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, line: &Line) -> io::Result<()> {
    let (sender, mut on_the_way) = mpsc::channel::<(Instant, Vec<u8>)>(CHUNKS);
    let take = async move {
        let mut pace = Pace::new(Instant::now());
        loop {
            let mut chunk = Vec::with_capacity(CHUNK_BYTES);
            let bytes = from.read_buf(&mut chunk).await?;
            let (now, conditions) = (Instant::now(), line.conditions());
            let through = pace.through(bytes, conditions.bits_per_second, now);
            let gone = sender.send((through.max(now) + conditions.delay, chunk)).await.is_err();
            if gone || bytes == 0 {
                return Ok(());
            }
            wait_until(through).await;
        }
    };
    let give = async move {
        while let Some((due, chunk)) = on_the_way.recv().await {
            wait_until(due).await;
            if chunk.is_empty() {
                return to.shutdown().await;
            }
            to.write_all(&chunk).await?;
        }
        Ok(())
    };
    tokio::try_join!(take, give)?;
    Ok(())
}

async fn wait_until(due: Instant) {
    if due > Instant::now() {
        sleep_until(due).await;
    }
}
