// Answers every request of docs/conformance.md: proof that the SDK keeps the contract.

import { consumer, producer, worker } from "@wodehost/guest";

import { take, takeEmitted, last } from "./consumer.ts";
import { list } from "./producer.ts";
import { prepare, run } from "./worker.ts";

export default [
  worker({ exact: true, setUp: prepare }, run),
  producer(list),
  consumer({ raw: true, onEmit: takeEmitted, finish: last }, take),
];
