//! The built-in client.

use crate::support::{Browser, server};
use authorization_server::Approval;

/// `<input name="append">` makes `form.append` that input: no property of the form can be relied
/// on once parameters name its inputs.
#[tokio::test]
async fn the_script_uses_no_property_that_a_parameter_can_name() {
    let page = Browser::new(&server(Approval::ByUser))
        .get("/callback")
        .await;
    let (_, script) = page.body.split_once("<script>").unwrap();
    let (script, _) = script.split_once("</script>").unwrap();
    assert!(!script.contains("form."), "{script}");
    for method in [
        "Element.prototype.append",
        "HTMLFormElement.prototype.submit",
    ] {
        assert!(script.contains(&format!("{method}.call(form")), "{script}");
    }
}
