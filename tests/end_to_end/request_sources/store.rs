//! A store of pushed requests that can be looked into, and fails where it is told to.

use std::future::ready;
use std::sync::{Arc, Mutex};

use jarm::BoxFuture;
use jarm::authorization_server::{InMemoryPushedRequests, PushedRequest, PushedRequests};
use jarm::clock::UnixTime;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failing {
    Nowhere,
    Keep,
    Find,
    Forget,
}

#[derive(Debug)]
pub(super) struct Store {
    own: InMemoryPushedRequests,
    failing: Failing,
    pub(super) kept: Mutex<Vec<PushedRequest>>,
}

impl Store {
    pub(super) fn new(failing: Failing) -> Arc<Self> {
        Arc::new(Self {
            own: InMemoryPushedRequests::default(),
            failing,
            kept: Mutex::default(),
        })
    }
}

fn down<'a, T: Send + 'a>() -> BoxFuture<'a, Result<T, BoxError>> {
    Box::pin(ready(Err("the database is down".into())))
}

impl PushedRequests for Store {
    fn keep<'a>(
        &'a self,
        request_uri: &'a str,
        request: PushedRequest,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<(), BoxError>> {
        if self.failing == Failing::Keep {
            return down();
        }
        self.kept.lock().unwrap().push(request.clone());
        self.own.keep(request_uri, request, now)
    }

    fn find<'a>(
        &'a self,
        request_uri: &'a str,
    ) -> BoxFuture<'a, Result<Option<PushedRequest>, BoxError>> {
        match self.failing {
            Failing::Find => down(),
            _ => self.own.find(request_uri),
        }
    }

    fn forget<'a>(&'a self, request_uri: &'a str) -> BoxFuture<'a, Result<(), BoxError>> {
        match self.failing {
            Failing::Forget => down(),
            _ => self.own.forget(request_uri),
        }
    }
}
