"""Who is asking, and what the plugin was configured with."""

from __future__ import annotations

from typing import Any

from ._contract import interface
from .typed import read

_host = interface("host")


def name() -> str:
    """The process-name: `<job>/<attempt>` in a worker unless it was changed, else the host's own name."""
    return _host.name()


def config(hint: Any = Any) -> Any:
    """`[plugins.NAME.config]` as `hint` says, an empty map when there is none. What does not fit is a
    `Failure` with code `bad-config`."""
    return read(_host.config(), hint, "bad-config", "the configuration")


def env(name: str) -> str | None:
    """A variable of the job's environment, or of the host's where `allow.env` grants it."""
    return _host.env(name)
