import { createHash } from "node:crypto";
import type { DiffRequest, LineRun, Patch, PatchPart } from "../domain/history.ts";
import { requestLines } from "./changes.ts";
import { STORED_OBJECTS } from "./commits.ts";
import type { Git } from "./git.ts";

/** The patch of each commit, in one process and in the order asked. Large files count as binary. */
export async function readPatches(git: Git, requests: readonly DiffRequest[]): Promise<Patch[]> {
  if (requests.length === 0) return [];
  const { stdout } = await git.run(
    [
      ...["-c", "core.bigFileThreshold=1m", "-c", "core.quotePath=true"],
      ...["diff-tree", "--stdin", "--always", "-r", "--root", "-p", "--cc", "-U3", "--full-index", "--no-renames"],
      ...["--no-color", "--no-ext-diff", "--no-textconv", "--diff-algorithm=myers", "--no-indent-heuristic"],
      ...["--src-prefix=a/", "--dst-prefix=b/", "--submodule=short", "--ignore-submodules=none"],
    ],
    { input: requestLines(requests), env: STORED_OBJECTS, encoding: "latin1" },
  );
  return parsePatches(stdout);
}

const COMMIT_LINE = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * Parses `diff-tree --stdin --always -p`. A part's digest covers the file's header and its lines with their
 * context, not their line numbers; object names count only where the content is not shown. This is the idea of
 * `git patch-id --stable` (https://git-scm.com/docs/git-patch-id), but white space counts.
 */
export function parsePatches(output: string): Patch[] {
  const patches: PatchReader[] = [];
  for (const line of output.split("\n")) {
    // Content lines start with a sign or a space: a bare object name can only be the next commit.
    if (COMMIT_LINE.test(line)) patches.push(new PatchReader());
    else patches.at(-1)?.take(line);
  }
  return patches.map((patch) => patch.finish());
}

interface OpenRun {
  line: number;
  removed: string[];
  added: string[];
  above: string;
}

class PatchReader {
  readonly #parts: PatchPart[] = [];
  #part: string[] | null = null;
  #runs: LineRun[] = [];
  #run: OpenRun | null = null;
  #line = 0;
  #above = "";
  #index = "";
  /** How many signs stand before the text of a line: one for each side compared; 0 in a file's header. */
  #signs = 0;
  #insertions = 0;
  #deletions = 0;

  take(line: string): void {
    const count = this.#signs;
    if (count > 0 && hasSigns(line, count)) {
      this.#takeContent(line.slice(0, count), line.slice(count));
      this.#part?.push(line);
    } else if (line.startsWith("diff --")) {
      this.#endPart();
      this.#part = [line];
    } else if (line.startsWith("@@")) {
      this.#endRun("");
      this.#signs = (/^@+/.exec(line)?.[0].length ?? 2) - 1;
      this.#line = Number(/\+(\d+)/.exec(line)?.[1] ?? 0);
      this.#above = "";
      this.#part?.push("@@");
    } else if (line.startsWith("index ")) {
      this.#index = line;
    } else {
      if (line.startsWith("Binary files ")) this.#part?.push(this.#index);
      if (line !== "") this.#part?.push(line);
    }
  }

  finish(): Patch {
    this.#endPart();
    const parts = this.#parts;
    const whole = (of: (part: PatchPart) => string) => sha1(parts.map(of).sort().join());
    const counts = { insertions: this.#insertions, deletions: this.#deletions };
    if (parts.length === 0) return { digest: "", spaceless: "", parts, ...counts };
    const shown = parts.every(({ spaceless }) => spaceless !== "");
    return { digest: whole((p) => p.digest), spaceless: shown ? whole((p) => p.spaceless) : "", parts, ...counts };
  }

  #takeContent(signs: string, text: string): void {
    const added = signs.includes("+");
    if (added || signs.includes("-")) {
      if (added) this.#insertions++;
      else this.#deletions++;
      this.#run ??= { line: this.#line, removed: [], added: [], above: this.#above };
      (added ? this.#run.added : this.#run.removed).push(text);
    } else {
      this.#endRun(text);
      this.#above = text;
    }
    if (added || !signs.includes("-")) this.#line++;
  }

  #endRun(below: string): void {
    if (this.#run !== null) this.#runs.push({ ...this.#run, below });
    this.#run = null;
  }

  #endPart(): void {
    this.#endRun("");
    const part = this.#part;
    if (part !== null) {
      const spaceless = withoutSpace(part, this.#runs);
      this.#parts.push({ path: headerPath(part[0] ?? ""), digest: sha1(part.join("\n")), spaceless, runs: this.#runs });
    }
    this.#part = null;
    this.#runs = [];
    this.#index = "";
    this.#signs = 0;
  }
}

/** The path in `diff --git a/<path> b/<path>` (no renames are looked for: it stands there twice) or `diff --cc <path>`. */
function headerPath(header: string): string {
  const combined = /^diff --(?:cc|combined) (.*)$/s.exec(header)?.[1];
  if (combined !== undefined) return unquote(combined);
  const both = header.slice("diff --git ".length);
  return unquote(both.slice(0, (both.length - 1) / 2)).slice("a/".length);
}

const ESCAPES: Readonly<Record<string, string>> = { a: "\u0007", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/** Undoes git's quoting of unusual paths (https://git-scm.com/docs/git-config, `core.quotePath`). */
function unquote(path: string): string {
  if (!path.startsWith('"')) return path;
  return path.slice(1, -1).replace(/\\([0-7]{3}|.)/g, (_, code: string) => {
    if (code.length === 3) return String.fromCharCode(Number.parseInt(code, 8));
    return ESCAPES[code] ?? code;
  });
}

/** Whether a line of a hunk starts with so many signs. */
function hasSigns(line: string, count: number): boolean {
  if (line.length < count) return false;
  for (let i = 0; i < count; i++) if (!" +-".includes(line[i] ?? "")) return false;
  return true;
}

/**
 * A part's header and what its lines say without white space, cut where old and new agree: so that the same change
 * stays the same when a formatter also broke or indented the lines around it.
 */
function withoutSpace(part: readonly string[], runs: readonly LineRun[]): string {
  const text = (side: "removed" | "added") =>
    runs
      .map((run) => run[side].join(""))
      .join("")
      .replace(/\s+/g, "");
  const [before, after] = [text("removed"), text("added")];
  if (before === after) return "";
  let start = 0;
  while (start < before.length && before[start] === after[start]) start++;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before.at(-1 - end) === after.at(-1 - end)) end++;
  const cut = (side: string) => side.slice(start, side.length - end);
  return sha1([part[0], cut(before), cut(after)].join("\n"));
}

function sha1(text: string): string {
  return createHash("sha1").update(text, "latin1").digest("hex");
}
