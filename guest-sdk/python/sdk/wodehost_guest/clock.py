"""Time by the host's clock."""

from __future__ import annotations

from ._contract import interface, milliseconds

_clock = interface("clock")


def sleep(seconds: float) -> None:
    """Waits. Keepalive and deadline go on meanwhile."""
    _clock.sleep(milliseconds(seconds))


def now() -> float:
    """Seconds since 1970, exact to the millisecond."""
    return _clock.now_ms() / 1000
