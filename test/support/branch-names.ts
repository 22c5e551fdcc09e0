import fc from "fast-check";

/** Texts of generated files are "binary": one character for each byte, so that any bytes can be said. */
export type Binary = string;

export function toBinary(text: string): Binary {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** What git lets stand in a branch name: ASCII marks, UTF-8 of two to four bytes, and bytes that are no UTF-8. */
const PARTS = [..."abzAZ09-_'\"$`;&|%#!{}<>,=+()@]/"].concat(
  ["ü", "é", "日", "あ", "本", "😀", "Ł", ".x", "a.b", "x@", "lock"].map(toBinary),
  ["\xfc", "\xe9\xe3", "\x81\x82", "\x88", "\xff"],
);
const ODD_PARTS = [" ", "~", "^", ":", "?", "*", "[", "\\", "..", ".", "@{", "//", ".lock", "\x7f", "\x01", "\t"];

/** A name that git allows, also of bytes that are no UTF-8. */
export const validName: fc.Arbitrary<Binary> = fc
  .array(fc.constantFrom(...PARTS), { minLength: 1, maxLength: 8 })
  .map((parts) => parts.join(""))
  .filter(isValid);

/** A name that git may refuse. */
export const anyName: fc.Arbitrary<Binary> = fc.oneof(
  { weight: 6, arbitrary: validName },
  {
    weight: 2,
    arbitrary: fc.array(fc.constantFrom(...PARTS, ...ODD_PARTS), { maxLength: 5 }).map((parts) => parts.join("")),
  },
  { weight: 1, arbitrary: fc.constantFrom("HEAD", "@", "-x", ".x", "x/", "/x", "x.lock", "a.lock/b", "a/.b", "") },
);

/** As `git check-ref-format --branch` says, over bytes. */
export function isValid(name: Binary): boolean {
  if (name === "" || name === "HEAD" || name === "@" || name.startsWith("-")) return false;
  if (/[\0-\x20~^:?*[\\\x7f]|\.\.|@\{|\/\/|^\/|\/$|\.$/.test(name)) return false;
  return name.split("/").every((part) => !part.startsWith(".") && !part.endsWith(".lock"));
}
