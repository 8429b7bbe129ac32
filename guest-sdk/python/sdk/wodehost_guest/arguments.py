"""A worker's arguments, taken from the one value that the host passes.

The host passes nil for no argument, the value itself for one, and an array for more. So a function with one
parameter gets the value as it is, even when that is an array.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from typing import Any

from .failure import Failure
from .typed import Mismatch, converter
from .values import Raw, decode, split

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class Arguments:
    """The parameters of a function, with what their hints say."""

    def __init__(self, function: Callable[..., Any], part: slice = slice(None)) -> None:
        hints = typing.get_type_hints(function, include_extras=True)
        parameters = list(inspect.signature(function).parameters.values())[part]
        self._parameters = [_Parameter(function, parameter, hints) for parameter in parameters]
        self._needed = sum(parameter.needed for parameter in self._parameters)

    def read(self, job: bytes) -> list[Any]:
        """The arguments for a call; a `Failure` with code `bad-argument` if they do not fit."""
        parameters = self._parameters
        if len(parameters) == 1:
            return self._only(job)
        if not parameters:
            return []
        if self._needed == 0 and job == b"\xc0":
            return []
        # Elements are read one by one only where some are not to be read.
        are_apart = any(parameter.raw for parameter in parameters)
        values = split(job) if are_apart else decode(job, "the job")
        if not isinstance(values, list) or not self._needed <= len(values) <= len(parameters):
            raise self._wrong_count(values)
        take = _Parameter.read if are_apart else _Parameter.convert
        return [take(parameter, value) for parameter, value in zip(parameters, values)]

    def _only(self, job: bytes) -> list[Any]:
        (parameter,) = self._parameters
        if not parameter.needed and job == b"\xc0":
            return []
        return [parameter.read(job)]

    def _wrong_count(self, values: Any) -> Failure:
        names = ", ".join(f"`{parameter.name}`" for parameter in self._parameters)
        got = f"an array of {len(values)}" if isinstance(values, list) else "something else"
        return Failure(f"the worker takes an array of arguments: {names}; got {got}", code="bad-argument")


class _Parameter:
    """One parameter of a function."""

    def __init__(
        self, function: Callable[..., Any], parameter: inspect.Parameter, hints: dict[str, Any]
    ) -> None:
        self.name = parameter.name
        if parameter.kind not in _POSITIONAL:
            raise TypeError(f"{function.__name__}: `{parameter}` cannot be an argument of a job")
        hint = hints.get(parameter.name, Any)
        self.raw = hint is Raw
        self.needed = parameter.default is inspect.Parameter.empty
        try:
            self._convert = converter(hint)
        except TypeError as problem:
            raise TypeError(f"{function.__name__}, parameter `{self.name}`: {problem}") from None

    def read(self, data: bytes) -> Any:
        """The argument from its bytes."""
        return Raw(data) if self.raw else self.convert(decode(data, f"argument `{self.name}`"))

    def convert(self, value: Any) -> Any:
        """The argument from its value."""
        try:
            return self._convert(value)
        except Mismatch as problem:
            raise Failure(problem.sentence(f"argument `{self.name}`"), code="bad-argument") from None
