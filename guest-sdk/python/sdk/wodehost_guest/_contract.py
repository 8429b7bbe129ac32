"""The contract's functions, as the build makes them for a plugin's roles.

Without a host around, as in a plugin's own tests, and for what belongs to other roles, each call is a
`RuntimeError`.
"""

from __future__ import annotations

import importlib
from typing import Any, NoReturn

MILLISECONDS_MAX = 2**53 - 1


class _Absent:
    """Stands for an interface that is not there."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, function: str) -> NoReturn:
        raise RuntimeError(f"there is no `{self._name}` here: {_WHY.get(self._name, _WHY_ANY)}")


_WHY = {
    "task": "it belongs to workers",
    "jobs": "it belongs to workers",
    "board": "it belongs to workers, producers and consumers",
    "checkpoint": "it belongs to producers and consumers",
}
_WHY_ANY = "no host is around this program"


def interface(name: str) -> Any:
    """The module of an interface of the contract."""
    try:
        return importlib.import_module(f"wit_world.imports.{name}")
    except ModuleNotFoundError:
        return _Absent(name)


try:
    from componentize_py_types import Err
except ModuleNotFoundError:

    class Err(Exception):  # type: ignore[no-redef]
        """Carries an error of the contract."""

        def __init__(self, value: Any) -> None:
            super().__init__(value)
            self.value = value


def milliseconds(seconds: Any) -> int | None:
    """A time of seconds, or a timedelta, as the contract has it; None stays None."""
    if seconds is None:
        return None
    if hasattr(seconds, "total_seconds"):
        seconds = seconds.total_seconds()
    if not seconds >= 0:
        raise ValueError(f"a time is 0 or longer, not {seconds}")
    return min(round(min(seconds, MILLISECONDS_MAX) * 1000), MILLISECONDS_MAX)
