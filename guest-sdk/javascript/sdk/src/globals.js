// What plugins and packages expect of JavaScript's surroundings, and QuickJS does not have.

import { stderr, stdout } from "#contract";
import { shown } from "./failure.js";
import { isRunning } from "./instance.js";
import { bytes } from "./random.js";
import { binaryBytes, binaryText, fromUtf8, toUtf8 } from "./text.js";

/** What a WASI stream takes in one call. */
const WRITE_MAX = 4096;

/** A console's function that writes to the stream that `open` gives. */
function printer(open) {
  let stream;
  return (...parts) => {
    const text = `${parts.map(shown).join(" ")}\n`;
    const all = binaryBytes(toUtf8(text.toWellFormed()));
    // One for the whole instance: QuickJS lets go of none. The build's is not the instance's.
    const to = stream ?? open();
    if (isRunning()) stream = to;
    for (let at = 0; at < all.length; at += WRITE_MAX) {
      to.blockingWriteAndFlush(all.slice(at, at + WRITE_MAX));
    }
  };
}

const out = printer(() => stdout.getStdout());
const err = printer(() => stderr.getStderr());

globalThis.console ??= { log: out, info: out, debug: out, error: err, warn: err, trace: err };

globalThis.TextEncoder ??= class TextEncoder {
  encoding = "utf-8";

  encode(text = "") {
    return binaryBytes(toUtf8(String(text).toWellFormed()));
  }
};

globalThis.TextDecoder ??= class TextDecoder {
  encoding = "utf-8";

  constructor(label = "utf-8") {
    if (!/^utf-?8$/i.test(label)) throw new RangeError(`this TextDecoder knows UTF-8, not ${label}`);
  }

  decode(input = new Uint8Array()) {
    const all = ArrayBuffer.isView(input)
      ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength)
      : new Uint8Array(input);
    try {
      return fromUtf8(binaryText(all, 0, all.length)).replace(/^\ufeff/, "");
    } catch (cause) {
      throw new TypeError("these bytes are no UTF-8", { cause });
    }
  }
};

globalThis.crypto ??= {
  getRandomValues(array) {
    if (!isRunning()) throw new Error("there are no random numbers while a plugin is built");
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(bytes(array.byteLength));
    return array;
  },
};

// An instance starts as the build left it: its own generator would give the same numbers in each.
const POOL_BYTES = 1024;
const whileBuilt = Math.random;
let pool = new DataView(new ArrayBuffer(0));
let at = 0;

Math.random = function random() {
  if (!isRunning()) return whileBuilt();
  if (at + 8 > pool.byteLength) {
    pool = new DataView(bytes(POOL_BYTES).buffer);
    at = 0;
  }
  const high = pool.getUint32(at) >>> 5;
  const low = pool.getUint32(at + 4) >>> 6;
  at += 8;
  return (high * 0x400_0000 + low) / 0x20_0000_0000_0000;
};
