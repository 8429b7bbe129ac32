"""The component's entry: what the build makes a component of.

It imports the user's `app`, at build time, and answers the contract's calls with the roles that are
registered there. What a sandbox needs is imported, made and used once here, so that it is in the memory that
every sandbox starts with.
"""

from __future__ import annotations

import gc
import linecache
import os
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import wit_world

from . import log
from ._contract import Err
from .report import report
from .roles import Consumer, Gate, Producer, Worker, registered
from .values import decode, encode

Result = TypeVar("Result")

_EXPORTS: dict[str, type] = {"run": Worker, "next": Producer, "consume": Consumer, "admit": Gate}


def _check_roles() -> None:
    """The roles of `app.py` have to be those that the plugin is built for."""
    for export, kind in _EXPORTS.items():
        role = kind.__name__.lower()
        wanted = hasattr(wit_world.WitWorld, export)
        if wanted and kind not in registered:
            raise TypeError(f"plugin.toml names the role `{role}`, but app.py has no @{role}")
        if kind in registered and not wanted:
            raise TypeError(f"app.py has a @{role}, but plugin.toml does not name the role `{role}`")


def _keep_sources() -> None:
    """Keeps the text of the user's own files for traces: a sandbox has no files."""
    root = os.path.join(os.path.dirname(sys.modules["app"].__file__ or ""), "")
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if path and path.startswith(root) and path.endswith(".py"):
            with open(path, encoding="utf-8") as file:
                text = file.read()
            linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)


def _warm_up() -> None:
    """Runs what every attempt runs, so that Python has it ready."""
    sample = {"text": ["a", "é" * 40], "numbers": [1, -1, 1000, 2**40, 1.5], "others": [None, True, b"\0"]}
    for _ in range(20):
        decode(encode(sample))
        try:
            raise ValueError("sample") from KeyError("cause")
        except ValueError as error:
            report(error)


class WitWorld:
    """The contract's exports, of which a component has those of its roles."""

    def set_up(self) -> None:
        self._call(registered[Worker].set_up)

    def run(self, job: bytes) -> bytes:
        return self._call(registered[Worker].run, job)

    def next(self) -> Any:
        return self._call(registered[Producer].next)

    def consume(self, job: bytes, outcome: Any) -> None:
        self._call(registered[Consumer].consume, job, outcome)

    def on_emit(self, job_id: str, attempt: int, seq: int, v: bytes) -> None:
        self._call(registered[Consumer].on_emit, job_id, attempt, seq, v)

    def finish(self) -> None:
        self._call(registered[Consumer].finish)

    def admit(self) -> int | None:
        return registered[Gate].admit()

    def _call(self, function: Callable[..., Result], *arguments: Any) -> Result:
        try:
            return function(*arguments)
        except Exception as error:
            value = report(error)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
        raise Err(value)


import app  # noqa: E402, F401

_check_roles()
for _role in registered.values():
    _role.prepare()
if "logging" in sys.modules:
    log.capture(sys.modules["logging"])
_keep_sources()
sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
_warm_up()
gc.collect()
gc.freeze()
