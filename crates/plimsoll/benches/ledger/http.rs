//! Requests over kept-alive connections, as light as can be: client, server and PostgreSQL share the machine.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) struct Load {
    pub(crate) per_second: f64,
    /// Sorted.
    latencies_ms: Vec<f64>,
    /// Of one answer's body.
    pub(crate) body_bytes: usize,
}

impl Load {
    /// The latency that `share` of the requests did not exceed, in milliseconds.
    pub(crate) fn percentile_ms(&self, share: f64) -> f64 {
        self.latencies_ms[((self.latencies_ms.len() - 1) as f64 * share) as usize]
    }
}

/// Sends `request` again and again on `clients` connections for `seconds`.
///
/// # Panics
/// When an answer is not 200.
pub(crate) async fn run(base_url: &str, request: String, clients: usize, seconds: u64) -> Load {
    let address = base_url.trim_start_matches("http://").to_owned();
    let end = Instant::now() + Duration::from_secs(seconds);
    let started = Instant::now();
    let workers = (0..clients).map(|_| tokio::spawn(worker(address.clone(), request.clone(), end)));
    let mut latencies_ms = Vec::new();
    let mut body_bytes = 0;
    for worker in workers.collect::<Vec<_>>() {
        let (took, bytes) = worker.await.expect("a worker ends well");
        latencies_ms.extend(took);
        body_bytes = bytes;
    }
    let per_second = latencies_ms.len() as f64 / started.elapsed().as_secs_f64();
    latencies_ms.sort_by(f64::total_cmp);
    Load { per_second, latencies_ms, body_bytes }
}

async fn worker(address: String, request: String, end: Instant) -> (Vec<f64>, usize) {
    let mut stream = TcpStream::connect(address).await.expect("connects");
    stream.set_nodelay(true).expect("a socket");
    let mut took = Vec::new();
    let mut buffer = Vec::with_capacity(64 * 1024);
    let mut body_bytes = 0;
    while Instant::now() < end {
        let sent = Instant::now();
        stream.write_all(request.as_bytes()).await.expect("sent");
        body_bytes = answer(&mut stream, &mut buffer).await;
        took.push(sent.elapsed().as_secs_f64() * 1_000.0);
    }
    (took, body_bytes)
}

/// Reads one answer with a Content-Length; says how long its body was.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> usize {
    buffer.clear();
    loop {
        assert!(stream.read_buf(buffer).await.expect("answers") > 0, "the server hung up");
        let Some(head_end) = buffer.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&buffer[..head_end]).to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 200"), "{head}\n{}", String::from_utf8_lossy(&buffer[head_end..]));
        let length: usize = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok())
            .expect("the answer says how long it is");
        while buffer.len() < head_end + 4 + length {
            assert!(stream.read_buf(buffer).await.expect("answers") > 0, "the server hung up");
        }
        return length;
    }
}
