"""How jobs end, and what they send before."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .failure import Failure
from .typed import read
from .values import Raw


class Status(StrEnum):
    """How a job ended; also equal to its name as a text."""

    UNSPECIFIED = "unspecified"
    SUCCESS = "success"
    FAILURE = "failure"
    TIMEOUT = "timeout"
    MIXED = "mixed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Outcome:
    """What a finished job leaves."""

    id: str
    worker: str
    status: Status
    reason: str
    attempts: int
    message: str | None
    _data: Raw = field(repr=False)
    _more: Raw = field(repr=False)

    @property
    def is_success(self) -> bool:
        """Whether the job succeeded."""
        return self.status is Status.SUCCESS

    def data(self, hint: Any = Any) -> Any:
        """The result on success, else the error value or the last carried state, as `hint` says."""
        return read(self._data.bytes, hint, "bad-value", "the outcome's data")

    def more(self, hint: Any = Any) -> Any:
        """Whatever else is known, as a map: `receipts`, `items`, `stdout`, `stderr`, `backtrace` …"""
        return read(self._more.bytes, hint, "bad-value", "the outcome's further facts")

    def result(self, hint: Any = Any) -> Any:
        """The result if the job succeeded; a `JobError` with this outcome otherwise."""
        if not self.is_success:
            raise JobError(self, self.reason, self.message)
        try:
            return self.data(hint)
        except Failure as problem:
            raise JobError(self, "bad-value", str(problem)) from None

    @classmethod
    def lift(cls, outcome: Any) -> Outcome:
        """The contract's record as an outcome."""
        return cls(
            id=outcome.id,
            worker=outcome.worker,
            status=Status[outcome.status.name],
            reason=outcome.reason,
            attempts=outcome.attempts,
            message=outcome.message,
            _data=Raw(outcome.data),
            _more=Raw(outcome.more),
        )


@dataclass(frozen=True)
class Emitted:
    """A value that a job emitted before its end."""

    job_id: str
    attempt: int
    seq: int
    _data: Raw = field(repr=False)

    def data(self, hint: Any = Any) -> Any:
        """The value, as `hint` says."""
        return read(self._data.bytes, hint, "bad-value", "the emitted value")


class JobError(Failure):
    """Why there is no result of a job. Its code is the `reason`: `error`, `trap:unreachable`, `silent` …;
    `bad-value` for a result of another type than wanted."""

    def __init__(self, outcome: Outcome, reason: str, message: str | None) -> None:
        why = f"{reason}: {message}" if message else reason
        super().__init__(f"job {outcome.id} of `{outcome.worker}` gave no result: {why}", code=reason)
        self.outcome = outcome
        self.reason = reason

    @property
    def status(self) -> Status:
        """How the job ended."""
        return self.outcome.status

    def data(self, hint: Any = Any) -> Any:
        """The error value that the job left, or its last carried state."""
        return self.outcome.data(hint)
