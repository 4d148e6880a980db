//! Reading server-sent events.

use std::time::Duration;

use futures::{Stream, StreamExt};
use serde_json::Value;

/// Far beyond what anything takes here: it only keeps a broken test from hanging.
pub const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub name: String,
    pub id: Option<i64>,
    pub data: Value,
}

/// The events of one answer.
pub struct Events {
    bytes: std::pin::Pin<Box<dyn Stream<Item = reqwest::Result<bytes::Bytes>> + Send>>,
    buffer: Vec<u8>,
}

impl Events {
    pub async fn open(http: &reqwest::Client, url: &str, bearer: &str, last_event_id: Option<i64>) -> Self {
        let mut request = http.get(url).bearer_auth(bearer);
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        let response = request.send().await.expect("connect");
        assert_eq!(response.status(), 200, "{url}");
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { bytes: Box::pin(response.bytes_stream()), buffer: Vec::new() }
    }

    /// The next event, comments passed over; `None` when the connection ended.
    pub async fn next(&mut self) -> Option<Event> {
        tokio::time::timeout(PATIENCE, self.read()).await.expect("no event came")
    }

    async fn read(&mut self) -> Option<Event> {
        loop {
            while let Some(end) = self.buffer.windows(2).position(|two| two == b"\n\n") {
                let block: Vec<u8> = self.buffer.drain(..end + 2).collect();
                if let Some(event) = parse(std::str::from_utf8(&block).unwrap()) {
                    return Some(event);
                }
            }
            match self.bytes.next().await {
                Some(Ok(bytes)) => self.buffer.extend_from_slice(&bytes),
                Some(Err(_)) | None => return None,
            }
        }
    }
}

fn parse(block: &str) -> Option<Event> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    Some(Event {
        name: field("event:")?.to_owned(),
        id: field("id:").map(|id| id.parse().unwrap()),
        data: serde_json::from_str(field("data:")?).unwrap(),
    })
}

/// Gathers lines and holds them to the promise: numbered without gap or repeat.
#[derive(Debug, Default)]
pub struct Lines {
    pub text: Vec<String>,
}

impl Lines {
    /// Number of the last line gathered.
    pub fn last(&self) -> i64 {
        self.text.len() as i64
    }

    pub fn take(&mut self, event: &Event) {
        if event.name != "lines" {
            return;
        }
        assert_eq!(event.data["first_line"], self.last() + 1, "a gap or a repeat");
        let text = event.data["text"].as_array().unwrap();
        assert_eq!(event.data["ts"].as_array().unwrap().len(), text.len());
        assert_eq!(event.data["kind"].as_array().unwrap().len(), text.len());
        self.text.extend(text.iter().map(|line| line.as_str().unwrap().to_owned()));
        assert_eq!(event.id, Some(self.last()), "the id is the last line's number");
    }
}
