use crate::PATIENCE;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::Bytes,
    client::conn::http1::handshake,
    http::{HeaderValue, header},
};
use hyper_util::rt::TokioIo;
use std::{error::Error, sync::Arc};
use thirtyfour::{
    error::{WebDriverError, WebDriverErrorInner, WebDriverResult},
    session::http::{Body, HttpClient},
};
use tokio::{net::TcpStream, time::timeout};

/// Speaks to chromedriver, a connection a request. The usual client would need cryptography to be set up for that.
#[derive(Debug, Clone, Copy)]
pub(super) struct Client;

#[async_trait::async_trait]
impl HttpClient for Client {
    async fn send(&self, request: Request<Body<'_>>) -> WebDriverResult<Response<Bytes>> {
        let (parts, body) = request.into_parts();
        let body = match body {
            Body::Empty => Bytes::new(),
            Body::Json(json) => json.to_string().into(),
        };
        let request = Request::from_parts(parts, Full::new(body));
        match timeout(PATIENCE, send(request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(failed(error.to_string())),
            Err(_) => Err(failed(format!("chromedriver does not answer within {PATIENCE:?}"))),
        }
    }

    async fn new(&self) -> Arc<dyn HttpClient> {
        Arc::new(*self)
    }
}

async fn send(mut request: Request<Full<Bytes>>) -> Result<Response<Bytes>, Box<dyn Error + Send + Sync>> {
    let authority = request.uri().authority().ok_or("the address has no host")?.to_string();
    let stream = TcpStream::connect(&authority).await?;
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).parse()?;
    *request.uri_mut() = path;
    request.headers_mut().insert(header::HOST, HeaderValue::from_str(&authority)?);
    request.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    let (parts, body) = sender.send_request(request).await?.into_parts();
    Ok(Response::from_parts(parts, body.collect().await?.to_bytes()))
}

fn failed(why: String) -> WebDriverError {
    WebDriverError::from_inner(WebDriverErrorInner::HttpError(why))
}
