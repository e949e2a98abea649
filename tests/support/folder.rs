//! A folder for one test.

#![allow(clippy::expect_used, reason = "a test may stop")]

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A folder that goes away with its owner.
pub struct Folder(pub PathBuf);

impl Folder {
    /// A folder of its own, whatever else runs at the same time.
    pub fn new(name: &str) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("gl-{name}-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).expect("a temporary folder");
        Folder(path)
    }

    /// A folder of its own with these files.
    #[allow(dead_code, reason = "some tests only need the folder")]
    pub fn with<N: AsRef<str>, T: AsRef<[u8]>>(name: &str, files: impl IntoIterator<Item = (N, T)>) -> Self {
        let folder = Folder::new(name);
        files.into_iter().for_each(|(file, bytes)| folder.write(file.as_ref(), bytes));
        folder
    }

    /// Writes a file, with the folders that its name takes.
    #[allow(dead_code, reason = "some tests only need the folder")]
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
