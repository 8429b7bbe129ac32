// Jobs submitted by a job. All share the host's slots.

import { jobs } from "#contract";
import { lower } from "./dispatch.js";
import { Failure } from "./failure.js";
import { JobError, Outcome } from "./outcome.js";
import { timeout, wholeMs } from "./time.js";

/** How many jobs `map` submits ahead. */
const IN_FLIGHT = 16;

const SUBMIT_ERRORS = {
  "no-slot": () => "no slot came free in time",
  gate: (name) => `gate \`${name}\` held the job back`,
  limit: (name) => `the limit \`${name}\` on nested jobs was reached`,
  closed: () => "the host takes no more jobs",
  "unknown-worker": (name) => `no worker is called \`${name}\``,
  "bad-value": (why) => `an argument is no valid value: ${why}`,
  "bad-options": (why) => `the options are not valid: ${why}`,
  "not-permitted": (what) => `not permitted: ${what}`,
};

/** Why the host did not take a job. `code` is the contract's name for it, `detail` the text with it. */
export class SubmitError extends Failure {
  constructor({ tag, val }) {
    super(SUBMIT_ERRORS[tag](val), { code: tag });
    this.name = "SubmitError";
    this.detail = val ?? null;
  }
}

/** A job that was submitted. */
export class Job {
  #job;

  constructor(job) {
    this.#job = job;
  }

  get id() {
    return this.#job.id();
  }

  /** Whether it ended. Never waits. */
  done() {
    return this.#job.done();
  }

  /** Waits, for ever or so many milliseconds; null = not ended yet. */
  wait(ms) {
    const outcome = this.#job.wait(timeout(ms));
    return outcome === null ? null : new Outcome(outcome);
  }

  /** Waits until it ends. */
  outcome() {
    const outcome = this.wait();
    if (outcome === null) {
      throw new Failure("it is paused by the job that waits for it; resume it before", { code: "paused" });
    }
    return outcome;
  }

  /** Waits, and gives the result; a JobError when there is none. */
  result(reading) {
    return this.outcome().result(reading);
  }

  /** Cancels it: at once, or after so many milliseconds in which it may finish. */
  cancel(graceMs = null) {
    this.#job.cancel(graceMs === null ? null : wholeMs(graceMs));
  }

  pause() {
    this.#job.pause();
  }

  resume() {
    this.#job.resume();
  }

  /** The index of one of `all` that ended; null = none in time. */
  static waitAny(all, ms) {
    return jobs.waitAny(Array.from(all, (job) => job.#job), timeout(ms));
  }
}

/** Submits a job and returns at once. */
export const submit = (what) => take(lower(what), null);

/** Submits a job and returns when it has started; a SubmitError when it has not in time. */
export const submitWithin = (what, ms) => take(lower(what), wholeMs(ms));

/** Waits for one of the jobs to end and gives its index; null = none in so many milliseconds. */
export const waitAny = (all, ms) => Job.waitAny(all, ms);

function take(dispatch, ms) {
  let job;
  try {
    job = jobs.submit(dispatch, ms);
  } catch (error) {
    throw error?.payload?.tag in SUBMIT_ERRORS ? new SubmitError(error.payload) : error;
  }
  return new Job(job);
}

/**
 * One worker over many items, `inFlight` of them at a time: `{ ok: true, value }` or
 * `{ ok: false, error }` for each, in the order of the items.
 */
export function* map(worker, items, { inFlight = IN_FLIGHT, ...options } = {}) {
  const rest = items[Symbol.iterator]();
  const submitted = [];
  let heldBack;
  for (;;) {
    while (submitted.length < Math.max(1, inFlight)) {
      const next = heldBack ?? rest.next();
      heldBack = undefined;
      if (next.done) break;
      const answer = attempt(() => submit({ worker, args: [next.value], options }));
      if (isLimit(answer.error) && submitted.some(({ ok }) => ok)) {
        // Room comes when one of these jobs ends.
        heldBack = next;
        break;
      }
      submitted.push(answer);
    }
    if (submitted.length === 0) return;
    const oldest = submitted.shift();
    yield oldest.ok ? attempt(() => oldest.value.result()) : oldest;
  }
}

const isLimit = (error) => error instanceof SubmitError && error.code === "limit";

function attempt(call) {
  try {
    return { ok: true, value: call() };
  } catch (error) {
    if (error instanceof Failure) return { ok: false, error };
    throw error;
  }
}

export { JobError };
