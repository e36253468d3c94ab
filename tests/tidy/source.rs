//! Reading the tree.

use std::path::Path;

/// One source file, path relative to the repository with `/`.
#[derive(Debug)]
pub struct File {
    pub path: String,
    pub text: String,
}

/// Every Rust file under `src`, `tests` and `benches`.
pub fn read_tree(root: &Path) -> Vec<File> {
    let mut files = Vec::new();
    for top in ["src", "tests", "benches"] {
        let folder = root.join(top);
        if folder.exists() {
            walk(root, &folder, &mut files);
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<File>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            files.push(File { path, text });
        }
    }
}
