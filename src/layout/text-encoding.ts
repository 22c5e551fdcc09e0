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
