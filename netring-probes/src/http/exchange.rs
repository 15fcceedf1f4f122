use super::{
    HttpProber,
    failure::Stop,
    progress::{Phase, Progress},
    request_first::RequestFirst,
};
use http_body_util::Empty;
use hyper::{
    Request, Response,
    body::{Body, Bytes, Frame, Incoming},
    client::conn::http1::Connection,
};
use netring_core::FailureReason;
use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::{Context, Poll},
};
use tokio::io::{AsyncRead, AsyncWrite};

/// Sends `request` over `stream` and reads the answer. Gives the stream back, for whoever has to say goodbye on it.
pub(super) async fn exchange<S>(
    prober: &HttpProber,
    stream: S,
    request: Request<Empty<Bytes>>,
    progress: &mut Progress,
) -> Result<Option<S>, Stop>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut sender, connection) = prober
        .connection
        .handshake(RequestFirst::new(stream))
        .await
        .map_err(|error| Stop::http(Phase::FirstByte, &error))?;
    let mut driver = Driver::new(connection);
    let response = driver
        .run(pin!(sender.send_request(request)), |answer, cx| answer.as_mut().poll(cx))
        .await
        .map_err(|error| Stop::http(Phase::FirstByte, &error))?;
    progress.enter(Phase::Body);
    let status = response.status().as_u16();
    progress.measured.status = Some(status);
    if !prober.expected.contains(status) {
        let message = format!("status {status} is not one of {}", prober.expected);
        return Err(Stop::failed(FailureReason::UnexpectedStatus, message));
    }
    read_body(&mut driver, response, prober.max_body_bytes, progress).await?;
    progress.end();
    Ok(driver.into_stream())
}

async fn read_body<S>(
    driver: &mut Driver<S>,
    response: Response<Incoming>,
    max_bytes: u64,
    progress: &mut Progress,
) -> Result<(), Stop>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut body = response.into_body();
    while let Some(frame) = driver.run(&mut body, |body, cx| Pin::new(&mut **body).poll_frame(cx)).await {
        let frame: Frame<Bytes> = frame.map_err(|error| Stop::http(Phase::Body, &error))?;
        let measured = &mut progress.measured;
        measured.body_bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
        if measured.body_bytes > max_bytes {
            measured.body_bytes = max_bytes;
            measured.body_truncated = true;
            break;
        }
    }
    Ok(())
}

/// hyper's connection, polled by the task that waits for what comes over it. A task of its own would outlive a probe
/// that is dropped, and would cost a switch to and fro for each step.
struct Driver<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    /// `None` once hyper is done with the stream.
    connection: Option<Connection<RequestFirst<S>, Empty<Bytes>>>,
    stream: Option<S>,
}

impl<S> Driver<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    fn new(connection: Connection<RequestFirst<S>, Empty<Bytes>>) -> Self {
        Self { connection: Some(connection), stream: None }
    }

    /// Polls `wanted` and drives the connection until the former is there.
    async fn run<W, T>(&mut self, mut wanted: W, mut poll: impl FnMut(&mut W, &mut Context<'_>) -> Poll<T>) -> T {
        poll_fn(|cx| {
            // First: hyper reads a body only once somebody has asked for it.
            if let Poll::Ready(ready) = poll(&mut wanted, cx) {
                return Poll::Ready(ready);
            }
            self.drive(cx);
            poll(&mut wanted, cx)
        })
        .await
    }

    /// What the connection ends with is told to whoever waits for the answer or the body, so the result is not needed
    /// here. Where it ends without a word, taking it apart tells them; or they would wait for ever.
    fn drive(&mut self, cx: &mut Context<'_>) {
        // Without shutdown: that is one more call of the system, for a socket that is closed next anyway.
        let done = self.connection.as_mut().is_some_and(|connection| connection.poll_without_shutdown(cx).is_ready());
        if done {
            self.finish();
        }
    }

    fn finish(&mut self) {
        self.stream = self.connection.take().map(|connection| connection.into_parts().io.into_inner());
    }

    fn into_stream(mut self) -> Option<S> {
        if self.stream.is_none() {
            self.finish();
        }
        self.stream
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::request::RequestTemplate;
    use hyper::header::HeaderValue;
    use netring_core::{Endpoint, Outcome};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, duplex},
        time::Instant,
    };

    /// An exchange with a target that has sent `bytes` and closed before it is asked; and what it was asked.
    async fn exchange_after(bytes: &[u8]) -> (Result<(), Stop>, Progress, String) {
        let (near, mut far) = duplex(4096);
        far.write_all(bytes).await.unwrap();
        far.shutdown().await.unwrap();
        let endpoint = Endpoint::new("/health").unwrap();
        let request = RequestTemplate::new(&endpoint).to(HeaderValue::from_static("m1"));
        let mut progress = Progress::starting_at(Instant::now());
        progress.begin(Phase::FirstByte);
        let result = exchange(&HttpProber::new(endpoint), near, request, &mut progress).await.map(drop);
        let mut asked = String::new();
        far.read_to_string(&mut asked).await.unwrap();
        (result, progress, asked)
    }

    #[tokio::test]
    async fn what_came_before_the_request_is_the_answer() {
        let (result, progress, asked) = exchange_after(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
        assert!(result.is_ok());
        assert_eq!((progress.measured.status, progress.measured.body_bytes), (Some(200), 2));
        assert!(asked.starts_with("GET /health HTTP/1.1\r\nhost: m1\r\n"), "{asked:?}");
    }

    #[tokio::test]
    async fn a_target_that_closed_before_the_request_is_a_reset() {
        let (result, _, _) = exchange_after(b"").await;
        let Err(Stop::Failed(outcome)) = result else { panic!("the target is at fault") };
        let said = "first byte: the connection was closed before an answer";
        assert_eq!(outcome, Outcome::failure(FailureReason::Reset, said));
    }
}
