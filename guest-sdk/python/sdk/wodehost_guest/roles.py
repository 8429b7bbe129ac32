"""The decorators, and what they make of a plugin's functions.

Each role is registered when the plugin's module is imported, which happens at build time. What hints and
signatures say is read then, too, so that a sandbox starts with everything made.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, overload

from ._contract import interface, milliseconds
from .arguments import Arguments
from .dispatch import Dispatch
from .failure import Failure
from .outcome import Emitted, Outcome
from .values import Raw, encode

_types = interface("types")

Registered = TypeVar("Registered", bound=Callable[..., Any])


class Worker:
    """Does one job in each sandbox."""

    def __init__(self, function: Callable[..., Any], set_up: Callable[[], Any] | None) -> None:
        self._function = function
        self._set_up = set_up

    def prepare(self) -> None:
        """Reads the function's signature."""
        self._arguments = Arguments(self._function)

    def run(self, job: bytes) -> bytes:
        """Does the job and gives its result."""
        return encode(self._function(*self._arguments.read(job)), "the result")

    def set_up(self) -> None:
        """What comes before, in the same sandbox."""
        if self._set_up is not None:
            self._set_up()


class Producer:
    """Says what there is to do; asked for one job after the other."""

    def __init__(self, function: Callable[[], Any]) -> None:
        self._function = function
        self._dispatches: Iterator[Any] | None = None

    def prepare(self) -> None:
        """Nothing is known before it is called."""

    def next(self) -> Any:
        """The next job; None = that was all."""
        if self._dispatches is None:
            self._dispatches = iter(self._function() or ())
        for dispatch in self._dispatches:
            if not isinstance(dispatch, Dispatch):
                kind = type(dispatch).__name__
                raise Failure(f"the producer gave a {kind} in place of a Dispatch", code="bad-value")
            return dispatch.lower(_types)
        return None


class Consumer:
    """Takes the outcomes, all in one sandbox: with functions, or with the methods of one object."""

    def __init__(self, consume: Any, on_emit: Any, finish: Any, kind: type | None) -> None:
        self._consume = consume
        self._on_emit = on_emit
        self._finish = finish
        self._kind = kind
        self._object: tuple[Any, ...] | None = None

    def prepare(self) -> None:
        """Reads what the hint of the job says."""
        first = 0 if self._kind is None else 1
        count = len(inspect.signature(self._consume).parameters) - first
        if count != 2:
            raise TypeError(f"`{self._consume.__qualname__}` has to take a job and its outcome")
        self._job = Arguments(self._consume, slice(first, first + 1))

    def consume(self, job: bytes, outcome: Any) -> None:
        """Takes one outcome."""
        self._consume(*self._receiver(), *self._job.read(job), Outcome.lift(outcome))

    def on_emit(self, job_id: str, attempt: int, seq: int, data: bytes) -> None:
        """Takes one emitted value."""
        if self._on_emit is not None:
            self._on_emit(*self._receiver(), Emitted(job_id, attempt, seq, Raw(data)))

    def finish(self) -> None:
        """Comes once, after the last outcome."""
        if self._finish is not None:
            self._finish(*self._receiver())

    def _receiver(self) -> tuple[Any, ...]:
        # Made in the sandbox, not at build time, so that its `__init__` may ask the host.
        if self._object is None:
            self._object = () if self._kind is None else (self._kind(),)
        return self._object


class Gate:
    """Says whether a job may start now."""

    def __init__(self, function: Callable[[], Any]) -> None:
        self._function = function

    def prepare(self) -> None:
        """Nothing is known before it is called."""

    def admit(self) -> int | None:
        """None = go; otherwise the milliseconds after which to ask again."""
        return milliseconds(self._function())


Role = Worker | Producer | Consumer | Gate

registered: dict[type[Role], Any] = {}
"""The roles of this plugin, each under its class."""


@overload
def worker(function: Registered, /) -> Registered: ...
@overload
def worker(*, set_up: Callable[[], Any]) -> Callable[[Registered], Registered]: ...
def worker(function: Any = None, /, *, set_up: Callable[[], Any] | None = None) -> Any:
    """Makes a function the worker: it gets the job's arguments and returns the result.

    `@worker(set_up=f)` calls `f` before, in the same sandbox. An exception is the job's failure.
    """

    def register(function: Registered) -> Registered:
        _register(Worker(_plain(function), set_up))
        return function

    return register if function is None else register(function)


def producer(function: Registered) -> Registered:
    """Makes a generator function the producer: it yields a `Dispatch` for each job, until that was all."""
    _register(Producer(_plain(function)))
    return function


@overload
def consumer(target: Registered, /) -> Registered: ...
@overload
def consumer(
    *, on_emit: Callable[[Emitted], Any] | None = None, finish: Callable[[], Any] | None = None
) -> Callable[[Registered], Registered]: ...
def consumer(target: Any = None, /, *, on_emit: Any = None, finish: Any = None) -> Any:
    """Makes a function the consumer: it gets each job with its `Outcome`.

    `on_emit=f` gets each `Emitted` value, `finish=f` is called once at the end. Or makes a class the
    consumer, of which one object is made: its methods `consume` and, if it has them, `on_emit` and `finish`
    are called.
    """

    def register(target: Any) -> Any:
        if inspect.isclass(target):
            on_emit_method, finish_method = getattr(target, "on_emit", None), getattr(target, "finish", None)
            _register(Consumer(target.consume, on_emit_method, finish_method, kind=target))
        else:
            _register(Consumer(_plain(target), on_emit, finish, kind=None))
        return target

    return register if target is None else register(target)


def gate(function: Registered) -> Registered:
    """Makes a function the gate: it returns None to let one job start, or the seconds (or a timedelta)
    after which to ask again."""
    _register(Gate(_plain(function)))
    return function


def _plain(function: Any) -> Any:
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise TypeError(f"`{function.__qualname__}` is async, and a plugin's functions are not")
    return function


def _register(role: Role) -> None:
    kind = type(role)
    if kind in registered:
        raise TypeError(f"there are two functions for the role `{kind.__name__.lower()}`")
    registered[kind] = role
