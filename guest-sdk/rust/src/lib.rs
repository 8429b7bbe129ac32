//! wodehost-guest
