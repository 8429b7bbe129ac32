"""One job to be done, as a producer or a parent job describes it."""

from __future__ import annotations

from typing import Any

from .values import encode


class Dispatch:
    """A job for a worker: its name, its arguments, and options of the job as keywords.

    `Dispatch("resize", "cat.png", 320, keepalive="200ms", retries=0)`. The worker gets nil for no
    argument, the value itself for one, and an array for more. Options are the keys of `[job]` and
    `[limits]` in `wodehost.toml`, with `_` for `-` and `finally_` for `finally`; they only lower limits.
    """

    def __init__(self, worker: str, /, *args: Any, **options: Any) -> None:
        self.worker = worker
        self.args = args
        self.options = {name.rstrip("_").replace("_", "-"): value for name, value in options.items()}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dispatch) and vars(other) == vars(self)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        parts = [repr(self.worker), *map(repr, self.args)]
        parts += [f"{name}={value!r}" for name, value in self.options.items()]
        return f"Dispatch({', '.join(parts)})"

    def lower(self, types: Any) -> Any:
        """The contract's record, made with its module of types."""
        args = [encode(arg, f"argument {place} of a job") for place, arg in enumerate(self.args, 1)]
        options = encode(self.options, "the options of a job") if self.options else None
        return types.Dispatch(worker=self.worker, args=args, options=options)
