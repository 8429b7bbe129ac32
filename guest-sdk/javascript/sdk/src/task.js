// The attempt that is running.

import { host, task } from "#contract";
import { encode } from "./encode.js";
import { readValue } from "./reading.js";
import { give } from "./refusal.js";
import { wellFormed } from "./text.js";

export const id = () => task.id();
export const group = () => task.group();
export const attempt = () => task.attempt();
export const retriesLeft = () => task.retriesLeft() ?? Infinity;
export const stopping = () => task.stopping();
export const keepalive = () => task.keepalive();
export const setName = (name) => task.setName(wellFormed(name));
export const data = (reading) => readValue(task.data(), reading, "bad-value", "the carried state");
export const update = (state) => give(state, "the carried state", (bytes) => task.updateData(bytes));
export const emit = (value) => give(value, "the emitted value", (bytes) => task.emit(bytes));

export const current = () => ({
  id: id(),
  name: host.name(),
  attempt: attempt(),
  retriesLeft: retriesLeft(),
  group: group(),
});

// These do not return. No argument stands for the carried state; `undefined` is nil, as everywhere.
export const success = (...result) => task.success(given(result, "the result"));
export const failure = (...value) => task.failure(given(value, "the failure value"));
export const restart = () => task.restart();

const given = (values, what) => (values.length === 0 ? null : encode(values[0], what));
