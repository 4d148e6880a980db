//! Lets `curl '…/projects?select=meta->>city'` be understood.
//!
//! A URL may not hold `<`, `>` or `"` (RFC 3986 §2), and the HTTP library refuses them before any handler sees the request.
//! PostgREST accepts them, its manual shows them, and curl sends them as they were typed. So they are percent-encoded in
//! the first line of each connection. Only there: that line is a request line for certain, while to find the next one means
//! to parse HTTP a second time, and a disagreement about where a request begins is how requests are smuggled. Clients that
//! keep a connection for several requests encode.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// A first line longer than this is left as it is.
const MAX_BYTES: usize = 64 * 1024;

/// Accepts connections whose first line is mended.
pub(crate) struct Mending<L>(pub(crate) L);

impl Listener for Mending<TcpListener> {
    type Io = FirstLine<TcpStream>;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        (FirstLine::new(stream), address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

pub(crate) struct FirstLine<S> {
    stream: S,
    state: State,
}

enum State {
    /// What came so far, without the end of the line.
    Reading(Vec<u8>),
    /// What came, mended, and how much of it was handed on.
    Handing(Vec<u8>, usize),
    Done,
}

impl<S> FirstLine<S> {
    fn new(stream: S) -> Self {
        Self { stream, state: State::Reading(Vec::new()) }
    }

    pub(crate) const fn stream(&self) -> &S {
        &self.stream
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for FirstLine<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            match &mut this.state {
                State::Done => return Pin::new(&mut this.stream).poll_read(context, out),
                State::Handing(bytes, handed) => {
                    let some = out.remaining().min(bytes.len() - *handed);
                    out.put_slice(&bytes[*handed..*handed + some]);
                    *handed += some;
                    if *handed == bytes.len() {
                        this.state = State::Done;
                    }
                    return Poll::Ready(Ok(()));
                }
                State::Reading(bytes) => {
                    let mut chunk = [0; 4096];
                    let mut read = ReadBuf::new(&mut chunk);
                    ready!(Pin::new(&mut this.stream).poll_read(context, &mut read))?;
                    let came = read.filled();
                    bytes.extend_from_slice(came);
                    let ended = came.is_empty() || bytes.len() >= MAX_BYTES || came.contains(&b'\n');
                    if ended {
                        let bytes = mend(std::mem::take(bytes));
                        this.state = if bytes.is_empty() { State::Done } else { State::Handing(bytes, 0) };
                        // The end of the stream is told by an empty read.
                        if came.is_empty() && matches!(this.state, State::Done) {
                            return Poll::Ready(Ok(()));
                        }
                    }
                }
            }
        }
    }
}

/// Percent-encodes what a request line may not hold; everything after it, and lines that are none, stay as they are.
fn mend(bytes: Vec<u8>) -> Vec<u8> {
    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else { return bytes };
    let line = &bytes[..end];
    let is_request = line.strip_suffix(b"\r").unwrap_or(line).ends_with(b" HTTP/1.1");
    if !is_request || !line.iter().any(|byte| matches!(byte, b'<' | b'>' | b'"')) {
        return bytes;
    }
    let mut mended = Vec::with_capacity(bytes.len() + 16);
    for byte in line {
        match byte {
            b'<' => mended.extend_from_slice(b"%3C"),
            b'>' => mended.extend_from_slice(b"%3E"),
            b'"' => mended.extend_from_slice(b"%22"),
            other => mended.push(*other),
        }
    }
    mended.extend_from_slice(&bytes[end..]);
    mended
}

impl<S: AsyncWrite + Unpin> AsyncWrite for FirstLine<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    /// What arrives when `parts` come one after the other.
    async fn through(parts: &[&[u8]]) -> Vec<u8> {
        let mut stream = FirstLine::new(Parts(parts.iter().map(|part| part.to_vec()).collect()));
        let mut out = Vec::new();
        stream.read_to_end(&mut out).await.unwrap();
        out
    }

    struct Parts(std::collections::VecDeque<Vec<u8>>);

    impl AsyncRead for Parts {
        fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            if let Some(part) = self.0.pop_front() {
                out.put_slice(&part);
            }
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn the_first_request_line_is_mended_and_nothing_else() {
        let mended =
            through(&[b"GET /a?select=b->>c,\"d\" HT", b"TP/1.1\r\nX: <>\r\n\r\n", b"GET /a->b HTTP/1.1\r\n"]).await;
        let expected = b"GET /a?select=b-%3E%3Ec,%22d%22 HTTP/1.1\r\nX: <>\r\n\r\nGET /a->b HTTP/1.1\r\n";
        assert_eq!(mended, expected, "{}", String::from_utf8_lossy(&mended));
    }

    #[tokio::test]
    async fn what_is_no_request_line_passes_as_it_came() {
        for parts in [
            &[b"PRI * HTTP/2.0\r\n\r\n" as &[u8], b"\x00\x01>"] as &[&[u8]],
            &[b"hello <world>\n", b"<"],
            &[b"no end >"],
            &[],
        ] {
            assert_eq!(through(parts).await, parts.concat());
        }
        let long = vec![b'>'; MAX_BYTES + 10];
        assert_eq!(through(&long.chunks(4000).collect::<Vec<_>>()).await, long);
    }
}
