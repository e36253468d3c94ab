//! Files by which others find a running service: the ports file that was asked for.

use std::net::SocketAddr;
use std::path::Path;

/// Writes `{"public":"…","private":"…"}`, whole or not at all.
pub fn write(path: &Path, public: SocketAddr, private: SocketAddr) -> std::io::Result<()> {
    let text = serde_json::json!({
        "public": public.to_string(),
        "private": private.to_string(),
    });
    let beside = path.with_extension("partial");
    super::master_key::write_private(&beside, &text.to_string())?;
    std::fs::rename(beside, path)
}

/// Writes `{"url":"…","key":"…"}`, readable by its owner only: how the CLI finds a running service.
pub fn write_runtime(path: &Path, private: SocketAddr, key: &str) -> std::io::Result<()> {
    let text = serde_json::json!({"url": format!("http://{private}"), "key": key});
    let beside = path.with_extension("partial");
    super::master_key::write_private(&beside, &text.to_string())?;
    std::fs::rename(beside, path)
}
