//! Paths and the addresses by which editors name them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::path::{Path, PathBuf};

/// What is written as it is in the path of an address.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The path of a file's address; none for anything that is not a file.
pub(super) fn path_of(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    let at = rest.find('/')?;
    let path = percent_decode_str(rest.get(at..)?).decode_utf8().ok()?;
    // `/c:/guidelines` on systems with drives
    let drive = path.strip_prefix('/').filter(|p| p.get(1..2) == Some(":") && cfg!(windows));
    Some(PathBuf::from(drive.unwrap_or(&path)))
}

/// The address of a file.
pub(super) fn uri_of(path: &str) -> String {
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("file://{slash}{}", utf8_percent_encode(path, PATH))
}

/// A path as the texts of a project are named.
pub(super) fn name_of(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
