import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Ext, Failure, Float32, Float64, Pairs, Raw, Timestamp } from "../sdk/src/index.js";

const bytes = (hex) => new Uint8Array(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const hex = (raw) => Buffer.from(raw.bytes).toString("hex");
const read = (text, options) => new Raw(bytes(text)).decode(options);
const written = (value) => hex(Raw.of(value));

/** The lines of vectors.txt: a name, and bytes where `HEX*N` stands for N times HEX. */
const vectors = readFileSync(new URL("../../vectors.txt", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => {
    const [, name, rest] = /^(.*?): (.*)$/.exec(line);
    const parts = rest.split(" ").map((part) => part.split("*"));
    return [name, parts.map(([digits, times = 1]) => digits.repeat(Number(times))).join("")];
  });

/** What comes of a value inside of an array or map, which remember what a number does not tell. */
const within = { array: (value) => `91${value}`, map: (value) => `81a16b${value}`, "map with other keys": (value) => `8101${value}` };

test("there are vectors", () => assert.ok(vectors.length > 100));

for (const [name, vector] of vectors) {
  test(`${name} is written as it was read, exactly`, () => {
    assert.equal(written(read(vector, { exact: true })), vector);
  });
  for (const [place, wrap] of Object.entries(within)) {
    test(`${name} in a ${place} is written as it was read, naturally`, () => {
      assert.equal(written(read(wrap(vector))), wrap(vector));
    });
  }
}

test("an array of floats and integers is read as plain numbers", () => {
  assert.deepEqual(read("93 01 cb3ff0000000000000 ca3f800000"), [1, 1, 1]);
  assert.equal(read("cb4000000000000000"), 2);
});

test("a float that was changed is written as its new number", () => {
  const array = read("93 cb3ff0000000000000 cb4000000000000000 ca3f800000");
  array[0] = 3;
  assert.equal(written(array), "9303cb4000000000000000ca3f800000");
  const object = read("82 a161 cb3ff0000000000000 a162 cb4000000000000000");
  object.a += 1;
  delete object.b;
  assert.equal(written(object), "81a16102");
});

test("with exact, floats come as classes that are numbers nevertheless", () => {
  const [whole, narrow, half] = read("93 cb4000000000000000 ca3fc00000 cb3ff8000000000000", { exact: true });
  assert.ok(whole instanceof Float64 && narrow instanceof Float32);
  assert.equal(whole + 1, 3);
  assert.equal(half, 1.5);
  assert.equal(JSON.stringify({ whole, narrow }), '{"whole":2,"narrow":1.5}');
});

test("floats can be made by hand", () => {
  assert.equal(written([new Float64(2), new Float32(0.1), 2, 0.5]), "94cb4000000000000000ca3dcccccd02cb3fe0000000000000");
  assert.equal(written(new Float64Array([1])), "91cb3ff0000000000000");
  assert.equal(written(new Float32Array([1])), "91ca3f800000");
  assert.equal(written(new Int16Array([1, -1])), "9201ff");
});

test("integers are numbers as far as these are exact, and BigInts beyond", () => {
  assert.equal(read("cf001fffffffffffff"), Number.MAX_SAFE_INTEGER);
  assert.equal(read("cf0020000000000000"), 2n ** 53n);
  assert.equal(read("d3ffdfffffffffffff"), -(2n ** 53n) - 1n);
  assert.equal(written(5n), "05");
  assert.equal(written(-(2n ** 63n)), "d38000000000000000");
});

test("a map with texts as keys is a plain object, whatever the keys", () => {
  const object = read("84 a95f5f70726f746f5f5f 01 a23130 02 a139 03 a161 04");
  assert.equal(Object.getPrototypeOf(object), Object.prototype);
  assert.deepEqual(Object.keys(object), ["9", "10", "__proto__", "a"]);
  assert.equal(object["10"], 2);
});

test("the order of an object's keys stays when keys come and go", () => {
  const object = read("83 a162 01 a23130 02 a139 03");
  object.a = 4;
  delete object["10"];
  assert.equal(written(object), "83a16201a13903a16104");
});

test("a map with other keys is a Map, and Pairs where keys would be lost", () => {
  const map = read("83 01 a161 ff a162 a161 a163");
  assert.ok(map instanceof Map);
  assert.equal(map.get(-1), "b");
  const mixed = read("82 a161 cb3ff0000000000000 01 cb4000000000000000");
  assert.deepEqual(mixed, new Map([["a", 1], [1, 2]]));
  const pairs = read("83 01 a161 cb3ff0000000000000 a162 c3 a163");
  assert.ok(pairs instanceof Pairs);
  assert.deepEqual([...pairs], [[1, "a"], [1, "b"], [true, "c"]]);
  assert.equal(pairs.get(true), "c");
  assert.equal(pairs.get("none"), undefined);
  assert.ok(!(pairs.map(([key]) => key) instanceof Pairs));
  assert.equal(written(Pairs.of(["a", 1], ["a", 2])), "82a16101a16102");
});

test("deep maps with mixed keys are read once, not once for each level", () => {
  const vector = "82a16b".repeat(60) + "c0" + "01c0".repeat(60);
  assert.equal(written(read(vector)), vector);
});

test("timestamps are Dates, exact to the nanosecond", () => {
  const timestamp = read("d7ffee6b27fc6553f100");
  assert.ok(timestamp instanceof Date);
  assert.equal(timestamp.toISOString(), "2023-11-14T22:13:20.999Z");
  assert.deepEqual([timestamp.seconds, timestamp.nanoseconds], [1_700_000_000, 999_999_999]);
  timestamp.setUTCMilliseconds(5);
  assert.equal(timestamp.nanoseconds, 5_000_000);
  assert.equal(written(new Date(-1500)), "c70cff1dcd6500fffffffffffffffe");
  assert.equal(read("c70cff 00000000 7fffffffffffffff").seconds, 2n ** 63n - 1n);
  assert.throws(() => new Timestamp(2n ** 63n), RangeError);
  assert.throws(() => new Timestamp(1.5), RangeError);
  assert.throws(() => new Timestamp(1, 1e9), RangeError);
});

test("extensions keep type and bytes", () => {
  const ext = read("c70305616263");
  assert.deepEqual(ext, new Ext(5, bytes("616263")));
  // Of the type of timestamps, but none: a wrong length, and too many nanoseconds.
  for (const vector of ["c703ff616263", "d7ffffffffff00000000"]) {
    assert.ok(read(vector) instanceof Ext);
    assert.equal(written(read(vector)), vector);
  }
  assert.throws(() => new Ext(128, bytes("00")), RangeError);
  assert.throws(() => new Ext(1, [0]), TypeError);
});

test("what JavaScript has and MessagePack does not is written as what it stands for", () => {
  assert.equal(written({ a: undefined, b: [undefined] }), "81a16291c0");
  assert.equal(written(new Set([1, 2])), "920102");
  assert.equal(written({ toJSON: () => [1] }), "9101");
  assert.equal(written(new URL("http://a/")), "a9687474703a2f2f612f");
  assert.equal(written(Object("x")), "a178");
  assert.equal(written(new Uint8Array([1]).buffer), "c40101");
  assert.equal(written(new DataView(new Uint8Array([1, 2]).buffer, 1)), "c40102");
  assert.equal(written(Buffer.from("a")), "c40161");
  class Point {
    x = 1;
  }
  assert.equal(written(new Point()), "81a17801");
});

test("Raw goes through unread, and into other values", () => {
  assert.equal(written({ a: new Raw(bytes("93010203")) }), "81a16193010203");
  assert.throws(() => new Raw("text"), TypeError);
});

const cycle = { list: [1, {}] };
cycle.list[1].back = cycle.list;
const deep = Array.from({ length: 65 }).reduce((inner) => [inner], 1);

for (const [value, text] of [
  [{ a: [1, { "b c": () => 1 }] }, 'at $.a[1]["b c"] is a function'],
  [function named() {}, "at $ is a function (named)"],
  [[Symbol("s")], "at $[0] is a symbol"],
  [cycle, "at $.list[1].back is something that holds itself"],
  [deep, `at $${"[0]".repeat(64)} is more than 64 levels of arrays and maps`],
  [{ big: 2n ** 64n }, "at $.big is an integer of more than 64 bits"],
  [[-(2n ** 63n) - 1n], "at $[0] is an integer of more than 64 bits"],
  ["\ud800", "at $ is a text with half a surrogate pair"],
  [{ "\ud800": 1 }, "is a text with half a surrogate pair"],
  [new Date(NaN), "at $ is an Invalid Date"],
  [[new TypeError("x")], "at $[0] is an error (TypeError)"],
  [Promise.resolve(1), "at $ is a promise"],
  [new WeakMap(), "at $ is a WeakMap"],
  [Pairs.of(["a", 1], "b"), "something else among Pairs"],
  [new Map([["k", () => 1]]), "at $.k is a function"],
]) {
  test(`what cannot be written says where: ${text}`, () => {
    assert.throws(() => Raw.of(value), (error) => {
      assert.ok(error instanceof Failure);
      assert.equal(error.code, "bad-value");
      assert.ok(error.message.includes(text), error.message);
      return true;
    });
  });
}

test("64 levels are written", () => {
  assert.equal(written(deep[0]), "91".repeat(64) + "01");
});

test("an error of a getter stays what it is, and the next value is whole", () => {
  const broken = { a: 1, get b() { throw new RangeError("mine"); } };
  assert.throws(() => Raw.of(broken), { name: "RangeError", message: "mine" });
  const nested = { a: 1, toJSON: () => hex(Raw.of([1])) };
  assert.equal(written([nested, nested]), "92a439313031a439313031");
});

for (const [vector, text] of [
  ["", "it is empty, at byte 0"],
  ["c1", "0xc1 stands for nothing"],
  ["0101", "1 bytes follow it"],
  ["92 01", "it is cut off, at byte 2"],
  ["cd 01", "it is cut off, at byte 2"],
  ["a5 6161", "it is cut off, at byte 3"],
  ["c4 05 00", "it is cut off, at byte 3"],
  ["81 a1", "it is cut off"],
  ["a1 ff", "is no MessagePack value"],
]) {
  test(`what is no value is refused: ${vector || "nothing"}`, () => {
    assert.throws(() => read(vector), (error) => error.code === "bad-value" && error.message.includes(text));
  });
}

test("large values of all sizes", () => {
  for (const length of [511, 512, 513, 1023, 70_000]) {
    const value = { text: "ä".repeat(length), bytes: new Uint8Array(length).fill(1), list: Array(length).fill("x€") };
    assert.deepEqual(Raw.of(value).decode(), value);
  }
});
