use std::fmt;

/// Which source line registers a kind of response mode; made with [`origin!`](crate::origin).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The package's name.
    pub package: &'static str,
    /// Its version and the source line.
    pub place: &'static str,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.package, self.place)
    }
}

/// The place where it stands, as an [`Origin`](crate::provider::Origin).
#[macro_export]
macro_rules! origin {
    () => {
        $crate::provider::Origin {
            package: env!("CARGO_PKG_NAME"),
            place: concat!(env!("CARGO_PKG_VERSION"), " (", file!(), ":", line!(), ")"),
        }
    };
}
