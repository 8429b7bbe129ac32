import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { board, check, clock, Failure, jobs, log, random, Raw, SubmitError, task } from "../sdk/src/index.js";
import { begin } from "../sdk/src/instance.js";
import "../sdk/src/globals.js";
import { fakeHost, noHost } from "./fake-host.js";

let fake;
beforeEach(() => (fake = fakeHost()));

const bytes = (value) => Raw.of(value).bytes;

test("outside of a host, calls say so", () => {
  noHost();
  assert.throws(() => task.id(), /task.id needs the host, and this runs outside of it/);
});

test("the attempt", () => {
  assert.deepEqual(task.current(), { id: "j-1", name: "j-1/1", attempt: 2, retriesLeft: Infinity, group: "" });
  assert.deepEqual(task.data(), {});
  task.update({ done: 1 });
  assert.deepEqual(task.data(), { done: 1 });
  assert.deepEqual(task.data({ raw: true }).bytes, bytes({ done: 1 }));
  task.keepalive();
  task.setName("a\ud800");
  task.emit(1);
  assert.deepEqual(fake.said, [["keepalive"], ["set-name", "a\ufffd"], ["emit", bytes(1)]]);
});

test("the ends of an attempt: no argument is the carried state, undefined is nil", () => {
  task.success();
  task.success(undefined);
  task.failure("x");
  task.restart();
  assert.deepEqual(fake.said, [["success", null], ["success", bytes(null)], ["failure", bytes("x")], ["restart"]]);
});

test("what the host does not take is a failure `not-taken` with its text", () => {
  fakeHost({ task: { updateData() { throw new Error("too large"); } } });
  assert.throws(() => task.update(1), (error) => {
    assert.equal(error.code, "not-taken");
    assert.equal(error.message, "the carried state was not taken: too large");
    assert.equal(error.cause.message, "too large");
    return error instanceof Failure;
  });
  assert.throws(() => task.update(() => 1), { code: "bad-value", message: "the carried state cannot be written: at $ is a function" });
});

test("log lines are made of anything", () => {
  log.error("a", 1, { b: [2n] }, null, undefined, "\ud800");
  log.warn();
  log.info(new RangeError("x"));
  log.debug(Symbol.iterator);
  const lines = fake.said.map(([, level, text]) => [level, text]);
  assert.deepEqual(lines[0], ["error", 'a 1 {"b":["2"]} null undefined \ufffd']);
  assert.deepEqual(lines[1], ["warn", ""]);
  assert.match(lines[2][1], /^RangeError: x\n    at .*calls\.test\.js/);
  assert.deepEqual(lines[3], ["debug", "Symbol(Symbol.iterator)"]);
});

test("the board", () => {
  board.say("s");
  board.look("warning");
  board.pin();
  board.pin(false);
  board.start(10n);
  board.tick();
  board.tick(3);
  board.complete();
  board.clear();
  assert.deepEqual(fake.said, [["say", "s"], ["look", "warning"], ["pin", true], ["pin", false], ["start", 10], ["tick", 1], ["tick", 3], ["complete"], ["clear"]]);
  assert.throws(() => board.look("pink"), /normal, success, warning, error/);
  assert.throws(() => board.start(-1), RangeError);
  assert.throws(() => board.tick(0.5), RangeError);
  fakeHost({ board: { tick() { throw new Error("`tick` before `start`"); } } });
  assert.throws(() => board.tick(), { code: "not-taken", message: "`tick` before `start`" });
});

test("time is in whole milliseconds, rounded up", () => {
  clock.sleep(0.5);
  assert.equal(clock.now(), 1000);
  assert.deepEqual(fake.said, [["sleep", 1]]);
  for (const wrong of [-1, NaN, "x"]) assert.throws(() => clock.sleep(wrong), RangeError);
});

test("random bytes come in pieces that the host gives", () => {
  assert.equal(random.bytes(70_000).length, 70_000);
  assert.deepEqual(fake.said, [["random", 65_536], ["random", 4_464]]);
});

test("Math.random is the host's, once the plugin runs", () => {
  assert.notEqual(Math.random(), Math.random());
  assert.deepEqual(fake.said, []);
  begin();
  const expected = (0x8080_8080 >>> 5) * 2 ** -27 + (0x8080_8080 >>> 6) * 2 ** -53;
  for (let i = 0; i < 128; i++) assert.equal(Math.random(), expected);
  assert.equal(fake.said.length, 1);
  Math.random();
  assert.equal(fake.said.length, 2);
});

test("check takes what its function or schema takes", () => {
  assert.equal(check((n) => n * 2, 2), 4);
  const refuse = () => { throw new Error("why"); };
  assert.throws(() => check(refuse, 2), { code: "bad-value", message: "the value is not what is taken here: why" });
  assert.throws(() => check(refuse, 2, "bad-argument", "it"), { code: "bad-argument", message: "it is not what is taken here: why" });
});

