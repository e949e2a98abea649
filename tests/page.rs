//! The reviewers' page, through the command line.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on stops"
)]
#![cfg(feature = "cli")]

#[path = "support/command.rs"]
mod command;
#[path = "support/folder.rs"]
mod folder;

use command::gl;
use folder::Folder;
use sha2::{Digest, Sha256};
use std::fs;
use std::process::Command;

impl Folder {
    /// The page of everything in the folder.
    fn page(&self, args: &[&str]) -> String {
        let args = [&["render", "--output", "-"], args].concat();
        let (page, said, status) = gl(&self.0, &args);
        assert_eq!(status, 0, "{said}");
        page
    }
}

/// The page of the guidelines of the repository.
fn guidelines() -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_gl"))
        .args(["render", "guidelines", "--output", "-"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The text of a part of the page, without markup, in single blanks.
fn words(markup: &str) -> String {
    let mut text = String::new();
    for piece in markup.split('<') {
        let (tag, after) = piece.split_once('>').unwrap_or(("", piece));
        let name = tag.trim_start_matches('/').split(' ').next().unwrap();
        // What stands within a line parts no words.
        if !["a", "span", "b", "strong", "code", "cite"].contains(&name) {
            text.push(' ');
        }
        text.push_str(after);
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// From the element with this name to the end of it.
fn part<'p>(page: &'p str, id: &str, end: &str) -> &'p str {
    let start = page.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no part `{id}`"));
    let rest = &page[start..];
    &rest[..rest.find(end).unwrap()]
}

const LIBRARY: &str = "\
guideline back \"Back pain\" version \"2\" status draft
  applies when back_pain

fact back_pain: yes/no \"Back pain\"
fact retention: yes/no \"Urinary retention\" ask \"Is there urinary retention?\"
fact pain: one of mild < moderate < severe \"Severity of the pain\" ask \"What is the severity of the pain?\"
fact lasting: quantity in weeks \"Time since it began\"
fact lasegue: yes/no \"Lasègue's sign\"
action mri \"MRI of the spine\"
action opioid \"Opioids\"
action paracetamol \"Paracetamol\"
source DOC \"Management of back pain\" statements \"doc.csv\"

define red_flag \"Red flag\": retention or lasegue from DOC-02

section \"Imaging\" when not red_flag:

rule early \"No early imaging\":
  when lasting under 6 weeks or pain at most moderate
  then avoid mri
  then consider paracetamol every 8 hours with \"with food\"
  cite DOC \"page 3\"
  from DOC-01
  because \"most back pain passes\"

section \"Emergencies\":

rule emergency \"An emergency\":
  when red_flag unless pain is mild
  then urgent mri within hours
  then recommend opioid only when pain is severe
  cite DOC from DOC-02

case \"retention\" given back_pain, retention, not lasegue, pain is severe expect urgent mri from DOC-02
case \"wrong\" given back_pain, retention, not lasegue, pain is severe expect never mri
";

const STATEMENTS: &str = "\
id,section,item,kind,paraphrase,encode
DOC-01,Imaging,1,recommendation,No MRI in the first weeks,yes
DOC-02,Emergencies,1,recommendation,A red flag is an emergency,yes
DOC-03,Emergencies,2,recommendation,Look again after a week,yes
";

fn library() -> Folder {
    Folder::with("page", [("back.gl", LIBRARY), ("doc.csv", STATEMENTS)])
}

#[test]
fn every_rule_is_a_sentence_under_its_heading() {
    let page = library().page(&[]);
    let early = words(part(&page, "rule-back.early", "</article>"));
    assert!(
        early.contains(
            "When Time since it began is under 6 weeks or severity of the pain is at most moderate: avoid MRI of the spine; \
             consider Paracetamol every 8 hours (with food)."
        ),
        "{early}"
    );
    for said in [
        "Because most back pain passes.",
        "DOC-01 No MRI in the first weeks",
        "Management of back pain, page 3",
    ] {
        assert!(early.contains(said), "{said}: {early}");
    }
    let emergency = words(part(&page, "rule-back.emergency", "</article>"));
    assert!(
        emergency.contains("When red flag, unless severity of the pain is mild: recommend urgent MRI of the spine within hours;"),
        "{emergency}"
    );
    assert!(
        emergency.contains("recommend Opioids, only when severity of the pain is severe; otherwise avoid it."),
        "{emergency}"
    );
    // A name keeps its capital.
    let term = words(part(&page, "term-back.red_flag", "</div>"));
    assert!(term.contains("urinary retention or Lasègue&#x27;s sign"), "{term}");
    let (imaging, emergencies) = (page.find(">Imaging</h3>").unwrap(), page.find(">Emergencies</h3>").unwrap());
    let rules = ["rule-back.early", "rule-back.emergency"].map(|id| page.find(&format!("id=\"{id}\"")).unwrap());
    assert!(imaging < rules[0] && rules[0] < emergencies && emergencies < rules[1]);
    assert!(words(&page[imaging..rules[0]]).contains("only for patients with: not red flag"));
}

#[test]
fn cases_and_statements_stand_there_with_what_came_of_them() {
    let page = library().page(&[]);
    let emergency = words(part(&page, "rule-back.emergency", "</article>"));
    assert!(emergency.contains("2 cases see it fire retention fails wrong"), "{emergency}");
    let early = words(part(&page, "rule-back.early", "</article>"));
    assert!(early.contains("no case sees it fire"), "{early}");
    let wrong = words(part(&page, "case-2", "</article>"));
    assert!(
        wrong.contains("fails wrong") && wrong.contains("expect never mri but "),
        "{wrong}"
    );
    assert!(words(part(&page, "statement-DOC-2d-03", "</tr>")).contains("missing"));
    assert!(words(part(&page, "statement-DOC-2d-02", "</tr>")).contains("rules back.emergency"));
    // The failing case is a finding for `gl test`, and no reason not to show the page.
    assert!(words(&page).contains("1 cases pass, 1 fail"));
}

#[test]
fn what_is_open_and_what_is_settled_stands_at_the_rules() {
    let text = LIBRARY
        .replace("section \"Imaging\" when not red_flag:", "section \"Imaging\":")
        .replace(
            "case \"retention\"",
            "rule later: always then recommend opioid cite DOC\nrule never_opioid: always then never opioid cite DOC\n\
         reconcile back.later with back.never_opioid prefer back.never_opioid because \"they <harm>\"\ncase \"retention\"",
        );
    let folder = Folder::with("page", [("back.gl", text.as_str()), ("doc.csv", STATEMENTS)]);
    let page = folder.page(&[]);
    let early = words(part(&page, "rule-back.early", "</article>"));
    assert!(early.contains("an emergency is held back"), "{early}");
    let settled = words(part(&page, "settlement-1", "</article>"));
    assert!(
        settled.contains("back.never_opioid is preferred. Because they &lt;harm&gt;."),
        "{settled}"
    );
    assert!(words(part(&page, "rule-back.later", "</article>")).contains("gives way to back.never_opioid"));
    assert!(words(part(&page, "findings", "</section>")).contains("decisions that authors made"));
}

#[test]
fn changes_are_marked() {
    let folder = library();
    folder.write(
        "old/back.gl",
        LIBRARY
            .replace("under 6 weeks", "under 4 weeks")
            .replace("\"An emergency\"", "\"Emergency\""),
    );
    folder.write("old/doc.csv", STATEMENTS);
    let page = folder.page(&["back.gl", "--since", "old"]);
    let early = words(part(&page, "rule-back.early", "</article>"));
    assert!(early.contains("changed: for more patients"), "{early}");
    let emergency = words(part(&page, "rule-back.emergency", "</article>"));
    assert!(emergency.contains("written otherwise, the same meaning"), "{emergency}");
    let changes = words(part(&page, "changes", "</section>"));
    assert!(
        changes.contains("do not mean the same") && changes.contains("back.early"),
        "{changes}"
    );
    assert!(!folder.page(&["back.gl"]).contains("id=\"changes\""));
}

#[test]
fn hostile_text_is_shown_as_text() {
    let script = "<script>window.hostile = true</script>";
    let texts = [
        script,
        "<img src=x onerror=alert(1)>",
        "javascript:alert(1)",
        "</style><style>*{display:none}</style>",
        "{{ title }}",
    ];
    let all = texts.join(" ");
    let text = format!(
        "guideline g \"{all}\" version \"{all}\" status draft\n\
         fact f: yes/no \"{all}\" ask \"{all}\" code {CODE} \"{script}\"\n\
         fact e: one of a, b \"\"\n\
         action a \"{all}\" also \"{script} too\"\naction b\n\
         source S \"{all}\" publisher \"{all}\" url \"javascript:alert(1)\" statements \"s.csv\"\n\
         define d \"{all}\": f\n\
         section \"{all}\":\n\
         rule r \"{all}\": when d and e is a then a with \"{all}\" cite S \"{all}\" from S-1 because \"{all}\"\n\
         rule q \"{all}\": when f then never a cite S because \"{all}\"\n\
         reconcile g.r with g.q prefer g.q because \"{all}\"\n\
         note \"{all}\" about a cite S from S-1\n\
         complete \"{all}\" over f for a\n\
         case \"{all}\" given f expect b\n",
        CODE = "x"
    );
    let row =
        format!("id,section,item,kind,paraphrase,encode\nS-1,\"{script}\",\"{script}\",\"{script}\",\"{all} \u{202e}\",yes\n");
    let folder = Folder::with("page", [("<b onclick=x>.gl", text.as_str()), ("s.csv", row.as_str())]);
    let (page, said, status) = gl(&folder.0, &["render", "--output", "-"]);
    assert_eq!(status, 0, "{said}");
    // Two elements of gl's own; everything else of that name is text.
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("<style").count(), 1);
    for markup in ["<img", "<b onclick", "href=\"javascript", "<iframe"] {
        assert!(!page.contains(markup), "{markup}");
    }
    assert!(page.contains("&lt;script&gt;window.hostile = true&lt;&#x2f;script&gt;"));
    assert!(page.contains("{{ title }}"), "text of authors is no template");
    if let Some(place) = std::env::var_os("HOSTILE_PAGE") {
        fs::write(place, &page).unwrap();
    }
}

#[test]
fn hidden_characters_are_made_visible() {
    let statements = "id,section,item,kind,paraphrase,encode\nS-1,x\u{202e}y,i,k,\"left \u{202e}right\u{2066}\",yes\n";
    let text = "source S \"s\" statements \"s.csv\"\nfact f: yes/no\naction a\nwhen f then a cite S from S-1\n";
    let page = Folder::with("page", [("g.gl", text), ("s.csv", statements)]).page(&[]);
    assert!(
        page.contains("left \\u{202e}right\\u{2066}"),
        "{}",
        part(&page, "trace", "</section>")
    );
    assert!(!page.contains(['\u{202e}', '\u{2066}']));
}

#[test]
fn the_policy_allows_the_page_and_nothing_else() {
    let page = library().page(&[]);
    let between = |start: &str, end: &str| {
        let rest = &page[page.find(start).unwrap() + start.len()..];
        &rest[..rest.find(end).unwrap()]
    };
    let policy = between("Content-Security-Policy\" content=\"", "\"")
        .replace("&#x27;", "'")
        .replace("&#x2f;", "/");
    for (directive, text) in [
        ("style-src", between("<style>", "</style>")),
        ("script-src", between("<script>", "</script>")),
    ] {
        let digest = data_encoding::BASE64.encode(&Sha256::digest(text.as_bytes()));
        assert!(
            policy.contains(&format!("{directive} 'sha256-{digest}';")),
            "{directive}: {policy}"
        );
    }
    assert!(
        policy.starts_with("default-src 'none';") && !policy.contains("unsafe"),
        "{policy}"
    );
    for outside in ["http:", "https:", " src=", "url(", "@import", "<link", " style=", "onclick"] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn links_lead_somewhere_and_headings_are_in_order() {
    let page = guidelines();
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
    let ids: Vec<&str> = page
        .split(" id=\"")
        .skip(1)
        .map(|rest| &rest[..rest.find('"').unwrap()])
        .collect();
    let distinct: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), distinct.len(), "a name stands for two parts");
    for link in page.split("href=\"#").skip(1).map(|rest| &rest[..rest.find('"').unwrap()]) {
        assert!(distinct.contains(link), "{link}");
    }
    let mut level = 0;
    for (at, _) in page.match_indices("<h") {
        let Some(next) = page[at + 2..].chars().next().and_then(|c| c.to_digit(10)) else {
            continue;
        };
        assert!(next <= level + 1, "{}", &page[at..at + 120]);
        level = next;
    }
    assert_eq!(page.matches("class=\"rule ").count(), page.matches("id=\"rule-").count());
    // The same library is the same page, to the byte.
    let folder = library();
    assert_eq!(folder.page(&[]), folder.page(&[]));
}

