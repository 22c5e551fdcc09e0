import { type InitDocument, init, type RemovalDocument, removeInit } from "../app/init.ts";
import { typed } from "../domain/invocation.ts";
import { shellWord } from "../domain/shell-word.ts";
import { askYesNo } from "./ask.ts";
import { defineCommand } from "./command.ts";
import { usage } from "./usage.ts";

interface Options {
  readonly remove?: boolean;
  readonly dryRun?: boolean;
  readonly protect?: string[];
  readonly prepare?: boolean;
  readonly scripts?: boolean;
}

export const command = defineCommand({
  examples: [
    ["init", "arm this clone, every worktree of it"],
    ["init --protect main", "main takes only what its remote has"],
    ["init --remove", "leave again: takes back exactly what init added"],
  ],
  configure(command) {
    command
      .option("--dry-run", "show what would be changed, change nothing")
      .option("--protect <branch...>", "branches that take no new commits in this clone (globs with *)")
      .option("--scripts", "add npm scripts to package.json without a question")
      .option("--no-scripts", "leave package.json alone without a question")
      .option("--prepare", "as --scripts, and arm the guard in its prepare script")
      .option("--remove", "take back exactly what init added")
      .usage("[options]");
  },
  input(_, options: Options, { quiet, interactive }) {
    const { remove = false, dryRun = false, protect = [], prepare = false, scripts } = options;
    if (remove && (protect.length > 0 || prepare || scripts)) {
      throw usage("--remove goes with --dry-run only.", "init");
    }
    if (prepare && scripts === false) throw usage("--prepare and --no-scripts exclude each other.", "init");
    // With --quiet, as a prepare script calls it, tracked files are never edited: npm install must leave the tree clean.
    if (quiet && (prepare || scripts)) {
      throw usage(
        `--quiet leaves package.json alone, so ${prepare ? "--prepare" : "--scripts"} does not go with it.`,
        "init",
      );
    }
    const wanted = prepare || (scripts ?? (interactive ? ("ask" as const) : false));
    return { remove, dryRun, protect, prepare, scripts: wanted, unattended: quiet, ask: askYesNo };
  },
  run: async (clone, input): Promise<InitDocument | RemovalDocument> =>
    input.remove ? removeInit(clone, input) : init(clone, input),
  json: ({ preview: _, ...document }) => document,
  text: (document) =>
    "managers" in document ? [...initRemarks(document), initText(document)].join("\n") : removalText(document),
});

/** What is worth a word beside the result. */
function initRemarks({
  adopted,
  undecided,
  scripts,
  no_package_json: noPackageJson,
  files,
  state,
}: InitDocument): string[] {
  if (state === "would change") return noPackageJson ? [NO_PACKAGE_JSON] : [];
  return [
    ...adopted.map((path) => `Adopted ${path}: it expects the branch it is on.`),
    ...undecided.map(
      (path) => `${path} is detached: say what it is for with: ${typed(`-C ${shellWord(path)} expect <branch>`)}`,
    ),
    ...(noPackageJson ? [NO_PACKAGE_JSON] : []),
    ...scripts.map(({ name, runs }) => `package.json has the script ${name} now: npm run ${name} runs ${runs}.`),
    ...(files.some(({ path }) => path.endsWith("package.json"))
      ? ["Commit package.json, so that colleagues and new worktrees have the scripts too."]
      : []),
  ];
}

const NO_PACKAGE_JSON = "There is no package.json here, so no script was added. All else works without one.";

/** Three lines: what was done, what it means here, what to type next. */
function initText({ state, managers, worktrees, preview }: InitDocument): string {
  if (state === "left alone") return "";
  if (state === "would change") return preview.join("\n");
  if (state === "unchanged") return "Bulkhead is set up here already; nothing was changed.";
  const where = worktrees === 1 ? "this clone" : `all ${worktrees} worktrees of this clone`;
  const hooks = managers.length > 0 ? ` Your own hooks still run: ${managers.join(", ")}.` : "";
  return [
    `Armed in ${where}, and in each worktree made later.${hooks}`,
    "Each linked worktree is guarded at once, the main checkout from the first start in it.",
    `Next: ${typed("start <item>")} to claim work, ${typed("doctor")} to see it proven, ${typed("help")} for the rest.`,
  ].join("\n");
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
