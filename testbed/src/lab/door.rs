use super::Host;
use std::{io, net::SocketAddr};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};

impl Host {
    /// An address on this side's loopback at which whoever connects is led to `inside`, as this host reaches it: for
    /// programs that have to stay outside of the lab. It is open as long as the runtime that it was opened on.
    ///
    /// # Panics
    /// Where there is no port, or not on a runtime.
    pub async fn door(&self, inside: SocketAddr) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let address = listener.local_addr().expect("it listens");
        let host = self.clone();
        tokio::spawn(async move {
            while let Ok((mut outside, _)) = listener.accept().await {
                let host = host.clone();
                tokio::spawn(async move {
                    // Where nobody listens inside, the one outside sees its connection end.
                    if let Ok(mut inside) = host.connect(inside).await {
                        let _ = copy_bidirectional(&mut outside, &mut inside).await;
                    }
                });
            }
        });
        address
    }

    /// A connection that is made in this host, and used on the runtime that asks for it.
    async fn connect(&self, to: SocketAddr) -> io::Result<TcpStream> {
        let made = self.run(async move || TcpStream::connect(to).await?.into_std()).await?;
        TcpStream::from_std(made)
    }
}
