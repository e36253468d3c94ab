mod guard;
mod local;
mod sending;
