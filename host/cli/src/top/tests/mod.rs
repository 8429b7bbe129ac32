//! What `top` is tested with.

mod sockets;