/** A room of so many places for jobs; a job doubles its argument, and is refused beyond the places. */
function room(places, { forbidden } = {}) {
  const calls = [];
  let running = 0;
  const outcome = (n) => ({
    id: `j-${n}`, worker: "w", status: n === 13 ? "failure" : "success", reason: n === 13 ? "error" : "returned", data: bytes(n * 2), attempts: 1, message: null, more: bytes({}),
  });
  fakeHost({
    jobs: {
      submit({ args, options }, timeout) {
        const n = new Raw(args[0]).decode();
        const refuse = (tag, val) => { throw Object.assign(new Error("refused"), { payload: { tag, val } }); };
        if (n === forbidden) refuse("not-permitted", "w");
        if (running === places) {
          calls.push(`full ${n}`);
          refuse("limit", "live");
        }
        running++;
        calls.push(`submit ${n}${timeout === null ? "" : ` within ${timeout}`}${options === null ? "" : ` ${JSON.stringify(new Raw(options).decode())}`}`);
        return {
          id: () => `j-${n}`,
          done: () => n % 2 === 0,
          wait(ms) {
            calls.push(`wait ${n}${ms === null ? "" : ` ${ms}`}`);
            if (ms !== null || n === 99) return null;
            running--;
            return outcome(n);
          },
          cancel: (ms) => calls.push(`cancel ${n} ${ms}`),
          pause: () => calls.push(`pause ${n}`),
          resume: () => calls.push(`resume ${n}`),
          n,
        };
      },
      waitAny(all, ms) {
        calls.push(`any of ${all.map(({ n }) => n)} ${ms}`);
        return ms === null ? 1 : null;
      },
    },
  });
  return calls;
}

const job = (n) => ({ worker: "w", args: [n] });

test("a job can be waited for, cancelled, paused and resumed", () => {
  const calls = room(9);
  const one = jobs.submit(job(1));
  assert.deepEqual([one.id, one.done(), one.wait(5), one.result()], ["j-1", false, null, 2]);
  one.pause();
  one.resume();
  one.cancel();
  one.cancel(50);
  const two = jobs.submitWithin(job(2), 10);
  assert.equal(jobs.waitAny([one, two]), 1);
  assert.equal(jobs.waitAny([one, two], 7), null);
  assert.deepEqual(calls, ["submit 1", "wait 1 5", "wait 1", "pause 1", "resume 1", "cancel 1 null", "cancel 1 50", "submit 2 within 10", "any of 1,2 null", "any of 1,2 7"]);
});

test("a job without a result, a paused one, and a refused one", () => {
  room(9, { forbidden: 5 });
  assert.throws(() => jobs.submit(job(13)).result(), { name: "JobError", code: "error", message: "job j-13 of `w` gave no result: error" });
  assert.equal(jobs.submit(job(13)).outcome().data, 26);
  assert.throws(() => jobs.submit(job(99)).outcome(), { code: "paused" });
  assert.throws(() => jobs.submit(job(5)), (error) => {
    assert.deepEqual([error.code, error.detail, error.message], ["not-permitted", "w", "not permitted: w"]);
    return error instanceof SubmitError && error instanceof Failure;
  });
});

test("an error of another kind in a submit stays what it is", () => {
  fakeHost({ jobs: { submit() { throw new TypeError("odd"); } } });
  assert.throws(() => jobs.submit(job(1)), { name: "TypeError", message: "odd" });
});

test("map submits so many ahead and no more, and keeps the order", () => {
  const calls = room(99);
  const results = jobs.map("w", [0, 1, 2, 3], { inFlight: 2, memory: "8MiB" });
  assert.deepEqual(calls, []);
  assert.deepEqual(results.next().value, { ok: true, value: 0 });
  const options = '{"memory":"8MiB"}';
  assert.deepEqual(calls, [`submit 0 ${options}`, `submit 1 ${options}`, "wait 0"]);
  assert.deepEqual([...results].map(({ value }) => value), [2, 4, 6]);
});

test("map waits for the oldest at a limit, and tries the same again", () => {
  const calls = room(2);
  assert.deepEqual([...jobs.map("w", [0, 1, 2, 3])].map(({ value }) => value), [0, 2, 4, 6]);
  assert.deepEqual(calls.map((call) => call.replace(" {}", "")), [
    "submit 0", "submit 1", "full 2", "wait 0", "submit 2", "full 3", "wait 1", "submit 3", "wait 2", "wait 3",
  ]);
});

test("map gives errors in their places, and a limit that no end of a job eases is one", () => {
  room(0);
  assert.deepEqual([...jobs.map("w", [0, 1])].map(({ error }) => error.code), ["limit", "limit"]);
  room(1, { forbidden: 1 });
  const results = [...jobs.map("w", [0, 1, () => 1, 13, 4])];
  assert.deepEqual(results.map(({ ok, value, error }) => (ok ? value : error.code)), [0, "not-permitted", "bad-value", "error", 8]);
});
