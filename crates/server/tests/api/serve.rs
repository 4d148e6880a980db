use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use plimsoll_server::serve;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::app::App;

#[tokio::test]
async fn stopping_ends_streams_at_once_and_lets_go_of_the_port() {
    let app = App::new().await;
    let build = app.queued_build().await;
    let cookie = app.owner().await;
    let listener = serve::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    let hour = Duration::from_secs(3600);
    let server = tokio::spawn(serve::serve(listener, app.router.clone(), app.state.shutdown.clone(), hour));

    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET /api/ops/builds/{build}/logs/stream HTTP/1.1\r\nhost: x\r\ncookie: {cookie}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut first = [0; 15];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");

    app.state.shutdown.cancel();
    server.await.unwrap().unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    serve::bind(address).await.unwrap();
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let listener = serve::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    let error = serve::bind(address).await.unwrap_err();
    assert!(error.to_string().contains(&address.to_string()), "{error}");
}

#[tokio::test]
async fn an_address_typed_at_curl_is_understood() {
    let app = App::new().await;
    let listener = serve::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    let hour = Duration::from_secs(3600);
    let server = tokio::spawn(serve::serve(listener, app.router.clone(), app.state.shutdown.clone(), hour));

    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = b"GET /healthz?select=meta->>\"city\"&a=<b> HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");

    app.state.shutdown.cancel();
    server.await.unwrap().unwrap();
}
