import { worker } from "@wodehost/guest";

export default worker(({ name }) => `Hello, ${name}!`);
