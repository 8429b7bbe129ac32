"""Stands for the host: the modules that a build makes of the contract.

The functions answer from `HOST`, which a test sets up anew, and note in `HOST.calls` what they were asked.
"""

import enum
import sys
import types
from dataclasses import dataclass, field


@dataclass
class Host:
    """What the host says, and what it was told."""

    config: bytes = b"\x80"
    data: bytes = b"\x80"
    saved: bytes | None = None
    refusal: str | None = None
    submit_refusals: list = field(default_factory=list)
    outcomes: list = field(default_factory=list)
    calls: list = field(default_factory=list)

    def reset(self):
        self.__init__()

    def note(self, *call):
        self.calls.append(call)


HOST = Host()


@dataclass(frozen=True)
class Err(Exception):
    value: object


Level = enum.Enum("Level", "ERROR WARN INFO DEBUG")
Look = enum.Enum("Look", "NORMAL SUCCESS WARNING ERROR")
Status = enum.Enum("Status", "UNSPECIFIED SUCCESS FAILURE TIMEOUT MIXED REJECTED CANCELLED")


@dataclass
class Dispatch:
    worker: str
    args: list
    options: bytes | None


@dataclass
class Outcome:
    id: str = "j-1"
    worker: str = "w"
    status: Status = Status.SUCCESS
    reason: str = "returned"
    data: bytes = b"\xc0"
    attempts: int = 1
    message: str | None = None
    more: bytes = b"\x80"


@dataclass
class SubmitError_NoSlot:
    pass


@dataclass
class SubmitError_Limit:
    value: str


@dataclass
class SubmitError_UnknownWorker:
    value: str


class Job:
    def __init__(self, number):
        self.number = number

    def id(self):
        return f"j-{self.number}"

    def done(self):
        return bool(HOST.outcomes)

    def wait(self, timeout_ms):
        HOST.note("wait", self.number, timeout_ms)
        return HOST.outcomes.pop(0) if HOST.outcomes else None

    def cancel(self, grace_ms):
        HOST.note("cancel", self.number, grace_ms)

    def pause(self):
        HOST.note("pause", self.number)

    def resume(self):
        HOST.note("resume", self.number)


def submit(what, timeout_ms):
    HOST.note("submit", what, timeout_ms)
    refused = HOST.submit_refusals.pop(0) if HOST.submit_refusals else None
    if refused is not None:
        raise Err(refused)
    return Job(sum(call[0] == "submit" for call in HOST.calls))


def wait_any(jobs, timeout_ms):
    HOST.note("wait-any", [job.number for job in jobs], timeout_ms)
    return 1


def taken(name):
    """A function of the contract that takes a value or refuses it."""

    def take(value):
        HOST.note(name, value)
        if HOST.refusal is not None:
            raise Err(HOST.refusal)

    return take


def noted(name):
    """A function of the contract that is only told something."""
    return lambda *arguments: HOST.note(name, *arguments)


INTERFACES = {
    "types": {"Level": Level, "Status": Status, "Dispatch": Dispatch, "Outcome": Outcome},
    "host": {
        "name": lambda: "j-1/1",
        "config": lambda: HOST.config,
        "env": {"HOME": "/home/ada"}.get,
    },
    "log": {"write": lambda level, message: HOST.note("log", level.name, message)},
    "clock": {"sleep": noted("sleep"), "now_ms": lambda: 1_700_000_000_123},
    "random": {"bytes": lambda n: HOST.note("random", n) or b"\x07" * n},
    "task": {
        "id": lambda: "j-1",
        "group": lambda: "g",
        "attempt": lambda: 2,
        "retries_left": lambda: None,
        "set_name": noted("set-name"),
        "data": lambda: HOST.data,
        "update_data": taken("update-data"),
        "keepalive": noted("keepalive"),
        "emit": taken("emit"),
        "success": noted("success"),
        "failure": noted("failure"),
        "restart": noted("restart"),
        "stopping": lambda: False,
    },
    "board": {
        "Look": Look,
        "say": noted("say"),
        "set_look": noted("set-look"),
        "pin": noted("pin"),
        "start": noted("start"),
        "tick": taken("tick"),
        "complete": noted("complete"),
        "clear": noted("clear"),
    },
    "jobs": {"Job": Job, "submit": submit, "wait_any": wait_any},
    "checkpoint": {"load": lambda: HOST.saved, "save": taken("save")},
}


def install():
    """Puts the modules where the SDK looks for them."""
    sys.modules["componentize_py_types"] = module("componentize_py_types", Err=Err)
    sys.modules["wit_world"] = module("wit_world")
    sys.modules["wit_world.imports"] = module("wit_world.imports")
    for name, names in INTERFACES.items():
        full = f"wit_world.imports.{name}"
        sys.modules[full] = module(full, **names)


def module(name, /, **names):
    made = types.ModuleType(name)
    vars(made).update(names)
    return made
