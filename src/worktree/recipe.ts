/** What makes a new worktree ready to work in, in order. A step that fails stops no other one, and is named. */
import { lstatSync } from "node:fs";
import { join } from "node:path";
import { asBulkheadError, BulkheadError } from "../domain/error.ts";
import { readBytes } from "../files/read-file.ts";
import { ensureIgnored } from "../layout/ignore-rules.ts";
import { mayRun } from "./exclusive.ts";
import { copyIncluded, hasPlainParents, listIgnored } from "./include-files.ts";
import { linkDirectory } from "./link-directory.ts";
import { type LinkMode, moduleDirectories, shareModules } from "./node-modules.ts";
import { readPort, takePort } from "./port.ts";
import { runCommand } from "./run-command.ts";
import { agree, findSetup, isAgreed, isRefused, linkedDirectories, refuse, type Setup } from "./setup-commands.ts";
import type { WorktreeTools } from "./surroundings.ts";
import type { Target } from "./target.ts";

/** One step of making a worktree ready. */
export interface RecipeStep {
  readonly name: "hooks" | "files" | "links" | "node_modules" | "port" | "setup";
  readonly state: "done" | "skipped" | "failed";
  /** In words; empty when there is nothing to say. */
  readonly detail: string;
}

export interface RecipeOptions {
  readonly linkModules: LinkMode;
  /** Proves that git would run the guard there. Null: the clone is not armed. @throws BulkheadError when it would not */
  readonly proveHooks: ((gitDir: string) => Promise<void>) | null;
  /** What git ignores in the main checkout, asked for while other things go on. */
  readonly ignored: () => Promise<readonly string[]>;
  /** What makes a port: the repository's identity. */
  readonly identity: string;
}

export interface Place {
  readonly target: Target;
  readonly path: string;
  readonly gitDir: string;
}

/** What git ignores in the main checkout; nothing where the clone has none. */
export async function readIgnored({ git, mainTop, commonDir }: WorktreeTools): Promise<readonly string[]> {
  return mainTop === null ? [] : listIgnored({ git: git.in(mainTop), top: mainTop, gitDir: commonDir });
}

/** Everything but the set-up commands: quick, and nothing of it runs what the repository brings. */
export async function equip(tools: WorktreeTools, place: Place, options: RecipeOptions): Promise<RecipeStep[]> {
  const { mainTop } = tools;
  const { path, gitDir, target } = place;
  tools.progress(`Making ${path} ready …`);
  const main = mainTop === null ? null : { git: tools.git.in(mainTop), top: mainTop, gitDir: tools.commonDir };
  const ignored = await options.ignored();
  const steps = [
    await step("hooks", async () => hooks(options, gitDir)),
    await step("files", async () => {
      if (main === null) return null;
      const { copied } = await copyIncluded(main, { worktree: path, gitDir, ignored });
      return copied.length === 0 ? null : `copied ${copied.join(", ")}`;
    }),
    await step("links", async () => links(mainTop, path, ignored)),
    await step("node_modules", async () =>
      mainTop === null
        ? null
        : modules(tools.commonDir, { mainTop, worktree: path, ignored, mode: options.linkModules }),
    ),
    await step("port", async () =>
      String(takePort(tools.commonDir, gitDir, `${target.kind}:${target.name}:${options.identity}`, mayRun(tools))),
    ),
  ];
  tools.progress("");
  return steps;
}

/** @param work gives what to say; null when there was nothing to do */
async function step(name: RecipeStep["name"], work: () => Promise<string | null>): Promise<RecipeStep> {
  try {
    const detail = await work();
    return { name, state: detail === null ? "skipped" : "done", detail: detail ?? "" };
  } catch (thrown) {
    const error = asBulkheadError(thrown);
    if (error.code === "INTERRUPTED") throw error;
    return { name, state: "failed", detail: error.code === "INTERNAL" ? String(error.data.reason) : error.message };
  }
}

async function hooks({ proveHooks }: RecipeOptions, gitDir: string): Promise<string | null> {
  if (proveHooks === null) return null;
  await proveHooks(gitDir);
  return "armed";
}

/** Directories that another tool's settings want linked; one that git does not ignore would show as a change. */
function links(mainTop: string | null, worktree: string, ignored: readonly string[]): string | null {
  if (mainTop === null) return null;
  const made = linkedDirectories(worktree).filter((name) => {
    const to = join(worktree, name);
    const mine = name !== "node_modules" && !name.endsWith("/node_modules") && ignored.includes(`${name}/`);
    if (!mine || !hasPlainParents(worktree, name) || lstatSync(to, { throwIfNoEntry: false })) return false;
    linkDirectory(join(mainTop, name), to);
    return true;
  });
  return made.length === 0 ? null : `linked ${made.join(", ")}`;
}

