"""What a producer or consumer needs to go on after a restart."""

from __future__ import annotations

from typing import Any

from ._contract import Err, interface
from .failure import Failure
from .typed import read
from .values import encode

_checkpoint = interface("checkpoint")


def load(hint: Any = Any, default: Any = None) -> Any:
    """What was saved last, as `hint` says; `default` at the very first start."""
    saved = _checkpoint.load()
    return default if saved is None else read(saved, hint, "bad-value", "the checkpoint")


def save(value: Any) -> None:
    """Saves a value. It counts from the dispatch that the producer yields next, or with the delivery that
    the consumer is taking. A `Failure` with code `not-taken` if the host does not take it."""
    data = encode(value, "the checkpoint")
    try:
        _checkpoint.save(data)
    except Err as error:
        refusal = error.value
    else:
        return
    raise Failure(refusal, code="not-taken")
