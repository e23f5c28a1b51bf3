//! Which files belong to the project?
//!
//! Works without version control, so that the tests also pass in an unpacked
//! archive. Build output, data of a started harness and installed packages are
//! left out.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders, at any depth, that hold no sources of the project.
const FOREIGN_FOLDERS: [&str; 6] = ["target", "tandem-data", "node_modules", "__pycache__", ".git", ".venv"];

/// A file of the project.
pub struct ProjectFile {
    /// Its path below the root, with `/` between folders.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl ProjectFile {
    /// Its lines that are not comments as a whole, numbered from 1.
    pub fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines()).filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// Whether it lies in one of these folders, given with a final `/`.
    pub fn is_below(&self, folders: &[&str]) -> bool {
        folders.iter().any(|folder| self.path.starts_with(folder))
    }
}

/// The folder that holds the workspace.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the tests crate lies in the root folder").to_owned()
}

/// The files with one of these extensions, ordered by path. A name without a dot
/// counts as an extension, too: scripts have none.
pub fn with_extension(extensions: &[&str]) -> Vec<ProjectFile> {
    let mut found = Vec::new();
    collect(&root(), "", extensions, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!found.is_empty(), "expected files ending in {extensions:?}, but found none");
    found
}

/// The text of one file, by its path below the root.
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("`{path}` cannot be read: {error}"))
}

fn collect(folder: &Path, prefix: &str, extensions: &[&str], found: &mut Vec<ProjectFile>) {
    for entry in fs::read_dir(folder).expect("a folder of the project can be listed") {
        let path = entry.expect("a folder of the project can be listed").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("names are UTF-8").to_owned();
        if path.is_dir() {
            if !FOREIGN_FOLDERS.contains(&name.as_str()) {
                collect(&path, &format!("{prefix}{name}/"), extensions, found);
            }
        } else if extensions.contains(&name.rsplit('.').next().unwrap_or_default()) {
            let text = fs::read_to_string(&path).expect("sources are UTF-8");
            found.push(ProjectFile { path: format!("{prefix}{name}"), text });
        }
    }
}
