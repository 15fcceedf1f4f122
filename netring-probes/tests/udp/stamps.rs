//! Who takes the times of packets.

use crate::{
    running::{PATIENCE, Running, burst, probe, prober},
    support::wait_until_the_kernel_stamps,
};
use netring_core::model::PacketTimestamps;
use netring_probes::UdpEcho;

#[tokio::test]
async fn the_kernel_takes_them() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let running = Running::start(UdpEcho::builder(), address);
        let prober = prober(10);
        wait_until_the_kernel_stamps();
        let (report, _) = probe(&prober, &running.target(), PATIENCE).await;
        assert_eq!(burst(&report).timestamps, PacketTimestamps::Kernel, "{report:?}");
    }
}
