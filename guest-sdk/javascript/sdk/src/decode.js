// From MessagePack to JavaScript. The whole state of a reading is here in the module: QuickJS reads
// these faster than the fields of an object, and nobody else's code runs in between.

import { Failure } from "./failure.js";
import { markFloat, markOrder, recall } from "./marks.js";
import { binaryText, fromUtf8 } from "./text.js";
import { Ext, Float32, Float64, Pairs, Timestamp } from "./values.js";

/** How many bytes are looked at as text at once. */
const WINDOW = 512;

const BEYOND_ASCII = /[\x80-\xff]/;

let bytes;
let view;
let at;
let exact;
// The width of the float that was read last, when its number alone does not tell: 32, 64, or 0.
let width;
// The bytes from `windowStart` to `windowEnd` as a binary text.
let window;
let windowStart;
let windowEnd;
let windowIsAscii;

/**
 * The value that `value`, a Uint8Array, stands for. With `floats`, each float that a number does not
 * tell apart comes as a Float32 or Float64.
 */
export function decode(value, floats, code = "bad-value", what = "the value") {
  bytes = value;
  view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  at = width = windowStart = windowEnd = 0;
  exact = floats;
  try {
    if (bytes.length === 0) fail("it is empty");
    const result = read();
    if (at < bytes.length) fail(`${bytes.length - at} bytes follow it`);
    return result;
  } catch (problem) {
    // A RangeError or a TypeError where the bytes end too early, a URIError where a text is no UTF-8.
    const why = at > bytes.length ? "it is cut off" : problem.message;
    throw new Failure(`${what} is no MessagePack value: ${why}, at byte ${Math.min(at, bytes.length)}`, { code });
  } finally {
    bytes = view = window = undefined;
  }
}

function read() {
  const head = bytes[at++];
  if (head < 0x80) return head;
  if (head < 0x90) return readMap(head & 0x0f);
  if (head < 0xa0) return readArray(head & 0x0f);
  if (head < 0xc0) return readText(head & 0x1f);
  if (head >= 0xe0) return head - 0x100;
  return READERS[head - 0xc0]();
}

/** By the first byte, from 0xc0 to 0xdf: QuickJS goes through the cases of a `switch` one by one. */
const READERS = [
  () => null,
  () => fail("0xc1 stands for nothing"),
  () => false,
  () => true,
  () => readBytes(unsigned8()),
  () => readBytes(unsigned16()),
  () => readBytes(unsigned32()),
  () => readExt(unsigned8()),
  () => readExt(unsigned16()),
  () => readExt(unsigned32()),
  readFloat32,
  readFloat64,
  unsigned8,
  unsigned16,
  unsigned32,
  () => wide(unsigned32(), unsigned32(), false),
  signed8,
  signed16,
  signed32,
  () => wide(signed32(), unsigned32(), true),
  () => readExt(1),
  () => readExt(2),
  () => readExt(4),
  () => readExt(8),
  () => readExt(16),
  () => readText(unsigned8()),
  () => readText(unsigned16()),
  () => readText(unsigned32()),
  () => readArray(unsigned16()),
  () => readArray(unsigned32()),
  () => readMap(unsigned16()),
  () => readMap(unsigned32()),
];

// A DataView throws when it is asked beyond its end.

function unsigned8() {
  at += 1;
  return view.getUint8(at - 1);
}

function unsigned16() {
  at += 2;
  return view.getUint16(at - 2);
}

function unsigned32() {
  at += 4;
  return view.getUint32(at - 4);
}

function signed8() {
  at += 1;
  return view.getInt8(at - 1);
}

function signed16() {
  at += 2;
  return view.getInt16(at - 2);
}

function signed32() {
  at += 4;
  return view.getInt32(at - 4);
}

/** Where `count` bytes begin, which are passed over. */
function skip(count) {
  const start = at;
  at += count;
  return at <= bytes.length ? start : fail("it is cut off");
}

function fail(why) {
  throw new RangeError(why);
}

/** An integer of 64 bits: a number where that is exact, a BigInt otherwise. */
function wide(high, low, signed) {
  const number = high * 0x1_0000_0000 + low;
  if (Number.isSafeInteger(number)) {
    return number;
  }
  return signed ? view.getBigInt64(at - 8) : view.getBigUint64(at - 8);
}

