"""Greets a guest."""

from dataclasses import dataclass

from wodehost_guest import worker


@dataclass
class Guest:
    name: str


@worker
def greet(guest: Guest) -> str:
    return f"Hello, {guest.name}!"
