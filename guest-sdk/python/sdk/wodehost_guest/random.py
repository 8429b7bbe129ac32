"""Randomness of the host. Python's own `random` is seeded with it in each sandbox."""

from __future__ import annotations

from ._contract import interface

_random = interface("random")

_AT_ONCE = 65_536


def bytes(n: int) -> bytes:
    """So many bytes from a cryptographic generator."""
    pieces = [_random.bytes(min(_AT_ONCE, n - start)) for start in range(0, n, _AT_ONCE)]
    return b"".join(pieces)