#[test]
fn a_template_of_ones_own() {
    let folder = library();
    folder.write(
        "t.html",
        "{% for d in documents %}{{ d.title }}: {{ d.rules }}{% endfor %} {{ 'a' | sha256 | safe }} {{ '<' }}",
    );
    let page = folder.page(&["--template", "t.html"]);
    assert_eq!(
        page,
        "Back pain: 2 'sha256-ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=' &lt;"
    );
    folder.write("t.html", "{{ no_such_thing }}");
    let (page, said, status) = gl(&folder.0, &["render", "--output", "-", "--template", "t.html"]);
    assert_eq!((page.as_str(), status), ("", 2));
    assert!(said.contains("`t.html` cannot be filled in: undefined value"), "{said}");
}

#[test]
fn a_page_is_written_whole_or_not_at_all() {
    let folder = library();
    folder.write("out.html", "old");
    let (_, said, status) = gl(&folder.0, &["render", "--output", "out.html"]);
    assert_eq!(status, 0, "{said}");
    assert!(
        said.contains("1 guideline, 2 rules, 2 cases") && said.contains("in `out.html`"),
        "{said}"
    );
    assert!(fs::read_to_string(folder.0.join("out.html")).unwrap().ends_with("</html>"));
    let names: Vec<_> = fs::read_dir(&folder.0).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    folder.write("back.gl", "fact");
    let (_, said, status) = gl(&folder.0, &["render", "--output", "out.html"]);
    assert_eq!(status, 2);
    assert!(said.contains("nothing was rendered: 1 error"), "{said}");
    assert!(fs::read_to_string(folder.0.join("out.html")).unwrap().ends_with("</html>"));
    for (output, why) in [
        ("back.gl", "would be read as a guideline"),
        ("no/such/folder.html", "cannot be written"),
    ] {
        folder.write("back.gl", LIBRARY);
        let (_, said, status) = gl(&folder.0, &["render", "--output", output]);
        assert_eq!(status, 2);
        assert!(said.contains(why), "{said}");
    }
}
