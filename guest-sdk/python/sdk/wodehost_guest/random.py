"""Randomness of the host. Python's own `random`, `secrets` and `os.urandom` draw on it, too: componentize-py
gives the shared generator of `random` a new seed in each sandbox."""

from __future__ import annotations

import builtins

from ._contract import interface

_random = interface("random")

_AT_ONCE = 65_536


def bytes(n: int) -> builtins.bytes:
    """So many bytes from a cryptographic generator."""
    pieces = [_random.bytes(min(_AT_ONCE, n - start)) for start in range(0, n, _AT_ONCE)]
    return b"".join(pieces)
