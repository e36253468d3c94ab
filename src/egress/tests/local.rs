//! The command line's client.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::super::{LocalClient, LocalError};

#[tokio::test]
async fn it_shows_its_key_and_reads_json() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut head = vec![0; 4096];
        let read = socket.read(&mut head).await.unwrap();
        socket
            .write_all(b"HTTP/1.1 409 Conflict\r\ncontent-length: 8\r\n\r\n{\"a\": 1}")
            .await
            .unwrap();
        String::from_utf8_lossy(&head[..read]).into_owned()
    });
    let client = LocalClient::new(&base, Some("key-1")).unwrap();
    let answer = client.post("/v1/demo/x?limit=2", &json!({})).await.unwrap();
    assert_eq!((answer.status, answer.is_success()), (409, false));
    assert_eq!(answer.body, json!({"a": 1}));
    let head = server.await.unwrap();
    assert!(head.starts_with("POST /v1/demo/x?limit=2 HTTP/1.1"), "{head}");
    assert!(head.contains("authorization: Bearer key-1"), "{head}");
    assert!(!format!("{client:?}").contains("key-1"));
}

#[tokio::test]
async fn nobody_there_is_said_without_the_query() {
    let client = LocalClient::new("http://127.0.0.1:1", None).unwrap();
    let error = client.get("/find?email=zanzotter%40mill.example").await.unwrap_err();
    assert!(matches!(error, LocalError::NotReached(_)));
    assert!(!format!("{error:?}").contains("zanzotter"));
    assert!(LocalClient::new("ftp://x", None).is_err());
}
