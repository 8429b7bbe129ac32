// Tells when a cron pattern is due next: croner and zod, two packages from npm as they are.
//
//   wodehost build .
//   wodehost call cronnext.wasm '{"cron": "0 9 * * MON-FRI", "from": "2026-12-24T12:00:00Z", "count": 3}'
//
// `from` is a timestamp or a text in ISO 8601 with its zone; without it, it is now. Patterns may
// have a field for seconds, and say `L` for the last day or `5#2` for a second Friday. They are read
// in UTC, or by a clock that is `offset` minutes ahead of it: a plugin knows no table of time zones.

import { Failure, worker } from "@wodehost/guest";
import { Cron } from "croner";
import * as z from "zod";

const From = z.union([z.date(), z.iso.datetime({ offset: true }).transform((text) => new Date(text))], {
  error: "expected a timestamp, or a text such as 2026-12-24T12:00:00Z",
});

const Question = z.strictObject({
  cron: z.string().regex(/^[^:]+$/, "expected a cron pattern"),
  from: From.optional(),
  count: z.int().min(1).max(1000).default(1),
  offset: z.int().min(-840).max(840).default(0),
});

// Done when the plugin is built: zod prepares what it checks with at the first value.
Question.safeParse({ cron: "* * * * *" });

export default worker({ takes: Question }, ({ cron, from = new Date(), count, offset }) =>
  read(cron, offset).nextRuns(count, from),
);

function read(pattern: string, utcOffset: number): Cron {
  try {
    return new Cron(pattern, { utcOffset, paused: true });
  } catch (cause) {
    throw new Failure(`\`${pattern}\` is no cron pattern`, { code: "cron", cause });
  }
}
