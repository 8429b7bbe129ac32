"""Python's ways to run many small jobs in processes: each doubles an integer.

    python peers.py jobserver|pool|executor --jobs N --workers W

Prints one line of JSON, `{"jobs": N, "seconds": S}`: the time from the first job handed in to
the last result, without the start of the interpreter and of what runs the jobs. A result that
is wrong or missing is an error: nothing is printed then.
"""

import argparse
import json
import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

# What the machine has by itself: nothing is imported anew in a child.
FORK = multiprocessing.get_context("fork")


def double(number):
    """The job."""
    return 2 * number


@contextmanager
def jobserver(workers):
    """Jobserver: a process a job, started when one of its slots is free."""
    from jobserver import Jobserver

    with Jobserver(FORK, slots=workers) as server:

        def run(job, numbers):
            futures = [server.submit(job, args=(number,)) for number in numbers]
            return [future.result() for future in futures]

        yield run


@contextmanager
def pool(workers):
    """`multiprocessing.Pool` whose workers are replaced after each job."""
    with FORK.Pool(workers, maxtasksperchild=1) as workers_of_one_job:
        yield lambda job, numbers: workers_of_one_job.map(job, numbers, chunksize=1)


@contextmanager
def executor(workers):
    """`ProcessPoolExecutor`: no isolation, a worker takes one job after the other."""
    with ProcessPoolExecutor(workers, mp_context=FORK) as processes:

        def run(job, numbers):
            futures = [processes.submit(job, number) for number in numbers]
            return [future.result() for future in futures]

        yield run


PEERS = {"jobserver": jobserver, "pool": pool, "executor": executor}


def measure(peer, job, jobs, workers):
    """Seconds for the jobs; raises `ValueError` at a wrong result."""
    with peer(workers) as run:
        # The executor starts its processes with its first jobs.
        check(run(job, range(workers)), workers)
        began = time.perf_counter()
        results = run(job, range(jobs))
        seconds = time.perf_counter() - began
    check(results, jobs)
    return seconds


def check(results, jobs):
    """Each number from 0 on has to be doubled, in order."""
    if len(results) != jobs:
        raise ValueError(f"{len(results)} results of {jobs} jobs")
    for number, result in enumerate(results):
        if result != 2 * number:
            raise ValueError(f"{number} was doubled to {result!r}")


def main():
    """Measures what the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("--jobs", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    args = parser.parse_args()
    try:
        seconds = measure(PEERS[args.peer], double, args.jobs, args.workers)
    except (ImportError, ValueError) as error:
        sys.exit(f"{args.peer}: {error}")
    print(json.dumps({"jobs": args.jobs, "seconds": seconds}))


if __name__ == "__main__":
    main()
