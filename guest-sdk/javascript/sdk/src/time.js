const MS_MAX = Number.MAX_SAFE_INTEGER;

/** Whole milliseconds, as the host takes them. */
export function wholeMs(ms) {
  const number = Number(ms);
  if (!(number >= 0)) {
    throw new RangeError(`a time is a number of milliseconds from 0 on, not ${ms}`);
  }
  return Math.min(Math.ceil(number), MS_MAX);
}

/** The same where `null`, `undefined` and Infinity stand for ever. */
export const timeout = (ms) => (ms === undefined || ms === null || ms === Infinity ? null : wholeMs(ms));
