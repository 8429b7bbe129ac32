// From JavaScript to MessagePack, each value in its shortest form.

import { Failure } from "./failure.js";
import { recall } from "./marks.js";
import { Raw } from "./raw.js";
import { binaryBytes, toUtf8 } from "./text.js";
import { Ext, Float32, Float64, Pairs, Timestamp } from "./values.js";

/** How deep values may be nested. */
const DEPTH_MAX = 64;
/** Up to this length a loop over the characters is faster than built-in functions, in QuickJS. */
const SHORT = 8;
const BUFFER_BYTES = 1024;
const BUFFER_BYTES_KEPT = 1 << 16;

let buffer = new Uint8Array(BUFFER_BYTES);
let view = new DataView(buffer.buffer);
let capacity = BUFFER_BYTES;
let at = 0;

/** What has no MessagePack form, and where in the value it stands. */
class Problem {
  path = [];
  constructor(text, container) {
    this.text = text;
    // The array or map that lies too deep; it may be one of those that it lies in.
    this.container = container;
  }

  /** The same problem, seen from `container`, which has it at `key`. */
  in(container, key) {
    this.path.unshift(key);
    if (container === this.container) {
      this.text = "something that holds itself";
      this.path = [key];
    }
    return this;
  }
}

/** `value` as MessagePack. A Failure when it has no such form; `what` it is called there. */
export function encode(value, what = "the value") {
  const start = at;
  try {
    write(value, 0);
    return buffer.slice(start, at);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    const path = ["$", ...problem.path.map(step)].join("");
    throw new Failure(`${what} cannot be written: at ${path} is ${problem.text}`, { code: "bad-value" });
  } finally {
    // `start` is not 0 when a getter or a `toJSON` of a value comes here again.
    at = start;
    if (start === 0 && capacity > BUFFER_BYTES_KEPT) resize(BUFFER_BYTES);
  }
}

