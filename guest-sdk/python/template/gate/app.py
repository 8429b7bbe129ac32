"""Lets jobs start in even seconds only."""

from wodehost_guest import clock, gate


@gate
def admit():
    now = clock.now()
    return 1 - now % 1 if int(now) % 2 else None
