import assert from "node:assert/strict";
import { test } from "node:test";

import { positions } from "../sdk/positions.mjs";
import { Failure } from "../sdk/src/failure.js";
import { begin } from "../sdk/src/instance.js";
import { fakeHost } from "./fake-host.js";

// What QuickJS does not have is taken away before the SDK puts its own in place.
const theirs = {};
for (const name of ["console", "TextEncoder", "TextDecoder", "crypto"]) {
  theirs[name] = globalThis[name];
  Object.defineProperty(globalThis, name, { value: undefined, writable: true, configurable: true });
}
await import("../sdk/src/globals.js");
const ours = { console: globalThis.console, TextEncoder: globalThis.TextEncoder, TextDecoder: globalThis.TextDecoder, crypto: globalThis.crypto };
Object.assign(globalThis, theirs);

test("crypto.getRandomValues has nothing to give while a plugin is built", () => {
  assert.throws(() => ours.crypto.getRandomValues(new Uint8Array(2)), /while a plugin is built/);
});

test("console prints to stdout and stderr", () => {
  const { said } = fakeHost();
  ours.console.log("ä", { a: 1 });
  ours.console.error("\ud800");
  assert.deepEqual(said, [["stdout", 'ä {"a":1}\n'], ["stderr", "\ufffd\n"]]);
});

test("console writes long texts in pieces that WASI takes", () => {
  const { said } = fakeHost();
  ours.console.log("x".repeat(5000));
  assert.deepEqual(said.map(([, text]) => text.length), [4096, 905]);
});

test("console opens its streams anew while the plugin is built, and once when it runs", () => {
  let opened = 0;
  fakeHost({ stdout: { getStdout: () => ({ blockingWriteAndFlush() {}, n: opened++ }) } });
  ours.console.log("built");
  ours.console.log("built");
  assert.equal(opened, 2);
  begin();
  for (let i = 0; i < 3; i++) ours.console.log("runs");
  assert.equal(opened, 3);
});

test("TextEncoder and TextDecoder", () => {
  const bytes = new ours.TextEncoder().encode("ä€😀\ud800");
  assert.deepEqual(bytes, new Uint8Array(new theirs.TextEncoder().encode("ä€😀\ud800")));
  assert.equal(new ours.TextDecoder().decode(bytes.subarray(0, 9)), "ä€😀");
  assert.equal(new ours.TextDecoder("utf8").decode(bytes.buffer), "ä€😀\ufffd");
  assert.equal(new ours.TextDecoder().decode(), "");
  assert.throws(() => new ours.TextDecoder().decode(new Uint8Array([0xff])), TypeError);
  assert.throws(() => new ours.TextDecoder("latin1"), RangeError);
});

test("crypto.getRandomValues takes the host's bytes", () => {
  fakeHost();
  begin();
  assert.deepEqual(ours.crypto.getRandomValues(new Uint16Array(2)), new Uint16Array([0x8080, 0x8080]));
});

test("a source map becomes runs of lines", () => {
  // Line 1: nothing; 2 and 3: lines 5 and 6 of a; 4: line 1 of the SDK; 5: a's line 8, in two segments.
  const mappings = ";AAIA;AACA;ACLA;ADOA,IAAI";
  const map = { sources: ["a.js", "sdk.js"], mappings };
  assert.deepEqual(positions(map, (name) => (name === "a.js" ? name : undefined)), {
    files: ["a.js"],
    lines: [[2, 0, 5], [4, -1, 1], [5, 0, 8]],
  });
});

test("traces lead into the sources, without the SDK's frames", (context) => {
  const table = Symbol.for("wodehost.positions");
  context.after(() => delete globalThis[table]);
  globalThis[table] = JSON.stringify({ files: ["plugin.js"], lines: [[1, -1, 1], [10, 0, 100], [20, -1, 1]] });
  const error = new RangeError("x");
  error.stack = "    at deep (/bundle.js:12:5)\n    at <anonymous> (/bundle.js:10:1)\n    at run (/bundle.js:21:1)\n    at native\n";
  assert.equal(Failure.valueFor(error).trace, "RangeError: x\n    at deep (plugin.js:102)\n    at <anonymous> (plugin.js:100)\n    at native");
  error.stack = undefined;
  assert.equal(Failure.valueFor(error).trace, undefined);
});