function step(key) {
  if (typeof key === "number") return `[${key}]`;
  if (typeof key !== "string") return "[a key]";
  return /^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function resize(length) {
  const old = buffer;
  buffer = new Uint8Array(length);
  view = new DataView(buffer.buffer);
  capacity = length;
  buffer.set(old.subarray(0, at));
}

/** Makes room for `count` bytes. Before the buffer is named: it may be another one behind this. */
function room(count) {
  if (at + count > capacity) resize(Math.max(capacity * 2, at + count));
}

function put(byte) {
  room(1);
  buffer[at++] = byte;
}

function put8(head, value) {
  room(2);
  buffer[at] = head;
  buffer[at + 1] = value;
  at += 2;
}

function put16(head, value) {
  room(3);
  buffer[at] = head;
  view.setUint16(at + 1, value);
  at += 3;
}

function put32(head, value) {
  room(5);
  buffer[at] = head;
  view.setUint32(at + 1, value);
  at += 5;
}

function put64(head, high, low) {
  put32(head, high);
  room(4);
  view.setUint32(at, low);
  at += 4;
}

function putBytes(bytes) {
  room(bytes.length);
  buffer.set(bytes, at);
  at += bytes.length;
}

/** The head of what has a length: `short` + length below `limit`, otherwise one of three heads. */
function head(length, short, limit, head8, head16, head32) {
  if (length < limit) put(short + length);
  else if (length < 0x100 && head8 !== 0) put8(head8, length);
  else if (length < 0x1_0000) put16(head16, length);
  else put32(head32, length);
}

function write(value, depth) {
  switch (typeof value) {
    case "string": return writeText(value);
    case "number": return writeNumber(value);
    case "boolean": return put(value ? 0xc3 : 0xc2);
    case "undefined": return put(0xc0);
    case "bigint": return writeBigInt(value);
    case "object": return value === null ? put(0xc0) : writeObject(value, depth);
    default: throw new Problem(typeof value === "function" ? `a function${named(value)}` : `a ${typeof value}`);
  }
}

const named = ({ name }) => (name ? ` (${name})` : "");

function writeNumber(number) {
  // What fits into 32 bits is told first, without a call.
  const isInteger = number === 0 ? 1 / number > 0 : (number | 0) === number || Number.isSafeInteger(number);
  if (!isInteger) return writeFloat64(number);
  if (number >= 0) {
    if (number < 0x80) put(number);
    else if (number < 0x100) put8(0xcc, number);
    else if (number < 0x1_0000) put16(0xcd, number);
    else if (number < 0x1_0000_0000) put32(0xce, number);
    else put64(0xcf, Math.floor(number / 0x1_0000_0000), number >>> 0);
  } else if (number >= -0x20) put(number);
  else if (number >= -0x80) put8(0xd0, number);
  else if (number >= -0x8000) put16(0xd1, number);
  else if (number >= -0x8000_0000) put32(0xd2, number);
  else put64(0xd3, Math.floor(number / 0x1_0000_0000), number >>> 0);
}

function writeBigInt(value) {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return writeNumber(number);
  if (value > 0xffff_ffff_ffff_ffffn || value < -0x8000_0000_0000_0000n) {
    throw new Problem("an integer of more than 64 bits");
  }
  room(9);
  buffer[at] = value > 0n ? 0xcf : 0xd3;
  view.setBigUint64(at + 1, BigInt.asUintN(64, value));
  at += 9;
}

// A NaN's sign and the rest of its bits are the machine's: one form is written.
function writeFloat32(number) {
  if (Number.isNaN(number)) return put32(0xca, 0x7fc0_0000);
  room(5);
  buffer[at] = 0xca;
  view.setFloat32(at + 1, number);
  at += 5;
}

function writeFloat64(number) {
  if (Number.isNaN(number)) return put64(0xcb, 0x7ff8_0000, 0);
  room(9);
  buffer[at] = 0xcb;
  view.setFloat64(at + 1, number);
  at += 9;
}

/** A number in the width that was read at this place, if it is still the same. */
function writeMarked(number, width) {
  if (width === 64) writeFloat64(number);
  else if (width === 32) writeFloat32(number);
  else writeNumber(number);
}

function writeText(text) {
  const { length } = text;
  if (length <= SHORT && writeAscii(text, length)) return;
  let binary;
  try {
    binary = toUtf8(text);
  } catch {
    throw new Problem("a text with half a surrogate pair");
  }
  head(binary.length, 0xa0, 32, 0xd9, 0xda, 0xdb);
  putBytes(binaryBytes(binary));
}

function writeAscii(text, length) {
  room(1 + length);
  for (let i = 0; i < length; i++) {
    const character = text.charCodeAt(i);
    if (character >= 0x80) return false;
    buffer[at + 1 + i] = character;
  }
  buffer[at] = 0xa0 | length;
  at += 1 + length;
  return true;
}

function writeObject(value, depth) {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    return typeof value.toJSON === "function" ? write(value.toJSON(), depth) : writeMap(value, depth);
  }
  if (prototype === Array.prototype) return writeArray(value, depth);
  if (value instanceof Uint8Array) return writeBytes(value);
  if (value instanceof Raw) return putBytes(value.bytes);
  if (value instanceof Pairs) return writePairs(value, depth);
  if (Array.isArray(value)) return writeArray(value, depth);
  if (value instanceof Map) return writePairs(value, depth);
  if (value instanceof Set) return writeArray([...value], depth);
  if (value instanceof Float32) return writeFloat32(value.valueOf());
  if (value instanceof Float64) return writeFloat64(value.valueOf());
  if (value instanceof Date) return writeDate(value);
  if (value instanceof Ext) return writeExt(value);
  if (value instanceof ArrayBuffer) return writeBytes(new Uint8Array(value));
  if (ArrayBuffer.isView(value)) return writeView(value, depth);
  if (value instanceof Number || value instanceof String || value instanceof Boolean) {
    return write(value.valueOf(), depth);
  }
  if (typeof value.toJSON === "function") return write(value.toJSON(), depth);
  if (typeof value.then === "function") {
    throw new Problem("a promise, which nothing here would wait for: leave out `async`");
  }
  if (value instanceof Error) throw new Problem(`an error (${value.name}): throw it, or take its message`);
  if (value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef) {
    throw new Problem(`a ${value.constructor.name}`);
  }
  return writeMap(value, depth);
}

