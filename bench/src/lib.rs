//! wodehost-bench
