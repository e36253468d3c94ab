//! The reference of the configuration (docs/configuration.md) is written from the schemas.
