import { statSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { followLink } from "../files/links.ts";
import { readBytes } from "../files/read-file.ts";

/** What Bulkhead puts into worktrees and git must never offer to commit. */
export const IGNORE_RULES = [".session.json", ".worktree.json", ".worktrees/", ".sessions/"] as const;

/** git creates the file readable by all; it holds nothing private. */
const MODE = 0o644;

/**
 * Makes sure that `<common>/info/exclude` ignores Bulkhead's files, in every worktree of the clone. Lines are only
 * ever appended: what stands there is kept byte for byte.
 * @param rules Bulkhead's own unless told
 * @returns the lines that were missing and have been added
 * @throws BulkheadError `FILE_FAILED`; the file is then as it was
 */
export function ensureIgnored(commonDir: string, rules: readonly string[] = IGNORE_RULES): readonly string[] {
  const path = followLink(join(commonDir, "info", "exclude"));
  const content = readBytes(path) ?? Buffer.alloc(0);
  const missing = missingIgnoreRules(content, rules);
  if (missing.length > 0) {
    const mode = (statSync(path, { throwIfNoEntry: false })?.mode ?? MODE) & 0o777;
    writeFileAtomically(path, withIgnoreRules(content, rules), mode);
  }
  return missing;
}

/** An exclude file's content with the missing rules behind it. Pure. */
export function withIgnoreRules(content: Buffer, rules: readonly string[] = IGNORE_RULES): Buffer {
  const missing = missingIgnoreRules(content, rules);
  return missing.length === 0 ? content : appendLines(content, missing);
}

/** The rules that no line of an exclude file states. Pure. */
export function missingIgnoreRules(content: Buffer, rules: readonly string[] = IGNORE_RULES): readonly string[] {
  // latin1 maps each byte to one character, so bytes that are no UTF-8 cannot hide a line's end.
  const lines = new Set(content.toString("latin1").split("\n").map(withoutTrailingSpace));
  return rules.filter((rule) => !lines.has(rule) && !lines.has(`/${rule}`));
}

/** git drops trailing spaces; a carriage return left by an editor is dropped here too. */
function withoutTrailingSpace(line: string): string {
  return line.replace(/[ \r]+$/, "");
}

function appendLines(content: Buffer, lines: readonly string[]): Buffer {
  const separator = content.length === 0 || content.at(-1) === 0x0a ? "" : "\n";
  return Buffer.concat([content, Buffer.from(`${separator}${lines.join("\n")}\n`)]);
}