const LOCK_FILES = ["package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"];

function modules(
  commonDir: string,
  {
    mainTop,
    worktree,
    ignored,
    mode,
  }: { mainTop: string; worktree: string; ignored: readonly string[]; mode: LinkMode },
): string | null {
  // `node_modules/` in a .gitignore means directories: one link would be untracked, and soon committed.
  if (mode === "symlink") ensureIgnored(commonDir, ["node_modules"]);
  const { linked, failed } = shareModules(mainTop, worktree, moduleDirectories(ignored), mode);
  const [first] = failed;
  if (first !== undefined) {
    throw new BulkheadError("FILE_FAILED", {
      path: first.path,
      action: "linked (npm ci makes your own)",
      reason: first.reason,
    });
  }
  if (linked.length === 0) return null;
  const other = LOCK_FILES.find((name) => !isSame(join(mainTop, name), join(worktree, name)));
  const fits =
    other === undefined ? "" : `; ${other} differs from the main checkout's, so you may need your own (npm ci)`;
  return `shared ${linked.join(", ")}${fits}`;
}

function isSame(a: string, b: string): boolean {
  const [one, other] = [readBytes(a), readBytes(b)];
  return one === null || other === null ? one === other : one.equals(other);
}

export interface SetupOptions {
  /** The clone's own commands. */
  readonly configured: readonly string[];
  /** `--setup`: yes to what the repository brings; `--no-setup`: not at all. */
  readonly answer: "yes" | "no" | "ask";
  /** Puts a question to the person at the terminal; null where nobody is there: then nothing is run. */
  readonly ask: ((question: readonly string[]) => Promise<boolean>) | null;
}

/** What came of the set-up commands. */
export interface SetupResult {
  readonly step: RecipeStep;
  /** Commands that wait for a yes; null when none do. */
  readonly waiting: Setup | null;
}

/** Runs the set-up commands, if somebody has agreed to them. */
export async function runSetup(tools: WorktreeTools, place: Place, options: SetupOptions): Promise<SetupResult> {
  const setup = options.answer === "no" ? null : findSetup(place.path, options.configured);
  if (setup === null) return { step: { name: "setup", state: "skipped", detail: "" }, waiting: null };
  if (options.answer === "yes" || (await isWanted(tools, place, setup, options))) agree(tools.commonDir, setup);
  else {
    const detail = `${setup.source} has commands that nobody has agreed to yet`;
    return { step: { name: "setup", state: "skipped", detail }, waiting: setup };
  }
  const env = worktreeEnvironment(tools, place.gitDir);
  for (const command of setup.commands) {
    tools.progress(`${setup.source}: ${command}`);
    const code = await runCommand(command, { cwd: place.path, env, signal: tools.signal, line: tools.note });
    if (code === 0) continue;
    if (tools.signal?.aborted) throw new BulkheadError("INTERRUPTED");
    const how = code === null ? "could not be run" : `ended with exit code ${code}`;
    return { step: { name: "setup", state: "failed", detail: `${command} (${setup.source}) ${how}` }, waiting: null };
  }
  tools.progress("");
  const detail = `ran ${setup.commands.length} command${setup.commands.length === 1 ? "" : "s"} of ${setup.source}`;
  return { step: { name: "setup", state: "done", detail }, waiting: null };
}

/** Whether somebody has said yes to these very commands, or does so now. A no counts for them, too. */
async function isWanted(
  { commonDir }: WorktreeTools,
  { path }: Place,
  setup: Setup,
  { ask }: SetupOptions,
): Promise<boolean> {
  if (isAgreed(commonDir, setup)) return true;
  if (ask === null || isRefused(commonDir, setup)) return false;
  const yes = await ask([
    `${setup.source} of this repository would make the worktree ready by:`,
    ...setup.commands.map((command) => `  ${command}`),
    `Run them in ${path}, now and in each new worktree as long as they stay the same?`,
  ]);
  if (!yes) refuse(commonDir, setup);
  return yes;
}

/** The environment of programs in a worktree: with its port, and where the main checkout is, as other tools name it. */
export function worktreeEnvironment(tools: Pick<WorktreeTools, "env" | "mainTop">, gitDir: string): NodeJS.ProcessEnv {
  const port = readPort(gitDir);
  const main = tools.mainTop;
  return {
    ...tools.env,
    ...(port === null ? {} : { BULKHEAD_PORT: String(port) }),
    ...(main === null ? {} : { BULKHEAD_MAIN: main, ROOT_WORKTREE_PATH: main, SUPERSET_ROOT_PATH: main }),
  };
}
