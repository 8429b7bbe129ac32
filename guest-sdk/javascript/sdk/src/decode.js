// From MessagePack to JavaScript. The whole state of a reading is here in the module: QuickJS reads
// these faster than the fields of an object, and nobody else's code runs in between.

import { Failure } from "./failure.js";
import { markFloat, markOrder, recall } from "./marks.js";
import { binaryText, fromUtf8 } from "./text.js";
import { Ext, Float32, Float64, Pairs, Timestamp } from "./values.js";

/** How many bytes are looked at as text at once. */
const WINDOW = 512;

const INDEX = /^(?:0|[1-9][0-9]{0,9})$/;
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
    const result = read();
    if (at !== bytes.length) {
      throw new RangeError(`${bytes.length - at} bytes follow it`);
    }
    return result;
  } catch (problem) {
    // A RangeError where the bytes end too early, a URIError where a text is no UTF-8.
    throw new Failure(`${what} is no MessagePack value: ${problem.message}, at byte ${at}`, { code });
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
  switch (head) {
    case 0xc0: return null;
    case 0xc2: return false;
    case 0xc3: return true;
    case 0xc4: return readBytes(unsigned8());
    case 0xc5: return readBytes(unsigned16());
    case 0xc6: return readBytes(unsigned32());
    case 0xc7: return readExt(unsigned8());
    case 0xc8: return readExt(unsigned16());
    case 0xc9: return readExt(unsigned32());
    case 0xca: return readFloat32();
    case 0xcb: return readFloat64();
    case 0xcc: return unsigned8();
    case 0xcd: return unsigned16();
    case 0xce: return unsigned32();
    case 0xcf: return wide(view.getUint32(skip(8)), view.getUint32(at - 4), false);
    case 0xd0: return view.getInt8(skip(1));
    case 0xd1: return view.getInt16(skip(2));
    case 0xd2: return view.getInt32(skip(4));
    case 0xd3: return wide(view.getInt32(skip(8)), view.getUint32(at - 4), true);
    case 0xd4: return readExt(1);
    case 0xd5: return readExt(2);
    case 0xd6: return readExt(4);
    case 0xd7: return readExt(8);
    case 0xd8: return readExt(16);
    case 0xd9: return readText(unsigned8());
    case 0xda: return readText(unsigned16());
    case 0xdb: return readText(unsigned32());
    case 0xdc: return readArray(unsigned16());
    case 0xdd: return readArray(unsigned32());
    case 0xde: return readMap(unsigned16());
    case 0xdf: return readMap(unsigned32());
    case undefined: throw new RangeError("it is cut off");
    default: throw new RangeError("0xc1 stands for nothing");
  }
}

/** Where `count` bytes begin, which are passed over. */
function skip(count) {
  const start = at;
  if (start + count > bytes.length) {
    throw new RangeError("it is cut off");
  }
  at += count;
  return start;
}

const unsigned8 = () => view.getUint8(skip(1));
const unsigned16 = () => view.getUint16(skip(2));
const unsigned32 = () => view.getUint32(skip(4));

/** An integer of 64 bits: a number where that is exact, a BigInt otherwise. */
function wide(high, low, signed) {
  const number = high * 0x1_0000_0000 + low;
  if (Number.isSafeInteger(number)) {
    return number;
  }
  return signed ? view.getBigInt64(at - 8) : view.getBigUint64(at - 8);
}

function readFloat32() {
  const number = view.getFloat32(skip(4));
  if (exact) return new Float32(number);
  width = 32;
  return number;
}

function readFloat64() {
  const number = view.getFloat64(skip(8));
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
  const type = view.getInt8(skip(1));
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
  let hasIndex = false;
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
    hasIndex ||= INDEX.test(key);
  }
  // Keys that look like indices stand first in an object, and in the order of numbers.
  if (hasIndex && Object.keys(object).some((key, i) => key !== keys[i])) {
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
