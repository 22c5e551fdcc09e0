import { type InitDocument, init, type RemovalDocument, removeInit } from "../app/init.ts";
import { BulkheadError } from "../domain/error.ts";
import { typed } from "../domain/invocation.ts";
import { shellWord } from "../domain/shell-word.ts";
import { defineCommand } from "./command.ts";

interface Options {
  readonly remove?: boolean;
  readonly dryRun?: boolean;
  readonly protect?: string[];
  readonly prepare?: boolean;
  readonly scripts?: boolean;
}

export const command = defineCommand({
  configure(command) {
    command
      .option("--dry-run", "show what would be changed, change nothing")
      .option("--protect <branch...>", "branches that take no new commits in this clone (globs with *)")
      .option("--prepare", "also arm the guard in package.json's prepare script, for colleagues")
      .option("--no-scripts", "leave package.json alone")
      .option("--remove", "take back exactly what init added");
  },
  input(_, options: Options, { quiet }) {
    const { remove = false, protect = [], prepare = false } = options;
    if (remove && (protect.length > 0 || prepare)) {
      throw new BulkheadError("USAGE", { reason: "--remove goes with --dry-run only.", command: "init" });
    }
    // With --quiet, as a prepare script calls it, tracked files are never edited: npm install must leave the tree clean.
    const scripts = options.scripts !== false && !quiet;
    return { remove, dryRun: options.dryRun ?? false, protect, prepare, scripts };
  },
  run: async (clone, input): Promise<InitDocument | RemovalDocument> =>
    input.remove ? removeInit(clone, input) : init(clone, input),
  json: ({ preview: _, ...document }) => document,
  text: (document) => ("managers" in document ? initText(document) : removalText(document)),
});

function initText(document: InitDocument): string {
  const { state, managers, worktrees, adopted, undecided, files } = document;
  if (state === "would change") return document.preview.join("\n");
  if (state === "unchanged") return "Bulkhead is set up here already; nothing was changed.";
  const where = worktrees === 1 ? "this worktree" : `all ${worktrees} worktrees`;
  const lines = [`Armed in ${where} of this clone, and in those made later.`];
  if (managers.length > 0) lines.push(`Your hooks still run, behind the guard: ${managers.join(", ")}.`);
  for (const path of adopted) lines.push(`Adopted ${path}: it expects the branch it is on.`);
  for (const path of undecided) {
    lines.push(`${path} is detached: say what it is for with: ${typed(`-C ${shellWord(path)} expect <branch>`)}`);
  }
  if (files.some(({ path }) => path.endsWith("package.json"))) {
    lines.push("package.json was changed: commit it, so that colleagues and new worktrees have it too.");
  }
  lines.push(`Prove it with: ${typed("doctor")}`);
  return lines.join("\n");
}

function removalText({ state, kept, keptRules, preview }: RemovalDocument): string {
  if (state === "unchanged") return "Bulkhead is not set up here.";
  if (state === "would remove") return preview.join("\n");
  return [
    "Removed. Hooks run as they did before.",
    ...kept.map((path) => `Kept ${path}: a session uses it.`),
    ...keptRules.map(
      (rule) =>
        `Kept the rule for ${rule} in .git/info/exclude: there are such files, and git would offer to commit them.`,
    ),
  ].join("\n");
}
