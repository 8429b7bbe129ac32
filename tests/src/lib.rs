//! wodehost-tests
