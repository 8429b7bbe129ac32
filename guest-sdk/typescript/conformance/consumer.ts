import { checkpoint, type Emitted, Failure, log, type Outcome, type Raw } from "@wodehost/guest";

import { conformanceMiddle } from "./throwing.ts";

const base64 = ({ bytes }: Raw) => bytes.toBase64();

/** How many outcomes were taken so far; unknown before the first call. */
let count: number | undefined;

export function take(job: Raw, outcome: Outcome) {
  const asked = echoed(job);
  if (asked === "consumer fails") throw Failure.of("as asked");
  if (asked === "consumer throws") conformanceMiddle("as asked");
  count ??= checkpoint.load() ?? 0;
  checkpoint.save(++count);
  log.info("outcome", base64(job), outcome.worker, outcome.status, outcome.reason, base64(outcome.raw));
}

/** What the job asks to be echoed, if it does. */
function echoed(job: Raw): unknown {
  const request = job.decode();
  return request?.do === "echo" ? request.with : undefined;
}

export function takeEmitted({ jobId, attempt, seq, raw }: Emitted) {
  log.info("emitted", jobId, attempt, seq, base64(raw));
}

export function last() {
  log.info("finished", count ?? checkpoint.load() ?? 0);
}
