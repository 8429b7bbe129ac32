// Texts and their UTF-8. QuickJS has no TextEncoder, and a loop over characters costs it 0.2 µs for
// each; so the work is left to built-in functions that go over "binary" texts, a character per byte.

const CHUNK = 4096;

/** A text with one character for each of the bytes from `start` to `end`. */
export function binaryText(bytes, start, end) {
  let text = "";
  for (let at = start; at < end; at += CHUNK) {
    text += String.fromCharCode.apply(null, bytes.subarray(at, Math.min(at + CHUNK, end)));
  }
  return text;
}

/** The bytes that a text of `binaryText` stands for. */
export function binaryBytes(text) {
  if (Uint8Array.fromBase64 !== undefined) {
    return Uint8Array.fromBase64(btoa(text));
  }
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** A text as the "binary" text of its UTF-8; a URIError when half a surrogate pair is in it. */
export const toUtf8 = (text) => unescape(encodeURIComponent(text));

/** The text whose UTF-8 this "binary" text is; a URIError when it is none. */
export const fromUtf8 = (binary) => decodeURIComponent(escape(binary));

/** What the host can take as a text: half surrogate pairs become U+FFFD. */
export const wellFormed = (text) => String(text).toWellFormed();
