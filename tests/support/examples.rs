//! The examples in the explanations of codes: files that give a finding, and files that give none.

use gl::diagnostic::Code;
use std::collections::BTreeMap;

/// The explanation of a code.
pub struct Page {
    /// What stands before the first heading.
    pub first: String,
    /// The text under each heading.
    pub sections: BTreeMap<String, String>,
}

impl Page {
    pub fn new(code: &Code) -> Self {
        let mut page = Page {
            first: String::new(),
            sections: BTreeMap::new(),
        };
        let mut heading: Option<String> = None;
        for line in code.lines() {
            if let Some(text) = line.strip_prefix("## ") {
                heading = Some(text.to_owned());
                page.sections.insert(text.to_owned(), String::new());
                continue;
            }
            let section = heading
                .as_ref()
                .and_then(|h| page.sections.get_mut(h))
                .unwrap_or(&mut page.first);
            section.push_str(line);
            section.push('\n');
        }
        page
    }
}

/// The files of a section, by name.
pub fn files(section: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut open: Option<(Option<String>, String)> = None;
    for line in section.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(info), None) => {
                let named = info.split(' ').find_map(|word| word.strip_prefix("file=")).map(str::to_owned);
                let default = match info.split(' ').next() {
                    Some("gl") => Some("guideline.gl".to_owned()),
                    Some("yaml") => Some("patient.yaml".to_owned()),
                    _ => None,
                };
                open = Some((named.or(default), String::new()));
            }
            (Some(_), Some(_)) => {
                if let Some((Some(name), text)) = open.take() {
                    files.push((name, text));
                }
            }
            (None, Some((_, text))) => text.push_str(&format!("{line}\n")),
            (None, None) => {}
        }
    }
    files
}
