"""The plugin's own line on the status board."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Literal, TypeVar

from ._contract import Err, interface
from .failure import Failure

_board = interface("board")

Item = TypeVar("Item")


def say(text: str) -> None:
    """Sets the line's text."""
    _board.say(text)


def look(look: Literal["normal", "success", "warning", "error"]) -> None:
    """Sets how the line looks."""
    _board.set_look(_board.Look[look.upper()])


def pin(on: bool = True) -> None:
    """Keeps the line in view when it is done."""
    _board.pin(on)


def start(total: int) -> None:
    """Starts a progress bar that is full at `total`."""
    _board.start(total)


def tick(n: int = 1) -> None:
    """Moves the progress bar by `n`. A `Failure` with code `not-taken` before `start`."""
    try:
        _board.tick(n)
    except Err as error:
        refusal = error.value
    else:
        return
    raise Failure(refusal, code="not-taken")


def complete() -> None:
    """Fills the progress bar."""
    _board.complete()


def clear() -> None:
    """Takes text and progress bar away."""
    _board.clear()


def progress(items: Iterable[Item], total: int | None = None) -> Iterator[Item]:
    """The items, with a progress bar that moves as they are taken. `total` where `items` has no length."""
    if total is None:
        if not isinstance(items, Collection):
            raise TypeError("say the total of items that have no length")
        total = len(items)
    start(total)
    for item in items:
        yield item
        tick()
    complete()
