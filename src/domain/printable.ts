/**
 * Text on its way to a terminal or a log. What comes from files, refs, GitHub or a database may hold escape sequences and
 * secrets; the printers and log writers put all of it through here, so that nobody has to think of it where a text is made.
 */
import { redact } from "./redact.ts";

/** Control characters (C0 without line feed and tab, DEL, C1), marks that turn the direction of text around, line separators. */
const UNSAFE = /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Most texts: nothing in them can be unsafe. */
const PLAIN = /^[\x20-\x7e]*$/;

/** One line: unsafe characters and line feeds become `?`, secrets are cut. */
export function printable(text: string): string {
  const cut = redact(text);
  return PLAIN.test(cut) ? cut : cut.replace(UNSAFE, "?").replaceAll("\n", "?");
}

/** A whole text, whose line feeds are its own. */
export function printableText(text: string): string {
  return redact(text).replace(UNSAFE, "?");
}

/**
 * Plain data as it may be shown: every text in it is one printable line. Commands make their text from this, so that a
 * line feed in a path cannot draw a line of its own.
 */
export function displayed<T>(data: T): T {
  return mapTexts(data, printable) as T;
}

/** A JSON document: the data is unchanged but for secrets, and no byte of it can steer a terminal. */
export function printableJson(document: unknown): string {
  const json = JSON.stringify(mapTexts(document, redact));
  if (PLAIN.test(json)) return json;
  return json.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** A plain assignment, but for the one key that would set the prototype. */
function define(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__") Object.defineProperty(object, key, { value, enumerable: true, configurable: true });
  else object[key] = value;
}

function mapTexts(data: unknown, map: (text: string) => string): unknown {
  if (typeof data === "string") return map(data);
  if (Array.isArray(data)) return data.map((item) => mapTexts(item, map));
  if (typeof data !== "object" || data === null) return data;
  // A value of a class (an error, a date) knows itself how it is written.
  const prototype = Object.getPrototypeOf(data);
  if (prototype !== Object.prototype && prototype !== null) return data;
  const mapped: Record<string, unknown> = {};
  for (const key of Object.keys(data)) define(mapped, key, mapTexts((data as Record<string, unknown>)[key], map));
  return mapped;
}
