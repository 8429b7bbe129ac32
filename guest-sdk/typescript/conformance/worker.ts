import { board, check, clock, Failure, host, jobs, log, type Outcome, random, Raw, task } from "@wodehost/guest";
// The contract itself, for what the SDK does not let through.
import contractLog from "wodehost:plugin/log@0.1.0";

import { conformanceMiddle } from "./throwing.ts";

const LANGUAGE = "typescript";
/** Requests that this language cannot do: a program in it has no exit code to end with. */
const LACKS = ["exit"];

/** What a request comes with: any value, and each request knows which. */
type Value = any;

let isSetUp = false;

export function prepare() {
  isSetUp = true;
}

export function run(job: Value): unknown {
  const name = job?.do;
  if (typeof name !== "string" || !Object.hasOwn(REQUESTS, name)) {
    throw new Failure("the job is no request of docs/conformance.md", { code: "bad-request" });
  }
  return REQUESTS[name]!(job.with);
}

const REQUESTS: Record<string, (given: Value) => unknown> = {
  describe: () => ({ conformance: 1, language: LANGUAGE, lacks: LACKS }),
  echo: (value) => value,
  "set-up": () => isSetUp,

  // Errors.
  fail(value) {
    throw Failure.of(value);
  },
  throw: conformanceMiddle,
  "throw-in-cause"(text) {
    throw new Error("it has a cause", { cause: new Error(text) });
  },
  trap,
  recurse: () => recurse(),

  // Values.
  null: () => null,
  nan: () => NaN,
  huge: () => 2n ** 64n,
  cyclic() {
    const array: unknown[] = [];
    array.push(array);
    return array;
  },
  unsupported: () => run,
  raw: (bytes) => new Raw(bytes),
  argument: (value) => check(integer, value, "bad-argument", "the argument"),

  // Limits.
  spin() {
    for (;;);
  },
  allocate(bytes) {
    const kept: Uint8Array[] = [];
    for (let left = bytes; left > 0; left -= MEBIBYTE) {
      kept.push(new Uint8Array(Math.min(left, MEBIBYTE)).fill(1));
    }
    return kept.reduce((sum, { length }) => sum + length, 0);
  },
  "stay-alive"(ms) {
    const start = clock.now();
    let signs = 0;
    for (let now = start, before = start; now - start < ms; now = clock.now()) {
      if (now === before) continue;
      before = now;
      task.keepalive();
      signs++;
    }
    return signs;
  },
  sleep: (ms) => clock.sleep(ms),

  // The attempt.
  carry(state) {
    if (task.attempt() > 1) return task.data();
    task.update(state);
    throw new Error("the first attempt fails");
  },
  "carry-and-trap"(state) {
    if (task.attempt() > 1) return task.data();
    task.update(state);
    return trap();
  },
  data: () => task.data(),
  update: (state) => refusal(() => task.update(state)),
  "update-large": (bytes) => refusal(() => task.update("x".repeat(bytes))),
  success(value) {
    task.success(value);
    return "not reached";
  },
  "success-state"(state) {
    task.update(state);
    task.success();
  },
  failure: (value) => task.failure(value),
  "failure-state"(state) {
    task.update(state);
    task.failure();
  },
  restart: (last) => (task.attempt() < last ? task.restart() : task.attempt()),
  facts: () => ({
    id: task.id(),
    group: task.group(),
    attempt: task.attempt(),
    "retries-left": task.retriesLeft() === Infinity ? null : task.retriesLeft(),
    name: host.name(),
    config: host.config(),
    stopping: task.stopping(),
  }),
  env: (name) => host.env(name),
  "set-name"(name) {
    task.setName(name);
    return host.name();
  },
  emit(values) {
    values.forEach((value: unknown) => task.emit(value));
    return values.length;
  },
  "wait-for-stop"() {
    while (!task.stopping()) {
      task.keepalive();
      clock.sleep(5);
    }
    return "stopped";
  },

  // People.
  log() {
    log.error("an error");
    log.warn("a warning");
    log.info("an information");
    log.debug("a detail");
  },
  print(text) {
    console.log(text);
    console.error(text);
  },
  board: showProgress,
  "board-end"() {
    showProgress();
    board.complete();
    board.look("success");
  },
  "board-clear"() {
    showProgress();
    board.clear();
  },
  "tick-early": () => refusal(() => board.tick(1)),

  // Time and chance.
  clock(ms) {
    const before = clock.now();
    clock.sleep(ms);
    return [before, clock.now()];
  },
  random: () => [random.bytes(16), random.bytes(16), Math.random()],

  // Jobs in jobs.
  submit: (request) => told(submit(request).outcome()),
  "submit-to"([worker, argument, options]) {
    try {
      return told(jobs.submit({ worker, args: [argument], options }).outcome());
    } catch (error) {
      if (!(error instanceof jobs.SubmitError)) throw error;
      return { refused: error.code, text: error.detail };
    }
  },
  "submit-many": (requests: Value[]) => requests.map(submit).map((job) => job.outcome().data),
  "wait-any"(value) {
    const sleeping = submit({ do: "sleep", with: 2000 });
    const echo = submit({ do: "echo", with: value });
    const index = jobs.waitAny([sleeping, echo]);
    const [ended, other] = index === 0 ? [sleeping, echo] : [echo, sleeping];
    other.cancel();
    return [index, ended.outcome().data];
  },
  "wait-timeout"() {
    const job = submit({ do: "sleep", with: 500 });
    return [job.wait(10) !== null, job.done()];
  },
  cancel() {
    const job = submit({ do: "sleep", with: 60_000 });
    job.cancel();
    return told(job.outcome());
  },
  pause(value) {
    const job = submit({ do: "echo", with: value });
    job.pause();
    job.resume();
    return told(job.outcome());
  },
  "submit-within": (value) => told(jobs.submitWithin(itself({ do: "echo", with: value }), 10_000).outcome()),
  through([value, [next, ...rest]]) {
    if (next === undefined) return value;
    const outcome = jobs.submit({ worker: next, args: [{ do: "through", with: [value, rest] }] }).outcome();
    if (!outcome.ok) throw Failure.of(outcome.raw);
    return outcome.raw;
  },
};

const MEBIBYTE = 1 << 20;

/** The runtime aborts at a level that the contract does not know. */
function trap() {
  contractLog.write("no level", "");
}

function recurse(depth = 0): number {
  return recurse(depth + 1) + 1;
}

function integer(value: unknown): unknown {
  if (!Number.isInteger(value) && typeof value !== "bigint") throw new TypeError("it is no integer");
  return value;
}

/** What the host said when it refused; null when it did not. */
function refusal(call: () => void) {
  try {
    call();
    return null;
  } catch (error) {
    return { refused: ((error as Error).cause as Error).message };
  }
}

function showProgress() {
  board.say("working");
  board.look("warning");
  board.pin(true);
  board.start(10);
  board.tick(3);
}

/** A request as a job for this very plugin; its name here is its configuration's `name`. */
const itself = (request: Value) => ({ worker: host.config().name ?? "conformance", args: [request] });

const submit = (request: Value) => jobs.submit(itself(request));

function told({ id, worker, status, reason, raw, attempts, message }: Outcome) {
  return { id, worker, status, reason, data: raw, attempts, message };
}
