import { worker } from "@wodehost/guest";

interface Guest {
  name: string;
}

export default worker(({ name }: Guest) => `Hello, ${name}!`);
