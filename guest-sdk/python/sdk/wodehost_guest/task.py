"""The attempt that is running."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, NoReturn

from . import host
from ._contract import Err, interface
from .failure import Failure
from .typed import read
from .values import encode

_task = interface("task")

STATE: Any = object()
"""Stands for the carried state in `success` and `failure`."""


@dataclass(frozen=True)
class Current:
    """Which attempt of which job this is."""

    id: str
    name: str
    attempt: int
    retries_left: int | None
    group: str


def current() -> Current:
    """All of it together."""
    return Current(id(), host.name(), attempt(), retries_left(), group())


def id() -> str:
    """The job's id."""
    return _task.id()


def group() -> str:
    """The group that the job belongs to; empty when it belongs to none."""
    return _task.group()


def attempt() -> int:
    """Which attempt this is, from 1."""
    return _task.attempt()


def retries_left() -> int | None:
    """How many restarts are left; None = without end."""
    return _task.retries_left()


def set_name(name: str) -> None:
    """Changes the process-name, as logs and board show it."""
    _task.set_name(name)


def data(hint: Any = Any) -> Any:
    """The carried state as `hint` says: what the latest `update` said, in this attempt or an earlier one.
    An empty map at first."""
    return read(_task.data(), hint, "bad-value", "the carried state")


def update(state: Any) -> None:
    """Replaces the carried state, and is a sign of life. A `Failure` with code `not-taken` if the host does
    not take it."""
    _hand_over(_task.update_data, encode(state, "the carried state"))


def keepalive() -> None:
    """A sign of life."""
    _task.keepalive()


def emit(value: Any) -> None:
    """Sends a value to whoever listens, and to the consumer before the outcome. A `Failure` with code
    `not-taken` if the host does not take it."""
    _hand_over(_task.emit, encode(value, "the emitted value"))


def stopping() -> bool:
    """True while the grace of a shutdown or of a cancel is running: finish soon."""
    return _task.stopping()


def success(result: Any = STATE) -> NoReturn:
    """Ends the attempt here with success: with this result, or without one with the carried state."""
    _end(_task.success, None if result is STATE else encode(result, "the result"))


def failure(value: Any = STATE) -> NoReturn:
    """Ends the job here with failure, without another attempt: with this value, or the carried state."""
    _end(_task.failure, None if value is STATE else encode(value, "the failure's value"))


def restart() -> NoReturn:
    """Ends the attempt here and asks for another one with the latest carried state."""
    _end(_task.restart)


def _hand_over(function: Any, value: bytes) -> None:
    try:
        function(value)
    except Err as error:
        refusal = error.value
    else:
        return
    raise Failure(refusal, code="not-taken")


def _end(function: Any, *arguments: Any) -> NoReturn:
    sys.stdout.flush()
    sys.stderr.flush()
    function(*arguments)
    raise RuntimeError("the host let an attempt go on that has ended")