function readFloat32() {
  at += 4;
  const number = view.getFloat32(at - 4);
  if (exact) return new Float32(number);
  width = 32;
  return number;
}

function readFloat64() {
  at += 8;
  const number = view.getFloat64(at - 8);
  // What a number is written as when nobody says how: see `encode.js`.
  if (!Number.isSafeInteger(number) || Object.is(number, -0)) return number;
  if (exact) return new Float64(number);
  width = 64;
  return number;
}

function readText(length) {
  const start = skip(length);
  if (start < windowStart || at > windowEnd) {
    openWindow(start);
  }
  const text = window.slice(start - windowStart, at - windowStart);
  return windowIsAscii || !BEYOND_ASCII.test(text) ? text : fromUtf8(text);
}

function openWindow(start) {
  windowStart = start;
  windowEnd = Math.min(Math.max(start + WINDOW, at), bytes.length);
  window = binaryText(bytes, windowStart, windowEnd);
  windowIsAscii = !BEYOND_ASCII.test(window);
}

function readBytes(length) {
  const start = skip(length);
  return bytes.slice(start, at);
}

function readExt(length) {
  const type = signed8();
  const start = skip(length);
  return (type === -1 && readTimestamp(start, length)) || new Ext(type, bytes.slice(start, at));
}

/** Undefined where the bytes are no timestamp. */
function readTimestamp(start, length) {
  let seconds;
  let nanoseconds = 0;
  if (length === 4) {
    seconds = view.getUint32(start);
  } else if (length === 8) {
    const high = view.getUint32(start);
    nanoseconds = high >>> 2;
    seconds = (high & 3) * 0x1_0000_0000 + view.getUint32(start + 4);
  } else if (length === 12) {
    nanoseconds = view.getUint32(start);
    seconds = view.getBigInt64(start + 4);
  }
  return seconds === undefined || nanoseconds > 999_999_999 ? undefined : new Timestamp(seconds, nanoseconds);
}

function readArray(length, array = []) {
  for (let i = 0; i < length; i++) {
    const item = read();
    array[i] = item;
    if (width !== 0) {
      markFloat(array, i, item, width);
      width = 0;
    }
  }
  return array;
}

/** An object, as long as all keys are texts. */
function readMap(length) {
  const object = {};
  const keys = [];
  let hasDigits = false;
  for (let i = 0; i < length; i++) {
    const head = bytes[at];
    if ((head & 0xe0) !== 0xa0 && (head < 0xd9 || head > 0xdb)) {
      return readEntries(length - i, entriesOf(object, keys));
    }
    const key = read();
    const item = read();
    if (key === "__proto__") {
      Object.defineProperty(object, key, { value: item, writable: true, enumerable: true, configurable: true });
    } else {
      object[key] = item;
    }
    if (width !== 0) {
      markFloat(object, key, item, width);
      width = 0;
    }
    keys[i] = key;
    hasDigits ||= key >= "0" && key < ":";
  }
  // Keys that look like indices stand first in an object, and in the order of numbers.
  if (hasDigits && Object.keys(object).some((key, i) => key !== keys[i])) {
    markOrder(object, keys);
  }
  return object;
}

/** What was read of an object until another key than a text came. */
function entriesOf(object, keys) {
  const known = recall(object);
  const entries = new Pairs();
  for (const key of keys) {
    const entry = [key, object[key]];
    const itemWidth = known?.width(key, entry[1]);
    if (itemWidth) {
      markFloat(entry, 1, entry[1], itemWidth);
    }
    entries.push(entry);
  }
  return entries;
}

/** So many entries more: a Map, or Pairs where a Map would not give all keys back as they came. */
function readEntries(length, entries) {
  for (let i = 0; i < length; i++) {
    entries.push(readArray(2));
  }
  const map = new Map(entries);
  let fits = map.size === entries.length;
  for (const entry of entries) {
    const [key, item] = entry;
    const known = recall(entry);
    fits &&= !Object.is(key, -0) && !known?.width(0, key);
    const itemWidth = known?.width(1, item);
    if (itemWidth) {
      markFloat(map, key, item, itemWidth);
    }
  }
  return fits ? map : entries;
}
