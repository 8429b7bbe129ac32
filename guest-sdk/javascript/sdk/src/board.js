// The plugin's own line on the status board.

import { board } from "#contract";
import { Failure } from "./failure.js";
import { wellFormed } from "./text.js";

const LOOKS = ["normal", "success", "warning", "error"];

function count(n) {
  const number = Number(n);
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new RangeError(`a progress bar counts in integers from 0 on, not ${n}`);
  }
  return number;
}

export const say = (text) => board.say(wellFormed(text));

export function look(how) {
  if (!LOOKS.includes(how)) {
    throw new RangeError(`a look is one of ${LOOKS.join(", ")}, not ${how}`);
  }
  board.setLook(how);
}

export const pin = (on = true) => board.pin(Boolean(on));
export const start = (total) => board.start(count(total));

export function tick(n = 1) {
  const steps = count(n);
  try {
    board.tick(steps);
  } catch (error) {
    throw new Failure(error.message, { code: "not-taken", cause: error });
  }
}

export const complete = () => board.complete();
export const clear = () => board.clear();
