//! wodehost-guest-macros
