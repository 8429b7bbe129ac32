"""The exception that becomes a job's failure value."""

from __future__ import annotations

from typing import Any


class Failure(Exception):
    """Says why a plugin could not do what it was asked.

    `raise Failure("no such page", code="not-found")` ends the attempt with the failure value
    `{"code": "not-found", "message": "no such page"}`. The SDK's own codes are `bad-argument`,
    `bad-config`, `bad-value` and `not-taken`.
    """

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code

    @staticmethod
    def of(value: Any) -> Failure:
        """A failure whose value is exactly `value`."""
        return _Exact(value)


class _Exact(Failure):
    """Carries the failure value that the user gave."""

    def __init__(self, value: Any) -> None:
        super().__init__(f"failed with {value!r:.200}")
        self.value = value
