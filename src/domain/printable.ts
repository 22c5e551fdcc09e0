/**
 * Text that came from a repository, made safe for a terminal: control characters (an escape sequence in a
 * commit subject, a newline in a path) and marks that turn the direction of text around become `?`.
 */
export function printable(text: string): string {
  return [...text].map((character) => (isUnsafe(character.codePointAt(0) ?? 0) ? "?" : character)).join("");
}

function isUnsafe(code: number): boolean {
  const control = code < 0x20 || (code >= 0x7f && code <= 0x9f);
  const turnsDirection = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  const breaksLine = code === 0x2028 || code === 0x2029;
  return control || turnsDirection || breaksLine;
}
