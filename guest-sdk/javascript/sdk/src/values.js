// What MessagePack has and JavaScript does not.

/** A float of 32 bits. A number in every other respect. */
export class Float32 extends Number {
  constructor(value) {
    super(Math.fround(value));
  }
}

/** A float of 64 bits, also when it is whole: `new Float64(2)` is written as 2.0, the number 2 as an integer. */
export class Float64 extends Number {}

/** An extension value: a type from -128 to 127, and bytes. */
export class Ext {
  constructor(type, bytes) {
    if (!Number.isInteger(type) || type < -128 || type > 127) {
      throw new RangeError(`an extension's type is an integer from -128 to 127, not ${type}`);
    }
    if (!(bytes instanceof Uint8Array)) {
      throw new TypeError("an extension's bytes are a Uint8Array");
    }
    this.type = type;
    this.bytes = bytes;
  }
}

/**
 * A point in time, exact to the nanosecond. As a Date it is cut to milliseconds; one beyond the
 * years that a Date can tell is an "Invalid Date", but keeps `seconds` and `nanoseconds`.
 */
export class Timestamp extends Date {
  #seconds;
  #nanoseconds;
  #time;

  /** Seconds since 1970, a number or a BigInt, and nanoseconds, from 0 to 999,999,999. */
  constructor(seconds, nanoseconds = 0) {
    const whole = typeof seconds === "bigint" || Number.isSafeInteger(seconds);
    if (!whole || BigInt.asIntN(64, BigInt(seconds)) !== BigInt(seconds)) {
      throw new RangeError(`a timestamp's seconds are an integer of 64 bits, not ${seconds}`);
    }
    if (!Number.isInteger(nanoseconds) || nanoseconds < 0 || nanoseconds > 999_999_999) {
      throw new RangeError(`nanoseconds are an integer from 0 to 999,999,999, not ${nanoseconds}`);
    }
    super(Number(seconds) * 1000 + Math.floor(nanoseconds / 1e6));
    this.#seconds = BigInt(seconds);
    this.#nanoseconds = nanoseconds;
    this.#time = this.getTime();
  }

  /** A Date as a timestamp. */
  static from(date) {
    const ms = date.getTime();
    if (Number.isNaN(ms)) {
      throw new RangeError("an Invalid Date is no point in time");
    }
    const seconds = Math.floor(ms / 1000);
    return new Timestamp(seconds, (ms - seconds * 1000) * 1e6);
  }

  /** Seconds since 1970; a BigInt where a number is not exact. */
  get seconds() {
    const seconds = this.#moved() ? Timestamp.from(this).#seconds : this.#seconds;
    const number = Number(seconds);
    return Number.isSafeInteger(number) ? number : seconds;
  }

  /** Nanoseconds since the last full second. */
  get nanoseconds() {
    return this.#moved() ? Timestamp.from(this).#nanoseconds : this.#nanoseconds;
  }

  // A Date can be set to another time.
  #moved() {
    return !Object.is(this.getTime(), this.#time);
  }
}

/**
 * A map as an array of [key, value]: what a map becomes whose keys a Map would not keep apart, as
 * 1 and 1.0, or not keep as they are.
 */
export class Pairs extends Array {
  // What `map` and `filter` make of it holds no pairs.
  static get [Symbol.species]() {
    return Array;
  }

  /** The value of the first key that is the same as `key`, or undefined. */
  get(key) {
    return this.find(([ours]) => Object.is(ours, key))?.[1];
  }
}
