//! The console's own words; its pages are tested through the listener.
