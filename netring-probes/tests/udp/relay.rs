//! A network in a task: it stands between a prober and an echo, and does to each packet what a test says.

use netring_core::{Target, testing::net};
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{net::UdpSocket, task::JoinSet};

/// What happens to a packet.
#[derive(Clone, Copy)]
pub(crate) enum Fate {
    Pass,
    LostThere,
    LostBack,
    /// So many copies come on top of it.
    CopiedBack(usize),
    CopiedThere(usize),
    /// Its reply comes after that of this packet.
    After(u32),
    Delayed(Duration),
    /// Its reply is held back for three times as long as it is since this moment.
    HeldUpSince(Instant),
    /// In place of the reply, or ahead of it, comes what this makes of the request and the reply.
    Forged {
        instead: bool,
        forge: fn(&[u8], &[u8]) -> Vec<Vec<u8>>,
    },
    /// The reply comes from another port.
    FromElsewhere,
}

pub(crate) struct Relay {
    address: SocketAddr,
    _task: JoinSet<()>,
}

impl Relay {
    pub(crate) async fn start(echo: SocketAddr, fate: impl Fn(u32) -> Fate + Send + Sync + 'static) -> Self {
        let here = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
        let there = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        there.connect(echo).await.unwrap();
        let address = here.local_addr().unwrap();
        let mut task = JoinSet::new();
        task.spawn(async move {
            let (mut request, mut reply) = ([0; 2_048], [0; 2_048]);
            let mut held: Vec<(u32, Vec<u8>)> = Vec::new();
            let mut delayed = JoinSet::new();
            loop {
                let (length, prober) = here.recv_from(&mut request).await.unwrap();
                let request = &request[..length];
                let sequence = u32::from_be_bytes(request[16..20].try_into().unwrap());
                let fate = fate(sequence);
                let copies = match fate {
                    Fate::LostThere => continue,
                    Fate::CopiedThere(copies) => 1 + copies,
                    _ => 1,
                };
                for _ in 0..copies {
                    there.send(request).await.unwrap();
                    let length = there.recv(&mut reply).await.unwrap();
                    let reply = &reply[..length];
                    let mut send = match fate {
                        Fate::LostBack
                        | Fate::After(_)
                        | Fate::Delayed(_)
                        | Fate::HeldUpSince(_)
                        | Fate::FromElsewhere => vec![],
                        Fate::CopiedBack(copies) => vec![reply.to_vec(); 1 + copies],
                        Fate::Forged { instead, forge } => {
                            let mut all = forge(request, reply);
                            if !instead {
                                all.push(reply.to_vec());
                            }
                            all
                        }
                        _ => vec![reply.to_vec()],
                    };
                    match fate {
                        Fate::After(other) => held.push((other, reply.to_vec())),
                        Fate::FromElsewhere => {
                            let elsewhere = UdpSocket::bind("127.0.0.1:0").await.unwrap();
                            elsewhere.send_to(reply, prober).await.unwrap();
                        }
                        Fate::Delayed(_) | Fate::HeldUpSince(_) => {
                            let time = match fate {
                                Fate::HeldUpSince(start) => start.elapsed() * 3,
                                Fate::Delayed(time) => time,
                                _ => Duration::ZERO,
                            };
                            let (here, reply) = (Arc::clone(&here), reply.to_vec());
                            delayed.spawn(async move {
                                tokio::time::sleep(time).await;
                                let _ = here.send_to(&reply, prober).await;
                            });
                        }
                        _ => {}
                    }
                    let released = held.extract_if(.., |(after, _)| *after == sequence).map(|(_, reply)| reply);
                    send.extend(released);
                    for packet in send {
                        // The prober may have gone meanwhile.
                        let _ = here.send_to(&packet, prober).await;
                    }
                }
            }
        });
        Self { address, _task: task }
    }

    pub(crate) fn target(&self) -> Target {
        net::target(self.address)
    }
}
