//! The console as a browser meets it: a whole service, real HTTP, cookies and forms. What it looks
//! like is looked at elsewhere, in a real browser.

mod acting;
mod entering;
mod reading;
mod visitor;
