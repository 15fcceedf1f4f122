use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, AsyncWrite};

/// A stream that gives nothing to read until something was written to it.
///
/// hyper takes what comes before the request was sent for a fault of its own making, or not, depending on how fast
/// the target is. What a target sends right away, as an overloaded one or one that speaks another protocol does, is
/// to be read as its answer always.
#[derive(Debug)]
pub(super) struct RequestFirst<S> {
    inner: TokioIo<S>,
    written: bool,
}

impl<S> RequestFirst<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { inner: TokioIo::new(stream), written: false }
    }

    pub(super) fn into_inner(self) -> S {
        self.inner.into_inner()
    }

    fn after_write(&mut self, result: io::Result<usize>, cx: &Context<'_>) -> Poll<io::Result<usize>> {
        if !self.written {
            self.written = true;
            // The reader was sent away without a waker.
            cx.waker().wake_by_ref();
        }
        Poll::Ready(result)
    }
}

impl<S: AsyncRead + Unpin> Read for RequestFirst<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        if self.written { Pin::new(&mut self.inner).poll_read(cx, buffer) } else { Poll::Pending }
    }
}

impl<S: AsyncWrite + Unpin> Write for RequestFirst<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = ready!(Pin::new(&mut self.inner).poll_write(cx, bytes));
        self.after_write(result, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = ready!(Pin::new(&mut self.inner).poll_write_vectored(cx, parts));
        self.after_write(result, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
