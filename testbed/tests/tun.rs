//! A TUN device by itself.

use netring_testbed::{
    PATIENCE,
    lab::{self, Lab},
    tun::{AsyncTun, Tun},
};
use tokio::time::timeout;

#[test]
fn a_tun_device_gives_whole_packets_and_takes_them() {
    lab::test(async || {
        let mut lab = Lab::new();
        let host = lab.host("host");
        host.run(async || {
            let tun = Tun::open("tun0").unwrap();
            tun.up(&[("10.9.0.1".parse().unwrap(), 24)]).unwrap();
            assert!(Tun::open("tun0").unwrap_err().to_string().contains("tun0"));
            let tun = AsyncTun::new(tun).unwrap();
            let socket = tokio::net::UdpSocket::bind("10.9.0.1:0").await.unwrap();
            socket.send_to(b"out", "10.9.0.2:9").await.unwrap();
            let mut buffer = [0; 100];
            let length = timeout(PATIENCE, tun.read(&mut buffer)).await.unwrap().unwrap();
            let packet = &mut buffer[..length];
            assert_eq!((length, packet[0], &packet[28..]), (31, 0x45, &b"out"[..]));
            // Back to the sender: with the two ends changed, both checksums stay right.
            let (source, ports) = (packet[12..16].to_vec(), packet[20..24].to_vec());
            packet.copy_within(16..20, 12);
            packet[16..20].copy_from_slice(&source);
            packet[20..24].copy_from_slice(&[ports[2], ports[3], ports[0], ports[1]]);
            tun.write(packet).await.unwrap();
            let mut back = [0; 8];
            let (length, from) = timeout(PATIENCE, socket.recv_from(&mut back)).await.unwrap().unwrap();
            assert_eq!((&back[..length], from.to_string().as_str()), (&b"out"[..], "10.9.0.2:9"));
        })
        .await;
    });
}
