import { decode } from "./decode.js";
import { encode } from "./encode.js";

/** A MessagePack value as its bytes, which go through unread. */
export class Raw {
  constructor(bytes) {
    if (!(bytes instanceof Uint8Array)) {
      throw new TypeError("a Raw is made of a Uint8Array");
    }
    this.bytes = bytes;
  }

  /** `value` as MessagePack; a Failure `bad-value` when it has no such form. */
  static of(value) {
    return new Raw(encode(value));
  }

  /** The value. With `exact`, floats come as Float32 and Float64. */
  decode({ exact = false } = {}) {
    return decode(this.bytes, exact);
  }
}
