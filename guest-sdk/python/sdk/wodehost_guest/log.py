"""Lines for the people who run the job. Python's `logging` ends here, too."""

from __future__ import annotations

from typing import Any

from ._contract import interface

_log = interface("log")
_types = interface("types")


def error(message: object) -> None:
    """Writes a line about what went wrong."""
    _log.write(_types.Level.ERROR, str(message))


def warn(message: object) -> None:
    """Writes a line about what may be wrong."""
    _log.write(_types.Level.WARN, str(message))


def info(message: object) -> None:
    """Writes a line about what is going on."""
    _log.write(_types.Level.INFO, str(message))


def debug(message: object) -> None:
    """Writes a line for whoever looks for a fault."""
    _log.write(_types.Level.DEBUG, str(message))


def capture(logging: Any) -> None:
    """Makes the module `logging` write to the host's log, unless the plugin has set it up otherwise."""
    root = logging.getLogger()
    if root.handlers:
        return

    class Handler(logging.Handler):  # type: ignore[misc, name-defined]
        def emit(self, record: Any) -> None:
            by_level = ((logging.ERROR, error), (logging.WARNING, warn), (logging.INFO, info))
            write = next((write for level, write in by_level if record.levelno >= level), debug)
            write(self.format(record))

    root.addHandler(Handler())
    if root.level == logging.WARNING:
        root.setLevel(logging.NOTSET)  # which lines are shown is the host's choice
