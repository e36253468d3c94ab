//! What people see: a real chromium, driven through chromedriver.

pub mod chromium;
mod console;
mod form;
mod looks;
