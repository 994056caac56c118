use oxide_auth::endpoint::{Endpoint, WebRequest};

/// A code that oxide-auth has issued and nobody has received. Unless it is sent, it is revoked: on every way
/// out, also when the browser goes away while a signer is awaited.
pub(crate) struct Unsent<V: Fn(&str)> {
    code: Option<String>,
    revoke: V,
}

impl<V: Fn(&str)> Unsent<V> {
    pub(crate) fn new(code: Option<&str>, revoke: V) -> Self {
        Self {
            code: code.map(str::to_owned),
            revoke,
        }
    }

    pub(crate) fn sent(mut self) {
        self.code = None;
    }
}

impl<V: Fn(&str)> Drop for Unsent<V> {
    fn drop(&mut self) {
        // A poisoned lock would panic a second time, and that aborts the process.
        if std::thread::panicking() {
            return;
        }
        if let Some(code) = self.code.take() {
            (self.revoke)(&code);
        }
    }
}

/// Takes a code out of the authorizer, so that nobody can redeem it.
pub(crate) fn revoke<R: WebRequest, E: Endpoint<R>>(endpoint: &mut E, code: &str) {
    let extracted = endpoint
        .authorizer_mut()
        .map(|authorizer| authorizer.extract(code));
    if !matches!(extracted, Some(Ok(_))) {
        tracing::error!("an authorization code that was not sent could not be revoked");
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn a_code_is_revoked_unless_it_was_sent() {
        let revoked = RefCell::new(Vec::new());
        let revoke = |code: &str| revoked.borrow_mut().push(code.to_owned());
        Unsent::new(Some("sent"), revoke).sent();
        drop(Unsent::new(None, revoke));
        drop(Unsent::new(Some("lost"), revoke));
        assert_eq!(*revoked.borrow(), ["lost"]);
    }
}
