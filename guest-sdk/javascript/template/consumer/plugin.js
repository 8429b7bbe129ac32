import { consumer, log } from "@wodehost/guest";

let count = 0;

export default consumer({ finish }, (job, outcome) => {
  count += 1;
  log.info(job, outcome.ok ? outcome.data : `${outcome.status}: ${outcome.reason}`);
});

function finish() {
  log.info(`${count} outcomes`);
}
