use std::fmt;

use jarm_core::ClientId;
use jarm_core::response::escaped;

/// The pending response as it waits in the consent page: sealed, for this browser and client, for an hour, to be
/// answered once.
#[derive(Clone)]
pub struct Ticket {
    text: String,
    csp_source: String,
}

impl Ticket {
    /// The name of the form's input.
    pub const NAME: &'static str = "ticket";

    pub(crate) fn new(client_id: &ClientId, sealed: &str, csp_source: String) -> Self {
        Self {
            text: format!("{client_id}.{sealed}"),
            csp_source,
        }
    }

    /// The value of the form's input [`NAME`](Self::NAME). Escape it as any other value.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The input as HTML. It goes into the form that is posted to where [`resume`] is called.
    ///
    /// [`resume`]: crate::JarmFlow::resume
    pub fn hidden_input(&self) -> String {
        let value = escaped(&self.text);
        format!(
            r#"<input type="hidden" name="{}" value="{value}">"#,
            Self::NAME
        )
    }

    /// What the page's `form-action` must allow beside `'self'`, if its content security policy has
    /// that directive: browsers apply it to the redirect that follows the form, too.
    pub fn csp_source(&self) -> &str {
        &self.csp_source
    }

    /// The client that the ticket claims to be for, and what is sealed for it. Nothing sealed for
    /// another client opens.
    pub(crate) fn parse(text: &str) -> Option<(ClientId, &str)> {
        let (client_id, sealed) = text.rsplit_once('.')?;
        Some((ClientId::try_new(client_id).ok()?, sealed))
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_input_is_html_whatever_the_client_is_called() {
        let client_id = ClientId::try_new("a.\"><b").unwrap();
        let ticket = Ticket::new(&client_id, "c2VhbGVk", String::new());
        let input = ticket.hidden_input();
        assert_eq!(input.matches(['<', '>']).count(), 2, "{input}");
        assert_eq!(
            Ticket::parse(ticket.as_str()),
            Some((client_id, "c2VhbGVk"))
        );
    }
}
