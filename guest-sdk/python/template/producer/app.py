"""Dispatches a job for each name to the worker that the configuration names."""

from wodehost_guest import Dispatch, host, producer


@producer
def guests():
    worker = host.config().get("worker", "hello")
    for name in ("Ada", "Grace", "Hedy"):
        yield Dispatch(worker, {"name": name})
