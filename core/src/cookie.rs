//! The header `Cookie`, as a server reads it.

/// The values of a cookie, in the order in which the browser sends them, out of the headers `Cookie`
/// of a request.
///
/// A browser also sends what neighbouring hosts and careless scripts have set. So other cookies may have
/// any octets, and harm nothing; and of a name nothing but spaces is cut off: any other octet before
/// `__Host-` makes it a name that has no prefix for the browser, and that neighbours may set.
///
/// ```
/// let headers = ["theme=Jos\u{e9}; session=1", "\u{2000}session=2; session=3"];
/// let values: Vec<_> = jarm_core::cookie::values(headers, "session").collect();
/// assert_eq!(values, ["1", "3"]);
/// ```
pub fn values<C: AsRef<[u8]>>(
    headers: impl IntoIterator<Item = C>,
    name: &str,
) -> impl Iterator<Item = String> {
    headers.into_iter().flat_map(move |header| {
        let cookies = String::from_utf8_lossy(header.as_ref());
        let values = cookies.split(';').filter_map(|cookie| {
            let value = cookie.trim_matches(' ').strip_prefix(name)?;
            Some(value.strip_prefix('=')?.to_owned())
        });
        values.collect::<Vec<_>>()
    })
}
