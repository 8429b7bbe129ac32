"""Writes plugins for Wodehost in Python."""

from . import board, checkpoint, clock, host, jobs, log, random, task
from .dispatch import Dispatch
from .failure import Failure
from .jobs import Job, SubmitError
from .outcome import Emitted, JobError, Outcome, Status
from .roles import consumer, gate, producer, worker
from .values import Ext, Float32, Pairs, Raw, Timestamp

__all__ = [
    "Dispatch",
    "Emitted",
    "Ext",
    "Failure",
    "Float32",
    "Job",
    "JobError",
    "Outcome",
    "Pairs",
    "Raw",
    "Status",
    "SubmitError",
    "Timestamp",
    "board",
    "checkpoint",
    "clock",
    "consumer",
    "gate",
    "host",
    "jobs",
    "log",
    "producer",
    "random",
    "task",
    "worker",
]