function enter(container, depth) {
  if (depth >= DEPTH_MAX) {
    throw new Problem(`more than ${DEPTH_MAX} levels of arrays and maps`, container);
  }
  return depth + 1;
}

function writeArray(array, depth) {
  const inner = enter(array, depth);
  const { length } = array;
  head(length, 0x90, 16, 0, 0xdc, 0xdd);
  const known = recall(array);
  let i = 0;
  try {
    for (; i < length; i++) {
      const item = array[i];
      if (typeof item !== "number") write(item, inner);
      else if (known === undefined) writeNumber(item);
      else writeMarked(item, known.width(i, item));
    }
  } catch (problem) {
    throw problem instanceof Problem ? problem.in(array, i) : problem;
  }
}

function writeMap(object, depth) {
  const inner = enter(object, depth);
  const known = recall(object);
  let keys = known?.order === undefined ? Object.keys(object) : known.keys(object);
  // As in JSON, what is undefined is not there.
  if (Object.values(object).includes(undefined)) {
    keys = keys.filter((key) => object[key] !== undefined);
  }
  head(keys.length, 0x80, 16, 0, 0xde, 0xdf);
  let i = 0;
  try {
    for (; i < keys.length; i++) {
      const key = keys[i];
      const item = object[key];
      writeText(key);
      if (known !== undefined && typeof item === "number") writeMarked(item, known.width(key, item));
      else write(item, inner);
    }
  } catch (problem) {
    throw problem instanceof Problem ? problem.in(object, keys[i]) : problem;
  }
}

/** A Map or Pairs: whatever gives keys and values. */
function writePairs(entries, depth) {
  const inner = enter(entries, depth);
  head(entries.size ?? entries.length, 0x80, 16, 0, 0xde, 0xdf);
  const known = recall(entries);
  let key;
  try {
    for (const entry of entries) {
      if (!Array.isArray(entry) || entry.length !== 2) {
        throw new Problem("something else among Pairs than [key, value]");
      }
      const ofEntry = recall(entry);
      key = entry[0];
      writeMember(key, inner, ofEntry?.width(0, key));
      writeMember(entry[1], inner, ofEntry?.width(1, entry[1]) || known?.width(key, entry[1]));
    }
  } catch (problem) {
    throw problem instanceof Problem ? problem.in(entries, key) : problem;
  }
}

function writeMember(value, depth, width) {
  if (typeof value === "number") writeMarked(value, width);
  else write(value, depth);
}

function writeBytes(bytes) {
  head(bytes.length, 0, 0, 0xc4, 0xc5, 0xc6);
  putBytes(bytes);
}

function writeView(view, depth) {
  if (view instanceof DataView) {
    return writeBytes(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  }
  const Width = view instanceof Float64Array ? Float64 : view instanceof Float32Array ? Float32 : undefined;
  writeArray(Array.from(view, Width && ((number) => new Width(number))), depth);
}

const FIXED = new Map([[1, 0xd4], [2, 0xd5], [4, 0xd6], [8, 0xd7], [16, 0xd8]]);

function extHead(type, length) {
  const fixed = FIXED.get(length);
  if (fixed !== undefined) put(fixed);
  else head(length, 0, 0, 0xc7, 0xc8, 0xc9);
  put(type);
}

function writeExt({ type, bytes }) {
  extHead(type, bytes.length);
  putBytes(bytes);
}

function writeDate(date) {
  let timestamp = date;
  if (!(date instanceof Timestamp)) {
    if (Number.isNaN(date.getTime())) throw new Problem("an Invalid Date");
    timestamp = Timestamp.from(date);
  }
  const { seconds, nanoseconds } = timestamp;
  const high = Number(seconds) / 0x1_0000_0000;
  if (high >= 0 && high < 1 && nanoseconds === 0) {
    put(0xd6);
    put32(0xff, seconds);
  } else if (high >= 0 && high < 4) {
    put(0xd7);
    put64(0xff, nanoseconds * 4 + Math.floor(high), seconds >>> 0);
  } else {
    put8(0xc7, 12);
    put32(0xff, nanoseconds);
    room(8);
    view.setBigInt64(at, BigInt(seconds));
    at += 8;
  }
}
