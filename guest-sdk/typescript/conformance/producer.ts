import { checkpoint, type Dispatch, Failure, host, Raw } from "@wodehost/guest";

import { conformanceMiddle } from "./throwing.ts";

interface Config {
  requests?: string[];
  workers?: string[];
  "fail-at"?: number;
  "throw-at"?: number;
}

/** Each configured request to each configured worker, from where the checkpoint says. */
export function* list(): Generator<Dispatch> {
  const { requests = [], workers = [], "fail-at": failAt, "throw-at": throwAt } = host.config<Config>();
  const dispatches = requests.flatMap((request) => workers.map((worker) => ({ request, worker })));
  const start = checkpoint.load<number>() ?? 0;
  for (const [n, { request, worker }] of dispatches.entries()) {
    if (n < start) continue;
    if (n === failAt) throw Failure.of("as configured");
    if (n === throwAt) conformanceMiddle("as configured");
    checkpoint.save(n + 1);
    yield { worker, args: [new Raw(Uint8Array.fromBase64(request))], options: { retries: 0 } };
  }
}
