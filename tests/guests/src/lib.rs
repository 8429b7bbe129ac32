//! wodehost-test-guests
