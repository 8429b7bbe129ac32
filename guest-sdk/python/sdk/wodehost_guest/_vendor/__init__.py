"""Libraries of others, unchanged: msgpack 1.2.4 from PyPI without its C extension (Apache-2.0)."""
