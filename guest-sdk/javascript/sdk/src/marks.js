// What a plain number or object does not tell of the value it was read from, remembered beside it:
// which numbers of an array or map were floats of 32 bits or whole floats of 64 bits, and in which
// order the keys of an object stood. What a plugin does not touch is then written as it was read.

const marks = new WeakMap();

class Marks {
  /** Floats of 32 bits by their index or key. */
  floats32 = undefined;
  /** Whole floats of 64 bits by their index or key. */
  floats64 = undefined;
  /** An object's keys as they stood, when the object itself tells another order. */
  order = undefined;

  /** The width that the float at `key` had, if `number` is still that float; 0 otherwise. */
  width(key, number) {
    if (this.floats64 !== undefined && Object.is(this.floats64.get(key), number)) {
      return 64;
    }
    return this.floats32 !== undefined && Object.is(this.floats32.get(key), number) ? 32 : 0;
  }

  /** The keys of `object`: those that were read in their old order, then new ones. */
  keys(object) {
    const keys = new Set(this.order.filter((key) => Object.hasOwn(object, key)));
    Object.keys(object).forEach((key) => keys.add(key));
    return [...keys];
  }
}

function marksOf(container) {
  let known = marks.get(container);
  if (known === undefined) {
    marks.set(container, (known = new Marks()));
  }
  return known;
}

/** Remembers that `number`, at `key` in `container`, was a float of so many bits. */
export function markFloat(container, key, number, width) {
  const ours = marksOf(container);
  const floats = width === 32 ? (ours.floats32 ??= new Map()) : (ours.floats64 ??= new Map());
  floats.set(key, number);
}

/** Remembers the order of an object's keys. */
export function markOrder(object, order) {
  marksOf(object).order = order;
}

/** What is remembered of an array, object or Map, or undefined. */
export const recall = (container) => marks.get(container);
