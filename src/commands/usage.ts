import { BulkheadError } from "../domain/error.ts";

/** Wrong usage. @param command the command that was called, for the hint; undefined where there was none */
export function usage(reason: string, command?: string): BulkheadError {
  return new BulkheadError("USAGE", { reason, ...(command === undefined ? {} : { command }) });
}

/** What every command takes: never in the way of what is asked for. */
const EVERYWHERE = new Set(["directory", "json", "quiet", "color"]);
/** Options that are only ever said as `--no-…`: true unless given. */
const ONLY_NEGATED = new Set(["symlink"]);

/**
 * Refuses options that do not go with what is asked for. One that is left out of account without a word is worse than none:
 * `--dry-run` above all.
 * @param allowed names as commander has them
 * @param act what is asked for, as it is typed
 * @throws BulkheadError `USAGE` naming the first
 */
export function refuseOthers(options: object, allowed: readonly string[], act: string, command: string): void {
  const known = new Set([...allowed, ...EVERYWHERE]);
  for (const [name, value] of Object.entries(options)) {
    const negated = ONLY_NEGATED.has(name);
    if (value === undefined || known.has(name) || (negated && value === true)) continue;
    const words = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const flag = name.length === 1 ? `-${name}` : `--${negated || value === false ? "no-" : ""}${words}`;
    throw usage(`${flag} does not go with: ${act}`, command);
  }
}
