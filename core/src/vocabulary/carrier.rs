/// Where response parameters become visible on their way to the client.
///
/// A provider declares its carrier, and the rules go by it: a mode cannot put a token into a
/// query by calling itself something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Carrier {
    /// The query of the redirect URI: in the client's access log and in `Referer`.
    Query,
    /// The fragment of the redirect URI: visible to the client's scripts only.
    Fragment,
    /// The body of a request that the browser posts, from a form on a page of the server.
    Body,
    /// A page of the server, whose script or user takes them to the client.
    Script,
}

impl Carrier {
    /// Whether the redirect URI must be `https` or `http`: nothing else can be posted or
    /// messaged to.
    pub fn needs_web_target(self) -> bool {
        match self {
            Self::Query | Self::Fragment => false,
            Self::Body | Self::Script => true,
        }
    }
}

/// How response parameters are protected on their way.
///
/// Ordered: what compares greater protects more.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Protection {
    /// They travel as they are.
    Plain,
    /// They travel as one JWT, the parameter `response`.
    Jwt,
}
