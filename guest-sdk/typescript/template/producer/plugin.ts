import { host, producer } from "@wodehost/guest";

interface Config {
  worker?: string;
}

export default producer(function* () {
  const { worker = "hello" } = host.config<Config>();
  for (const name of ["Ada", "Grace", "Edsger"]) {
    yield { worker, args: [{ name }] };
  }
});
