"""Answers every request of docs/conformance.md, as worker, producer and consumer."""

import os
import random
import sys
from base64 import b64decode, b64encode

import wodehost_guest
from wodehost_guest import (
    Dispatch,
    Failure,
    Raw,
    board,
    checkpoint,
    clock,
    consumer,
    host,
    jobs,
    log,
    producer,
    task,
    worker,
)
from wodehost_guest.arguments import Arguments
from wodehost_guest.values import encode

SET_UP = []


def set_up():
    SET_UP.append(True)


@worker(set_up=set_up)
def answer(request):
    if isinstance(request, dict) and isinstance(request.get("do"), str):
        do = REQUESTS.get(request["do"])
        if do is not None:
            return do(request.get("with"))
    raise Failure("this is no request", code="bad-request")


def describe(_):
    return {"conformance": 1, "language": "python", "lacks": []}


def fail(value):
    raise Failure.of(value)


def throw(text):
    conformance_middle(text)


def conformance_middle(text):
    conformance_deep(text)


def conformance_deep(text):
    raise RuntimeError(text)


def throw_in_cause(text):
    raise RuntimeError("could not do it") from ValueError(text)


def cyclic(_):
    array = []
    array.append(array)
    return array


def integer(value: int) -> int:
    return value


def argument(value):
    return integer(*Arguments(integer).read(encode(value)))


def spin(_):
    while True:
        pass


def recurse(depth):
    return recurse(depth) + 1


def allocate(count):
    kept = []
    for start in range(0, count, 2**20):
        kept.append(bytearray(b"\x01") * min(2**20, count - start))
    return sum(len(piece) for piece in kept)


def stay_alive(ms):
    end = clock.now() + ms / 1000
    count = 0
    last = clock.now()
    task.keepalive()
    count += 1
    while (now := clock.now()) < end:
        if now > last:
            task.keepalive()
            count += 1
            last = now
    return count


def carry(value):
    if task.attempt() > 1:
        return task.data(Raw)
    task.update(value)
    raise RuntimeError("the next attempt goes on")


def carry_and_trap(value):
    if task.attempt() > 1:
        return task.data(Raw)
    task.update(value)
    os.abort()


def update(value):
    return refused(task.update, value)


def refused(function, *arguments):
    try:
        function(*arguments)
    except Failure as failure:
        if failure.code != "not-taken":
            raise
        return {"refused": str(failure)}


def success(value):
    task.success(value)
    return "not reached"


def success_state(value):
    task.update(value)
    task.success()


def failure_state(value):
    task.update(value)
    task.failure()


def restart(attempt):
    if task.attempt() < attempt:
        task.restart()
    return task.attempt()


def facts(_):
    return {
        "id": task.id(),
        "group": task.group(),
        "attempt": task.attempt(),
        "retries-left": task.retries_left(),
        "name": host.name(),
        "config": host.config(),
        "stopping": task.stopping(),
    }


def set_name(name):
    task.set_name(name)
    return host.name()


def emit(values):
    for value in values:
        task.emit(value)
    return len(values)


def write_log(_):
    log.error("an error")
    log.warn("a warning")
    log.info("an information")
    log.debug("a detail")


def print_twice(text):
    print(text)
    print(text, file=sys.stderr)


def show_board(_):
    board.say("working")
    board.look("warning")
    board.pin(True)
    board.start(10)
    board.tick(3)


def end_board(_):
    show_board(_)
    board.complete()
    board.look("success")


def clear_board(_):
    show_board(_)
    board.clear()


def read_clock(ms):
    before = clock.now()
    clock.sleep(ms / 1000)
    return [round(before * 1000), round(clock.now() * 1000)]


def random_numbers(_):
    return [wodehost_guest.random.bytes(16), wodehost_guest.random.bytes(16), random.random()]


def wait_for_stop(_):
    while not task.stopping():
        task.keepalive()
        clock.sleep(0.005)
    return "stopped"


def submit(request):
    return summary(jobs.submit(ITSELF, request).outcome())


def submit_to(request):
    name, argument, options = request
    try:
        return summary(jobs.submit(name, argument, **options or {}).outcome())
    except jobs.SubmitError as error:
        return {"refused": error.code, "text": error.text}


def summary(outcome):
    return {
        "id": outcome.id,
        "worker": outcome.worker,
        "status": outcome.status,
        "reason": outcome.reason,
        "data": outcome.data(Raw),
        "attempts": outcome.attempts,
        "message": outcome.message,
    }


