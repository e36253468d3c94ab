//! What people see: a real chromium, driven through chromedriver.

pub mod chromium;
mod form;
mod looks;
