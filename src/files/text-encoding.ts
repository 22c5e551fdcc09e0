/**
 * Text from files whose encoding git does not care about: branch names and session files are bytes that are
 * usually, not surely, UTF-8. The mapping here is one to one, so that equal texts mean equal bytes.
 */

/** Where the bytes of invalid UTF-8 are kept: lone surrogates, which no valid UTF-8 decodes to. */
const ESCAPE_BASE = 0xdc00;

/**
 * Decodes bytes. A byte order mark is dropped, as editors add it unseen; NUL bytes are dropped because every
 * shell's `read` drops them too, and the sh guard must not see another text than this one. Bytes that are no
 * UTF-8 are kept one by one as lone surrogates (as in Python's "surrogateescape").
 */
export function decodeText(bytes: Uint8Array): string {
  const clean = bytes.includes(0) ? Uint8Array.from(bytes.filter((byte) => byte !== 0)) : bytes;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(clean);
  } catch {
    return Array.from(clean, (byte) => String.fromCharCode(byte < 0x80 ? byte : ESCAPE_BASE + byte)).join("");
  }
}

/** Decodes line by line, so that odd bytes in one line leave the others as they are. The line ends are dropped. */
export function decodeLines(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  return text.split("\n").map((line) => decodeText(Buffer.from(line, "latin1")));
}

/** Whether the text came from bytes that are no UTF-8: it then cannot be handed to another program as it is. */
export function isEscapedText(text: string): boolean {
  return /[\udc80-\udcff]/u.test(text);
}

/** The bytes that `decodeText` made the text from (but for what it drops). */
export function encodeText(text: string): Buffer {
  const parts = Array.from(text, (character) => {
    const code = character.charCodeAt(0);
    const escaped = character.length === 1 && code >= ESCAPE_BASE + 0x80 && code <= ESCAPE_BASE + 0xff;
    return escaped ? Buffer.from([code - ESCAPE_BASE]) : Buffer.from(character, "utf8");
  });
  return Buffer.concat(parts);
}

/**
 * Decodes a part that was cut out of a text with invalid UTF-8 elsewhere in it: the part alone may be valid,
 * and must then equal the same bytes decoded from another file.
 */
export function settleText(part: string): string {
  const codes = Array.from(part, (character) => character.charCodeAt(0));
  const escaped = codes.some((code) => code >= ESCAPE_BASE + 0x80 && code <= ESCAPE_BASE + 0xff);
  if (!escaped || codes.some((code) => code >= 0x80 && (code < ESCAPE_BASE + 0x80 || code > ESCAPE_BASE + 0xff))) {
    return part;
  }
  return decodeText(Uint8Array.from(codes, (code) => (code < 0x80 ? code : code - ESCAPE_BASE)));
}
