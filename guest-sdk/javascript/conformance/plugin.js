// Answers every request of docs/conformance.md: proof that the SDK keeps the contract.

import { consumer, producer, worker } from "@wodehost/guest";

import { take, takeEmitted, last } from "./consumer.js";
import { list } from "./producer.js";
import { prepare, run } from "./worker.js";

export default [
  worker({ exact: true, setUp: prepare }, run),
  producer(list),
  consumer({ raw: true, onEmit: takeEmitted, finish: last }, take),
];
