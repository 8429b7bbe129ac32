// What a producer or consumer needs to go on after a restart.

import { checkpoint } from "#contract";
import { readValue } from "./reading.js";
import { give } from "./refusal.js";

export function load(reading) {
  const bytes = checkpoint.load();
  return bytes === null ? null : readValue(bytes, reading, "bad-value", "the checkpoint");
}

export const save = (value) => give(value, "the checkpoint", (bytes) => checkpoint.save(bytes));
