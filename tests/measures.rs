//! What measures the cases: coverage, mutants.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on stops"
)]
#![cfg(feature = "cli")]

#[path = "support/folder.rs"]
mod folder;

use folder::Folder;
use std::process::Command;

impl Folder {
    /// Standard output, standard error and the exit status.
    fn gl(&self, args: &[&str]) -> (String, String, i32) {
        let output = Command::new(env!("CARGO_BIN_EXE_gl"))
            .args(args)
            .current_dir(&self.0)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr), output.status.code().unwrap())
    }
}

#[test]
fn the_page_shows_what_authors_wrote_and_runs_none_of_it() {
    let text = "\
# </pre><script>alert(1)</script> & \"quotes\"
fact fever: yes/no \"<b>Fever</b>\"
fact age: quantity in years
action review
source S \"A <i>source</i>\"
rule hot:
  when fever
    or age
      over 60 years
  then review
  cite S
case \"<img src=x onerror=alert(1)>\"
  given fever
  expect review
";
    let folder = Folder::with("measures", [("<a onclick=x>.gl", text)]);
    let (page, _, status) = folder.gl(&["test", "--coverage", "--format", "html"]);
    assert_eq!(status, 0);
    for markup in ["<script", "<b>", "<i>", "<img", "<a onclick"] {
        assert!(!page.contains(markup), "{markup}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)&lt;&#x2f;script&gt; &amp; &quot;quotes&quot;"));
    assert!(page.contains("&lt;b&gt;Fever"));
    // A test that runs over two lines is coloured on both.
    assert_eq!(
        page.matches("title=\"true in 0; false in 0; unknown in 1\"").count(),
        2,
        "{page}"
    );
    // The page needs nothing from elsewhere.
    for outside in ["http:", "https:", "src=\"", "url(", "@import", "<link"] {
        assert!(!page.contains(outside), "{outside}");
    }
}
