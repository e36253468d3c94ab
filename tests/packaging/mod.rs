//! What is handed out beside the program says what the program does: the guides, the image, the map.

mod commands;
mod facts;
pub mod generated;
mod image;
pub mod markdown;
mod mounted;
mod problems;
mod sources;
