use std::collections::HashSet;
use std::net::IpAddr;

use url::{Host, Url};

use crate::Problem;
use crate::address::is_public;

/// The longest URL. Longer ones are for something else, and are kept in memory.
const URL_OCTETS: usize = 2048;

/// Where a fetch may lead.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    private: HashSet<String>,
}

impl Reach {
    pub(crate) fn allow_private(&mut self, host: &Host) {
        self.private.insert(host.to_string());
    }

    /// What can be said of a URL before its name is looked up.
    pub(crate) fn check(&self, url: &Url) -> Result<(), Problem> {
        if url.as_str().len() > URL_OCTETS {
            return Err(Problem::Url("the URL has more than 2048 octets"));
        }
        let is_private = match url.host() {
            Some(Host::Ipv4(address)) => !is_public(address.into()),
            Some(Host::Ipv6(address)) => !is_public(address.into()),
            Some(Host::Domain(name)) => is_this_machine(name),
            None => return Err(Problem::Url("the URL has no host")),
        };
        // Without TLS only the machine itself can be told from somebody who stands between.
        if (is_private || url.scheme() != "https") && !self.may_be_private(url) {
            return Err(Problem::NotPublic);
        }
        Ok(())
    }

    /// Whether an address of the URL's host may be connected to.
    pub(crate) fn admits(&self, url: &Url, address: IpAddr) -> bool {
        if url.scheme() != "https" {
            return self.may_be_private(url) && address.is_loopback();
        }
        is_public(address) || self.may_be_private(url)
    }

    fn may_be_private(&self, url: &Url) -> bool {
        url.host_str()
            .is_some_and(|host| self.private.contains(host))
    }
}

/// Names that resolvers must not look up ([RFC 6761 6.3](https://www.rfc-editor.org/rfc/rfc6761#section-6.3)).
fn is_this_machine(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(reach: &Reach, url: &str) -> bool {
        reach.check(&url.parse().unwrap()).is_ok()
    }

    #[test]
    fn a_private_address_is_reached_only_if_its_host_is_allowed_by_name() {
        let none = Reach::default();
        assert!(check(&none, "https://client.example/jwks"));
        assert!(check(&none, "https://1.1.1.1:8443/jwks"));
        for url in [
            "https://127.0.0.1/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://a.localhost/",
            "http://localhost/",
            "http://127.0.0.1/",
        ] {
            assert!(!check(&none, url), "{url}");
        }
        let mut some = Reach::default();
        for host in ["keys.internal", "localhost", "[::1]"] {
            some.allow_private(&Host::parse(host).unwrap());
        }
        assert!(check(&some, "https://localhost/") && check(&some, "http://localhost:1/"));
        assert!(check(&some, "https://[::1]/") && !check(&some, "https://127.0.0.1/"));
        let private = IpAddr::from([10, 0, 0, 1]);
        let admits = |url: &str, address| some.admits(&url.parse().unwrap(), address);
        assert!(admits("https://keys.internal/", private));
        assert!(!admits("https://other.internal/", private));
        assert!(
            !admits("http://localhost/", private),
            "only loopback goes without TLS"
        );
        assert!(admits("http://localhost/", IpAddr::from([127, 0, 0, 1])));
    }

    #[test]
    fn a_url_has_2048_octets_at_most() {
        let url = |octets: usize| format!("https://a.example/{}", "x".repeat(octets - 18));
        assert!(check(&Reach::default(), &url(2048)));
        assert!(!check(&Reach::default(), &url(2049)));
    }
}
