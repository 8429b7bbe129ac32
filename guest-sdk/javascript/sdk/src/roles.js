// What a plugin is: functions, made into what the host calls.

import { lower } from "./dispatch.js";
import { encode } from "./encode.js";
import { Failure } from "./failure.js";
import { begin } from "./instance.js";
import { Emitted, Outcome } from "./outcome.js";
import { readExactly, readValue, synchronous } from "./reading.js";
import { wholeMs } from "./time.js";
import { trace } from "./trace.js";

/** A role of a plugin: its name, and the functions that the host calls. */
class Role {
  constructor(name, { exact = false }, calls) {
    this.name = name;
    this.calls = Object.fromEntries(
      Object.entries(calls).map(([call, work]) => [call, (...args) => answer(exact, work, args)]),
    );
  }
}

/** Runs a call of the host; whatever is thrown in it becomes a failure value. */
function answer(exact, work, args) {
  begin();
  readExactly(exact);
  try {
    return work(...args);
  } catch (error) {
    throw work.name === "admit" ? traced(error) : failureBytes(error);
  }
}

/** A gate's call cannot fail in the contract: the runtime ends it with a trap, and prints the error. */
function traced(error) {
  if (error instanceof Error) error.stack = trace(error);
  return error;
}

function failureBytes(error) {
  try {
    return encode(Failure.valueFor(error), "the failure value");
  } catch (problem) {
    // The failure value that a plugin made itself cannot be written.
    return encode(Failure.valueFor(problem));
  }
}

/** The options and the function of a role, the options being optional. */
function split(role, args) {
  const [options, work] = args.length > 1 ? args : [{}, args[0]];
  if (typeof work !== "function" || typeof options !== "object" || options === null) {
    throw new TypeError(`${role}(run) or ${role}(options, run): \`run\` is a function, \`options\` an object`);
  }
  return [options, work];
}

/** Calls a function whose result is not looked at. */
const perform = (work, what, ...args) => void synchronous(work?.(...args), what);

/** Does one job, in a fresh sandbox each time. */
export function worker(...args) {
  const [options, run] = split("worker", args);
  return new Role("worker", options, {
    run(bytes) {
      const job = readValue(bytes, options, "bad-argument", "the job");
      return encode(synchronous(run.length > 1 ? run(...spread(run, job)) : run(job), "the worker"), "the result");
    },
    setUp: () => perform(options.setUp, "`setUp`"),
  });
}

/** The job as the arguments of a function that takes several. */
function spread({ length }, job) {
  if (Array.isArray(job) && job.length === length) return job;
  const found = Array.isArray(job) ? `an array of ${job.length}` : "one value";
  throw new Failure(`this worker takes ${length} arguments and was given ${found}`, { code: "bad-argument" });
}

/** Says what there is to do: `list` gives the jobs, most simply as a generator function. */
export function producer(...args) {
  const [options, list] = split("producer", args);
  let items;
  return new Role("producer", options, {
    next() {
      items ??= iterator(synchronous(list(), "the producer"));
      const { done, value } = synchronous(items.next(), "the producer's iterator");
      return done ? null : lower(value);
    },
  });
}

function iterator(list) {
  if (typeof list?.[Symbol.iterator] !== "function") {
    throw new Failure("a producer is a generator function, or gives an array of jobs or the like", {
      code: "bad-value",
    });
  }
  return list[Symbol.iterator]();
}

/** Takes the outcomes, one after the other. */
export function consumer(...args) {
  const [options, take] = split("consumer", args);
  const { onEmit, finish } = options;
  return new Role("consumer", options, {
    consume(bytes, outcome) {
      const job = readValue(bytes, options, "bad-argument", "the job");
      perform(take, "the consumer", job, new Outcome(outcome));
    },
    onEmit: (jobId, attempt, seq, bytes) => perform(onEmit, "`onEmit`", new Emitted(jobId, attempt, seq, bytes)),
    finish: () => perform(finish, "`finish`"),
  });
}

/** Says whether a job may start now: nothing = go, a number = ask again in so many milliseconds. */
export function gate(admit) {
  return new Role("gate", split("gate", [admit])[0], {
    admit() {
      const ms = synchronous(admit(), "the gate");
      return ms === undefined || ms === null ? null : wholeMs(ms);
    },
  });
}
