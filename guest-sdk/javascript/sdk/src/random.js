// Random numbers from the host.

import { random } from "#contract";

/** What the host gives in one call; more is a trap. */
const CHUNK = 65_536;

/** `count` bytes from a cryptographic generator. */
export function bytes(count) {
  const all = new Uint8Array(count);
  for (let at = 0; at < count; at += CHUNK) {
    all.set(random.bytes(Math.min(CHUNK, count - at)), at);
  }
  return all;
}
