"""Exceptions as failure values, with a trace that shows the user's own code."""

from __future__ import annotations

import os
import sys
import traceback
from typing import Any

from .failure import Failure, _Exact
from .values import encode

_FRAMES_MAX = 40
_CAUSES_MAX = 16
_SDK = os.path.dirname(__file__) + os.sep


def report(error: BaseException) -> bytes:
    """The failure value of an exception.

    A `Failure` has a message and its code, if it has one; every other exception has its type and a trace,
    too. Never fails itself.
    """
    if isinstance(error, _Exact):
        try:
            return encode(error.value, "the failure's value")
        except Failure as problem:
            error = problem
    return encode(_fields(error))


def _fields(error: BaseException) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    code = getattr(error, "code", None) if isinstance(error, Failure) else None
    if code is not None:
        fields["code"] = _text(code)
    fields["message"] = message_of(error)
    if type(error) is not Failure:
        fields["type"] = _text(type(error).__name__)
    causes = _causes(error)
    if causes:
        fields["causes"] = causes
    if type(error) is not Failure:
        fields["trace"] = trace_of(error)
    return fields


def message_of(error: BaseException) -> str:
    """What an exception says; the name of its class if that is nothing."""
    try:
        text = str(error)
    except Exception:
        text = ""
    if isinstance(error, ModuleNotFoundError):
        text += "; modules are imported when the plugin is built, so put the import at the top of a file"
    return _text(text) or type(error).__name__


def _text(text: object) -> str:
    """A text that can be encoded."""
    return str(text).encode(errors="backslashreplace").decode()


def _causes(error: BaseException) -> list[str]:
    causes: list[str] = []
    cause = _cause(error)
    while cause is not None and len(causes) < _CAUSES_MAX:
        causes.append(message_of(cause))
        cause = _cause(cause)
    return causes


def _cause(error: BaseException) -> BaseException | None:
    if error.__cause__ is not None or error.__suppress_context__:
        return error.__cause__
    return error.__context__


def trace_of(error: BaseException) -> str:
    """Python's traceback without the frames of the SDK."""
    try:
        summary = traceback.TracebackException.from_exception(error, limit=-_FRAMES_MAX)
        _tidy(summary)
        return _text("".join(summary.format())).rstrip("\n")
    except Exception as problem:
        return f"no trace: {type(problem).__name__}"


def _tidy(summary: traceback.TracebackException | None) -> None:
    if summary is None:
        return
    frames = [_short(frame) for frame in summary.stack if not frame.filename.startswith(_SDK)]
    summary.stack = traceback.StackSummary.from_list(frames)
    for other in (summary.__cause__, summary.__context__, *(summary.exceptions or ())):
        _tidy(other)


def _short(frame: traceback.FrameSummary) -> traceback.FrameSummary:
    """A frame whose file is named as in the project."""
    roots = (os.path.join(root, "") for root in sys.path if root)
    root = max((root for root in roots if frame.filename.startswith(root)), key=len, default="")
    name = frame.filename.removeprefix(root)
    return traceback.FrameSummary(name, frame.lineno, frame.name, lookup_line=False, line=frame.line)
