import { createHash } from "node:crypto";
import type { DiffRequest, FileChange, Patch } from "../domain/history.ts";
import { isZeroSha } from "../domain/names.ts";
import { STORED_OBJECTS } from "./commits.ts";
import type { Git } from "./git.ts";

/** git compares every path with every limit: beyond this many it is quicker to compare all paths. */
const MAX_LIMITS = 64;

/**
 * What each commit did to each path, in one process and in the order asked.
 * @param paths when given, other paths may be left out
 */
export async function readChanges(
  git: Git,
  requests: readonly DiffRequest[],
  paths: readonly string[] = [],
): Promise<FileChange[][]> {
  if (requests.length === 0) return [];
  const limits = paths.length > MAX_LIMITS ? [] : paths;
  const { stdout } = await git.run(
    [
      "--literal-pathspecs",
      "diff-tree",
      "--stdin",
      "--always",
      "-r",
      "--root",
      "--raw",
      "-z",
      "--no-renames",
      "--no-abbrev",
      "--",
      ...limits,
    ],
    { input: requestLines(requests), env: STORED_OBJECTS },
  );
  return parseRawDiffs(stdout);
}

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
    { input: requestLines(requests), env: STORED_OBJECTS },
  );
  return parsePatches(stdout);
}

function requestLines(requests: readonly DiffRequest[]): string {
  return requests.map(({ commit, against = [] }) => `${[commit, ...against].join(" ")}\n`).join("");
}

/** Parses `diff-tree --stdin --always --raw -z`: for each commit its name, then pairs of facts and path. */
export function parseRawDiffs(output: string): FileChange[][] {
  const diffs: FileChange[][] = [];
  const tokens = output.split("\0");
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] ?? "";
    if (!token.startsWith(":")) {
      if (token !== "") diffs.push([]);
      continue;
    }
    const [oldMode = "", newMode = "", oldSha = "", newSha = ""] = token.slice(1).split(" ");
    i++;
    diffs.at(-1)?.push({ path: tokens[i] ?? "", before: side(oldMode, oldSha), after: side(newMode, newSha) });
  }
  return diffs;
}

function side(mode: string, sha: string): string | null {
  return isZeroSha(sha) ? null : `${mode}:${sha}`;
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

class PatchReader {
  readonly #parts: string[] = [];
  #part: string[] | null = null;
  #index = "";
  /** How many signs stand before the text of a line: one for each side compared; 0 in a file's header. */
  #signs = 0;
  #insertions = 0;
  #deletions = 0;

  take(line: string): void {
    const signs = this.#signs > 0 ? line.slice(0, this.#signs) : "";
    if (/^[ +-]+$/.test(signs) && signs.length === this.#signs) {
      if (signs.includes("+")) this.#insertions++;
      else if (signs.includes("-")) this.#deletions++;
      this.#part?.push(line);
    } else if (line.startsWith("diff --")) {
      this.#endPart();
      this.#part = [line];
    } else if (line.startsWith("@@")) {
      this.#signs = (/^@+/.exec(line)?.[0].length ?? 2) - 1;
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
    const digest = this.#parts.length === 0 ? "" : sha1([...this.#parts].sort().join());
    return { digest, parts: this.#parts, insertions: this.#insertions, deletions: this.#deletions };
  }

  #endPart(): void {
    if (this.#part !== null) this.#parts.push(sha1(this.#part.join("\n")));
    this.#part = null;
    this.#index = "";
    this.#signs = 0;
  }
}

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}
