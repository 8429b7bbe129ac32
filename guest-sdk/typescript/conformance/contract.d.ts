// The contract itself, for what the SDK does not let through.
declare module "wodehost:plugin/log@0.1.0" {
  const log: { write(level: string, message: string): void };
  export default log;
}

// In QuickJS, and newer than the library that TypeScript takes for ES2024.
interface Uint8Array {
  toBase64(): string;
}

interface Uint8ArrayConstructor {
  fromBase64(text: string): Uint8Array<ArrayBuffer>;
}
