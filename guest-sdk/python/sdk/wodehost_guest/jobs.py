"""Jobs that a worker submits. All share the host's slots; who waits lends its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ._contract import Err, interface, milliseconds
from .dispatch import Dispatch
from .failure import Failure
from .outcome import Outcome

_jobs = interface("jobs")
_types = interface("types")

_IN_FLIGHT = 16


class SubmitError(Failure):
    """Why the host took no job. `code` is the contract's name for it: `no-slot`, `gate`, `limit`, `closed`,
    `unknown-worker`, `bad-value`, `bad-options` or `not-permitted`; `text` says more, where there is more."""

    def __init__(self, code: str, text: str | None) -> None:
        super().__init__(f"the job was not taken: {code}{f' ({text})' if text else ''}", code=code)
        self.text = text


class Job:
    """A job that was submitted. Forgetting it does not cancel it; the end of the attempt's job does."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle

    @property
    def id(self) -> str:
        """The job's id."""
        return self._handle.id()

    def done(self) -> bool:
        """Whether it ended. Never waits."""
        return self._handle.done()

    def result(self, hint: Any = Any) -> Any:
        """Waits for its result, read as `hint` says; a `JobError` if it ends without one."""
        return self.outcome().result(hint)

    def outcome(self) -> Outcome:
        """Waits until it ends. A `Failure` with code `paused` if this attempt has paused it."""
        outcome = self.wait()
        if outcome is None:
            raise Failure("the job is paused by the job that waits for it; resume it before", code="paused")
        return outcome

    def wait(self, timeout: float | None = None) -> Outcome | None:
        """Waits until it ends, or for so many seconds; None = not ended, or paused by this attempt."""
        outcome = self._handle.wait(milliseconds(timeout))
        return None if outcome is None else Outcome.lift(outcome)

    def cancel(self, grace: float | None = None) -> None:
        """Cancels it; for so many seconds `task.stopping()` is true in it first."""
        self._handle.cancel(milliseconds(grace))

    def pause(self) -> None:
        """Stops running it; its keepalive and deadline stand still."""
        self._handle.pause()

    def resume(self) -> None:
        """Runs it again."""
        self._handle.resume()


def submit(worker: str | Dispatch, /, *args: Any, **options: Any) -> Job:
    """Queues a job and returns at once. Arguments and options are those of `Dispatch`, or one is given."""
    return _submit(_dispatch(worker, args, options), None)


def submit_within(seconds: float, worker: str | Dispatch, /, *args: Any, **options: Any) -> Job:
    """Returns when the job has started; a `SubmitError` if it has not within so many seconds."""
    return _submit(_dispatch(worker, args, options), milliseconds(seconds))


def wait_any(jobs: Sequence[Job], timeout: float | None = None) -> int | None:
    """Waits for one of the jobs to end and gives its index; None = so many seconds have passed."""
    return _jobs.wait_any([job._handle for job in jobs], milliseconds(timeout))


def map(
    worker: str, items: Iterable[Any], *, hint: Any = Any, in_flight: int = _IN_FLIGHT, **options: Any
) -> Iterator[Any]:
    """The results of one job for each item, in the order of the items; a `JobError` at the first without one.

    Up to `in_flight` jobs are submitted ahead. Where the host has no room for another, the oldest is waited
    for and the same job submitted again. An item that is a tuple gives as many arguments.
    """
    for outcome in outcomes(worker, items, in_flight=in_flight, **options):
        yield outcome.result(hint)


def outcomes(
    worker: str, items: Iterable[Any], *, in_flight: int = _IN_FLIGHT, **options: Any
) -> Iterator[Outcome]:
    """As `map`, with the outcome of each job, whether it succeeded or not."""
    submitted: deque[Job] = deque()
    for item in items:
        if len(submitted) >= max(in_flight, 1):
            yield submitted.popleft().outcome()
        dispatch = Dispatch(worker, *(item if type(item) is tuple else (item,)), **options)
        lowered = dispatch.lower(_types)
        while True:
            try:
                submitted.append(_take(lowered, None))
                break
            except SubmitError as refused:
                if refused.code != "limit" or not submitted:
                    raise
            yield submitted.popleft().outcome()
    while submitted:
        yield submitted.popleft().outcome()


def _dispatch(worker: str | Dispatch, args: tuple[Any, ...], options: dict[str, Any]) -> Dispatch:
    if not isinstance(worker, Dispatch):
        return Dispatch(worker, *args, **options)
    if args or options:
        raise TypeError("a Dispatch has its arguments and options already")
    return worker


def _submit(dispatch: Dispatch, timeout_ms: int | None) -> Job:
    return _take(dispatch.lower(_types), timeout_ms)


def _take(lowered: Any, timeout_ms: int | None) -> Job:
    try:
        return Job(_jobs.submit(lowered, timeout_ms))
    except Err as error:
        refused = error.value
    raise SubmitError(_code(type(refused).__name__), getattr(refused, "value", None))


def _code(name: str) -> str:
    """`no-slot` for `SubmitError_NoSlot`."""
    words = name.rpartition("_")[2]
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in words)[1:]
