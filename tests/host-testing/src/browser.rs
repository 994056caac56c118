use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, Request};
use tower::ServiceExt as _;

use crate::{Page, urlencoded};

/// A user's browser in front of a host, without a network. It follows no redirect.
#[derive(Debug)]
pub struct Browser {
    router: Router,
    /// The one cookie that it keeps.
    pub cookie: Option<String>,
    /// Further headers of every request.
    pub headers: HeaderMap,
}

impl Browser {
    /// A browser that was never there before.
    pub fn of(router: Router) -> Self {
        Self {
            router,
            cookie: None,
            headers: HeaderMap::new(),
        }
    }

    /// The same host, another browser.
    #[must_use]
    pub fn another(&self) -> Self {
        Self::of(self.router.clone())
    }

    /// Loads a page.
    pub async fn get(&mut self, path: &str) -> Page {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    /// Sends a form.
    pub async fn post<K, V>(&mut self, path: &str, pairs: &[(K, V)]) -> Page
    where
        K: AsRef<str>,
        V: AsRef<str>,
    {
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(urlencoded(pairs))).unwrap())
            .await
    }

    /// Sends an authorization request.
    pub async fn authorize<K, V>(&mut self, pairs: &[(K, V)]) -> Page
    where
        K: AsRef<str>,
        V: AsRef<str>,
    {
        self.get(&format!("/authorize?{}", urlencoded(pairs))).await
    }

    /// Sends a request of any kind.
    pub async fn send(&mut self, mut request: Request<Body>) -> Page {
        request.headers_mut().extend(self.headers.clone());
        if let Some(cookie) = &self.cookie {
            let cookie = cookie.parse().unwrap();
            request.headers_mut().insert(COOKIE, cookie);
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        if let Some(cookie) = parts.headers.get(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        let body = to_bytes(body, 1 << 20).await.unwrap();
        Page {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }
}
