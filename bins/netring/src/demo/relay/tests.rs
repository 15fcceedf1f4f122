use super::*;
use std::{net::Ipv4Addr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout},
};

const LONG: Duration = Duration::from_secs(30);
const FAR: Conditions =
    Conditions { delay: Duration::from_millis(40), jitter: Duration::ZERO, loss: 0.0, bits_per_second: None };

/// What answers every connection, to its end, and every datagram, with what came.
async fn echo() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let socket = UdpSocket::bind(address).await.unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                let _ = tokio::io::copy(&mut from, &mut to).await;
                let _ = to.shutdown().await;
            });
        }
    });
    tokio::spawn(async move {
        let mut buffer = [0; 100];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            socket.send_to(&buffer[..length], from).await.unwrap();
        }
    });
    address
}

async fn relay(conditions: Conditions) -> Relay {
    let (port, listener) = Port::take(0).unwrap();
    Relay::start(port, listener, echo().await, conditions, 1)
}

async fn echoed(stream: &mut TcpStream, text: &[u8]) -> io::Result<Duration> {
    let begin = Instant::now();
    stream.write_all(text).await?;
    let mut answer = vec![0; text.len()];
    stream.read_exact(&mut answer).await?;
    assert_eq!(answer, text);
    Ok(begin.elapsed())
}

#[tokio::test]
async fn every_byte_comes_through_and_no_earlier_than_the_line_is_long() {
    let relay = relay(FAR).await;
    let mut stream = TcpStream::connect(relay.address()).await.unwrap();
    let took = timeout(LONG, echoed(&mut stream, b"to and fro")).await.unwrap().unwrap();
    assert!(took >= 2 * FAR.delay, "{took:?}");

    let much: Vec<u8> = (0..8_000_000_u32).map(|i| (i % 251) as u8).collect();
    let (mut from, mut to) = stream.split();
    let mut answer = Vec::new();
    let both = async {
        tokio::try_join!(
            async {
                to.write_all(&much).await?;
                to.shutdown().await
            },
            from.read_to_end(&mut answer)
        )
    };
    timeout(LONG, both).await.unwrap().unwrap();
    assert!(answer == much, "{} of {} bytes", answer.len(), much.len());
}

#[tokio::test]
async fn a_connection_gets_no_more_than_its_rate() {
    let relay = relay(Conditions { bits_per_second: Some(8e6), ..Conditions::default() }).await;
    let mut stream = TcpStream::connect(relay.address()).await.unwrap();
    // A second's worth, in pieces, so that what is on its way does not matter.
    let begin = Instant::now();
    for _ in 0..10 {
        timeout(LONG, echoed(&mut stream, &[7; 100_000])).await.unwrap().unwrap();
    }
    assert!(begin.elapsed() >= Duration::from_millis(900), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn datagrams_come_back_to_who_sent_them_later_or_not_at_all() {
    let relay = relay(FAR).await;
    assert!(relay.has_udp());
    let mut buffer = [0; 100];
    for text in [b"one", b"two"] {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let begin = Instant::now();
        socket.send_to(text, relay.address()).await.unwrap();
        let (length, from) = timeout(LONG, socket.recv_from(&mut buffer)).await.unwrap().unwrap();
        assert_eq!((&buffer[..length], from), (&text[..], relay.address()));
        assert!(begin.elapsed() >= 2 * FAR.delay, "{:?}", begin.elapsed());
    }
}

#[tokio::test]
async fn a_part_of_the_datagrams_is_lost() {
    let relay = relay(Conditions { loss: 0.5, ..FAR }).await;
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    for number in 0..100_u8 {
        socket.send_to(&[number], relay.address()).await.unwrap();
    }
    let (mut buffer, mut came) = ([0; 100], Vec::new());
    let all_that_come = async {
        // What is sent last comes last, and once one of these is here, no other comes.
        let mut more = tokio::time::interval(Duration::from_millis(10));
        loop {
            tokio::select! {
                _ = more.tick() => { socket.send_to(&[u8::MAX], relay.address()).await.unwrap(); }
                received = socket.recv_from(&mut buffer) => {
                    received.unwrap();
                    if buffer[0] == u8::MAX {
                        return;
                    }
                    came.push(buffer[0]);
                }
            }
        }
    };
    timeout(LONG, all_that_come).await.unwrap();
    assert!((5..50).contains(&came.len()) && came.is_sorted(), "a quarter of 100 comes through twice: {came:?}");
}

#[tokio::test]
async fn it_refuses_and_cuts_what_is_open_until_it_is_opened_again() {
    let mut relay = relay(Conditions::default()).await;
    let address = relay.address();
    let mut stream = TcpStream::connect(address).await.unwrap();
    timeout(LONG, echoed(&mut stream, b"here")).await.unwrap().unwrap();

    relay.refuse().await;
    assert!(timeout(LONG, echoed(&mut stream, b"and gone")).await.unwrap().is_err());
    assert_eq!(TcpStream::connect(address).await.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);

    relay.open().unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    timeout(LONG, echoed(&mut stream, b"here again")).await.unwrap().unwrap();
    assert!(relay.has_udp());
}
