import { host, producer } from "@wodehost/guest";

export default producer(function* () {
  const { worker = "hello" } = host.config();
  for (const name of ["Ada", "Grace", "Edsger"]) {
    yield { worker, args: [{ name }] };
  }
});