def submit_many(requests):
    submitted = [jobs.submit(ITSELF, request) for request in requests]
    return [job.outcome().data(Raw) for job in submitted]


def request(do, value):
    return {"do": do, "with": value}


def wait_any(value):
    both = [jobs.submit(ITSELF, request("sleep", 2000)), jobs.submit(ITSELF, request("echo", value))]
    first = jobs.wait_any(both)
    both[1 - first].cancel()
    return [first, both[first].outcome().data(Raw)]


def wait_timeout(_):
    job = jobs.submit(ITSELF, request("sleep", 500))
    outcome = job.wait(0.010)
    return [outcome is not None, job.done()]


def cancel(_):
    job = jobs.submit(ITSELF, request("sleep", 60_000))
    job.cancel()
    return summary(job.outcome())


def pause(value):
    job = jobs.submit(ITSELF, request("echo", value))
    job.pause()
    job.resume()
    return summary(job.outcome())


def submit_within(value):
    return summary(jobs.submit_within(10, ITSELF, request("echo", value)).outcome())


def sleep(ms):
    clock.sleep(ms / 1000)


def through(way):
    value, workers = way
    if not workers:
        return value
    outcome = jobs.submit(workers[0], request("through", [value, workers[1:]])).outcome()
    if not outcome.is_success:
        raise Failure.of(outcome.data(Raw))
    return outcome.data(Raw)


ITSELF = "conformance"

REQUESTS = {
    "describe": describe,
    "echo": lambda value: value,
    "fail": fail,
    "throw": throw,
    "throw-in-cause": throw_in_cause,
    "trap": lambda _: os.abort(),
    "exit": lambda _: sys.exit(3),
    "null": lambda _: None,
    "nan": lambda _: float("nan"),
    "huge": lambda _: 2**64,
    "cyclic": cyclic,
    "unsupported": lambda _: print,
    "raw": Raw,
    "argument": argument,
    "spin": spin,
    "recurse": recurse,
    "allocate": allocate,
    "stay-alive": stay_alive,
    "carry": carry,
    "carry-and-trap": carry_and_trap,
    "data": lambda _: task.data(),
    "update": update,
    "update-large": lambda size: update("x" * size),
    "success": success,
    "success-state": success_state,
    "failure": lambda value: task.failure(value),
    "failure-state": failure_state,
    "restart": restart,
    "facts": facts,
    "env": host.env,
    "set-name": set_name,
    "emit": emit,
    "log": write_log,
    "print": print_twice,
    "board": show_board,
    "board-end": end_board,
    "board-clear": clear_board,
    "tick-early": lambda _: refused(board.tick),
    "clock": read_clock,
    "random": random_numbers,
    "wait-for-stop": wait_for_stop,
    "submit": submit,
    "submit-to": submit_to,
    "submit-many": submit_many,
    "wait-any": wait_any,
    "wait-timeout": wait_timeout,
    "cancel": cancel,
    "pause": pause,
    "submit-within": submit_within,
    "sleep": sleep,
    "through": through,
    "set-up": lambda _: bool(SET_UP),
}


@producer
def produce():
    config = host.config()
    done = checkpoint.load(int, default=0)
    wanted = [(name, value) for value in config["requests"] for name in config["workers"]]
    for number, (name, value) in enumerate(wanted):
        if number < done:
            continue
        if number == config.get("fail-at"):
            raise Failure.of("as configured")
        if number == config.get("throw-at"):
            conformance_middle("as configured")
        checkpoint.save(number + 1)
        yield Dispatch(name, Raw(b64decode(value)), retries=0)


@consumer
class Report:
    def __init__(self):
        self.outcomes = 0

    def consume(self, job: Raw, outcome):
        if job.bytes == FAILS:
            raise Failure.of("as asked")
        if job.bytes == THROWS:
            conformance_middle("as asked")
        self.outcomes += 1
        data = outcome.data(Raw)
        log.info(f"outcome {base64(job)} {outcome.worker} {outcome.status} {outcome.reason} {base64(data)}")
        checkpoint.save(self.outcomes)

    def on_emit(self, emitted):
        where = f"{emitted.job_id} {emitted.attempt} {emitted.seq}"
        log.info(f"emitted {where} {base64(emitted.data(Raw))}")

    def finish(self):
        log.info(f"finished {self.outcomes}")


def base64(value):
    return b64encode(value.bytes).decode()


FAILS = encode(request("echo", "consumer fails"))
THROWS = encode(request("echo", "consumer throws"))
